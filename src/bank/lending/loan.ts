/** Money lent: its states, and what may be told of it. What is owed on it is `debt.ts`. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, type Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { percentOfPpm } from './annual-percentage-rate.ts'
import { LoanApplicationId } from './application.ts'
import { DayCount } from './day-count.ts'
import {
  ALLOCATION_ORDER,
  type arrearsOf,
  Bucket,
  type Debt,
  type Instalment,
  isPaidOff,
  outstandingOf,
  owedOf,
  type Parts,
  sumOf,
} from './debt.ts'
import { OfferId } from './offer.ts'
import { ProductId, ROUNDING } from './product.ts'
import { RepaymentMethod } from './schedule.ts'

/** The bank's own name for a loan. Partners know it by a name of their own, which has the same shape. */
export const LoanRef = idOf('loan')
export type LoanRef = z.output<typeof LoanRef>

/** As Apache Fineract names the life of a loan. */
export const LoanStatus = z.enum([
  'submitted',
  'approved',
  'active',
  'withdrawn',
  'rejected',
  'closed_obligations_met',
  'written_off',
  'rescheduled',
  'overpaid',
])
export type LoanStatus = z.output<typeof LoanStatus>

/** The published table: nothing goes back. `rescheduled` and `written_off` are the bank's own acts. */
export const loanTransitions: Readonly<Record<LoanStatus, readonly LoanStatus[]>> = {
  submitted: ['approved', 'withdrawn', 'rejected'],
  approved: ['active', 'withdrawn', 'rejected'],
  active: ['rescheduled', 'overpaid', 'closed_obligations_met', 'written_off'],
  rescheduled: ['overpaid', 'closed_obligations_met', 'written_off'],
  overpaid: ['closed_obligations_met'],
  closed_obligations_met: [],
  withdrawn: [],
  rejected: [],
  written_off: [],
}

const Instant = z.instanceof(Temporal.Instant)
const Day = z.instanceof(Temporal.PlainDate)

