import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { ConsentDetail, type EnrichedDetail } from './details.ts'

/** Also the grant's id in OAuth, and `consent_id` in every token. */
export const ConsentId = idOf('consent')
export type ConsentId = z.output<typeof ConsentId>

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

const instant = z.instanceof(Temporal.Instant)

export const Consent = z.object({
  id: ConsentId,
  partnerId: z.string(),
  /** Names as the customer read them. */
  partnerName: z.string(),
  applicationId: z.string(),
  applicationName: z.string(),
  customerId: z.string(),
  /** Pairwise: the customer as this partner knows them. */
  subject: z.string(),
  /** What was asked (RFC 9396). */
  detail: ConsentDetail,
  scopes: z.array(z.string()),
  /** Pairwise ids of the accounts that the customer picked. */
  accounts: z.array(z.string()),
  status: ConsentStatus,
  endedBy: Door.nullable(),
  createdAt: instant,
  authorisedAt: instant.nullable(),
  endedAt: instant.nullable(),
  expiresAt: instant,
  lastScaAt: instant.nullable(),
  matrix: z.string(),
})
export type Consent = z.output<typeof Consent>

export const consentNotFound = problem('consents/not-found', 404, 'No such consent')
export const consentClosed = problem('consents/closed', 409, 'The consent can no longer change')
export const accountsUnfit = problem(
  'consents/accounts-unfit',
  400,
  'These accounts cannot be chosen for this consent',
)

export type Move = 'authorise' | 'reject' | 'suspend' | 'resume' | 'consume' | 'revoke'

/** The whole life of a consent: what is not here does not happen. Only `resume` goes back. */
const moves: Readonly<Record<ConsentStatus, Partial<Record<Move, ConsentStatus>>>> = {
  AWAITING_AUTHORISATION: { authorise: 'AUTHORISED', reject: 'REJECTED', revoke: 'REVOKED' },
  PARTIALLY_AUTHORISED: { authorise: 'AUTHORISED', reject: 'REJECTED', revoke: 'REVOKED' },
  AUTHORISED: { suspend: 'SUSPENDED', consume: 'CONSUMED', revoke: 'REVOKED' },
  SUSPENDED: { resume: 'AUTHORISED', revoke: 'REVOKED' },
  CONSUMED: {},
  REJECTED: {},
  REVOKED: {},
  EXPIRED: {},
}

/** What it is at a moment: a consent whose end has passed is expired, whatever was written last. */
export const statusAt = (
  consent: Pick<Consent, 'status' | 'expiresAt'>,
  now: Temporal.Instant,
): ConsentStatus =>
  Object.keys(moves[consent.status]).length > 0 &&
  Temporal.Instant.compare(consent.expiresAt, now) <= 0
    ? 'EXPIRED'
    : consent.status

/** The one transition function; throws `consents/closed` for a move that its state does not allow. */
export const moved = (
  consent: Consent,
  move: Move,
  { now, by = null }: { now: Temporal.Instant; by?: Door | null },
): Consent => {
  const from = statusAt(consent, now)
  const status = moves[from][move]
  if (!status) throw consentClosed(`${consent.id} is ${from}, so it cannot ${move}`)
  const ends = Object.keys(moves[status]).length === 0
  return { ...consent, status, ...(ends && { endedAt: now, endedBy: by }) }
}

/** Account access needs a new strong authentication every 180 days (Regulation (EU) 2022/2360). */
const SCA_DAYS = 180
export const nextScaDueAt = (consent: Consent): Temporal.Instant | null =>
  consent.detail.type === 'urn:bank:accounts:v1'
    ? (consent.lastScaAt?.add({ hours: 24 * SCA_DAYS }) ?? null)
    : null

/** RFC 9396 §7: what was asked, with what the customer decided; the partner reads it back. */
export const enriched = (consent: Consent): EnrichedDetail => {
  const decided = {
    consentId: consent.id,
    accounts: consent.accounts,
    expirationDateTime: consent.expiresAt.toString(),
  }
  const [account] = consent.accounts
  switch (consent.detail.type) {
    case 'urn:bank:accounts:v1':
      return { ...consent.detail, ...decided }
    case 'urn:bank:payment:v1':
      return { ...consent.detail, ...decided, debtorAccount: account }
    case 'urn:bank:card-issue:v1':
      return { ...consent.detail, ...decided, holderAccount: account }
  }
}
