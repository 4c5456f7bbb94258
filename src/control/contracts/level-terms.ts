/** What the bank promises about one product: availability, latency, what is given back, what is left out. Pure. */
import { z } from 'zod'
import type { FieldError } from '#kernel/problem.ts'
import { Decimal } from '#control/rating/index.ts'

export const Bands = z
  .array(z.strictObject({ below: Decimal, percent: Decimal }))
  .min(1)
  .max(10)

export const Method = z.enum(['occurrences', 'timeslices', 'ratio-timeslices', 'consecutive'])
export type Method = z.output<typeof Method>

/** As a contract's text holds it: it rules for as long as the text does. */
export const Promised = z.strictObject({
  product: z.string(),
  title: z.string().trim().min(1).max(120),
  availability: z
    .strictObject({
      method: Method,
      /** Of timeslices: how many per cent of a good slice may fail. */
      badPercent: Decimal.default('5'),
      bands: Bands,
    })
    .nullable()
    .default(null),
  /** So many per cent of the answers within so many milliseconds. */
  latency: z
    .array(z.strictObject({ withinMs: z.int().min(1).max(60_000), bands: Bands }))
    .max(5)
    .default([]),
  /**
   * So many per cent of the first answers to what was asked about the product came in the time that the contract's support
   * promises. Left out, and not null, where nothing is promised: older texts keep their bytes.
   */
  support: z.strictObject({ bands: Bands }).optional(),
  /** Of what a credit is a share: the fees of the product, or everything of the contract. */
  base: z.enum(['product', 'contract']).default('product'),
  /** No credit is more than this share of the base. */
  capPercent: Decimal.nullable().default(null),
  /** Announced work that is left out: never of a product that the law opens. */
  maintenance: z
    .strictObject({
      noticeHours: z.int().min(1).max(2_160),
      minutesAMonth: z.int().min(1).max(2_880),
    })
    .nullable()
    .default(null),
})
export type Promised = z.output<typeof Promised>

const isAbove = (text: string, most: number) => Number(text) > most || text.startsWith('-')

/** Every mistake of a promise, with its place. `regulated`: whether the law opens the product to some. */
export const promiseFaults = (terms: Promised, regulated: boolean): FieldError[] => {
  const errors: FieldError[] = []
  const add = (pointer: string, code: string, detail: string) =>
    void errors.push({ pointer, code, detail })
  const bands = (at: string, all: z.output<typeof Bands>) =>
    all.forEach(({ below, percent }, i) => {
      if (isAbove(below, 100)) add(`${at}/${i}/below`, 'range', 'is no share of a hundred')
      if (isAbove(percent, 100)) add(`${at}/${i}/percent`, 'range', 'gives back more than all')
      const before = all[i - 1]
      if (before && Number(below) >= Number(before.below))
        add(`${at}/${i}/below`, 'order', 'is not below the band before it')
      if (before && Number(percent) <= Number(before.percent))
        add(`${at}/${i}/percent`, 'order', 'a worse band gives back more')
    })
  if (terms.availability) {
    bands('/availability/bands', terms.availability.bands)
    if (isAbove(terms.availability.badPercent, 100))
      add('/availability/badPercent', 'range', 'is no share of a hundred')
  }
  terms.latency.forEach((l, i) => bands(`/latency/${i}/bands`, l.bands))
  if (terms.support) bands('/support/bands', terms.support.bands)
  if (!terms.availability && terms.latency.length === 0 && !terms.support)
    add('/availability', 'missing', 'nothing is promised')
  if (terms.capPercent !== null && isAbove(terms.capPercent, 100))
    add('/capPercent', 'range', 'is no share of a hundred')
  if (regulated && terms.maintenance)
    add('/maintenance', 'regulated', 'for what the law opens, no work is left out')
  return errors
}

/** A promise in words, for the clause that states it. */
export const promiseText = ({
  title,
  product,
  availability,
  latency,
  support,
  capPercent,
}: Promised) =>
  [
    `${title} (${product})`,
    ...(availability
      ? [`availability by ${availability.method}: ${bandsText(availability.bands)}`]
      : []),
    ...latency.map(({ withinMs, bands }) => `answers within ${withinMs} ms: ${bandsText(bands)}`),
    ...(support ? [`first answers in time: ${bandsText(support.bands)}`] : []),
    ...(capPercent === null ? [] : [`at most ${capPercent} % in all`]),
  ].join(', ')

const bandsText = (bands: z.output<typeof Bands>) =>
  bands.map(({ below, percent }) => `below ${below} % gives back ${percent} %`).join(', ')
