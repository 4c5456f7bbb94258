import { z } from 'zod'

/** How long ahead a contract promises that things are told. */
export const Notices = z.strictObject({
  /** Months before a change that breaks programs takes effect. */
  breakingMonths: z.int().min(6).max(60),
  /** Days before a higher price. */
  priceDays: z.int().min(30).max(365),
  /** Days before either side's end. */
  endDays: z.int().min(30).max(730),
})
export type Notices = z.output<typeof Notices>

const byTier: Readonly<Record<string, Notices>> = {
  Bronze: { breakingMonths: 6, priceDays: 60, endDays: 90 },
  Silver: { breakingMonths: 9, priceDays: 60, endDays: 90 },
  Gold: { breakingMonths: 12, priceDays: 90, endDays: 90 },
  Platinum: { breakingMonths: 18, priceDays: 90, endDays: 180 },
}

/** What a tier promises where an offer says nothing else. */
export const noticesOfTier = (tier: string): Notices =>
  byTier[tier] ?? { breakingMonths: 6, priceDays: 60, endDays: 90 }

/** Why something need not keep the notice that the contract promises. */
export const Early = z.enum(['agreed', 'breach', 'law'])
export type Early = z.output<typeof Early>
