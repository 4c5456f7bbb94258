/**
 * Exact amounts: numerator and denominator, never a quotient that was cut. A quotient cut at forty digits turns an exact
 * tie into a wrong cent, so nothing is rounded before the line of an invoice is final.
 */
import { assert } from '#kernel/assert.ts'

/** `denominator` is above zero. Not always in lowest terms: prices and quantities share small ones. */
export interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** `half_up`: ties away from zero. `half_even`: ties to the even neighbour. */
export type Rounding = 'half_up' | 'half_even'

/** Beyond so many digits a denominator is brought to lowest terms. */
const DENOMINATOR_MAX = 10n ** 60n

export const fraction = (numerator: bigint, denominator = 1n): Fraction => {
  assert(denominator !== 0n, 'nothing is divided by zero')
  if (denominator < 0n) return fraction(-numerator, -denominator)
  if (denominator < DENOMINATOR_MAX) return { numerator, denominator }
  const shared = gcd(numerator < 0n ? -numerator : numerator, denominator)
  return { numerator: numerator / shared, denominator: denominator / shared }
}

const gcd = (a: bigint, b: bigint): bigint => {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

export const zero = fraction(0n)
export const one = fraction(1n)
const hundred = fraction(100n)

/** Reads decimal text such as `-12.50`. */
export const decimal = (text: string): Fraction => {
  const [, sign = '', whole = '', digits = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  assert(whole !== '', 'a decimal was read by its schema before')
  const value = BigInt(whole + digits)
  return fraction(sign === '' ? value : -value, 10n ** BigInt(digits.length))
}

export const plus = (a: Fraction, b: Fraction): Fraction =>
  a.denominator === b.denominator
    ? fraction(a.numerator + b.numerator, a.denominator)
    : fraction(
        a.numerator * b.denominator + b.numerator * a.denominator,
        a.denominator * b.denominator,
      )
export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, negated(b))
export const negated = (a: Fraction): Fraction => fraction(-a.numerator, a.denominator)
export const times = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator)
export const over = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator, a.denominator * b.numerator)
export const percentOf = (a: Fraction, percent: Fraction): Fraction =>
  over(times(a, percent), hundred)
export const sum = (all: readonly Fraction[]): Fraction => all.reduce(plus, zero)

/** Below zero where `a` is less than `b`, above it where it is more. */
export const compare = (a: Fraction, b: Fraction): number => {
  const left = a.numerator * b.denominator
  const right = b.numerator * a.denominator
  return left < right ? -1 : left > right ? 1 : 0
}
export const isAbove = (a: Fraction, b: Fraction): boolean => compare(a, b) > 0
export const isBelow = (a: Fraction, b: Fraction): boolean => compare(a, b) < 0
export const least = (a: Fraction, b: Fraction): Fraction => (isBelow(b, a) ? b : a)
export const greatest = (a: Fraction, b: Fraction): Fraction => (isAbove(b, a) ? b : a)

/** The next whole number upwards or downwards. */
export const whole = ({ numerator, denominator }: Fraction, round: 'up' | 'down'): Fraction => {
  const towardsZero = numerator / denominator
  if (towardsZero * denominator === numerator) return fraction(towardsZero)
  if (round === 'up') return fraction(numerator > 0n ? towardsZero + 1n : towardsZero)
  return fraction(numerator > 0n ? towardsZero : towardsZero - 1n)
}

/** Minor units of a currency with so many decimals. */
export const rounded = (
  { numerator, denominator }: Fraction,
  exponent: number,
  mode: Rounding,
): bigint => {
  const scaled = numerator * 10n ** BigInt(exponent)
  const towardsZero = scaled / denominator
  const rest = scaled % denominator
  const twice = (rest < 0n ? -rest : rest) * 2n
  const up =
    twice > denominator ||
    (twice === denominator && (mode === 'half_up' || towardsZero % 2n !== 0n))
  return up ? towardsZero + (numerator < 0n ? -1n : 1n) : towardsZero
}

/** Minor units as an exact amount. */
export const ofMinor = (minor: bigint, exponent: number): Fraction =>
  fraction(minor, 10n ** BigInt(exponent))

/** Decimal text without a needless zero; where there is none (a third), twelve digits and an ellipsis. */
export const told = (value: Fraction): string => {
  const sign = value.numerator < 0n ? '-' : ''
  const numerator = value.numerator < 0n ? -value.numerator : value.numerator
  let rest = numerator % value.denominator
  let digits = ''
  while (rest !== 0n && digits.length < 24) {
    rest *= 10n
    digits += rest / value.denominator
    rest %= value.denominator
  }
  const ends = rest === 0n
  const shown = ends ? digits : `${digits.slice(0, 12)}…`
  return `${sign}${numerator / value.denominator}${shown === '' ? '' : `.${shown}`}`
}
