/** From the partner's request to the customer's answer: sign-in, one-time code, decision. Three pages at one address. */
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import { z } from 'zod'
import type { bankContract } from '#bank/contract.ts'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Client } from '#platform/rpc.ts'
import type { Clients } from '../clients/index.ts'
import {
  accountsUnfit,
  type Answered,
  askConsent,
  authoriseConsent,
  chosenOf,
  type Consent,
  consentClosed,
  ConsentDetail,
  consentNotFound,
  endOf,
  findConsent,
  fitting,
  isLive,
  isRenewal,
  rejectConsent,
  subjectOf,
  SCA,
} from '../consents/index.ts'
import {
  answerPage,
  answerSeeOther,
  assertOwnForm,
  type Exchange,
  languageFor,
  proofOf,
  readForm,
} from '../exchange.ts'
import { digestOf } from '../oauth/index.ts'
import { consentPage, type House, type Page, type TextKey, type WayBack } from '../pages/index.ts'
import type { Means, Outcome } from '../sign-in/index.ts'
import { type Deciding, type Progress, progressOf } from './progress.ts'

export interface InteractionWorld {
  readonly provider: Provider
  readonly postgres: Postgres
  readonly bank: Client<typeof bankContract>
  readonly clients: Clients
  readonly means: Means
  readonly house: House
  readonly cookieKey: Uint8Array
  readonly now: () => Temporal.Instant
}

