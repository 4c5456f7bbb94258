/** A payment that was put on a loan, and where it went. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { type Parts } from './debt.ts'
import { type Loan, LoanRef, moneyOf, partsJson } from './loan.ts'
import { PayoffQuoteId } from './payoff-quote.ts'

export const RepaymentId = idOf('repayment')
export type RepaymentId = z.output<typeof RepaymentId>
/** As the payments room names them. */
export const PaymentId = idOf('payment')
export type PaymentId = z.output<typeof PaymentId>

export const Repayment = z.object({
  id: RepaymentId,
  loan: LoanRef,
  partnerId: z.string(),
  paymentId: PaymentId,
  payoffQuoteId: PayoffQuoteId.nullable(),
  amountMinor: z.bigint(),
  paidOn: z.instanceof(Temporal.PlainDate),
  feeMinor: z.bigint(),
  penaltyMinor: z.bigint(),
  interestMinor: z.bigint(),
  principalMinor: z.bigint(),
  excessMinor: z.bigint(),
  createdAt: z.instanceof(Temporal.Instant),
})
export type Repayment = z.output<typeof Repayment>

export const paymentUnfit = problem(
  'lending/payment-unfit',
  409,
  'The payment cannot be put on this loan',
)

export const RepaymentRequest = z.strictObject({
  paymentId: PaymentId,
  payoffQuoteId: PayoffQuoteId.optional(),
})
export type RepaymentRequest = z.output<typeof RepaymentRequest>

export const partsOf = (r: Repayment): Parts => ({
  fee: r.feeMinor,
  penalty: r.penaltyMinor,
  interest: r.interestMinor,
  principal: r.principalMinor,
})

export const repaymentJson = (repayment: Repayment, loan: Loan, loanId: string) => {
  const amount = moneyOf(loan.currency)
  return {
    repaymentId: repayment.id,
    loanId,
    amount: amount(repayment.amountMinor),
    paymentDate: repayment.paidOn.toString(),
    allocation: partsJson(partsOf(repayment), amount),
    excess: amount(repayment.excessMinor),
    ...(repayment.payoffQuoteId !== null && { payoffQuoteId: repayment.payoffQuoteId }),
    loanStatus: loan.status,
    creationDateTime: repayment.createdAt.toString(),
  }
}
