/** What a borrower owes on a day, and what a payment does to it. Days are the bank's; nothing here knows a clock. */
import { assert } from '#kernel/assert.ts'
import { DayCount } from './day-count.ts'
import { interestOn, RepaymentMethod, scheduleOf, type Scheduled } from './schedule.ts'
import { z } from 'zod'

/** The declared order: of everything that is due, all fees first, then penalty interest, interest, principal. */
export const ALLOCATION_ORDER = ['fee', 'penalty', 'interest', 'principal'] as const
export type Part = (typeof ALLOCATION_ORDER)[number]
export type Parts = Readonly<Record<Part, bigint>>

export const nothing: Parts = { fee: 0n, penalty: 0n, interest: 0n, principal: 0n }
export const sumOf = (parts: Parts): bigint =>
  ALLOCATION_ORDER.reduce((sum, part) => sum + parts[part], 0n)
export const plus = (a: Parts, b: Parts): Parts => ({
  fee: a.fee + b.fee,
  penalty: a.penalty + b.penalty,
  interest: a.interest + b.interest,
  principal: a.principal + b.principal,
})

const Day = z.instanceof(Temporal.PlainDate)

/** One line of a loan's schedule. An early payment has a line of its own. */
export const Instalment = z.object({
  kind: z.enum(['scheduled', 'early']),
  from: Day,
  dueOn: Day,
  /** Of the interest, what an earlier period left. */
  carriedMinor: z.bigint(),
  feeMinor: z.bigint(),
  interestMinor: z.bigint(),
  principalMinor: z.bigint(),
  /** Penalty interest, counted up to `penaltyTo`. */
  penaltyMinor: z.bigint(),
  penaltyTo: Day,
  paidFeeMinor: z.bigint(),
  paidPenaltyMinor: z.bigint(),
  paidInterestMinor: z.bigint(),
  paidPrincipalMinor: z.bigint(),
})
export type Instalment = z.output<typeof Instalment>

export interface Debt {
  readonly ratePpm: bigint
  /** Of principal that is overdue, instead of the loan's own rate. */
  readonly penaltyPpm: bigint
  readonly method: RepaymentMethod
  readonly dayCount: DayCount
  readonly instalments: readonly Instalment[]
}

export const scheduled = (row: Scheduled, feeMinor = 0n): Instalment => ({
  kind: 'scheduled',
  from: row.from,
  dueOn: row.dueOn,
  carriedMinor: row.carriedMinor,
  feeMinor,
  interestMinor: row.interestMinor,
  principalMinor: row.principalMinor,
  penaltyMinor: 0n,
  penaltyTo: row.dueOn,
  paidFeeMinor: 0n,
  paidPenaltyMinor: 0n,
  paidInterestMinor: 0n,
  paidPrincipalMinor: 0n,
})

const isDue = (row: Instalment, on: Temporal.PlainDate) =>
  Temporal.PlainDate.compare(row.dueOn, on) <= 0

/** What is still to be paid of a line. */
export const owedOf = (row: Instalment): Parts => ({
  fee: row.feeMinor - row.paidFeeMinor,
  penalty: row.penaltyMinor - row.paidPenaltyMinor,
  interest: row.interestMinor - row.paidInterestMinor,
  principal: row.principalMinor - row.paidPrincipalMinor,
})

const withPaid = (row: Instalment, part: Part, minor: bigint): Instalment => {
  switch (part) {
    case 'fee':
      return { ...row, paidFeeMinor: row.paidFeeMinor + minor }
    case 'penalty':
      return { ...row, paidPenaltyMinor: row.paidPenaltyMinor + minor }
    case 'interest':
      return { ...row, paidInterestMinor: row.paidInterestMinor + minor }
    case 'principal':
      return { ...row, paidPrincipalMinor: row.paidPrincipalMinor + minor }
  }
}

/** The line with its penalty interest counted up to a day. */
const penalised = (debt: Debt, row: Instalment, on: Temporal.PlainDate): Instalment => {
  if (Temporal.PlainDate.compare(row.penaltyTo, on) >= 0) return row
  const { dayCount, penaltyPpm: ratePpm } = debt
  const grown = interestOn(owedOf(row).principal, { ratePpm, dayCount }, row.penaltyTo, on)
  return { ...row, penaltyMinor: row.penaltyMinor + grown, penaltyTo: on }
}

/** Everything that must be paid on a day to end the debt: what is due, and what is left with interest to the day. */
export const payoffOf = (debt: Debt, on: Temporal.PlainDate): Parts => {
  const { due, coming } = split(debt, on)
  const { fee, interest, principal } = early(debt, coming, on)
  return due.map(owedOf).reduce(plus, { fee, interest, principal, penalty: 0n })
}

/** What is due on a day and not paid. */
export const dueOf = (debt: Debt, on: Temporal.PlainDate): Parts =>
  split(debt, on).due.map(owedOf).reduce(plus, nothing)

const split = (debt: Debt, on: Temporal.PlainDate) => ({
  due: debt.instalments.filter((row) => isDue(row, on)).map((row) => penalised(debt, row, on)),
  coming: debt.instalments.filter((row) => !isDue(row, on)),
})

