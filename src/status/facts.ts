/** What the status page wants to know; control measures and fulfils it. All of it is public. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'

const Count = z.int().nonnegative()

/** What the bank wrote, by language. A language that it left out reads the text that stands beside it. */
export const Words = z.strictObject({
  en: z.string().optional(),
  ru: z.string().optional(),
  uz: z.string().optional(),
})
export type Words = z.output<typeof Words>

/** The same as a form sends them. */
export const wordsOf = (max: number) => {
  const text = z.string().trim().min(3).max(max).optional()
  return z.strictObject({ en: text, ru: text, uz: text })
}

/** A part that is watched in a cell: `gateway`, `authorization`, `webhooks`, or a product’s id. */
export const Part = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/, 'is a part such as accounts')

/** What was measured in a minute: of so many calls (or looks of our own) so many were answered as they should be. */
export const Minute = z.strictObject({ minute: Instant, good: Count, total: Count })
export type Minute = z.output<typeof Minute>

/** Minutes of a day in the bank’s zone: of those known so many good, so many down; planned ones stand beside them. */
export const Day = z.strictObject({
  day: z.iso.date(),
  known: Count,
  good: Count,
  down: Count,
  planned: Count,
})
export type Day = z.output<typeof Day>

export const Component = z.strictObject({
  cell: Cell,
  part: Part,
  /** Of a product, as its document says; our own parts are named by the page. */
  title: z.string().nullable(),
  since: Instant,
  /** The last minutes in which anything is known, in order of time. */
  recent: z.array(Minute),
  /** The last ninety days in which anything is known, in order of time. */
  days: z.array(Day),
})
export type Component = z.output<typeof Component>

export const UpdateState = z.enum(['investigating', 'identified', 'monitoring', 'resolved'])
export type UpdateState = z.output<typeof UpdateState>

/** Something that went wrong, in the words that the bank wrote for everybody. */
export const PublicIncident = z.strictObject({
  id: z.string(),
  title: z.string(),
  titles: Words.optional(),
  severity: z.enum(['minor', 'significant', 'major']),
  /** null: outside of both. */
  cell: Cell.nullable(),
  /** Parts that it touches; none named: the cell as a whole. */
  parts: z.array(Part),
  beganAt: Instant,
  openedAt: Instant,
  endedAt: Instant.nullable(),
  /** In order of time. A null text is said in the reader’s language: it was opened, it is over. */
  updates: z.array(
    z.strictObject({
      id: z.string(),
      state: UpdateState,
      text: z.string().nullable(),
      words: Words.optional(),
      at: Instant,
    }),
  ),
})
export type PublicIncident = z.output<typeof PublicIncident>

/** Work that was announced. */
export const Maintenance = z.strictObject({
  id: z.string(),
  part: Part,
  reason: z.string(),
  words: Words.optional(),
  startsAt: Instant,
  endsAt: Instant,
  announcedAt: Instant,
})
export type Maintenance = z.output<typeof Maintenance>

export const StatusFacts = z.strictObject({
  format: z.literal('portico.status/1'),
  /** When control looked last. */
  at: Instant,
  components: z.array(Component),
  /** Of the last ninety days, the newest first. */
  incidents: z.array(PublicIncident),
  /** Of the last ninety days and all to come, in order of time. */
  maintenance: z.array(Maintenance),
})
export type StatusFacts = z.output<typeof StatusFacts>

/**
 * Announced work concerns what partners live on: the sandbox promises nothing. Work that was announced when it had begun is
 * no planned work, neither before the announcement nor after it: as for credits, an outage cannot be made one afterwards.
 */
export const isUnderWork = (
  { maintenance }: Pick<StatusFacts, 'maintenance'>,
  { cell, part }: { readonly cell: Cell; readonly part: string },
  at: Temporal.Instant,
): boolean =>
  cell === 'production' &&
  maintenance.some(
    (work) =>
      work.part === part &&
      Temporal.Instant.compare(work.announcedAt, work.startsAt) <= 0 &&
      Temporal.Instant.compare(work.startsAt, at) <= 0 &&
      Temporal.Instant.compare(at, work.endsAt) < 0,
  )
