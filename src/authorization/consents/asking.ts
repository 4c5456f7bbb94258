/** How a consent comes to be: staged by the partner, or asked for by the pushed request alone. */
import { createHash } from 'node:crypto'
import { problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Consent, consentClosed, consentNotFound, customerUnfit, statusAt } from './consent.ts'
import {
  type ConsentDetail,
  ConsentId,
  consentTypes,
  endOf,
  endUnfit,
  essenceOf,
  frequencyOf,
  lasting,
  linkOf,
  purposeOf,
} from './details/index.ts'
import type { RegistryDocument } from '../registry.ts'
import { type How, lockOf, note } from './keeping.ts'
import * as store from './store.ts'

export const keyReused = problem(
  'consents/idempotency-key-reused',
  422,
  'The Idempotency-Key was used with another request',
)
export const tooManyOpen = problem(
  'consents/too-many-open',
  429,
  'Too many consents wait for an answer',
)

export const endRefused = problem('consents/end-refused', 400, 'The consent cannot last until then')

export interface Ask {
  readonly partnerId: string
  readonly partnerName: string
  readonly applicationId: string
  readonly applicationName: string
  readonly detail: ConsentDetail
  readonly scopes: readonly string[]
  readonly matrix: string
  readonly contract?: string | undefined
  readonly registry?: RegistryDocument | undefined
}

/** One who has signed in, as this partner knows them. */
export interface Signed {
  readonly customerId: string
  readonly subject: string
}

const bound = (text: string | undefined): Temporal.Instant | null =>
  text === undefined ? null : Temporal.Instant.from(text)

/** A consent that nobody has answered. */
const blank = (
  { contract, registry, scopes, detail: { consentId: _named, ...asked }, ...ask }: Ask,
  by: Signed | null,
  now: Temporal.Instant,
): Consent => {
  const detail: ConsentDetail = asked
  const { duration, legalBasis } = consentTypes[detail.type]
  const { transactionFromDateTime, transactionToDateTime } = {
    transactionFromDateTime: undefined,
    transactionToDateTime: undefined,
    ...detail,
  }
  const from = bound(transactionFromDateTime)
  return {
    ...ask,
    id: ConsentId.next(),
    customerId: by?.customerId ?? null,
    subject: by?.subject ?? null,
    holder: null,
    detail,
    scopes: [...scopes],
    accounts: [],
    purpose: purposeOf(detail),
    legalBasis,
    duration,
    lookbackDays: from && Math.max(0, Math.ceil(now.since(from).total('hours') / 24)),
    transactionFrom: from,
    transactionTo: bound(transactionToDateTime),
    frequencyPerDay: frequencyOf(detail),
    status: 'AWAITING_AUTHORISATION',
    endedBy: null,
    createdAt: now,
    authorisedAt: null,
    endedAt: null,
    expiresAt: endOf(detail, now),
    scaLevel: null,
    lastScaAt: null,
    nextScaDueAt: null,
    exemption: null,
    signatures: 1,
    authorisations: [],
    extensions: [],
    link: linkOf(detail),
    contract: contract ?? null,
    registry: registry ?? null,
  }
}

/** What may wait for an answer at once, of one application: far above any honest need. */
const OPEN_MAX = 1_000

/**
 * The partner lays it down beforehand; a pushed request that names it asks the customer. The same Idempotency-Key gives
 * the same consent.
 */
export const stageConsent = async (
  work: Work,
  ask: Ask,
  { idempotencyKey, ...how }: How & { readonly idempotencyKey: string | undefined },
): Promise<Consent> => {
  const staged = blank(ask, null, work.now)
  const open = await store.countOpen(work, ask.applicationId, work.now.subtract({ hours: 24 }))
  if (open >= OPEN_MAX)
    throw tooManyOpen(`${OPEN_MAX} of this application wait; they end after a day`, {
      headers: { 'retry-after': '3600' },
    })
  const label = JSON.stringify(['staged', ask.applicationId, idempotencyKey ?? staged.id])
  const digest = createHash('sha256').update(label).digest()
  const kept = await store.insert(work, staged, digest)
  if (kept) {
    await note(work, staged, 'ask', how)
    return kept
  }
  const before = await store.findByRequest(work, digest)
  if (!before || essenceOf(before.detail) !== essenceOf(staged.detail))
    throw keyReused('take a new key for another consent')
  return before
}

