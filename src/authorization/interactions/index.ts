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
  askConsent,
  authoriseConsent,
  type Consent,
  consentClosed,
  ConsentDetail,
  consentNotFound,
  findConsent,
  fitting,
  rejectConsent,
  subjectOf,
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
import {
  codePage,
  consentPage,
  type House,
  type Page,
  signInPage,
  type TextKey,
} from '../pages/index.ts'
import { SCA } from '../provider/index.ts'
import { beginning, type Progress, progressOf } from './progress.ts'

export interface InteractionWorld {
  readonly provider: Provider
  readonly postgres: Postgres
  readonly bank: Client<typeof bankContract>
  readonly clients: Clients
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

const show = (visit: Visit, document: string, problem?: TextKey): void =>
  answerPage(visit.exchange, problem === undefined ? 200 : 422, document, visit.partner)

const advance = async (visit: Visit, progress: Progress): Promise<void> => {
  visit.interaction.result = { progress }
  await visit.interaction.persist()
  answerSeeOther(visit.exchange, visit.exchange.path)
}

const formOf = (visit: Visit, problem?: TextKey) => ({
  page: visit.page,
  action: visit.exchange.path,
  proof: visit.proof,
  partner: visit.client.partnerName,
  problem,
})

type Deciding = Extract<Progress, { at: 'decide' }>

const consentOf = async ({ world }: Visit, { consentId }: Deciding): Promise<Consent> => {
  const consent = await findConsent(world.postgres, consentId)
  if (!consent) throw consentNotFound(consentId)
  return consent
}

const accountsFor = async ({ world, client }: Visit, consent: Consent, customerId: string) => {
  const { accounts } = await world.bank.customerForPartner({
    customerId,
    partnerId: client.partnerId,
  })
  return fitting(consent, accounts)
}

const showStep = async (visit: Visit, progress: Progress, problem?: TextKey): Promise<void> => {
  switch (progress.at) {
    case 'sign-in':
      return show(visit, signInPage(formOf(visit, problem)), problem)
    case 'code': {
      const form = { ...formOf(visit, problem), shownCode: progress.shownCode }
      return show(visit, codePage(form), problem)
    }
    case 'decide': {
      const consent = await consentOf(visit, progress)
      const accounts = await accountsFor(visit, consent, progress.customerId)
      const form = { ...formOf(visit, problem), consent, accounts, now: visit.world.now() }
      return show(visit, consentPage(form), problem)
    }
  }
}

const finish = (visit: Visit, result: Parameters<Provider['interactionFinished']>[2]) =>
  visit.world.provider.interactionFinished(visit.exchange.req, visit.exchange.res, result, {
    mergeWithLastSubmission: false,
  })

const cancel = async (visit: Visit, progress: Progress): Promise<void> => {
  if (progress.at === 'decide') {
    const { postgres, now } = visit.world
    await work(postgres, `customer:${progress.customerId}`, now(), (w) =>
      rejectConsent(w, progress.consentId, progress.customerId),
    )
  }
  await finish(visit, { error: 'access_denied', error_description: 'the customer said no' })
}

/** A refusal by the bank that the customer can mend; undefined for all else. */
const mendable = (error: unknown): TextKey | undefined => {
  if (!(error instanceof Problem)) return undefined
  if (error.code === 'customers/sign-in-refused') return 'signInRefused'
  return error.code === 'customers/sign-in-delayed' ? 'signInDelayed' : undefined
}

const signIn = async (visit: Visit, form: URLSearchParams): Promise<void> => {
  const login = form.get('login') ?? ''
  const password = form.get('password') ?? ''
  try {
    const challenge = await visit.world.bank.startSignIn({ login, password })
    await advance(visit, { at: 'code', ...challenge })
  } catch (error) {
    const problem = mendable(error)
    if (!problem) throw error
    await showStep(visit, beginning, problem)
  }
}

/** What the pushed request asks, now that it is known of whom. */
const ask = async (visit: Visit, customerId: string): Promise<Consent> => {
  const { world, client, interaction } = visit
  const now = world.now()
  const { params } = interaction
  const { parJti } = PushedBy.parse(interaction)
  const [asked] = JSON.parse(String(params['authorization_details'])) as unknown[]
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
        detail: ConsentDetail.parse(asked),
        scopes: textOf(params['scope'])?.split(' ') ?? [],
        matrix: world.clients.matrix(),
      },
      digestOf(parJti ?? interaction.uid),
    ),
  )
}

