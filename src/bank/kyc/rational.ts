/**
 * Fractions that are exact: a third of a half is a sixth, however many companies stand between. Whoever sends the
 * fractions decides how long they become, so nothing here divides long numbers by long ones where short ones do.
 */
import { assert } from '#kernel/assert.ts'

/** In lowest terms, with a denominator above zero: two that are equal look the same. */
export interface Rational {
  readonly over: bigint
  readonly under: bigint
}

export const rational = (over: bigint, under = 1n): Rational => {
  assert(under !== 0n, 'a fraction has no zero below')
  const sign = under < 0n ? -1n : 1n
  const divisor = gcd(under * sign, over)
  return { over: (over * sign) / divisor, under: (under * sign) / divisor }
}

/** Of a number above zero and any other. */
const gcd = (a: bigint, b: bigint): bigint => {
  let [greater, less] = [a, b < 0n ? -b : b]
  while (less !== 0n) [greater, less] = [less, greater % less]
  return greater
}

export const zero = rational(0n)
export const one = rational(1n)

/** Knuth, The Art of Computer Programming 4.5.1: what two denominators share is all that can be left to shorten. */
export const plus = (a: Rational, b: Rational): Rational => {
  const shared = gcd(a.under, b.under)
  const rest = a.under / shared
  const sum = a.over * (b.under / shared) + b.over * rest
  const left = gcd(shared, sum)
  return { over: sum / left, under: rest * (b.under / left) }
}

export const times = (a: Rational, b: Rational): Rational => {
  const across = gcd(b.under, a.over)
  const back = gcd(a.under, b.over)
  return { over: (a.over / across) * (b.over / back), under: (a.under / back) * (b.under / across) }
}

export const minus = (a: Rational, b: Rational): Rational =>
  plus(a, { over: -b.over, under: b.under })

export const compare = (a: Rational, b: Rational): number => {
  const difference = a.over * b.under - b.over * a.under
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
export const total = (all: readonly Rational[]): Rational => all.reduce(plus, zero)

/** `7/12` */
export const textOf = ({ over, under }: Rational): string => `${over}/${under}`

/** An answer whose fractions have one denominator. */
export interface Solution {
  readonly over: readonly bigint[]
  readonly under: bigint
}

/**
 * Solves `rows · x = right` for whole numbers on the right; undefined where no single answer exists. Bareiss's
 * elimination: whole numbers all the way, each a determinant, so that they grow no longer than the answer is.
 */
export const solved = (
  rows: readonly (readonly Rational[])[],
  right: readonly bigint[],
): Solution | undefined => {
  const left = rows.map((row, at) => whole(row, right[at] ?? 0n))
  let before = 1n
  for (let column = 0; column < left.length; column++) {
    const pivot = left.findIndex((row, at) => at >= column && row[column] !== 0n)
    const found = left[pivot]
    const here = left[column]
    if (!found || !here) return undefined
    left[pivot] = here
    left[column] = found
    const by = found[column] ?? 1n
    for (const [at, row] of left.entries()) {
      const factor = row[column] ?? 0n
      if (at !== column)
        left[at] = row.map((value, i) => (by * value - factor * (found[i] ?? 0n)) / before)
    }
    before = by
  }
  return { over: left.map((row) => row[left.length] ?? 0n), under: before }
}

/** A row and its right side, times what makes all of it whole. */
const whole = (row: readonly Rational[], right: bigint): bigint[] => {
  const common = row.reduce((all, { under }) => (all / gcd(under, all)) * under, 1n)
  return [...row.map(({ over, under }) => over * (common / under)), right * common]
}
