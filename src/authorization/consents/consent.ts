import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { Instant, isBefore } from '#kernel/time.ts'
import { RegistryDocument } from '../registry.ts'
import {
  ConsentDetail,
  ConsentId,
  consentTypes,
  Duration,
  type EnrichedDetail,
  LegalBasis,
  Purpose,
} from './details/index.ts'

/** OBIE Read/Write 4.0 names; `EXPIRED` is never stored: every reader compares `expiresAt` with now. */
export const ConsentStatus = z.enum([
  'AWAITING_AUTHORISATION',
  'PARTIALLY_AUTHORISED',
  'AUTHORISED',
  'SUSPENDED',
  'CONSUMED',
  'REJECTED',
  'REVOKED',
  'EXPIRED',
])
export type ConsentStatus = z.output<typeof ConsentStatus>

/** The door by which a consent ends. */
export const Door = z.enum(['customer', 'partner', 'bank'])
export type Door = z.output<typeof Door>

/** What moves a consent. `ask` is how it is born; each is one event of its history. */
export const Move = z.enum([
  'ask',
  'sign',
  'authorise',
  'renew',
  'reject',
  'suspend',
  'resume',
  'consume',
  'revoke',
])
export type Move = z.output<typeof Move>

/** One person's answer to it; a company's account may need several. */
export const Authorisation = z.object({
  /** The customer. */
  party: z.string(),
  status: z.enum(['AWAITING', 'AUTHORISED', 'REJECTED']),
  /** How they proved to be themselves: an `acr`, or `exemption:<type>`. */
  method: z.string().nullable(),
  at: Instant.nullable(),
})
export type Authorisation = z.output<typeof Authorisation>

/** Each time that the customer let it go on (O53). */
export const Extension = z.object({ at: Instant, from: Instant, until: Instant })
export type Extension = z.output<typeof Extension>

/** Why no strong authentication was asked for, and who decided it (O54). By default there is none. */
export const Exemption = z.object({
  type: z.enum(['low-value', 'transaction-risk', 'trusted-beneficiary']),
  decidedBy: z.string().min(1),
  at: Instant,
})
export type Exemption = z.output<typeof Exemption>

const instant = z.instanceof(Temporal.Instant)

export const Consent = z.object({
  id: ConsentId,
  partnerId: z.string(),
  /** Names as the customer read them. */
  partnerName: z.string(),
  applicationId: z.string(),
  applicationName: z.string(),
  /** Who answers it; null until somebody has signed in. */
  customerId: z.string().nullable(),
  /** Pairwise: whose accounts they are, as this partner knows them. A company's, where a signatory answers for one. */
  subject: z.string().nullable(),
  /** Name of that company. */
  holder: z.string().nullable(),
  /** What was asked (RFC 9396). */
  detail: ConsentDetail,
  scopes: z.array(z.string()),
  /** Pairwise ids of the accounts that the customer picked. */
  accounts: z.array(z.string()),
  purpose: Purpose.nullable(),
  legalBasis: LegalBasis,
  duration: Duration,
  lookbackDays: z.number().int().nullable(),
  transactionFrom: instant.nullable(),
  transactionTo: instant.nullable(),
  /** Unattended accesses a day, of each account and family. */
  frequencyPerDay: z.number().int(),
  status: ConsentStatus,
  endedBy: Door.nullable(),
  createdAt: instant,
  authorisedAt: instant.nullable(),
  endedAt: instant.nullable(),
  expiresAt: instant,
  scaLevel: z.string().nullable(),
  lastScaAt: instant.nullable(),
  nextScaDueAt: instant.nullable(),
  exemption: Exemption.nullable(),
  /** How many people must say yes. */
  signatures: z.number().int().min(1),
  authorisations: z.array(Authorisation),
  extensions: z.array(Extension),
  /** SHA-256 of what a submission must repeat. */
  link: z.instanceof(Uint8Array).nullable(),
  /** Terms that it was asked under: version of the licence matrix, and the contract, where there is one. */
  matrix: z.string(),
  contract: z.string().nullable(),
  /** The published registry that let it be given: of the last yes, until then of the question. */
  registry: RegistryDocument.nullable(),
})
export type Consent = z.output<typeof Consent>

/** One that somebody has answered: tokens rest on it. */
export type Answered = Consent & { readonly customerId: string; readonly subject: string }

export const consentNotFound = problem('consents/not-found', 404, 'No such consent')
export const consentClosed = problem('consents/closed', 409, 'The consent can no longer change')
export const accountsUnfit = problem(
  'consents/accounts-unfit',
  400,
  'These accounts cannot be chosen for this consent',
)
export const customerUnfit = problem(
  'consents/customer-unfit',
  403,
  'The consent is another customer’s',
)

type Moves = Partial<Record<Move, ConsentStatus>>

/** The whole life of a consent: what is not here does not happen. Only `resume` goes back. */
const moves: Readonly<Record<ConsentStatus, Moves>> = {
  AWAITING_AUTHORISATION: {
    sign: 'PARTIALLY_AUTHORISED',
    authorise: 'AUTHORISED',
    reject: 'REJECTED',
    revoke: 'REVOKED',
  },
  PARTIALLY_AUTHORISED: {
    sign: 'PARTIALLY_AUTHORISED',
    authorise: 'AUTHORISED',
    reject: 'REJECTED',
    revoke: 'REVOKED',
  },
  AUTHORISED: { renew: 'AUTHORISED', suspend: 'SUSPENDED', consume: 'CONSUMED', revoke: 'REVOKED' },
  SUSPENDED: { resume: 'AUTHORISED', revoke: 'REVOKED' },
  CONSUMED: {},
  REJECTED: {},
  REVOKED: {},
  EXPIRED: {},
}

