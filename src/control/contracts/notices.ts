import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { isBefore } from '#kernel/time.ts'
import type { Compiled } from './compiled.ts'
import { noticeTooShort } from './contract.ts'

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

/** Of decimal texts, which have twelve decimals at most. */
const isAbove = (one: string, other: string): boolean => {
  const scaled = (text: string) => {
    const [whole = '', fraction = ''] = text.split('.')
    return BigInt(whole + fraction.padEnd(12, '0'))
  }
  return scaled(one) > scaled(other)
}

type Prices = Compiled['prices']

/** Whether another list costs more: of a call that both price, of a fee, or by a price over many calls, which nobody compares. */
const isDearer = (before: Prices, after: Prices): boolean => {
  if (before.version === after.version) return false
  const { fees, charges, commitments } = after.terms
  return (
    Object.entries(after.unitPrices).some(([operation, price]) => {
      const was = before.unitPrices[operation]
      return was !== undefined && isAbove(price, was)
    }) ||
    fees.some(({ id, amount }) => {
      const was = before.terms.fees.find((fee) => fee.id === id)
      return was === undefined || isAbove(amount, was.amount)
    }) ||
    canonical([charges, commitments ?? null]) !==
      canonical([before.terms.charges, before.terms.commitments ?? null])
  )
}

/** Throws where higher prices come sooner than the contract promises to tell of them. */
export const checkPriceNotice = (
  before: Compiled,
  after: Compiled,
  {
    begins,
    now,
    early,
  }: { begins: Temporal.Instant; now: Temporal.Instant; early?: Early | undefined },
): void => {
  const { priceDays } = before.notices
  if (early !== undefined || !isDearer(before.prices, after.prices)) return
  if (isBefore(begins, now.add({ hours: 24 * priceDays })))
    throw noticeTooShort(`higher prices are told ${priceDays} days ahead`, {
      hint: 'Let them begin later, or name why they may come sooner: agreed or law.',
    })
}
