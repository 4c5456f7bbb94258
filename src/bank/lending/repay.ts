/** Repaying: what would end a loan, and putting a payment on it. */
import { type Work, work } from '#journal/index.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { actorOf, type Caller, notFound } from '../partner-call.ts'
import { getPayment } from '../payments/index.ts'
import type { BankWorld } from '../world.ts'
import { arrearsOf, repaid } from './debt.ts'
import { carry } from './carrier.ts'
import {
  debtOf,
  type Fund,
  isOpen,
  type Loan,
  loanNotOpen,
  type LoanRef,
  nextDueOf,
  paidDown,
} from './loan.ts'
import * as loans from './loan-store.ts'
import {
  dayByQuote,
  type PayoffQuote,
  type PayoffQuoteId,
  payoffQuoted,
  payoffQuoteStale,
} from './payoff-quote.ts'
import { payoutOf } from './payout.ts'
import {
  paymentUnfit,
  type Repayment,
  RepaymentId,
  repaymentJson,
  type RepaymentRequest,
} from './repayment.ts'
import * as store from './store.ts'

export const quotePayoff = async (
  { db, now, zone }: BankWorld,
  caller: Caller,
  { loanId, on }: { loanId: LoanRef; on: Temporal.PlainDate },
): Promise<{ quote: PayoffQuote; loan: Loan; fund: Fund }> =>
  work(db, actorOf(caller), now(), async (w) => {
    const { loan, debt } = await held(w, caller, loanId)
    const quote = payoffQuoted(loan, debt, on, { now: w.now, zone })
    await loans.addQuote(w, quote)
    await w.record('lending.payoff-quoted', loan.loanId, {
      partnerId: loan.partnerId,
      applicationId: loan.applicationId,
      payoffQuoteId: quote.id,
    })
    return { quote, loan, fund: await store.fund(w, loan.currency) }
  })

/** The loan with what is owed on it, held until the transaction ends. */
const held = async (w: Work, { partnerId }: Caller, loanId: LoanRef) => {
  const seen = await loans.find(w, partnerId, loanId)
  if (!seen) throw notFound()
  const loan = await loans.lock(w, seen.ref)
  const lines = (await loans.instalments(w, [loan.ref])).get(loan.ref) ?? []
  return { loan, debt: debtOf(loan, lines) }
}

interface Settled {
  readonly minor: bigint
  readonly on: Temporal.PlainDate
}

/**
 * Puts a payment of this partner on a loan, once. The customer approved it as any payment; here it is only said what
 * it was for, and it goes where the declared order says.
 */
export const createRepayment = async (
  bank: BankWorld,
  caller: Caller,
  { loanId, request }: { loanId: LoanRef; request: RepaymentRequest },
): Promise<{ repayment: Repayment; loan: Loan }> => {
  const known = await loans.find(bank.db, caller.partnerId, loanId)
  if (!known) throw notFound()
  const paid = await settledPayment(bank, caller, known, request.paymentId)
  const { repayment, loan, reference } = await work(
    bank.db,
    actorOf(caller),
    bank.now(),
    async (w) => {
      const { loan: before, debt } = await held(w, caller, loanId)
      const again = await loans.repaymentOfPayment(w, request.paymentId)
      if (again) return { ...sameAgain(again, before, request), reference: undefined }
      if (!isOpen(before)) throw loanNotOpen(`it is ${before.status}`)
      const on = await dayOf(w, before, paid, request.payoffQuoteId)
      const { debt: left, parts, excessMinor } = repaid(debt, paid.minor, on)
      const today = w.now.toZonedDateTimeISO(bank.zone).toPlainDate()
      const after: Loan = {
        ...paidDown(before, left, excessMinor, { on: paid.on, now: w.now }),
        nextDueOn: nextDueOf(left),
        bucket: arrearsOf(left, today).bucket,
      }
      const made: Repayment = {
        id: RepaymentId.next(),
        loan: before.ref,
        partnerId: caller.partnerId,
        paymentId: request.paymentId,
        payoffQuoteId: request.payoffQuoteId ?? null,
        amountMinor: paid.minor,
        paidOn: on,
        feeMinor: parts.fee,
        penaltyMinor: parts.penalty,
        interestMinor: parts.interest,
        principalMinor: parts.principal,
        excessMinor,
        createdAt: w.now,
      }
      if (!(await loans.addRepayment(w, made)))
        throw paymentUnfit('the payment was put on a loan at the same moment', { gate: 'partner' })
      await loans.replaceInstalments(w, before.ref, left.instalments)
      await loans.save(w, after)
      return { repayment: made, loan: after, reference: await recorded(w, before, after, made) }
    },
  )
  if (reference === undefined) return { repayment, loan }
  await carry(bank, reference)
  return { repayment, loan: await loans.get(bank.db, loan.ref) }
}

