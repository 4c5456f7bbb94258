/** How the first answers that contracts promise were kept: of one product for its promise, of all for whoever reads. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { urgencies } from '#control/contracts/index.ts'
import { isBefore } from '#kernel/time.ts'
import { Urgent } from './request.ts'
import * as store from './store.ts'

const Count = z.object({ due: z.int(), inTime: z.int() })

export const Figures = z.object({
  month: z.string(),
  opened: z.int().describe('Requests that were opened in the month'),
  unpromised: z.int().describe('Of them those that no contract promised an answer for'),
  all: Count.describe(
    'First answers that were due in the month by now, and those that came in time',
  ),
  byUrgency: z.array(Count.extend({ urgency: Urgent })),
  byProduct: z.array(Count.extend({ product: z.string().nullable() })),
})
export type Figures = z.output<typeof Figures>

const countOf = (answers: readonly store.Settled[]): z.output<typeof Count> => ({
  due: answers.length,
  inTime: answers.filter((a) => a.inTime).length,
})

/** A month of a partner, by the days of a zone. What is not due yet is not judged. */
export const figuresOf = async (
  db: Db,
  partnerId: string,
  { month, zone, now }: { month: string; zone: string; now: Temporal.Instant },
): Promise<Figures> => {
  const start = Temporal.PlainDate.from(`${month}-01`)
  const instant = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).toInstant()
  const span = { partnerId, from: instant(start), to: instant(start.add({ months: 1 })) }
  const answers = await store.settled(db, { ...span, asOf: now })
  const byProduct = Map.groupBy(answers, (a) => a.product)
  return {
    month,
    ...(await store.opened(db, span)),
    all: countOf(answers),
    byUrgency: urgencies.map((urgency) => ({
      urgency,
      ...countOf(answers.filter((a) => a.urgency === urgency)),
    })),
    byProduct: [...byProduct]
      .map(([product, own]) => ({ product, ...countOf(own) }))
      .toSorted((a, b) => ((a.product ?? '~') < (b.product ?? '~') ? -1 : 1)),
  }
}

export interface PromisedAnswer {
  readonly requestId: string
  readonly dueAt: Temporal.Instant
  /** null: nobody had answered when the span was over. */
  readonly answeredAt: Temporal.Instant | null
  readonly inTime: boolean
}

/**
 * First answers about a product that were due in a span. What came behind its end is told as missing, so that the judgement
 * of a month that is over reads the same whenever it is made.
 */
export const answersDue = async (
  db: Db,
  asked: {
    readonly partnerId: string
    readonly product: string
    readonly from: Temporal.Instant
    readonly to: Temporal.Instant
    readonly asOf: Temporal.Instant
  },
): Promise<PromisedAnswer[]> =>
  (await store.settled(db, asked)).map(({ id, dueAt, answeredAt, inTime }) => ({
    requestId: id,
    dueAt,
    answeredAt: answeredAt && isBefore(answeredAt, asked.to) ? answeredAt : null,
    inTime,
  }))
