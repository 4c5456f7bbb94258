import { z } from 'zod'
import type { Entry } from '#journal/index.ts'

/** Lines of the journal that the partner whom they are about may hear of. */
const visible: ReadonlySet<string> = new Set([
  'consents.revoked',
  'payments.settled',
  'payments.rejected',
  'payments.scheduled',
  'payments.cancelled',
  'payments.payment-refund-settled',
  'payments.recall-created',
  'payments.recall-received',
  'payments.recall-accepted',
  'payments.recall-rejected',
  'payments.return-settled',
  'payments.standing-completed',
  'payments.standing-cancelled',
  'payments.mandate-revoked',
  'payments.leg-paid',
  'payments.leg-refused',
  'payments.refund-settled',
  'payments.bulk-completed',
  'payments.sub-merchant-verified',
  'payments.sub-merchant-rejected',
  'payments.reconciliation-differs',
  'cards.issued',
  'cards.activated',
  'cards.suspended',
  'cards.resumed',
  'cards.lost',
  'cards.stolen',
  'cards.expired',
  'cards.closed',
  'cards.shipping-changed',
  'cards.controls-changed',
  'cards.programme-approved',
  'cards.programme-suspended',
  'cards.programme-resumed',
  'cards.programme-closed',
  'cards.cardholder-verified',
  'cards.cardholder-blocked',
  'cards.authorization-approved',
  'cards.authorization-declined',
  'cards.authorization-timed-out',
  'cards.authorization-cleared',
  'cards.authorization-reversed',
  'cards.authorization-expired',
  'cards.authorization-refunded',
  'cards.dispute-won',
  'cards.dispute-lost',
  'cards.dispute-expired',
  'fx.funds-reserved',
  'fx.conversion-settled',
  'fx.conversion-failed',
  'fx.conversion-unwound',
  'kyc.verification-verified',
  'kyc.verification-rejected',
  'kyc.verification-expired',
  'lending.decided',
  'lending.expired',
  'lending.loan-disbursed',
  'lending.loan-rejected',
  'lending.arrears-changed',
  'lending.loan-closed',
])

/** Thin: it names what changed. The partner fetches the rest, so that consent and release still decide. */
export interface Event {
  readonly id: string
  readonly seq: bigint
  readonly type: string
  readonly subject: string
  readonly partnerId: string
  readonly applicationId: string | undefined
  readonly happenedAt: Temporal.Instant
}

const About = z.object({ partnerId: z.string(), applicationId: z.string().optional() })

/** The event that a line is; undefined for a line that is no partner's. Its id is the line's own: 128 bits of its hash. */
export const eventOf = (entry: Entry): Event | undefined => {
  const about = About.safeParse(entry.data)
  if (!visible.has(entry.event) || !about.success) return undefined
  const { seq, event: type, subject } = entry
  return {
    id: `event_${Buffer.from(entry.hash).toString('hex', 0, 16)}`,
    seq,
    type,
    subject,
    partnerId: about.data.partnerId,
    applicationId: about.data.applicationId,
    happenedAt: Temporal.Instant.from(entry.at),
  }
}
