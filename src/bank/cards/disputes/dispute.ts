/** A dispute over a card transaction: its states, its deadlines, and what is known of its evidence. Pure. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency, Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { AuthorizationId } from '../authorizations/authorization.ts'
import { MovementId } from '../authorizations/movement.ts'
import { CardId } from '../card.ts'

export const DisputeId = idOf('dispute')
export type DisputeId = z.output<typeof DisputeId>

export const DisputeStatus = z.enum([
  'opened',
  'submitted',
  'in_review',
  'won',
  'lost',
  'withdrawn',
  'expired',
])
export type DisputeStatus = z.output<typeof DisputeStatus>

export const DisputeReason = z.enum([
  'FRAUDULENT',
  'DUPLICATE',
  'NOT_RECEIVED',
  'NOT_AS_DESCRIBED',
  'CREDIT_NOT_PROCESSED',
  'AMOUNT_DIFFERS',
])
export type DisputeReason = z.output<typeof DisputeReason>

export const EvidenceKind = z.enum([
  'RECEIPT',
  'CORRESPONDENCE',
  'CANCELLATION',
  'DELIVERY',
  'STATEMENT_OF_HOLDER',
  'OTHER',
])

const Instant = z.instanceof(Temporal.Instant)

export const Dispute = z.object({
  id: DisputeId,
  partnerId: z.string(),
  cardId: CardId,
  transactionId: MovementId,
  authorizationId: AuthorizationId,
  status: DisputeStatus,
  reason: DisputeReason,
  amountMinor: z.bigint(),
  currency: Currency,
  evidenceDueAt: Instant,
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Dispute = z.output<typeof Dispute>

export const Evidence = z.object({
  sha256: z.string(),
  kind: EvidenceKind,
  mediaType: z.string(),
  sizeBytes: z.bigint(),
  givenAt: Instant,
})
export type Evidence = z.output<typeof Evidence>

export const disputeTransitionRefused = problem(
  'cards/dispute-transition-refused',
  409,
  'The dispute cannot change so',
)
export const disputeTooLate = problem(
  'cards/dispute-too-late',
  409,
  'The time for this dispute is over',
)

/** The published table. */
export const disputeTransitions: Readonly<Record<DisputeStatus, readonly DisputeStatus[]>> = {
  opened: ['submitted', 'withdrawn', 'expired'],
  submitted: ['in_review', 'withdrawn'],
  in_review: ['won', 'lost'],
  won: [],
  lost: [],
  withdrawn: [],
  expired: [],
}

/** A transaction is disputed within so many days of its clearing, and evidence comes within so many of the dispute. */
export const DISPUTE_DAYS = 120
export const EVIDENCE_DAYS = 20
export const EVIDENCE_MAX = 20

/** Such a dispute takes its part of the transaction: no other may have it too. */
export const takesPart: readonly DisputeStatus[] = ['opened', 'submitted', 'in_review', 'won']

/** What it is now: past its deadline, one that was never submitted has expired. No job is needed to say so. */
export const standingOf = (dispute: Dispute, now: Temporal.Instant): DisputeStatus =>
  dispute.status === 'opened' && Temporal.Instant.compare(now, dispute.evidenceDueAt) >= 0
    ? 'expired'
    : dispute.status

export const DisputeAction = z.enum(['submit', 'withdraw'])
export type DisputeAction = z.output<typeof DisputeAction>

/** What the scheme says. */
export const SchemeWord = z.enum(['in_review', 'won', 'lost'])
export type SchemeWord = z.output<typeof SchemeWord>

const goals = { submit: 'submitted', withdraw: 'withdrawn' } as const

export const disputeGoal = (action: DisputeAction): DisputeStatus => goals[action]

/** The dispute in another state; asking for the state that it has changes nothing. */
export const disputeAfter = (
  dispute: Dispute,
  status: DisputeStatus,
  { evidence, now }: { evidence: number; now: Temporal.Instant },
): Dispute => {
  const stands = standingOf(dispute, now)
  if (stands === status) return { ...dispute, status }
  if (!disputeTransitions[stands].includes(status))
    throw disputeTransitionRefused(`a dispute that is ${stands} does not become ${status}`)
  if (status === 'submitted' && evidence === 0)
    throw disputeTransitionRefused('a dispute is submitted with evidence')
  return { ...dispute, status, updatedAt: now }
}

export const disputeEventOf = {
  opened: 'cards.dispute-opened',
  submitted: 'cards.dispute-submitted',
  in_review: 'cards.dispute-reviewed',
  won: 'cards.dispute-won',
  lost: 'cards.dispute-lost',
  withdrawn: 'cards.dispute-withdrawn',
  expired: 'cards.dispute-expired',
} as const satisfies Record<DisputeStatus, string>

export const DisputeRequest = z.strictObject({
  transactionId: MovementId,
  reason: DisputeReason,
  amount: Money.refine(({ minor }) => minor > 0n, 'is not above zero'),
})
export type DisputeRequest = z.output<typeof DisputeRequest>

/** What a piece of evidence is. The document itself goes to the bank's dispute desk and is recognised by its hash. */
export const EvidenceRequest = z.strictObject({
  kind: EvidenceKind,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is a SHA-256 in hexadecimal'),
  mediaType: z.enum(['application/pdf', 'image/jpeg', 'image/png', 'text/plain']),
  sizeBytes: z.int().min(1).max(20_000_000),
})
export type EvidenceRequest = z.output<typeof EvidenceRequest>

export const DisputeStatusRequest = z.strictObject({ action: DisputeAction })

export const disputeJson = (
  dispute: Dispute,
  evidence: readonly Evidence[],
  now: Temporal.Instant,
) => ({
  disputeId: dispute.id,
  transactionId: dispute.transactionId,
  authorizationId: dispute.authorizationId,
  cardId: dispute.cardId,
  status: standingOf(dispute, now),
  reason: dispute.reason,
  amount: moneyJson({ minor: dispute.amountMinor, currency: dispute.currency }),
  evidence: evidence.map(({ sha256, kind, mediaType, sizeBytes, givenAt }) => ({
    sha256,
    kind,
    mediaType,
    sizeBytes: Number(sizeBytes),
    creationDateTime: givenAt.toString(),
  })),
  evidenceDueDateTime: dispute.evidenceDueAt.toString(),
  creationDateTime: dispute.createdAt.toString(),
  statusUpdateDateTime: dispute.updatedAt.toString(),
})
