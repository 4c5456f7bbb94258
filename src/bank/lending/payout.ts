/** Money that the bank sends for a loan. It is written before it is sent, and asked after by its own reference. */
import { z } from 'zod'
import type { CoreAccount, TransferOrder, TransferOutcome } from '../cores/core.ts'
import { newReference } from '../reference.ts'
import { type Fund, type Loan, LoanRef } from './loan.ts'

const Instant = z.instanceof(Temporal.Instant)

export const Payout = z.object({
  reference: z.string(),
  loan: LoanRef,
  partnerId: z.string(),
  /** The loan itself, or what was paid beyond it. */
  purpose: z.enum(['disbursement', 'overpayment']),
  amountMinor: z.bigint(),
  status: z.enum(['written', 'accepted', 'booked', 'rejected']),
  reasonCode: z.string().nullable(),
  tries: z.int(),
  nextAt: Instant,
  createdAt: Instant,
})
export type Payout = z.output<typeof Payout>

/** While one process sends, no other looks after it. */
export const LEASE_SECONDS = 30
const DELAY_SECONDS_MAX = 60
const ACCEPTED_SECONDS = 10

export const payoutOf = (
  { ref, partnerId }: Loan,
  purpose: Payout['purpose'],
  amountMinor: bigint,
  now: Temporal.Instant,
): Payout => ({
  reference: newReference(),
  loan: ref,
  partnerId,
  purpose,
  amountMinor,
  status: 'written',
  reasonCode: null,
  tries: 0,
  nextAt: now.add({ seconds: LEASE_SECONDS }),
  createdAt: now,
})

export const isOpen = ({ status }: Payout) => status === 'written' || status === 'accepted'

const texts: Readonly<Record<Payout['purpose'], string>> = {
  disbursement: 'Loan',
  overpayment: 'Loan overpayment',
}

export const orderOf = (
  payout: Payout,
  { currency }: Loan,
  fund: Fund,
  creditor: { readonly account: CoreAccount; readonly name: string },
): TransferOrder => ({
  reference: payout.reference,
  debtor: fund.accountRef,
  creditor: {
    number: creditor.account.number,
    bankCode: creditor.account.bankCode,
    name: creditor.name,
  },
  amount: { minor: payout.amountMinor, currency },
  text: texts[payout.purpose],
})

/** What the core said, as the payout keeps it. */
export const told = (
  payout: Payout,
  outcome: Exclude<TransferOutcome, { status: 'unknown' }>,
  now: Temporal.Instant,
): Payout => ({
  ...payout,
  status: outcome.status,
  reasonCode: outcome.status === 'rejected' ? outcome.reasonCode : null,
  nextAt: now.add({ seconds: ACCEPTED_SECONDS }),
})

/** Nothing was said: asked again after 1 s, 2, 4 … a minute. */
export const waiting = (payout: Payout, now: Temporal.Instant): Payout => ({
  ...payout,
  tries: payout.tries + 1,
  nextAt: now.add({ seconds: Math.min(2 ** payout.tries, DELAY_SECONDS_MAX) }),
})

/** What the core has never heard of after a day is not sent any more: the borrower has gone elsewhere by then. */
const SENDABLE_HOURS = 24
export const isTooOldToSend = ({ createdAt, purpose }: Payout, now: Temporal.Instant): boolean =>
  purpose === 'disbursement' &&
  Temporal.Instant.compare(createdAt.add({ hours: SENDABLE_HOURS }), now) < 0

export const notSent = { status: 'rejected', reasonCode: 'MS03' } as const
