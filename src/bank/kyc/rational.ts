/** Fractions that are exact: a third of a half is a sixth, however many companies stand between. */
import { assert } from '#kernel/assert.ts'

/** In lowest terms, with a denominator above zero: two that are equal look the same. */
export interface Rational {
  readonly over: bigint
  readonly under: bigint
}

export const rational = (over: bigint, under = 1n): Rational => {
  assert(under !== 0n, 'a fraction has no zero below')
  const sign = under < 0n ? -1n : 1n
  const divisor = gcd(over < 0n ? -over : over, under * sign)
  return { over: (over * sign) / divisor, under: (under * sign) / divisor }
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a || 1n : gcd(b, a % b))

export const zero = rational(0n)
export const one = rational(1n)

export const plus = (a: Rational, b: Rational): Rational =>
  rational(a.over * b.under + b.over * a.under, a.under * b.under)
export const minus = (a: Rational, b: Rational): Rational =>
  plus(a, { over: -b.over, under: b.under })
export const times = (a: Rational, b: Rational): Rational =>
  rational(a.over * b.over, a.under * b.under)
export const dividedBy = (a: Rational, b: Rational): Rational =>
  rational(a.over * b.under, a.under * b.over)

export const isZero = ({ over }: Rational): boolean => over === 0n
export const compare = (a: Rational, b: Rational): number => {
  const difference = a.over * b.under - b.over * a.under
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
export const total = (all: readonly Rational[]): Rational => all.reduce(plus, zero)

/** `7/12` */
export const textOf = ({ over, under }: Rational): string => `${over}/${under}`

/**
 * Solves `rows · x = right` by elimination; undefined where no single answer exists. `rows` is square.
 */
export const solved = (
  rows: readonly (readonly Rational[])[],
  right: readonly Rational[],
): Rational[] | undefined => {
  const size = rows.length
  const left = rows.map((row, at) => [...row, right[at] ?? zero])
  for (let column = 0; column < size; column++) {
    const pivot = left.findIndex((row, at) => at >= column && !isZero(row[column] ?? zero))
    const found = left[pivot]
    const here = left[column]
    if (!found || !here) return undefined
    left[pivot] = here
    const by = found[column] ?? one
    const scaled = found.map((value) => dividedBy(value, by))
    left[column] = scaled
    for (const [at, row] of left.entries()) {
      const factor = row[column] ?? zero
      if (at === column || isZero(factor)) continue
      left[at] = row.map((value, i) => minus(value, times(factor, scaled[i] ?? zero)))
    }
  }
  return left.map((row) => row[size] ?? zero)
}
