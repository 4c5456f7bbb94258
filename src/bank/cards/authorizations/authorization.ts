/** An authorization: what a card was asked for, who decided it, and where its money stands. Pure. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { CardId } from '../card.ts'
import { Channel, Country, Mcc } from '../controls/controls.ts'
import { ProgrammeId, type StandIn } from '../programmes/programme.ts'

export const AuthorizationId = idOf('authorization')
export type AuthorizationId = z.output<typeof AuthorizationId>

export const AuthorizationStatus = z.enum(['pending', 'closed', 'reversed', 'expired'])
export type AuthorizationStatus = z.output<typeof AuthorizationStatus>

export const DeclineReason = z.enum([
  'CARD_NOT_ACTIVE',
  'CARD_EXPIRED',
  'CARDHOLDER_NOT_ACTIVE',
  'PROGRAMME_NOT_LIVE',
  'CURRENCY_DIFFERS',
  'NO_FUNDING_ACCOUNT',
  'CHANNEL_BLOCKED',
  'COUNTRY_BLOCKED',
  'CATEGORY_BLOCKED',
  'LIMIT_EXCEEDED',
  'PARTIAL_NOT_TAKEN',
  'PARTNER_DECLINED',
  'STAND_IN_DECLINED',
  'INSUFFICIENT_FUNDS',
  'ACCOUNT_REFUSED',
  'CORE_UNAVAILABLE',
])
export type DeclineReason = z.output<typeof DeclineReason>

export const DecidedBy = z.enum(['controls', 'partner', 'stand_in', 'core'])
export type DecidedBy = z.output<typeof DecidedBy>

export const Merchant = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(40)
    .regex(/^\P{Cc}+$/u, 'holds control characters'),
  mcc: Mcc,
  country: Country,
})
export type Merchant = z.output<typeof Merchant>

const Instant = z.instanceof(Temporal.Instant)

export const Authorization = z.object({
  id: AuthorizationId,
  partnerId: z.string(),
  cardId: CardId,
  programmeId: ProgrammeId,
  networkReference: z.string(),
  bodySha256: z.string(),
  status: AuthorizationStatus,
  approved: z.boolean().nullable(),
  decidedBy: DecidedBy.nullable(),
  declineReason: DeclineReason.nullable(),
  currency: Currency,
  requestedMinor: z.bigint(),
  reservedMinor: z.bigint(),
  approvedMinor: z.bigint(),
  heldMinor: z.bigint(),
  clearedMinor: z.bigint(),
  releasedMinor: z.bigint(),
  merchant: Merchant,
  channel: Channel,
  partialApproval: z.boolean(),
  partnerTimedOut: z.boolean(),
  holdReference: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  updatedAt: Instant,
})
export type Authorization = z.output<typeof Authorization>

export const authorizationTransitionRefused = problem(
  'cards/authorization-transition-refused',
  409,
  'The authorization cannot change so',
)
export const amountExceeded = problem(
  'cards/amount-exceeded',
  409,
  'The amount is more than is left',
)
export const authorizationOpen = problem(
  'cards/authorization-open',
  409,
  'The authorization is still being decided',
)

/** The published table: what ended stays ended. */
export const authorizationTransitions: Readonly<
  Record<AuthorizationStatus, readonly AuthorizationStatus[]>
> = {
  pending: ['closed', 'reversed', 'expired'],
  closed: [],
  reversed: [],
  expired: [],
}

/** A merchant has so long to clear what it holds. */
export const HOLD_DAYS = 7

/** What the network asks for: the same `networkReference` is the same question. */
export interface Presentment {
  readonly partnerId: string
  readonly cardId: CardId
  readonly amount: Money
  readonly merchant: Merchant
  readonly channel: z.output<typeof Channel>
  readonly partialApproval: boolean
  readonly networkReference: string
  readonly bodySha256: string
}

export type Decision =
  | { readonly approved: true; readonly minor: bigint; readonly by: DecidedBy }
  | { readonly approved: false; readonly why: DeclineReason; readonly by: DecidedBy }

const balanced = (a: Authorization): Authorization => {
  assert(
    a.approvedMinor === a.heldMinor + a.clearedMinor + a.releasedMinor,
    'held, cleared and released are what was approved',
  )
  return a
}

/** The authorization once it is decided; it is decided once. */
export const decided = (
  a: Authorization,
  decision: Decision,
  now: Temporal.Instant,
): Authorization => {
  assert(a.approved === null && a.status === 'pending', 'an authorization is decided once')
  const open = { ...a, reservedMinor: 0n, decidedBy: decision.by, updatedAt: now }
  if (!decision.approved)
    return { ...open, approved: false, status: 'closed', declineReason: decision.why }
  assert(
    decision.minor > 0n && decision.minor <= a.requestedMinor,
    'no more is approved than was asked for',
  )
  return balanced({
    ...open,
    approved: true,
    approvedMinor: decision.minor,
    heldMinor: decision.minor,
  })
}

