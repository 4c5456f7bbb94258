/** How a partner's calls of a product were answered, by the minute: what promises are judged by. From the rows themselves. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'

export interface AnsweredSpan {
  readonly partnerId: string
  readonly product: string
  readonly from: Temporal.Instant
  /** Exclusive. */
  readonly to: Temporal.Instant
}

/** The bank's own failures. A 429 beyond the contract's limits is the partner's; any other is ours. */
const bad = sql`(status in (500, 502, 503, 504)
  or (status = 429 and coalesce(code, '') not in ('gateway/rate-limited', 'contracts/quota-exhausted', 'budgets/cap-reached')))`

/** What counts at all: what was answered, and what failed by us. Other refusals are neither. */
const inside = ({ partnerId, product, from, to }: AnsweredSpan) =>
  all([
    sql`partner_id = ${partnerId}`,
    sql`cell = 'production'`,
    sql`product = ${product}`,
    sql`day >= (${from}::timestamptz at time zone 'UTC')::date`,
    sql`day <= (${to}::timestamptz at time zone 'UTC')::date`,
    sql`occurred_at >= ${from}`,
    sql`occurred_at < ${to}`,
    sql`(status < 400 or ${bad})`,
  ])

const Count = z.bigint().transform(Number)

export const AnsweredMinute = z.object({
  minute: z.instanceof(Temporal.Instant),
  calls: Count,
  bad: Count,
})
export type AnsweredMinute = z.output<typeof AnsweredMinute>

/** Minutes with calls that count, in order of time. */
export const answeredMinutes = (db: Db, span: AnsweredSpan) => db.many(AnsweredMinute)`
  select date_trunc('minute', occurred_at, 'UTC') as minute, count(*) as calls, count(*) filter (where ${bad}) as bad
    from usage.event
   where ${inside(span)}
   group by 1
   order by 1
   limit 100000
`

const WithinMinute = z.object({
  minute: z.instanceof(Temporal.Instant),
  answered: Count,
  within: Count,
})

/** Of the answers of each minute, how many came within so many milliseconds: counted, never estimated. */
export const answeredWithin = (db: Db, span: AnsweredSpan, thresholdMs: number) =>
  db.many(WithinMinute)`
    select date_trunc('minute', occurred_at, 'UTC') as minute, count(*) as answered,
           count(*) filter (where latency_ms <= ${thresholdMs}) as within
      from usage.event
     where ${inside(span)} and not ${bad}
     group by 1
     order by 1
     limit 100000
  `

const Turn = z.object({ at: z.instanceof(Temporal.Instant), bad: z.boolean() })

/** Every failure, and the first answer behind each row of them: what five in a row are found by. In order of time. */
export const failuresAndRecoveries = (db: Db, span: AnsweredSpan) => db.many(Turn)`
  select at, bad
    from (select occurred_at as at, call_id, ${bad} as bad, lag(${bad}) over w as before
            from usage.event
           where ${inside(span)}
          window w as (order by occurred_at, call_id)) t
   where bad or before
   order by at, call_id
   limit 1000000
`

const ProductMinute = AnsweredMinute.extend({ product: z.string() })

/** All partners together, by product: what the status page tells. */
export const answeredByProduct = (
  db: Db,
  { cell, from, to }: { cell: Cell; from: Temporal.Instant; to: Temporal.Instant },
) => db.many(ProductMinute)`
  select product, date_trunc('minute', occurred_at, 'UTC') as minute, count(*) as calls,
         count(*) filter (where ${bad}) as bad
    from usage.event
   where cell = ${cell}
     and day >= (${from}::timestamptz at time zone 'UTC')::date
     and day <= (${to}::timestamptz at time zone 'UTC')::date
     and occurred_at >= ${from} and occurred_at < ${to}
     and (status < 400 or ${bad})
   group by product, 2
   order by 2, product
   limit 200000
`

const OwnDay = z.object({
  partnerId: z.string(),
  product: z.string(),
  day: z.instanceof(Temporal.PlainDate),
  calls: Count,
  bad: Count,
  /** Minutes with calls that count; of these, how many were good and how many were lost. */
  known: Count,
  good: Count,
  down: Count,
})
export type OwnDay = z.output<typeof OwnDay>

/** Production by partner, product and day of the bank: the minutes of the status page, each partner's own. */
export const answeredDays = (
  db: Db,
  { from, to, partnerId }: Pick<AnsweredSpan, 'from' | 'to'> & { partnerId?: string },
  zone: string,
) => db.many(OwnDay)`
  select "partnerId", product, local_day as day, sum(calls)::bigint as calls, sum(bad)::bigint as bad, count(*) as known,
         count(*) filter (where bad * 20 <= calls) as good,
         count(*) filter (where (calls - bad) * 2 <= calls) as down
    from (select partner_id as "partnerId", product, (occurred_at at time zone ${zone})::date as local_day,
                 date_trunc('minute', occurred_at, 'UTC') as minute, count(*) as calls, count(*) filter (where ${bad}) as bad
            from usage.event
           where (${partnerId ?? null}::text is null or partner_id = ${partnerId ?? null})
             and cell = 'production'
             and day >= (${from}::timestamptz at time zone 'UTC')::date
             and day <= (${to}::timestamptz at time zone 'UTC')::date
             and occurred_at >= ${from} and occurred_at < ${to}
             and (status < 400 or ${bad})
           group by 1, 2, 3, 4) m
   group by 1, 2, 3
   order by 1, 2, 3
   limit 200000
`

const Touched = z.object({ failed: Count, calls: z.array(z.string()) })

/** Calls of a partner that failed by the bank's fault in a span: how many, and the first of them by id. */
export const failedIn = async (
  db: Db,
  {
    partnerId,
    cell,
    products,
    from,
    to,
  }: Omit<AnsweredSpan, 'product'> & {
    cell: Cell
    /** None named: of every product. */
    products: readonly string[]
  },
): Promise<z.output<typeof Touched>> =>
  db.one(Touched)`
    select count(*) as failed,
           coalesce((array_agg(call_id order by occurred_at, call_id))[1:20], '{}') as calls
      from usage.event
     where partner_id = ${partnerId}
       and cell = ${cell}
       and day >= (${from}::timestamptz at time zone 'UTC')::date
       and day <= (${to}::timestamptz at time zone 'UTC')::date
       and occurred_at >= ${from} and occurred_at < ${to}
       and (cardinality(${products}::text[]) = 0 or product = any(${products}::text[]))
       and ${bad}
  `
