/** What the bank lends: how much, for how long, at which rate, and how days are counted. */
import { z } from 'zod'
import { Currency, type Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { percentOfPpm } from './annual-percentage-rate.ts'
import { DayCount } from './day-count.ts'
import { ALLOCATION_ORDER } from './debt.ts'
import { RepaymentMethod, roundedHalfUp } from './schedule.ts'

export const Texts = z.object({ en: z.string(), ru: z.string(), uz: z.string() })
export type Texts = z.output<typeof Texts>

export const ProductId = z.string().regex(/^[a-z0-9-]{1,64}$/)

export const Product = z.object({
  id: ProductId,
  name: Texts,
  currency: Currency,
  amountMin: z.bigint(),
  amountMax: z.bigint(),
  monthsMin: z.int(),
  monthsMax: z.int(),
  ratePpm: z.bigint(),
  penaltyPpm: z.bigint(),
  feePpm: z.bigint(),
  dayCount: DayCount,
  methods: z.array(RepaymentMethod).min(1),
})
export type Product = z.output<typeof Product>

export const productUnknown = problem('lending/product-unknown', 400, 'No such loan is on offer')
export const outsideProduct = problem(
  'lending/outside-product',
  400,
  'The amount or the term is not one that this loan is given for',
)

/** What is asked for, where the product allows it. */
export const fitting = (
  product: Product | undefined,
  { amount, term }: { amount: Money; term: number },
): Product => {
  if (!product) throw productUnknown('the list of products says what is on offer')
  const { currency, amountMin, amountMax, monthsMin, monthsMax } = product
  const errors = [
    ...(amount.currency === currency && amount.minor >= amountMin && amount.minor <= amountMax
      ? []
      : [
          {
            pointer: '/amount',
            code: 'range',
            detail: `is not an amount that ${product.id} lends`,
          },
        ]),
    ...(term >= monthsMin && term <= monthsMax
      ? []
      : [
          { pointer: '/term', code: 'range', detail: `is not ${monthsMin} to ${monthsMax} months` },
        ]),
  ]
  if (errors.length === 0) return product
  throw outsideProduct('see the bounds of the product', { errors, gate: 'partner' })
}

/** In one million parts of an amount, rounded half up. */
export const shareOf = (minor: bigint, ppm: bigint): bigint =>
  roundedHalfUp(minor * ppm, 1_000_000n)

/** How figures are rounded, as every offer says it. */
export const ROUNDING = 'HALF_UP'

export const productJson = (product: Product) => {
  const { id, currency } = product
  const amount = (minor: bigint) => moneyJson({ minor, currency })
  return {
    productId: id,
    name: product.name,
    amount: { minimum: amount(product.amountMin), maximum: amount(product.amountMax) },
    term: { minimumMonths: product.monthsMin, maximumMonths: product.monthsMax },
    annualRate: percentOfPpm(product.ratePpm),
    penaltyRate: percentOfPpm(product.penaltyPpm),
    feeRate: percentOfPpm(product.feePpm),
    dayCount: product.dayCount,
    repaymentMethods: product.methods,
    rounding: ROUNDING,
    allocationOrder: ALLOCATION_ORDER,
  }
}