/** Which pushed request it answers: kept by the library, missing in its types. */
const PushedBy = z.object({ parJti: z.string().optional() })

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** One customer at one interaction: what every step needs. */
interface Visit {
  readonly world: InteractionWorld
  readonly exchange: Exchange
  readonly interaction: Interaction
  readonly page: Page
  readonly proof: string
  readonly client: {
    applicationId: string
    applicationName: string
    partnerId: string
    partnerName: string
    contract?: string
  }
  /** Origin of the partner's page, where the last step leads. */
  readonly partner: string
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

const visitOf = async (world: InteractionWorld, exchange: Exchange): Promise<Visit> => {
  const interaction = await world.provider.interactionDetails(exchange.req, exchange.res)
  if (exchange.path !== `/interaction/${interaction.uid}`)
    throw new errors.SessionNotFound('the cookie is of another interaction')
  const { client_id: clientId, redirect_uri: redirectUri, ui_locales: locales } = interaction.params
  const client = world.clients.find(String(clientId), world.now())
  if (!client) throw new errors.InvalidClient('the application is not served any longer')
  const language = languageFor(exchange, textOf(locales))
  return {
    world,
    exchange,
    interaction,
    page: { house: world.house, language, path: exchange.path },
    proof: proofOf(world.cookieKey, interaction.uid),
    client,
    partner: new URL(String(redirectUri)).origin,
  }
}

const show = (
  visit: Visit,
  document: string,
  { problem, leadsTo = [] }: { problem?: TextKey | undefined; leadsTo?: readonly string[] },
): void =>
  answerPage(visit.exchange, problem === undefined ? 200 : 422, document, [
    visit.partner,
    ...leadsTo,
  ])

const keep = async ({ interaction }: Visit, progress: Progress): Promise<void> => {
  interaction.result = { progress }
  await interaction.persist()
}

const advance = async (visit: Visit, progress: Progress): Promise<void> => {
  await keep(visit, progress)
  answerSeeOther(visit.exchange, visit.exchange.path)
}

const formOf = (visit: Visit, problem?: TextKey) => ({
  page: visit.page,
  action: visit.exchange.path,
  proof: visit.proof,
  partner: visit.client.partnerName,
  problem,
})

const consentOf = async ({ world }: Visit, { consentId }: Deciding): Promise<Consent> => {
  const consent = await findConsent(world.postgres, consentId)
  if (!consent) throw consentNotFound(consentId)
  return consent
}

/** Accounts that this consent can be given for, and the companies that hold some of them. */
const offeredFor = async ({ world, client }: Visit, consent: Consent, customerId: string) => {
  const { accounts, organisations } = await world.bank.customerForPartner({
    customerId,
    partnerId: client.partnerId,
  })
  return { accounts: fitting(consent, accounts), organisations }
}

/** The pushed detail: the library validated it by its schema. */
const askedOf = ({ interaction }: Visit): ConsentDetail => {
  const [asked] = JSON.parse(String(interaction.params['authorization_details'])) as unknown[]
  return ConsentDetail.parse(asked)
}

const showStep = async (visit: Visit, progress: Progress, problem?: TextKey): Promise<void> => {
  const { means } = visit.world
  if (progress.at !== 'decide') {
    const document = means.page(progress, formOf(visit, problem))
    return show(visit, document, { problem, leadsTo: await means.leadsTo() })
  }
  const consent = await consentOf(visit, progress)
  const offered = await offeredFor(visit, consent, progress.customerId)
  const now = visit.world.now()
  const asked = askedOf(visit)
  const renewedUntil = isRenewal(consent, asked, now) ? endOf(asked, now) : undefined
  const form = { ...formOf(visit, problem), consent, ...offered, renewedUntil, now }
  show(visit, consentPage(form), { problem })
}

/** Where it happened, for the history. */
const howOf = ({ exchange, world }: Visit) => ({
  channel: 'page' as const,
  interactionId: exchange.instance,
  registry: world.clients.document(),
})

const finish = (visit: Visit, result: Parameters<Provider['interactionFinished']>[2]) =>
  visit.world.provider.interactionFinished(visit.exchange.req, visit.exchange.res, result, {
    mergeWithLastSubmission: false,
  })

/** No to a renewal changes nothing; no to anything else ends it. */
const cancel = async (visit: Visit, progress: Progress): Promise<void> => {
  if (progress.at === 'decide') await reject(visit, progress)
  await finish(visit, { error: 'access_denied', error_description: 'the customer said no' })
}

const reject = async (visit: Visit, progress: Deciding): Promise<void> => {
  const { postgres, now } = visit.world
  const { consentId, customerId } = progress
  const shown = await consentOf(visit, progress)
  if (isRenewal(shown, askedOf(visit), now())) return
  try {
    await work(postgres, `customer:${customerId}`, now(), (w) =>
      rejectConsent(w, consentId, customerId, howOf(visit)),
    )
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== consentClosed.code) throw error
    // It is over, or another person's by now: there is nothing left to refuse. Unless they said yes themselves before.
    const stands = await consentOf(visit, progress)
    if (stands.customerId === customerId && isLive(stands, now())) throw error
  }
}

/** What the pushed request asks, now that it is known of whom. */
const ask = async (visit: Visit, customerId: string): Promise<Consent> => {
  const { world, client, interaction } = visit
  const now = world.now()
  const { params } = interaction
  const { parJti } = PushedBy.parse(interaction)
  const { subject } = await world.bank.customerForPartner({
    customerId,
    partnerId: client.partnerId,
  })
  return work(world.postgres, `customer:${customerId}`, now, (w) =>
    askConsent(
      w,
      {
        partnerId: client.partnerId,
        partnerName: client.partnerName,
        applicationId: client.applicationId,
        applicationName: client.applicationName,
        customerId,
        subject,
        detail: askedOf(visit),
        scopes: textOf(params['scope'])?.split(' ') ?? [],
        matrix: world.clients.matrix(),
        contract: client.contract,
        registry: world.clients.document(),
      },
      digestOf(parJti ?? interaction.uid),
      howOf(visit),
    ),
  )
}

/** Proven, they stand before what is asked; until then, before the next step of the sign-in. */
const followed = async (visit: Visit, outcome: Outcome): Promise<void> => {
  switch (outcome.kind) {
    case 'step':
      return advance(visit, outcome.signIn)
    case 'wrong':
      await keep(visit, outcome.signIn)
      return showStep(visit, outcome.signIn, outcome.problem)
    case 'leave':
      await keep(visit, outcome.signIn)
      return answerSeeOther(visit.exchange, outcome.location)
    case 'proven': {
      const { id: consentId } = await ask(visit, outcome.who.customerId)
      return advance(visit, { at: 'decide', ...outcome.who, consentId })
    }
  }
}