/** What could be paid now of what is not due yet. */
const early = (debt: Debt, coming: readonly Instalment[], on: Temporal.PlainDate) => {
  const principal = coming.reduce((sum, row) => sum + row.principalMinor, 0n)
  const fee = coming.reduce((sum, row) => sum + row.feeMinor, 0n)
  const [next] = coming
  if (!next) return { fee, interest: 0n, principal }
  const since = Temporal.PlainDate.compare(next.from, on) < 0 ? next.from : on
  return { fee, interest: next.carriedMinor + interestOn(principal, debt, since, on), principal }
}

export interface Repaid {
  readonly debt: Debt
  /** Where the money went. */
  readonly parts: Parts
  /** More than was owed. */
  readonly excessMinor: bigint
}

/**
 * Puts a payment where the declared order says. What goes beyond what is due pays the coming fee, the interest up to the
 * day and then the principal: the instalments that are left keep their days and become smaller.
 */
export const repaid = (debt: Debt, amountMinor: bigint, on: Temporal.PlainDate): Repaid => {
  assert(amountMinor > 0n, 'a repayment is more than nothing')
  let left = amountMinor
  const take = (owed: bigint): bigint => {
    const taken = owed < left ? owed : left
    left -= taken
    return taken
  }
  const { due: before, coming } = split(debt, on)
  let due: readonly Instalment[] = before
  for (const part of ALLOCATION_ORDER)
    due = due.map((row) => withPaid(row, part, take(owedOf(row)[part])))
  const onDue = due.map(owedOf).reduce(plus, nothing)
  const owedBefore = before.map(owedOf).reduce(plus, nothing)
  const dueParts: Parts = {
    fee: owedBefore.fee - onDue.fee,
    penalty: owedBefore.penalty - onDue.penalty,
    interest: owedBefore.interest - onDue.interest,
    principal: owedBefore.principal - onDue.principal,
  }
  if (left === 0n || coming.length === 0)
    return {
      debt: { ...debt, instalments: [...due, ...coming] },
      parts: dueParts,
      excessMinor: left,
    }
  const open = early(debt, coming, on)
  const ahead: Parts = {
    fee: take(open.fee),
    penalty: 0n,
    interest: take(open.interest),
    principal: take(open.principal),
  }
  // A payment that is told late may be older than the last one.
  const since =
    coming[0] && Temporal.PlainDate.compare(coming[0].from, on) > 0 ? coming[0].from : on
  const rest = remaining(debt, coming, since, {
    feeMinor: open.fee - ahead.fee,
    carriedMinor: open.interest - ahead.interest,
    principalMinor: open.principal - ahead.principal,
  })
  const instalments = [...due, earlyLine(ahead, on), ...rest]
  return { debt: { ...debt, instalments }, parts: plus(dueParts, ahead), excessMinor: left }
}

const earlyLine = (ahead: Parts, on: Temporal.PlainDate): Instalment => ({
  kind: 'early',
  from: on,
  dueOn: on,
  carriedMinor: 0n,
  feeMinor: ahead.fee,
  interestMinor: ahead.interest,
  principalMinor: ahead.principal,
  penaltyMinor: 0n,
  penaltyTo: on,
  paidFeeMinor: ahead.fee,
  paidPenaltyMinor: 0n,
  paidInterestMinor: ahead.interest,
  paidPrincipalMinor: ahead.principal,
})

/** The coming instalments over again, for what is left of the principal. */
const remaining = (
  { ratePpm, method, dayCount }: Debt,
  coming: readonly Instalment[],
  from: Temporal.PlainDate,
  left: { feeMinor: bigint; carriedMinor: bigint; principalMinor: bigint },
): Instalment[] => {
  const { feeMinor, carriedMinor, principalMinor } = left
  if (principalMinor === 0n) return []
  const due = coming.map(({ dueOn }) => dueOn)
  return scheduleOf({ principalMinor, ratePpm, method, dayCount, from, due, carriedMinor }).map(
    (row, at) => scheduled(row, at === 0 ? feeMinor : 0n),
  )
}

/** Principal that is not paid back, due or not. */
export const outstandingOf = ({ instalments }: Debt): bigint =>
  instalments.reduce((sum, row) => sum + owedOf(row).principal, 0n)

export const isPaidOff = ({ instalments }: Debt): boolean =>
  instalments.every((row) => sumOf(owedOf(row)) === 0n)

/** By days past due, as banks report them. */
export const Bucket = z.enum(['CURRENT', 'DPD_1_30', 'DPD_31_60', 'DPD_61_90', 'DPD_90_PLUS'])
export type Bucket = z.output<typeof Bucket>

const bucketOf = (days: number): Bucket => {
  if (days <= 0) return 'CURRENT'
  if (days <= 30) return 'DPD_1_30'
  if (days <= 60) return 'DPD_31_60'
  return days <= 90 ? 'DPD_61_90' : 'DPD_90_PLUS'
}

/** How late a borrower is: an instalment may be paid on its day, and is late from the next. */
export const arrearsOf = (debt: Debt, on: Temporal.PlainDate) => {
  const late = split(debt, on).due.filter(
    (row) => Temporal.PlainDate.compare(row.dueOn, on) < 0 && sumOf(owedOf(row)) > 0n,
  )
  const [oldest] = late
  const daysPastDue = oldest ? oldest.dueOn.until(on).days : 0
  const overdue = late.map(owedOf).reduce(plus, nothing)
  return { daysPastDue, bucket: bucketOf(daysPastDue), overdue, since: oldest?.dueOn ?? null }
}
