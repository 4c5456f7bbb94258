/** What a signed text sets in motion: read from the text that both sides signed, and from nowhere else. Pure. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { Limits, UnitPrice } from '#control/catalogue/index.ts'
import { noTerms, PriceTerms } from '#control/rating/index.ts'
import { Promised } from './level-terms.ts'
import { Notices } from './notices.ts'
import { Support } from './support.ts'
import { Withheld } from './withheld.ts'

/** What older texts promised in words only: half a year, sixty days, ninety days. */
const NOTICES_IN_WORDS: Notices = { breakingMonths: 6, priceDays: 60, endDays: 90 }

const Text = z.looseObject({
  tier: z.object({ name: z.string(), limits: Limits }),
  products: z.array(z.object({ id: z.string() })),
  prices: z.object({
    version: z.string(),
    currency: z.string(),
    unitPrices: z.record(z.string(), UnitPrice),
    terms: PriceTerms.default(noTerms),
  }),
  levels: z.array(Promised).default([]),
  notices: Notices.default(NOTICES_IN_WORDS),
  support: Support.nullable().default(null),
  signatures: z.literal('required').optional(),
  withheld: Withheld.default({}),
})

/** Everything that the house enforces of a contract, each by the room that it belongs to. */
export interface Compiled {
  readonly products: readonly string[]
  /** The gateway's. */
  readonly limits: Limits & { readonly tier: string }
  /** The rating's and the billing's. */
  readonly prices: z.output<typeof Text>['prices']
  /** The service levels'. */
  readonly levels: readonly Promised[]
  /** Of changes, prices, and ends. */
  readonly notices: Notices
  /** First answers to what the partner asks; null where the text says nothing of them. */
  readonly support: Support | null
  /** The gateway's: whether writes must be signed, and what answers leave out. */
  readonly messages: {
    readonly signatures: 'required' | null
    readonly withheld: Withheld
  }
}

export const compiled = (document: string): Compiled => {
  const text = Text.parse(JSON.parse(document))
  const { tier, products, prices, levels, notices, support, signatures, withheld } = text
  return {
    products: products.map(({ id }) => id),
    limits: { tier: tier.name, ...tier.limits },
    prices,
    levels,
    notices,
    support,
    messages: { signatures: signatures ?? null, withheld },
  }
}

export const parts = [
  'products',
  'limits',
  'prices',
  'levels',
  'notices',
  'support',
  'messages',
] as const
export type Part = (typeof parts)[number]

/** Which of the things that are enforced differ between two texts. */
export const changedBetween = (one: Compiled, other: Compiled): Part[] =>
  parts.filter((part) => canonical(one[part]) !== canonical(other[part]))