/** The partner learns that it waits for a second signatory; its next request names the consent. */
const awaitingSignatory = ({ id }: Consent) => ({
  error: 'access_denied',
  error_description: `consents/awaiting-signatory: ${id} waits for another signature`,
})

const complete = (visit: Visit, consent: Answered, { authenticatedAt, amr }: Deciding) =>
  consent.status === 'PARTIALLY_AUTHORISED'
    ? finish(visit, awaitingSignatory(consent))
    : finish(visit, {
        login: {
          accountId: subjectOf(consent),
          acr: SCA,
          ...(amr.length > 0 && { amr }),
          remember: false,
          ts: Math.floor(Temporal.Instant.from(authenticatedAt).epochMilliseconds / 1000),
        },
        consent: { grantId: consent.id },
      })

const approve = async (visit: Visit, progress: Deciding, form: URLSearchParams): Promise<void> => {
  const { postgres, now } = visit.world
  const { customerId, consentId } = progress
  const shown = await consentOf(visit, progress)
  const authenticatedAt = Temporal.Instant.from(progress.authenticatedAt)
  try {
    const offered = await offeredFor(visit, shown, customerId)
    const chosen = chosenOf(offered, form.getAll('account'))
    const decision = { ...chosen, customerId, authenticatedAt, asked: askedOf(visit) }
    const consent = await work(postgres, `customer:${customerId}`, now(), (w) =>
      authoriseConsent(w, consentId, decision, howOf(visit)),
    )
    await complete(visit, consent, progress)
  } catch (error) {
    // An account that was not offered is somebody else's, or not fit: as if none had been chosen.
    if (!(error instanceof Problem) || error.code !== accountsUnfit.code) throw error
    await showStep(visit, progress, 'chooseOne')
  }
}

/** Visits that failed on the way: their error page offers the way back, since its redirect was validated. */
const failed = new WeakMap<Exchange, WayBack>()
export const wayBackFrom = (exchange: Exchange): WayBack | undefined => failed.get(exchange)

const step = async (visit: Visit, progress: Progress, form: URLSearchParams): Promise<void> => {
  const { exchange, world } = visit
  const action = form.get('action')
  if (action === 'cancel' || action === 'refuse') return cancel(visit, progress)
  if (action === 'approve' && progress.at === 'decide') return approve(visit, progress, form)
  const outcome =
    progress.at === 'decide'
      ? undefined
      : await world.means.step(exchange, { signIn: progress, form, goesOnAt: exchange.path })
  if (outcome) return followed(visit, outcome)
  // A form of an earlier step, from a page that the back button brought: show where we are.
  return answerSeeOther(exchange, exchange.path)
}

const served = async (visit: Visit): Promise<void> => {
  const { world, exchange } = visit
  const progress = progressOf(visit.interaction.result)
  if (exchange.req.method !== 'POST') {
    const outcome = progress.at === 'decide' ? undefined : await world.means.news(progress)
    return outcome ? followed(visit, outcome) : showStep(visit, progress)
  }
  const form = await readForm(exchange)
  assertOwnForm(exchange, form, { proof: visit.proof, origin: world.provider.issuer })
  await step(visit, progress, form)
}

/** Answers a visit to `/interaction/{uid}`. */
export const serveInteraction = async (
  world: InteractionWorld,
  exchange: Exchange,
): Promise<void> => {
  const visit = await visitOf(world, exchange)
  try {
    await served(visit)
  } catch (error) {
    const { proof, client, partner } = visit
    failed.set(exchange, {
      action: exchange.path,
      proof,
      partner: client.partnerName,
      leadsTo: partner,
    })
    throw error
  }
}
