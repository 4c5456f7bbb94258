/** What the bank promised a partner about one product. Its terms never change: other terms are another agreement. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { Promised, promiseFaults } from '#control/contracts/index.ts'

export const LevelId = idOf('level')
export type LevelId = z.output<typeof LevelId>

export const LevelTerms = Promised.extend({
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

/** Every mistake of the terms, with its place. `regulated`: whether the law opens the product to some. */
export const levelFaults = (terms: LevelTerms, regulated: boolean): FieldError[] => [
  ...promiseFaults(terms, regulated),
  ...(terms.endsOn !== null && terms.endsOn <= terms.startsOn
    ? [{ pointer: '/endsOn', code: 'order', detail: 'is not after the start' }]
    : []),
]
