/** What would end a loan on a day, to the minor unit. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { PlainDate } from '#kernel/time.ts'
import { type Debt, type Parts, payoffOf, sumOf } from './debt.ts'
import {
  type Fund,
  fundJson,
  isOpen,
  type Loan,
  loanNotOpen,
  LoanRef,
  moneyOf,
  partsJson,
} from './loan.ts'

const Instant = z.instanceof(Temporal.Instant)
const Day = z.instanceof(Temporal.PlainDate)

export const PayoffQuoteId = idOf('payoff')
export type PayoffQuoteId = z.output<typeof PayoffQuoteId>

export const PayoffQuote = z.object({
  id: PayoffQuoteId,
  loan: LoanRef,
  partnerId: z.string(),
  payoffOn: Day,
  feeMinor: z.bigint(),
  penaltyMinor: z.bigint(),
  interestMinor: z.bigint(),
  principalMinor: z.bigint(),
  loanVersion: z.int(),
  validUntil: Instant,
  createdAt: Instant,
})
export type PayoffQuote = z.output<typeof PayoffQuote>

export const payoffDateInvalid = problem(
  'lending/payoff-date-invalid',
  400,
  'A pay-off is quoted for today or one of the next thirty days',
)
export const payoffQuoteStale = problem(
  'lending/payoff-quote-stale',
  409,
  'The pay-off quote no longer holds',
)

export const partsOfQuote = (quote: PayoffQuote): Parts => ({
  fee: quote.feeMinor,
  penalty: quote.penaltyMinor,
  interest: quote.interestMinor,
  principal: quote.principalMinor,
})

const PAYOFF_DAYS_AHEAD = 30

/** What would end the loan on a day. It holds to the end of that day, unless the loan is repaid in part before. */
export const payoffQuoted = (
  loan: Loan,
  debt: Debt,
  on: Temporal.PlainDate,
  { now, zone }: { now: Temporal.Instant; zone: string },
): PayoffQuote => {
  if (!isOpen(loan)) throw loanNotOpen(`it is ${loan.status}`)
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  const ahead = today.until(on).days
  if (ahead < 0 || ahead > PAYOFF_DAYS_AHEAD)
    throw payoffDateInvalid(`${on.toString()} is not one of them`, { gate: 'partner' })
  const { fee, penalty, interest, principal } = payoffOf(debt, on)
  return {
    id: PayoffQuoteId.next(),
    loan: loan.ref,
    partnerId: loan.partnerId,
    payoffOn: on,
    feeMinor: fee,
    penaltyMinor: penalty,
    interestMinor: interest,
    principalMinor: principal,
    loanVersion: loan.version,
    validUntil: on.add({ days: 1 }).toZonedDateTime(zone).toInstant(),
    createdAt: now,
  }
}

/** The day that a payment counts for: that of the quote that it fulfils. */
export const dayByQuote = (
  quote: PayoffQuote,
  loan: Loan,
  paid: { readonly on: Temporal.PlainDate; readonly minor: bigint },
): Temporal.PlainDate => {
  if (quote.loanVersion !== loan.version)
    throw payoffQuoteStale('the loan was repaid in part since; repay without the quote')
  if (Temporal.PlainDate.compare(paid.on, quote.payoffOn) > 0)
    throw payoffQuoteStale(`it was for ${quote.payoffOn.toString()}; repay without the quote`)
  if (paid.minor !== sumOf(partsOfQuote(quote)))
    throw payoffQuoteStale('the payment is not of the quoted amount; repay without the quote')
  return quote.payoffOn
}

export const payoffQuoteJson = (quote: PayoffQuote, loan: Loan, fund: Fund) => {
  const amount = moneyOf(loan.currency)
  return {
    payoffQuoteId: quote.id,
    loanId: loan.loanId,
    payoffDate: quote.payoffOn.toString(),
    amount: amount(sumOf(partsOfQuote(quote))),
    parts: partsJson(partsOfQuote(quote), amount),
    validUntil: quote.validUntil.toString(),
    repaymentAccount: fundJson(fund),
    creationDateTime: quote.createdAt.toString(),
  }
}

export const PayoffQuoteRequest = z.strictObject({ payoffDate: PlainDate })