const giveCode = async (
  visit: Visit,
  progress: Extract<Progress, { at: 'code' }>,
  form: URLSearchParams,
): Promise<void> => {
  const { bank, now } = visit.world
  const code = (form.get('code') ?? '').replaceAll(' ', '')
  try {
    const { customerId } = await bank.finishSignIn({ challengeId: progress.challengeId, code })
    const authenticatedAt = now().toString()
    const { id: consentId } = await ask(visit, customerId)
    await advance(visit, { at: 'decide', customerId, authenticatedAt, consentId })
  } catch (error) {
    if (!mendable(error)) throw error
    await showStep(visit, progress, 'codeRefused')
  }
}

const complete = (visit: Visit, consent: Consent, { authenticatedAt }: Deciding) =>
  finish(visit, {
    login: {
      accountId: subjectOf(consent),
      acr: SCA,
      amr: ['pwd', 'otp'],
      remember: false,
      ts: Math.floor(Temporal.Instant.from(authenticatedAt).epochMilliseconds / 1000),
    },
    consent: { grantId: consent.id },
  })

const approve = async (visit: Visit, progress: Deciding, form: URLSearchParams): Promise<void> => {
  const { postgres, now } = visit.world
  const { customerId } = progress
  const asked = await consentOf(visit, progress)
  const offered = await accountsFor(visit, asked, customerId)
  const accounts = form.getAll('account')
  // An account that was not offered is somebody else's, or not fit: as if none had been chosen.
  if (!accounts.every((id) => offered.some((a) => a.accountId === id)))
    return showStep(visit, progress, 'chooseOne')
  const authenticatedAt = Temporal.Instant.from(progress.authenticatedAt)
  try {
    const consent = await work(postgres, `customer:${customerId}`, now(), (w) =>
      authoriseConsent(w, progress.consentId, { customerId, accounts, authenticatedAt }),
    )
    await complete(visit, consent, progress)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.code === accountsUnfit.code) return showStep(visit, progress, 'chooseOne')
    // A second click, or a second window: the answer stands, and the code is issued once by the pushed request.
    const answered =
      error.code === consentClosed.code ? await consentOf(visit, progress) : undefined
    if (answered?.status !== 'AUTHORISED' || answered.customerId !== customerId) throw error
    await complete(visit, answered, progress)
  }
}

const step = async (visit: Visit, progress: Progress, form: URLSearchParams): Promise<void> => {
  const action = form.get('action')
  if (action === 'cancel' || action === 'refuse') return cancel(visit, progress)
  if (action === 'restart') return advance(visit, beginning)
  if (action === 'sign-in' && progress.at === 'sign-in') return signIn(visit, form)
  if (action === 'code' && progress.at === 'code') return giveCode(visit, progress, form)
  if (action === 'approve' && progress.at === 'decide') return approve(visit, progress, form)
  // A form of an earlier step, from a page that the back button brought: show where we are.
  return answerSeeOther(visit.exchange, visit.exchange.path)
}

/** Answers a visit to `/interaction/{uid}`. */
export const serveInteraction = async (
  world: InteractionWorld,
  exchange: Exchange,
): Promise<void> => {
  const visit = await visitOf(world, exchange)
  const progress = progressOf(visit.interaction.result)
  if (exchange.req.method !== 'POST') return showStep(visit, progress)
  const form = await readForm(exchange)
  assertOwnForm(exchange, form, { proof: visit.proof, origin: world.provider.issuer })
  await step(visit, progress, form)
}
