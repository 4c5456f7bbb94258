/** What a partner may do with its own consents over HTTP: lay down, read, end, ask to extend. What the types are is public. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { requestInvalid } from '#platform/request.ts'
import type { Access, ProvesAccess } from '../access.ts'
import { answerJson, type Exchange, readJson } from '../exchange.ts'
import type { RegistryClient, RegistryDocument } from '../registry.ts'
import {
  type AnybodyIsReal,
  type Consent,
  ConsentDetail,
  consentNotFound,
  consentTypes,
  endRefused,
  endUnfit,
  enriched,
  extensionOf,
  findConsent,
  isClosedToNew,
  isConsentType,
  revokeConsent,
  scopes,
  somebodyUnfit,
  stageConsent,
  statusShown,
  usageOf,
} from './index.ts'

export interface ConsentRoutesWorld {
  readonly postgres: Postgres
  readonly prove: ProvesAccess
  readonly anybodyIsReal: AnybodyIsReal
  readonly clients: {
    find(applicationId: string, now: Temporal.Instant): RegistryClient | undefined
    matrix(): string
    document(): RegistryDocument | undefined
  }
  readonly now: () => Temporal.Instant
}

const typeRefused = problem(
  'consents/type-refused',
  403,
  'The application may not ask for this type of consent',
)
const scopeRefused = problem(
  'consents/scope-refused',
  403,
  'The application may not ask for this scope',
)

const text = (instant: Temporal.Instant | null): string | null => instant?.toString() ?? null

const presented = (world: ConsentRoutesWorld, consent: Consent) => ({
  consentId: consent.id,
  status: statusShown(consent, world.clients, world.now()),
  ...(consent.endedBy && { by: consent.endedBy }),
  authorizationDetails: [
    consent.authorisedAt === null
      ? { ...consent.detail, consentId: consent.id }
      : enriched(consent),
  ],
  scope: consent.scopes.join(' '),
  purpose: consent.purpose,
  legalBasis: consent.legalBasis,
  duration: consent.duration,
  lookbackDays: consent.lookbackDays,
  frequencyPerDay: consent.frequencyPerDay,
  createdAt: text(consent.createdAt),
  authorisedAt: text(consent.authorisedAt),
  expiresAt: text(consent.expiresAt),
  endedAt: text(consent.endedAt),
  scaLevel: consent.scaLevel,
  lastScaAt: text(consent.lastScaAt),
  nextScaDueAt: text(consent.nextScaDueAt),
  exemption: consent.exemption && { type: consent.exemption.type },
  // How many said yes is the partner's to know; who they are is not.
  authorisations: {
    required: consent.signatures,
    given: consent.authorisations.filter((a) => a.status === 'AUTHORISED').length,
  },
  extensions: consent.extensions.map(({ at, until }) => ({ at: text(at), until: text(until) })),
  terms: { contract: consent.contract, matrix: consent.matrix },
})

/** What a pushed authorization request carries so that the customer is asked (RFC 9126, RFC 9396). */
const requestFor = (consent: Consent, detail: ConsentDetail) => ({
  authorization_details: [detail],
  ...(consent.scopes.length > 0 && { scope: consent.scopes.join(' ') }),
})

/** JSON Schemas of all types (RFC 9396 §10 wants them documented). */
const published = () => ({
  data: Object.entries(consentTypes).map(([type, kind]) => ({
    type,
    scopes: kind.opens,
    duration: kind.duration,
    daysUsual: kind.days.usual,
    daysAtMost: kind.days.most,
    legalBasis: kind.legalBasis,
    accounts: kind.accounts,
    reauthenticationDays: kind.scaDays,
    unattendedAccessesPerDay: kind.accessesPerDay,
    binds: kind.binds,
    schema: z.toJSONSchema(kind.schema, { io: 'input' }),
  })),
})

/** Of this API. */
const document: object = parse(readFileSync(new URL('openapi.yaml', import.meta.url), 'utf8'))

/** Somebody else's is answered as one that does not exist. */
const ownConsent = async (
  { postgres }: ConsentRoutesWorld,
  access: Access,
  id: string,
): Promise<Consent> => {
  const consent = await findConsent(postgres, id)
  if (consent?.applicationId !== access.applicationId)
    throw consentNotFound('there is no such consent of this application')
  return consent
}

const NewConsent = z.strictObject({
  authorizationDetails: z.tuple([ConsentDetail]),
  scope: z
    .string()
    .max(200)
    .regex(/^[a-z:-]+( [a-z:-]+)*$/)
    .optional(),
})

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,40}$/

const idempotencyKeyOf = ({ req }: Exchange): string | undefined => {
  const given = req.headers['idempotency-key'] ?? req.headers['x-idempotency-key']
  if (given === undefined) return undefined
  if (typeof given !== 'string' || !IDEMPOTENCY_KEY.test(given))
    throw requestInvalid('Idempotency-Key has 1 to 40 visible characters')
  return given
}

