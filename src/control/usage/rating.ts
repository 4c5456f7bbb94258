/** What a metered call costs: one rule, whoever asks. Rounding happens later, once, at the invoice line. */
import type { Cell } from '#kernel/cell.ts'

/** By what the price was found. `regulated`: the law opens it without a price. `unpriced`: the version does not know it. */
export type PriceBasis = 'contract' | 'list' | 'regulated' | 'unpriced'

export interface UnitPrice {
  readonly basis: PriceBasis
  /** Decimal text, for one unit. */
  readonly unitPrice: string
  /** The version that it stands in. */
  readonly priceVersion: string | null
}

/** Unit prices of the versions that may be asked for, and of the list. */
export interface Prices {
  readonly list: string | null
  of(version: string): Readonly<Record<string, string>> | undefined
}

/**
 * The unit price of one call. In production the contract's version holds; what the law opens costs nothing, and so does a
 * call without any contract (it was refused). The sandbox is shadow-priced by the list and never invoiced. Undefined where
 * the named version does not exist: nobody guesses a price.
 */
export const unitPriceOf = (
  call: { cell: Cell; operation: string; priceVersion: string | null; byLaw: boolean },
  prices: Prices,
): UnitPrice | undefined => {
  const production = call.cell === 'production'
  if (production && call.byLaw)
    return { basis: 'regulated', unitPrice: '0', priceVersion: call.priceVersion }
  const priceVersion = production ? call.priceVersion : prices.list
  if (priceVersion === null) return { basis: 'unpriced', unitPrice: '0', priceVersion }
  const unitPrices = prices.of(priceVersion)
  if (!unitPrices) return undefined
  const unitPrice = unitPrices[call.operation]
  return unitPrice === undefined
    ? { basis: 'unpriced', unitPrice: '0', priceVersion }
    : { basis: production ? 'contract' : 'list', unitPrice, priceVersion }
}