const stillOpen = (a: Authorization, what: string): void => {
  if (a.approved === null) throw authorizationOpen('ask again when it is decided')
  if (a.status !== 'pending' || a.approved !== true)
    throw authorizationTransitionRefused(`an authorization that is ${a.status} is not ${what}`)
}

/** Part of it is cleared; with the last part, what is still held is given back. */
export const cleared = (
  a: Authorization,
  minor: bigint,
  final: boolean,
  now: Temporal.Instant,
): Authorization => {
  stillOpen(a, 'cleared')
  if (minor > a.heldMinor) throw amountExceeded('more is cleared than is held')
  const left = a.heldMinor - minor
  const ends = final || left === 0n
  return balanced({
    ...a,
    clearedMinor: a.clearedMinor + minor,
    heldMinor: ends ? 0n : left,
    releasedMinor: a.releasedMinor + (ends ? left : 0n),
    status: ends ? 'closed' : 'pending',
    updatedAt: now,
  })
}

/** Part of it, or all that is left, is given back by the merchant. */
export const reversed = (
  a: Authorization,
  minor: bigint | undefined,
  now: Temporal.Instant,
): Authorization => {
  stillOpen(a, 'reversed')
  const given = minor ?? a.heldMinor
  if (given > a.heldMinor) throw amountExceeded('more is given back than is held')
  const left = a.heldMinor - given
  const end = a.clearedMinor > 0n ? 'closed' : 'reversed'
  return balanced({
    ...a,
    heldMinor: left,
    releasedMinor: a.releasedMinor + given,
    status: left === 0n ? end : 'pending',
    updatedAt: now,
  })
}

/** The merchant's time is over: what is held is given back. */
export const expired = (a: Authorization, now: Temporal.Instant): Authorization => {
  stillOpen(a, 'expired')
  return balanced({
    ...a,
    heldMinor: 0n,
    releasedMinor: a.releasedMinor + a.heldMinor,
    status: a.clearedMinor > 0n ? 'closed' : 'expired',
    updatedAt: now,
  })
}

/** What came of asking the partner. */
export type PartnerWord =
  | { readonly word: 'not-asked' }
  | { readonly word: 'approve'; readonly minor?: bigint }
  | { readonly word: 'decline' }
  /** Late, unreachable, or an answer that is none. */
  | { readonly word: 'silent'; readonly late: boolean }

/** The partner may decline or lower, never raise; where it is silent, the programme's stand-in rules speak (O29). */
export const settledBy = (
  word: PartnerWord,
  a: Pick<Authorization, 'requestedMinor' | 'currency' | 'partialApproval'>,
  room: bigint,
  standIn: StandIn,
): Decision => {
  const take = (minor: bigint, by: DecidedBy): Decision => {
    if (minor <= 0n) return { approved: false, why: 'PARTNER_DECLINED', by }
    return minor < a.requestedMinor && !a.partialApproval
      ? { approved: false, why: 'PARTIAL_NOT_TAKEN', by }
      : { approved: true, minor, by }
  }
  switch (word.word) {
    case 'not-asked':
      return take(room, 'controls')
    case 'decline':
      return { approved: false, why: 'PARTNER_DECLINED', by: 'partner' }
    case 'approve':
      return take(word.minor !== undefined && word.minor < room ? word.minor : room, 'partner')
    case 'silent': {
      const bound = standIn.approveUpTo.find(({ currency }) => currency === a.currency)?.minor ?? 0n
      return room <= bound
        ? take(room, 'stand_in')
        : { approved: false, why: 'STAND_IN_DECLINED', by: 'stand_in' }
    }
  }
}

export const authorizationJson = (a: Authorization) => {
  const amount = (minor: bigint) => moneyJson({ minor, currency: a.currency })
  assert(a.approved !== null && a.decidedBy !== null, 'what is told is decided')
  return {
    authorizationId: a.id,
    cardId: a.cardId,
    programmeId: a.programmeId,
    status: a.status,
    approved: a.approved,
    decidedBy: a.decidedBy,
    requestedAmount: amount(a.requestedMinor),
    approvedAmount: amount(a.approvedMinor),
    heldAmount: amount(a.heldMinor),
    clearedAmount: amount(a.clearedMinor),
    releasedAmount: amount(a.releasedMinor),
    merchant: a.merchant,
    channel: a.channel,
    partnerTimedOut: a.partnerTimedOut,
    creationDateTime: a.createdAt.toString(),
    statusUpdateDateTime: a.updatedAt.toString(),
    expirationDateTime: a.expiresAt.toString(),
    ...(a.declineReason !== null && { declineReason: a.declineReason }),
  }
}

export const AuthorizationsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
  cardId: CardId.optional(),
  status: AuthorizationStatus.optional(),
})
export type AuthorizationsQuery = z.output<typeof AuthorizationsQuery>