/** Whether it can still change. */
export const isOpen = (status: ConsentStatus): boolean => Object.keys(moves[status]).length > 0

/** What a history says, read from its beginning. Undefined for one that cannot have happened. */
export const folded = (history: readonly Move[]): ConsentStatus | undefined =>
  history[0] === 'ask'
    ? history
        .slice(1)
        .reduce<ConsentStatus | undefined>(
          (status, move) => status && moves[status][move],
          'AWAITING_AUTHORISATION',
        )
    : undefined

/** How long an unanswered request waits, and one that waits for a second signature. */
export const ANSWER_HOURS = 24
export const SIGNATURE_HOURS = 24 * 14

/** The moment from which it is expired if nothing moves it before. */
export const endsAt = ({
  status,
  createdAt,
  expiresAt,
}: Pick<Consent, 'status' | 'createdAt' | 'expiresAt'>): Temporal.Instant => {
  if (status !== 'AWAITING_AUTHORISATION' && status !== 'PARTIALLY_AUTHORISED') return expiresAt
  const hours = status === 'AWAITING_AUTHORISATION' ? ANSWER_HOURS : SIGNATURE_HOURS
  const patience = createdAt.add({ hours })
  return isBefore(patience, expiresAt) ? patience : expiresAt
}

/** What it is at a moment: a consent whose end has passed is expired, whatever was written last (O56). */
export const statusAt = (
  consent: Pick<Consent, 'status' | 'createdAt' | 'expiresAt'>,
  now: Temporal.Instant,
): ConsentStatus =>
  isOpen(consent.status) && !isBefore(now, endsAt(consent)) ? 'EXPIRED' : consent.status

/** The one transition function; throws `consents/closed` for a move that its state does not allow. */
export const moved = (
  consent: Consent,
  move: Move,
  { now, by = null }: { now: Temporal.Instant; by?: Door | null },
): Consent => {
  const from = statusAt(consent, now)
  const status = moves[from][move]
  if (!status) throw consentClosed(`${consent.id} is ${from}, so it cannot ${move}`)
  return { ...consent, status, ...(!isOpen(status) && { endedAt: now, endedBy: by }) }
}

/** When the customer must sign in again for it to go on; null where the type does not ask for it. */
export const nextScaDueAt = (consent: Consent): Temporal.Instant | null => consent.nextScaDueAt

/** Whether it waits for the customer to sign in again. */
export const isReauthenticationDue = (consent: Consent, now: Temporal.Instant): boolean =>
  statusAt(consent, now) === 'AUTHORISED' &&
  consent.nextScaDueAt !== null &&
  !isBefore(now, consent.nextScaDueAt)

/** Whether tokens may be issued on it now. */
export const isLive = (consent: Consent, now: Temporal.Instant): boolean =>
  statusAt(consent, now) === 'AUTHORISED' && !isReauthenticationDue(consent, now)

/** Whether this person's answer is waited for: a second signatory's. */
export const awaits = (consent: Consent, customerId: string, now: Temporal.Instant): boolean =>
  statusAt(consent, now) === 'PARTIALLY_AUTHORISED' &&
  consent.authorisations.some((a) => a.party === customerId && a.status === 'AWAITING')

/** Strong authentication and what follows from it. */
export const authenticated = (consent: Consent, at: Temporal.Instant, level: string): Consent => {
  const { scaDays } = consentTypes[consent.detail.type]
  return {
    ...consent,
    scaLevel: level,
    lastScaAt: at,
    nextScaDueAt: scaDays === null ? null : at.add({ hours: 24 * scaDays }),
  }
}

/** One person's answer, in its place among the others'. */
export const answered = (consent: Consent, answer: Authorisation): Authorisation[] => [
  ...consent.authorisations.filter((a) => a.party !== answer.party),
  answer,
]

/** RFC 9396 §7: what was asked, with what the customer decided; the partner reads it back. */
export const enriched = (consent: Consent): EnrichedDetail => {
  const { accessesPerDay, enrichment } = consentTypes[consent.detail.type]
  return {
    ...consent.detail,
    consentId: consent.id,
    accounts: consent.accounts,
    expirationDateTime: consent.expiresAt.toString(),
    ...(accessesPerDay !== null && { frequencyPerDay: consent.frequencyPerDay }),
    ...enrichment(consent.detail, consent.accounts),
  }
}

/** How long after a strong authentication the customer counts as being there. */
const SESSION_HOURS = 1

/** The detail as a token of this moment carries it: history that is older needs the customer in this session (O17). */
export const enrichedAt = (consent: Consent, now: Temporal.Instant): EnrichedDetail => {
  const { unattendedHistoryDays: days } = consentTypes[consent.detail.type]
  const { lastScaAt, transactionFrom } = consent
  const detail = enriched(consent)
  const isPresent = lastScaAt !== null && isBefore(now, lastScaAt.add({ hours: SESSION_HOURS }))
  if (days === null || isPresent) return detail
  const oldest = now
    .subtract({ hours: 24 * days })
    .round({ smallestUnit: 'second', roundingMode: 'floor' })
  const bound = { transactionFromDateTime: oldest.toString() }
  return transactionFrom !== null && isBefore(oldest, transactionFrom)
    ? detail
    : { ...detail, ...bound }
}
