/**
 * When what is paid, exact to the minor unit. Interest of a period is rounded once, half up; an annuity is rounded half
 * up and an equal part of the principal down; the last instalment takes what is left. No instalment is smaller than its
 * interest, so that a debt never grows by itself.
 */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { type DayCount, partsBetween, YEAR } from './day-count.ts'

/** `annuity`: equal instalments. `differentiated`: equal parts of the principal, and interest on what is left. */
export const RepaymentMethod = z.enum(['annuity', 'differentiated'])
export type RepaymentMethod = z.output<typeof RepaymentMethod>

/** Rates are parts per million a year: 26.9 % is 269000. */
const PPM = 1_000_000n

export interface Terms {
  readonly principalMinor: bigint
  readonly ratePpm: bigint
  readonly method: RepaymentMethod
  readonly dayCount: DayCount
  /** The first day that bears interest. */
  readonly from: Temporal.PlainDate
  /** In order, all after `from`. */
  readonly due: readonly Temporal.PlainDate[]
  /** Interest of an earlier period that is still to be paid; it falls due with the first instalment. */
  readonly carriedMinor?: bigint
}

export interface Scheduled {
  readonly from: Temporal.PlainDate
  readonly dueOn: Temporal.PlainDate
  readonly carriedMinor: bigint
  /** What is carried among it. */
  readonly interestMinor: bigint
  readonly principalMinor: bigint
  /** What is left of the principal afterwards. */
  readonly balanceMinor: bigint
}

/** The same day of each month; a month without it has its last day. */
export const dueDates = (from: Temporal.PlainDate, months: number): Temporal.PlainDate[] =>
  Array.from({ length: months }, (_, at) => from.add({ months: at + 1 }))

export const roundedHalfUp = (numerator: bigint, denominator: bigint): bigint => {
  assert(numerator >= 0n && denominator > 0n, 'what is rounded here is not negative')
  return (2n * numerator + denominator) / (2n * denominator)
}

/** Interest on a balance from one day to another. */
export const interestOn = (
  balanceMinor: bigint,
  rate: { readonly ratePpm: bigint; readonly dayCount: DayCount },
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): bigint =>
  roundedHalfUp(
    balanceMinor * rate.ratePpm * partsBetween(rate.dayCount, from, to),
    PPM * YEAR[rate.dayCount],
  )

export const scheduleOf = (terms: Terms): Scheduled[] => {
  const { due, method } = terms
  assert(due.length > 0 && terms.principalMinor > 0n, 'a loan has instalments and an amount')
  const annuity = method === 'annuity' ? annuityOf(terms) : 0n
  const part = terms.principalMinor / BigInt(due.length)
  let balance = terms.principalMinor
  let from = terms.from
  return due.map((dueOn, at) => {
    const carriedMinor = at === 0 ? (terms.carriedMinor ?? 0n) : 0n
    const interest = interestOn(balance, terms, from, dueOn)
    const wanted = method === 'annuity' ? atLeastNothing(annuity - interest) : part
    const isLast = at === due.length - 1
    const principalMinor = isLast || wanted > balance ? balance : wanted
    balance -= principalMinor
    const row = { from, dueOn, carriedMinor, interestMinor: interest + carriedMinor }
    from = dueOn
    return { ...row, principalMinor, balanceMinor: balance }
  })
}

const atLeastNothing = (minor: bigint) => (minor > 0n ? minor : 0n)

/**
 * The instalment A for which the last balance is nothing. With growth fᵢ = (D + rate·partsᵢ) / D of each period,
 * principal · Π f = A · Σⱼ Πᵢ﹥ⱼ f; both sides are multiplied by Dⁿ, so that nothing but A is rounded.
 */
export const annuityOf = ({ principalMinor, ratePpm, dayCount, from, due }: Terms): bigint => {
  const whole = PPM * YEAR[dayCount]
  let grown = principalMinor
  let sum = 0n
  let power = 1n
  let since = from
  for (const dueOn of due) {
    const growth = whole + ratePpm * partsBetween(dayCount, since, dueOn)
    power *= whole
    grown *= growth
    sum = sum * growth + power
    since = dueOn
  }
  return roundedHalfUp(grown, sum)
}
