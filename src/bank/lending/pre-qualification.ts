/**
 * Whether applying is worth it, before anybody is named: bands, from what the partner says and the product alone. No
 * customer is looked up, so nothing is left behind, in no bureau and not here.
 */
import { z } from 'zod'
import { Money, type Money as Amount, moneyJson } from '#kernel/money.ts'
import type { BankWorld } from '../world.ts'
import { percentOfPpm } from './annual-percentage-rate.ts'
import { informationUnfit } from './decision.ts'
import { fitting, type Product, ProductId } from './product.ts'
import { heaviest } from './review.ts'
import * as store from './store.ts'

export const PreQualificationRequest = z.strictObject({
  productId: ProductId,
  amount: Money,
  term: z.int().min(1).max(600),
  monthlyIncome: Money,
  /** What other loans take of it, here and elsewhere. */
  monthlyObligations: Money.optional(),
})
export type PreQualificationRequest = z.output<typeof PreQualificationRequest>

export type Band = 'LIKELY' | 'POSSIBLE' | 'UNLIKELY'

/** Of the income, in hundredths: up to the first it is likely, up to the second possible. */
const LIKELY_PERCENT = 40n
const POSSIBLE_PERCENT = 50n

export const bandOf = (instalmentMinor: bigint, incomeMinor: bigint, takenMinor: bigint): Band => {
  const burden = (instalmentMinor + takenMinor) * 100n
  if (burden <= incomeMinor * LIKELY_PERCENT) return 'LIKELY'
  return burden <= incomeMinor * POSSIBLE_PERCENT ? 'POSSIBLE' : 'UNLIKELY'
}

/** The largest multiple of the product's smallest amount that would still be possible. */
export const mostPossible = (
  product: Product,
  asked: { term: number; incomeMinor: bigint; takenMinor: bigint; from: Temporal.PlainDate },
): bigint | undefined => {
  const { amountMin, amountMax } = product
  const fits = (minor: bigint) =>
    bandOf(
      heaviest(product, minor, asked.term, asked.from),
      asked.incomeMinor,
      asked.takenMinor,
    ) !== 'UNLIKELY'
  if (!fits(amountMin)) return undefined
  // Steps of the smallest amount: a band, and not an offer.
  let low = 1n
  let high = amountMax / amountMin
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (fits(middle * amountMin)) low = middle
    else high = middle - 1n
  }
  return low * amountMin
}

const minorIn = (product: Product, name: string, amount: Amount | undefined): bigint => {
  if (amount === undefined) return 0n
  if (amount.currency !== product.currency || amount.minor < 0n)
    throw informationUnfit(`${name} is an amount of ${product.currency}`)
  return amount.minor
}

export const preQualify = async (
  { db, now, zone }: BankWorld,
  request: PreQualificationRequest,
) => {
  const product = fitting(await store.product(db, request.productId), request)
  const incomeMinor = minorIn(product, 'monthlyIncome', request.monthlyIncome)
  const takenMinor = minorIn(product, 'monthlyObligations', request.monthlyObligations)
  const { term, amount } = request
  const from = now().toZonedDateTimeISO(zone).toPlainDate()
  const instalment = heaviest(product, amount.minor, term, from)
  const most = mostPossible(product, { term, incomeMinor, takenMinor, from })
  const money = (minor: bigint) => moneyJson({ minor, currency: product.currency })
  return {
    productId: product.id,
    likelihood: bandOf(instalment, incomeMinor, takenMinor),
    ...(most !== undefined && {
      amountBand: { minimum: money(product.amountMin), maximum: money(most) },
    }),
    annualRate: percentOfPpm(product.ratePpm),
    estimatedInstalment: money(instalment),
    bureauInquiry: 'none' as const,
  }
}
