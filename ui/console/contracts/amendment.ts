/** What a form of other terms comes to: only what differs from the signed text is named, all else stays to the letter. */
import type { Promised } from './promises.ts'
import { linesOf, type Withheld } from './withheld.ts'

export interface Notices {
  readonly breakingMonths: number
  readonly priceDays: number
  readonly endDays: number
}

export interface Terms {
  readonly tier: string
  readonly priceVersion: string
  readonly products: readonly string[]
  readonly notices: Notices
  readonly levels: readonly Promised[]
  readonly signatures: 'required' | null
  readonly withheld: Withheld
  readonly template: string
}

export type Amendment = Partial<Omit<Terms, 'withheld'>> & {
  readonly withheld?: Withheld | null
  readonly validFrom?: string
}

const isSameList = (a: readonly string[], b: readonly string[]) =>
  a.toSorted().join('\n') === b.toSorted().join('\n')
const isSameWithheld = (a: Withheld, b: Withheld) =>
  isSameList(linesOf(a).split('\n'), linesOf(b).split('\n'))
const isSameNotice = (a: Notices, b: Notices) =>
  a.breakingMonths === b.breakingMonths && a.priceDays === b.priceDays && a.endDays === b.endDays

/** Both sides list the parts of a promise in one order. */
const isSamePromise = (a: readonly Promised[], b: readonly Promised[]) =>
  JSON.stringify(a.map(inOrder)) === JSON.stringify(b.map(inOrder))
const inOrder = (level: Promised) => ({
  product: level.product,
  title: level.title,
  availability: level.availability && {
    method: level.availability.method,
    badPercent: level.availability.badPercent,
    bands: level.availability.bands.map(({ below, percent }) => [below, percent]),
  },
  latency: level.latency.map(({ withinMs, bands }) => [
    withinMs,
    bands.map(({ below, percent }) => [below, percent]),
  ]),
  support: level.support?.bands.map(({ below, percent }) => [below, percent]),
  base: level.base,
  capPercent: level.capPercent,
  maintenance: level.maintenance && [
    level.maintenance.noticeHours,
    level.maintenance.minutesAMonth,
  ],
})

export const amendmentOf = (signed: Terms, wished: Terms, validFrom?: string): Amendment => ({
  ...(wished.tier !== signed.tier && { tier: wished.tier }),
  ...(wished.priceVersion !== signed.priceVersion && { priceVersion: wished.priceVersion }),
  ...(!isSameList(wished.products, signed.products) && { products: wished.products }),
  ...(!isSameNotice(wished.notices, signed.notices) && { notices: wished.notices }),
  ...(!isSamePromise(wished.levels, signed.levels) && { levels: wished.levels }),
  ...(wished.signatures !== signed.signatures && { signatures: wished.signatures }),
  ...(!isSameWithheld(wished.withheld, signed.withheld) && {
    withheld: Object.keys(wished.withheld).length === 0 ? null : wished.withheld,
  }),
  ...(wished.template !== signed.template && { template: wished.template }),
  ...(validFrom !== undefined && { validFrom }),
})
