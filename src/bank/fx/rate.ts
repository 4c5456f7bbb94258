/** Rates as whole numbers: what a unit of a pair's first currency costs, in millionths of the second. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { exponents, type Money, money } from '#kernel/money.ts'

export const FxCurrency = z.enum(['UZS', 'USD', 'EUR'])
export type FxCurrency = z.output<typeof FxCurrency>

/** The first currency is the one that the market counts; the second is what a unit of it costs. */
export const PairName = z.enum(['USD/UZS', 'EUR/UZS', 'EUR/USD'])
export type PairName = z.output<typeof PairName>

export interface Pair {
  readonly name: PairName
  readonly base: FxCurrency
  readonly counter: FxCurrency
}
export const pairs: Readonly<Record<PairName, Pair>> = {
  'USD/UZS': { name: 'USD/UZS', base: 'USD', counter: 'UZS' },
  'EUR/UZS': { name: 'EUR/UZS', base: 'EUR', counter: 'UZS' },
  'EUR/USD': { name: 'EUR/USD', base: 'EUR', counter: 'USD' },
}

/** The pair of two currencies, in the market's order; undefined where they are one. */
export const pairOf = (a: FxCurrency, b: FxCurrency): Pair | undefined =>
  Object.values(pairs).find(
    ({ base, counter }) => (base === a && counter === b) || (base === b && counter === a),
  )

/** A middle rate of the market: nobody deals at it. */
export interface MidRate {
  readonly pair: PairName
  readonly micros: bigint
  readonly asOf: Temporal.Instant
  /** What is older is not dealt on. */
  readonly goodUntil: Temporal.Instant
  readonly source: string
}

export const RATE_DECIMALS = 6
const RECIPROCAL_DECIMALS = 12
const MICROS = 10n ** BigInt(RATE_DECIMALS)
const BPS = 10_000n

/** HALF_UP: to the nearest whole, and away from zero where two are equally near. */
export const halfUp = (numerator: bigint, denominator: bigint): bigint => {
  assert(denominator > 0n, 'a denominator is above zero')
  const twice = 2n * (numerator < 0n ? -numerator : numerator) + denominator
  const rounded = twice / (2n * denominator)
  return numerator < 0n ? -rounded : rounded
}

/** So many hundredths of a per cent of an amount. */
export const bpsOf = (minor: bigint, bps: number): bigint => halfUp(minor * BigInt(bps), BPS)

/** The part of an amount to which so many hundredths of a per cent come on top. */
export const withoutBps = (minor: bigint, bps: number): bigint =>
  halfUp(minor * BPS, BPS + BigInt(bps))

/** The rate that a customer is given: the bank sells its first currency dearer and buys it cheaper. */
export const markedUp = (midMicros: bigint, bps: number, customerBuysBase: boolean): bigint =>
  halfUp(midMicros * (customerBuysBase ? BPS + BigInt(bps) : BPS - BigInt(bps)), BPS)

const scale = (currency: FxCurrency): bigint => 10n ** BigInt(exponents[currency])

/** What an amount of one currency of a pair is in the other, at a rate, to the nearest minor unit. */
export const exchanged = (amount: Money, pair: Pair, micros: bigint): Money => {
  const { base, counter } = pair
  if (amount.currency === base)
    return money(halfUp(amount.minor * micros * scale(counter), MICROS * scale(base)), counter)
  assert(amount.currency === counter, 'an amount is in one of the two currencies of its pair')
  return money(halfUp(amount.minor * MICROS * scale(base), micros * scale(counter)), base)
}

const decimal = (scaled: bigint, decimals: number): string => {
  const digits = scaled.toString().padStart(decimals + 1, '0')
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** `12650.250000`: always six decimals. */
export const rateText = (micros: bigint): string => decimal(micros, RATE_DECIMALS)

/** Reads `12650.25`; undefined where the text is no rate, is nothing, or has more than six decimals. */
export const microsOf = (text: string): bigint | undefined => {
  const [, whole = '', fraction = ''] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? []
  const micros = whole === '' ? 0n : BigInt(whole + fraction.padEnd(RATE_DECIMALS, '0'))
  return micros > 0n ? micros : undefined
}

/** One divided by a rate, rounded to twelve decimals. */
export const reciprocalText = (micros: bigint): string =>
  decimal(halfUp(10n ** BigInt(RECIPROCAL_DECIMALS + RATE_DECIMALS), micros), RECIPROCAL_DECIMALS)