/** Says what happened; answers the reference of what has to be paid back. */
const recorded = async (
  w: Work,
  before: Loan,
  after: Loan,
  { id, excessMinor }: Repayment,
): Promise<string | undefined> => {
  const { loanId, partnerId, applicationId } = after
  const about = { partnerId, applicationId }
  await w.record('lending.repaid', loanId, { ...about, repaymentId: id })
  if (after.bucket !== before.bucket)
    await w.record('lending.arrears-changed', loanId, { ...about, bucket: after.bucket })
  if (after.status === 'closed_obligations_met')
    await w.record('lending.loan-closed', loanId, about)
  if (after.status !== 'overpaid') return undefined
  const payout = payoutOf(after, 'overpayment', excessMinor, w.now)
  await loans.addPayout(w, payout)
  await w.record('lending.loan-overpaid', loanId, about)
  return payout.reference
}

/** Told again it is the same repayment; a payment that was put on another loan stays there. */
const sameAgain = (repayment: Repayment, loan: Loan, { payoffQuoteId }: RepaymentRequest) => {
  if (repayment.loan !== loan.ref || repayment.payoffQuoteId !== (payoffQuoteId ?? null))
    throw paymentUnfit('the payment was put on a loan before', { gate: 'partner' })
  return { repayment, loan }
}

/** What the payment brought and when, where it is one to the account that this loan is repaid to. */
const settledPayment = async (
  bank: BankWorld,
  caller: Caller,
  loan: Loan,
  paymentId: RepaymentRequest['paymentId'],
): Promise<Settled> => {
  const payment = await getPayment(bank, caller, paymentId)
  const fund = await store.fund(bank.db, loan.currency)
  if (payment.creditorNumber !== fund.number || payment.creditorBank !== fund.bankCode)
    throw paymentUnfit('it was paid to another account', { gate: 'partner' })
  if (payment.currency !== loan.currency)
    throw paymentUnfit(`the loan is in ${loan.currency}`, { gate: 'partner' })
  if (payment.status !== 'ACSC' && payment.status !== 'ACCC')
    throw paymentUnfit(`it is ${payment.status} and not settled`, { gate: 'partner' })
  return {
    minor: payment.amountMinor,
    on: payment.updatedAt.toZonedDateTimeISO(bank.zone).toPlainDate(),
  }
}

/** The day that a payment counts for: its own, or that of the quote that it fulfils. */
const dayOf = async (
  w: Work,
  loan: Loan,
  paid: Settled,
  quoteId: PayoffQuoteId | undefined,
): Promise<Temporal.PlainDate> => {
  if (quoteId === undefined)
    // Money was not owed before the loan was there.
    return loan.startedOn && Temporal.PlainDate.compare(paid.on, loan.startedOn) < 0
      ? loan.startedOn
      : paid.on
  const quote = await loans.quote(w, loan.ref, quoteId)
  if (!quote) throw payoffQuoteStale('this loan has no such quote')
  return dayByQuote(quote, loan, paid)
}

/** Of a loan that this partner brought, newest first. */
export const listRepayments = async (
  { db, keys }: BankWorld,
  { partnerId }: Caller,
  { loanId, limit, cursor }: { loanId: LoanRef; limit: number; cursor?: string | undefined },
) => {
  const loan = await loans.find(db, partnerId, loanId)
  if (!loan) throw notFound()
  const place = ['repayments', partnerId, loanId]
  const before = cursor === undefined ? undefined : openCursor(keys, place, cursor)
  const found = await loans.repayments(db, {
    loan: loan.ref,
    limit: limit + 1,
    ...(before !== undefined && { before }),
  })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    data: page.map((repayment) => repaymentJson(repayment, loan, loanId)),
    next: found.length > limit && last ? sealCursor(keys, place, last.id) : null,
  }
}