/**
 * The customer sees what is asked. The same pushed request, visited again, asks for the same consent; one that was
 * answered meanwhile is returned as it is. A detail that names a consent asks for that one: its first answer, a second
 * signature, or its renewal.
 */
export const askConsent = async (
  work: Work,
  ask: Ask & Signed,
  requestSha256: Uint8Array,
  how: Partial<How> = {},
): Promise<Consent> => {
  const { customerId, subject, ...rest } = ask
  if (rest.detail.consentId !== undefined) return askNamed(work, ask, rest.detail.consentId)
  const asked = blank(rest, { customerId, subject }, work.now)
  const kept = await store.insert(work, asked, requestSha256)
  if (kept) {
    await note(work, kept, 'ask', { channel: 'page', ...how })
    return kept
  }
  const before = await store.lockByRequest(work, requestSha256)
  if (!before) throw consentNotFound('the request asks for no consent')
  return takenUp(work, before, { customerId, subject })
}

const askNamed = async (work: Work, ask: Ask & Signed, id: string): Promise<Consent> => {
  const consent = await lockOf(work, id)
  if (consent.applicationId !== ask.applicationId) throw consentNotFound(id)
  const { customerId, subject } = ask
  if (consent.status === 'AWAITING_AUTHORISATION')
    return takenUp(work, consent, { customerId, subject })
  const parties = consent.authorisations.map((a) => a.party)
  if (consent.customerId !== customerId && !parties.includes(customerId))
    throw customerUnfit('sign in as the customer who gave it')
  return consent
}

/** Until somebody answers, who signed in last on a request is the one who may. */
const takenUp = async (work: Work, consent: Consent, by: Signed): Promise<Consent> => {
  if (statusAt(consent, work.now) !== 'AWAITING_AUTHORISATION') return consent
  const after = { ...consent, ...by }
  await store.update(work, after)
  return after
}

/** Whether this request asks the customer to let a consent go on, and not for a new one. */
export const isRenewal = (
  consent: Consent,
  asked: ConsentDetail | undefined,
  now: Temporal.Instant,
): boolean => asked?.consentId === consent.id && statusAt(consent, now) === 'AUTHORISED'

/**
 * What is wrong with a request that names a consent, in words for the partner; the same words for one that is missing
 * and for one that is somebody else's.
 */
export const namedUnfit = async (
  db: Db,
  asked: ConsentDetail,
  {
    applicationId,
    scopes,
    now,
  }: {
    readonly applicationId: string
    readonly scopes: readonly string[]
    readonly now: Temporal.Instant
  },
): Promise<string | undefined> => {
  if (asked.consentId === undefined) return undefined
  const consent = await store.find(db, asked.consentId)
  if (!consent || consent.applicationId !== applicationId)
    return 'consentId names no consent of this application'
  if (essenceOf(consent.detail) !== essenceOf(asked))
    return 'consentId names a consent to something else'
  const more = scopes.find((scope) => !consent.scopes.includes(scope))
  if (more !== undefined) return `the named consent is not to scope ${more}`
  const status = statusAt(consent, now)
  if (status === 'AWAITING_AUTHORISATION' || status === 'PARTIALLY_AUTHORISED') return undefined
  if (status !== 'AUTHORISED') return `the named consent is ${status}`
  return consent.duration === 'ONE_TIME' ? 'a consent for one use is not renewed' : undefined
}

/** What the partner pushes so that the customer is asked to let it go on; throws where it cannot. */
export const extensionOf = (
  consent: Consent,
  until: string | undefined,
  now: Temporal.Instant,
): ConsentDetail => {
  const status = statusAt(consent, now)
  if (status !== 'AUTHORISED') throw consentClosed(`it is ${status}`)
  if (consent.duration === 'ONE_TIME') throw consentClosed('it is for one use')
  const detail = until === undefined ? anew(consent.detail, now) : lasting(consent.detail, until)
  if (!detail) throw endRefused('its type names no end, or this is no time')
  const unfit = endUnfit(detail, now)
  if (unfit !== undefined) throw endRefused(unfit)
  return { ...detail, consentId: consent.id }
}

/** As long as it would last if it were asked for now. */
const anew = (detail: ConsentDetail, now: Temporal.Instant): ConsentDetail => {
  const { days } = consentTypes[detail.type]
  const until = now
    .add({ hours: 24 * days.usual })
    .round({ smallestUnit: 'second', roundingMode: 'floor' })
  return lasting(detail, until.toString()) ?? detail
}