/** The same limits that a pushed request meets: what the licence opens, and scopes that the type opens. */
const assertAskable = (
  client: RegistryClient,
  detail: ConsentDetail,
  asked: readonly string[],
  now: Temporal.Instant,
) => {
  const { type } = detail
  if (!client.authorizationDetailsTypes.includes(type))
    throw typeRefused(`${type} is not among what its licence opens`, { gate: 'partner' })
  if (isClosedToNew(client, type, now))
    throw typeRefused(`its licence has lapsed so far that no new consent of ${type} may begin`, {
      gate: 'partner',
    })
  const opened = isConsentType(type) ? consentTypes[type].opens : []
  const wrong = asked.find(
    (s) => scopes.includes(s) && !(opened.includes(s) && client.scopes.includes(s)),
  )
  if (wrong !== undefined) throw scopeRefused(`${wrong} is not given with ${type}`)
}

const create = async (
  world: ConsentRoutesWorld,
  exchange: Exchange,
  { applicationId }: Access,
): Promise<void> => {
  const idempotencyKey = idempotencyKeyOf(exchange)
  const { authorizationDetails, scope } = await readJson(exchange, NewConsent)
  const [detail] = authorizationDetails
  const now = world.now()
  const client = world.clients.find(applicationId, now)
  if (!client) throw typeRefused('the application is not served any longer')
  const asked = scope?.split(' ') ?? []
  assertAskable(client, detail, asked, now)
  if (detail.consentId !== undefined)
    throw requestInvalid('a new consent gets its consentId here', {
      errors: [
        { pointer: '/authorizationDetails/0/consentId', code: 'given', detail: 'leave it out' },
      ],
    })
  const unfit = endUnfit(detail, now)
  if (unfit !== undefined) throw endRefused(unfit)
  const somebody = await somebodyUnfit(detail, world.anybodyIsReal)
  if (somebody !== undefined) throw requestInvalid(`/authorizationDetails/0${somebody}`)
  const { partnerId, partnerName, applicationName, contract } = client
  const consent = await work(world.postgres, `application:${applicationId}`, now, (w) =>
    stageConsent(
      w,
      {
        partnerId,
        partnerName,
        applicationId,
        applicationName,
        detail,
        scopes: asked,
        matrix: world.clients.matrix(),
        contract,
        registry: world.clients.document(),
      },
      { channel: 'api', interactionId: exchange.instance, idempotencyKey },
    ),
  )
  const push = { ...consent.detail, consentId: consent.id }
  answerJson(exchange, 201, {
    ...presented(world, consent),
    authorizationRequest: requestFor(consent, push),
  })
}

const Extension = z.strictObject({
  expirationDateTime: z.iso.datetime({ offset: true }).optional(),
})

/** Asks nothing yet: it says what to push, so that the customer is asked. */
const extend = async (
  world: ConsentRoutesWorld,
  exchange: Exchange,
  consent: Consent,
): Promise<void> => {
  const { expirationDateTime } = await readJson(exchange, Extension)
  const detail = extensionOf(consent, expirationDateTime, world.now())
  answerJson(exchange, 200, {
    consentId: consent.id,
    authorizationRequest: requestFor(consent, detail),
  })
}

const revoke = async (
  world: ConsentRoutesWorld,
  exchange: Exchange,
  { id, applicationId }: Consent,
): Promise<void> => {
  const after = await work(world.postgres, `application:${applicationId}`, world.now(), (w) =>
    revokeConsent(w, id, { by: 'partner', channel: 'api', interactionId: exchange.instance }),
  )
  answerJson(exchange, 200, presented(world, after))
}

const usage = async (
  world: ConsentRoutesWorld,
  exchange: Exchange,
  consent: Consent,
): Promise<void> => {
  const { lastAccess, budgets } = await usageOf(world.postgres, consent, world.now())
  answerJson(exchange, 200, {
    consentId: consent.id,
    frequencyPerDay: consent.frequencyPerDay,
    lastAccess: lastAccess ? { at: text(lastAccess.at), present: lastAccess.present } : null,
    budgets: budgets.map((budget) => ({ ...budget, resetAt: text(budget.resetAt) })),
  })
}

const CONSENT = /^\/consents\/v1\/consents\/([\w-]+)(?:\/(\w+))?$/

/** Answers everything under `/consents`. */
export const serveConsents = async (
  world: ConsentRoutesWorld,
  exchange: Exchange,
): Promise<void> => {
  if (exchange.path === '/consents/v1/types') return answerJson(exchange, 200, published())
  if (exchange.path === '/consents/v1/openapi.json') return answerJson(exchange, 200, document)
  const access = await world.prove(exchange)
  if (exchange.path === '/consents/v1/consents') return create(world, exchange, access)
  const [, id = '', part] = CONSENT.exec(exchange.path) ?? []
  const consent = await ownConsent(world, access, id)
  if (part === 'usage') return usage(world, exchange, consent)
  if (part === 'extension') return extend(world, exchange, consent)
  if (part === 'revocation') return revoke(world, exchange, consent)
  answerJson(exchange, 200, presented(world, consent))
}
