/** What the bank promised a partner about one product. Its terms never change: other terms are another agreement. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { Decimal } from '#control/rating/index.ts'
import { Bands, Method } from './judging.ts'

export const LevelId = idOf('level')
export type LevelId = z.output<typeof LevelId>

export const LevelTerms = z.strictObject({
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
  startsOn: z.iso.date(),
  endsOn: z.iso.date().nullable().default(null),
})
export type LevelTerms = z.output<typeof LevelTerms>

export interface Level {
  readonly id: LevelId
  readonly partnerId: string
  readonly contractId: string
  readonly terms: LevelTerms
}

export const levelRefused = problem('service-levels/refused', 422, 'The promise cannot be made')
export const levelNotFound = problem('service-levels/not-found', 404, 'No such promise')

const isAbove = (text: string, most: number) => Number(text) > most || text.startsWith('-')

/** Every mistake of the terms, with its place. `regulated`: whether the law opens the product to some. */
export const levelFaults = (terms: LevelTerms, regulated: boolean): FieldError[] => {
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
  if (!terms.availability && terms.latency.length === 0)
    add('/availability', 'missing', 'nothing is promised')
  if (terms.capPercent !== null && isAbove(terms.capPercent, 100))
    add('/capPercent', 'range', 'is no share of a hundred')
  if (regulated && terms.maintenance)
    add('/maintenance', 'regulated', 'for what the law opens, no work is left out')
  if (terms.endsOn !== null && terms.endsOn <= terms.startsOn)
    add('/endsOn', 'order', 'is not after the start')
  return errors
}
