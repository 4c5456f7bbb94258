/**
 * One movement of money. It is written before it is sent and sent under a reference of its own, so that whatever
 * gets lost on the way is asked for by that reference, and nothing is sent twice.
 */
import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { TransferOrder, TransferOutcome } from '../cores/core.ts'
import { newReference } from '../reference.ts'

const Instant = z.instanceof(Temporal.Instant)

export const Transfer = z.object({
  reference: z.string(),
  partnerId: z.string(),
  /** Whose outcome it is: of a payment, of a leg that is released or taken back, of a refund, of what a payment gave back. */
  purpose: z.enum(['payment', 'leg', 'reversal', 'refund', 'repayment']),
  paymentId: z.string().nullable(),
  splitId: z.string().nullable(),
  legId: z.string().nullable(),
  refundId: z.string().nullable(),
  repaymentId: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  debtorRef: z.string(),
  creditorNumber: z.string(),
  creditorBank: z.string(),
  creditorName: z.string(),
  amountMinor: z.bigint(),
  currency: Currency,
  text: z.string(),
  status: z.enum(['written', 'accepted', 'booked', 'rejected']),
  reasonCode: z.string().nullable(),
  tries: z.number(),
  nextAt: Instant,
  createdAt: Instant,
  updatedAt: Instant,
})
export type Transfer = z.output<typeof Transfer>

type Written = Pick<
  Transfer,
  | 'partnerId'
  | 'purpose'
  | 'debtorRef'
  | 'creditorNumber'
  | 'creditorBank'
  | 'creditorName'
  | 'amountMinor'
  | 'currency'
  | 'text'
> &
  Partial<Transfer>

/** A new transfer under a new reference, which whoever writes it sends at once. */
export const written = (transfer: Written, now: Temporal.Instant): Transfer => ({
  reference: newReference(),
  paymentId: null,
  splitId: null,
  legId: null,
  refundId: null,
  repaymentId: null,
  idempotencyKey: null,
  status: 'written',
  reasonCode: null,
  tries: 0,
  nextAt: now.add({ seconds: LEASE_SECONDS }),
  createdAt: now,
  updatedAt: now,
  ...transfer,
})

export const isOpen = ({ status }: Transfer) => status === 'written' || status === 'accepted'

export const orderOf = (t: Transfer): TransferOrder => ({
  reference: t.reference,
  debtor: t.debtorRef,
  creditor: { number: t.creditorNumber, bankCode: t.creditorBank, name: t.creditorName },
  amount: { minor: t.amountMinor, currency: t.currency },
  text: t.text,
})

/** What the core said, as the transfer keeps it. An open transfer only goes on; a final one stays. */
export const told = (
  t: Transfer,
  outcome: Exclude<TransferOutcome, { status: 'unknown' }>,
  now: Temporal.Instant,
): Transfer => ({
  ...t,
  status: outcome.status,
  reasonCode: outcome.status === 'rejected' ? outcome.reasonCode : null,
  nextAt: now.add({ seconds: ACCEPTED_SECONDS }),
  updatedAt: now,
})

/** An order that another bank or the clearing still has to book is asked after so often. */
const ACCEPTED_SECONDS = 10
const DELAY_SECONDS_MAX = 60

/** While one process sends, no other looks after the transfer. */
export const LEASE_SECONDS = 30

/** When to ask again: after 1 s, 2, 4 … a minute; later where the core itself says when it opens. */
export const askAgainAt = (
  tries: number,
  now: Temporal.Instant,
  coreOpensInSeconds = 0,
): Temporal.Instant =>
  now.add({ seconds: Math.max(Math.min(2 ** tries, DELAY_SECONDS_MAX), coreOpensInSeconds) })

/** What the core has never heard of after a day is not sent any more: by then nobody expects it. */
const SENDABLE_HOURS = 24
export const isTooOldToSend = (t: Transfer, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(t.createdAt.add({ hours: SENDABLE_HOURS }), now) < 0

export const notSent: TransferOutcome = { status: 'rejected', reasonCode: 'MS03' }