export const Loan = z.object({
  ref: LoanRef,
  loanId: LoanRef,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  offerId: OfferId,
  application: LoanApplicationId,
  customerRef: z.string(),
  productId: ProductId,
  accountRef: z.string(),
  principalMinor: z.bigint(),
  currency: Currency,
  ratePpm: z.bigint(),
  penaltyPpm: z.bigint(),
  method: RepaymentMethod,
  dayCount: DayCount,
  feeMinor: z.bigint(),
  status: LoanStatus,
  reasonCode: z.string().nullable(),
  startedOn: Day.nullable(),
  closedOn: Day.nullable(),
  excessMinor: z.bigint(),
  bucket: Bucket,
  nextDueOn: Day.nullable(),
  version: z.int(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Loan = z.output<typeof Loan>

export const loanNotOpen = problem(
  'lending/loan-not-open',
  409,
  'The loan takes no repayments in its present state',
)

const moved = (loan: Loan, status: LoanStatus, now: Temporal.Instant): Loan => {
  assert(
    loanTransitions[loan.status].includes(status),
    `a loan does not go from ${loan.status} to ${status}`,
  )
  return { ...loan, status, updatedAt: now }
}

export const isOpen = ({ status }: Loan) => status === 'active' || status === 'rescheduled'

/** The money has arrived: from here on it bears interest. */
export const disbursed = (loan: Loan, on: Temporal.PlainDate, now: Temporal.Instant): Loan => ({
  ...moved(loan, 'active', now),
  startedOn: on,
})

export const notDisbursed = (loan: Loan, reasonCode: string, now: Temporal.Instant): Loan => ({
  ...moved(loan, 'rejected', now),
  reasonCode,
})

/** The loan as a repayment leaves it. */
export const paidDown = (
  loan: Loan,
  debt: Debt,
  excessMinor: bigint,
  { on, now }: { on: Temporal.PlainDate; now: Temporal.Instant },
): Loan => {
  const changed = { ...loan, excessMinor, version: loan.version + 1, updatedAt: now }
  if (!isPaidOff(debt)) {
    assert(excessMinor === 0n, 'nothing is left over while something is owed')
    return changed
  }
  return excessMinor > 0n
    ? moved(changed, 'overpaid', now)
    : { ...moved(changed, 'closed_obligations_met', now), closedOn: on }
}

/** What was paid beyond the debt is back with the borrower. */
export const settled = (loan: Loan, on: Temporal.PlainDate, now: Temporal.Instant): Loan => ({
  ...moved(loan, 'closed_obligations_met', now),
  closedOn: on,
})

export const debtOf = (loan: Loan, instalments: readonly Instalment[]): Debt => ({
  ratePpm: loan.ratePpm,
  penaltyPpm: loan.penaltyPpm,
  method: loan.method,
  dayCount: loan.dayCount,
  instalments,
})

/** Day of the oldest line that is not paid in full. */
export const nextDueOf = ({ instalments }: Debt): Temporal.PlainDate | null =>
  instalments.find((row) => sumOf(owedOf(row)) > 0n)?.dueOn ?? null

/** Where a loan is paid back to. */
export const Fund = z.object({
  currency: Currency,
  accountRef: z.string(),
  number: z.string(),
  bankCode: z.string(),
  name: z.string(),
})
export type Fund = z.output<typeof Fund>

export const fundJson = (fund: Fund) => ({
  schemeName: 'UZ.AccountNumber',
  identification: fund.number,
  bankCode: fund.bankCode,
  name: fund.name,
})

/** Where money went, or is to go. */
export const partsJson = (parts: Parts, json: (minor: bigint) => ReturnType<typeof moneyJson>) => ({
  fees: json(parts.fee),
  penaltyInterest: json(parts.penalty),
  interest: json(parts.interest),
  principal: json(parts.principal),
})

export const moneyOf = (currency: Money['currency']) => (minor: bigint) =>
  moneyJson({ minor, currency })

/** `loanId` is the partner's name for it. */
export const loanJson = (
  loan: Loan,
  debt: Debt,
  { fund, loanId, today }: { fund: Fund; loanId: string; today: Temporal.PlainDate },
) => {
  const amount = moneyOf(loan.currency)
  // What is late is told by the arrears alone (O33).
  const next = debt.instalments.find(
    (row) => Temporal.PlainDate.compare(row.dueOn, today) >= 0 && sumOf(owedOf(row)) > 0n,
  )
  const matures = debt.instalments.at(-1)?.dueOn
  return {
    loanId,
    status: loan.status,
    ...(loan.reasonCode !== null && { statusReason: loan.reasonCode }),
    productId: loan.productId,
    principal: amount(loan.principalMinor),
    outstandingPrincipal: amount(outstandingOf(debt)),
    annualRate: percentOfPpm(loan.ratePpm),
    penaltyRate: percentOfPpm(loan.penaltyPpm),
    repaymentMethod: loan.method,
    dayCount: loan.dayCount,
    rounding: ROUNDING,
    allocationOrder: ALLOCATION_ORDER,
    ...(loan.startedOn !== null && { startDate: loan.startedOn.toString() }),
    ...(matures !== undefined && { maturityDate: matures.toString() }),
    ...(loan.closedOn !== null && { closingDate: loan.closedOn.toString() }),
    ...(next !== undefined && {
      nextInstalment: { dueDate: next.dueOn.toString(), amount: amount(sumOf(owedOf(next))) },
    }),
    repaymentAccount: fundJson(fund),
    creationDateTime: loan.createdAt.toString(),
    statusUpdateDateTime: loan.updatedAt.toString(),
  }
}

/** What of a loan its own partner hears at once: a name for it and where it stands. */
export const briefJson = (loan: Loan) => ({
  loanId: loan.loanId,
  offerId: loan.offerId,
  status: loan.status,
  ...(loan.reasonCode !== null && { statusReason: loan.reasonCode }),
  principal: moneyOf(loan.currency)(loan.principalMinor),
  creationDateTime: loan.createdAt.toString(),
  statusUpdateDateTime: loan.updatedAt.toString(),
})

const stateOf = (row: Instalment, on: Temporal.PlainDate) => {
  if (sumOf(owedOf(row)) === 0n) return 'paid'
  return Temporal.PlainDate.compare(row.dueOn, on) < 0 ? 'overdue' : 'open'
}

export const scheduleJson = (loan: Loan, { instalments }: Debt, on: Temporal.PlainDate) => {
  const amount = moneyOf(loan.currency)
  let balance = loan.principalMinor
  return instalments.map((row, at) => {
    balance -= row.principalMinor
    return {
      number: at + 1,
      kind: row.kind,
      dueDate: row.dueOn.toString(),
      status: stateOf(row, on),
      fee: amount(row.feeMinor),
      interest: amount(row.interestMinor),
      principal: amount(row.principalMinor),
      total: amount(row.feeMinor + row.interestMinor + row.principalMinor),
      balance: amount(balance),
    }
  })
}

export const arrearsJson = (
  loan: Loan,
  { daysPastDue, bucket, overdue, since }: ReturnType<typeof arrearsOf>,
  loanId: string,
) => ({
  loanId,
  daysPastDue,
  bucket,
  ...(since !== null && { since: since.toString() }),
  overdue: {
    ...partsJson(overdue, moneyOf(loan.currency)),
    total: moneyOf(loan.currency)(sumOf(overdue)),
  },
})
