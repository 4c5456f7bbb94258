import { z } from 'zod'
import { assert } from './assert.ts'

/** Decimals of each currency, from ISO 4217. */
export const exponents = { UZS: 2, KZT: 2, RUB: 2, USD: 2, EUR: 2, JPY: 0, KWD: 3 } as const

export const Currency = z.enum(Object.keys(exponents) as (keyof typeof exponents)[])
export type Currency = z.output<typeof Currency>

/** Whole minor units of one currency. Never a float: 12.50 USD is `{ minor: 1250n, currency: 'USD' }`. */
export type Money = { readonly minor: bigint; readonly currency: Currency }

export const money = (minor: bigint, currency: Currency): Money => ({ minor, currency })

export const add = (a: Money, b: Money): Money => {
  assert(a.currency === b.currency, 'money of two currencies has no sum')
  return { minor: a.minor + b.minor, currency: a.currency }
}

export const subtract = (a: Money, b: Money): Money => add(a, { ...b, minor: -b.minor })

/** Splits a whole by weights, largest remainder first, the earlier weight where two are equal. Σ parts = whole. */
export const allocate = (whole: bigint, weights: readonly bigint[]): bigint[] => {
  const total = weights.reduce((a, b) => a + b, 0n)
  assert(total > 0n && weights.every((w) => w >= 0n), 'weights are not negative and not all zero')
  if (whole < 0n) return allocate(-whole, weights).map((part) => -part)
  const parts = weights.map((w) => (whole * w) / total)
  const left = Number(whole - parts.reduce((a, b) => a + b, 0n))
  const byRemainder = weights
    .map((w, index) => ({ index, remainder: (whole * w) % total }))
    .toSorted((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    )
  for (const { index } of byRemainder.slice(0, left)) parts[index]! += 1n
  return parts
}

/** `{ minor: 1250n, currency: 'USD' }` as `12.50`. */
export const amountOf = ({ minor, currency }: Money): string => {
  const e = exponents[currency]
  const digits = (minor < 0n ? -minor : minor).toString().padStart(e + 1, '0')
  const amount = e === 0 ? digits : `${digits.slice(0, -e)}.${digits.slice(-e)}`
  return minor < 0n ? `-${amount}` : amount
}

/** Reads `12.50`; undefined where the text is no amount or finer than the currency. */
export const minorOf = (amount: string, currency: Currency): bigint | undefined => {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(amount)
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  if (fraction.length > exponents[currency]) return undefined
  const minor = BigInt(whole + fraction.padEnd(exponents[currency], '0'))
  return sign ? -minor : minor
}

/** On the wire money is `{ "amount": "12.50", "currency": "USD" }`, as in ISO 20022. */
export const Money = z.codec(
  z.strictObject({ amount: z.string(), currency: Currency }),
  z.custom<Money>(),
  {
    decode: ({ amount, currency }, ctx) => {
      const minor = minorOf(amount, currency)
      if (minor !== undefined) return { minor, currency }
      ctx.issues.push({
        code: 'custom',
        message: `not an amount of ${currency}, which has ${exponents[currency]} decimals`,
        input: amount,
        path: ['amount'],
      })
      return z.NEVER
    },
    encode: (value) => ({ amount: amountOf(value), currency: value.currency }),
  },
)
/** Money as it stands in JSON. */
export type MoneyJson = z.input<typeof Money>
export const moneyJson = (value: Money): MoneyJson => ({
  amount: amountOf(value),
  currency: value.currency,
})
