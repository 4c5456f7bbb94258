/** How partners get on: their first answer, how their calls end, and whether they call as much as they used to. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'

const Count = z.bigint().transform(Number)
const FirstRow = z.object({ partnerId: z.string(), at: z.instanceof(Temporal.Instant) })

/** When each of these partners had its first good answer in a cell; those who had none are not there. */
export const firstAnswers = (db: Db, cell: Cell, partnerIds: readonly string[]) => db.many(
  FirstRow,
)`
  select p.id as "partnerId", f.at
    from unnest(${partnerIds}::text[]) p (id)
   cross join lateral (
           select occurred_at as at
             from usage.event
            where partner_id = p.id and cell = ${cell} and status < 400
            order by day, call_id
            limit 1
         ) f
   order by p.id
   limit 100000
`

const EndingsRow = z.object({
  partnerId: z.string(),
  calls: Count,
  /** 4xx: what the partner can mend. */
  refused: Count,
  /** 5xx: what the bank can. */
  failed: Count,
})
export type Endings = z.output<typeof EndingsRow>

/** How each partner's calls of a time ended. */
export const endings = (
  db: Db,
  span: {
    cell: Cell
    from: Temporal.Instant
    to: Temporal.Instant
    partnerId?: string | undefined
  },
) => {
  const { cell, from, to, partnerId } = span
  const where = [
    sql`cell = ${cell}`,
    sql`occurred_at >= ${from}`,
    sql`occurred_at < ${to}`,
    sql`day >= (${from}::timestamptz at time zone 'UTC')::date - 1`,
    sql`day <= (${to}::timestamptz at time zone 'UTC')::date + 1`,
  ]
  if (partnerId) where.push(sql`partner_id = ${partnerId}`)
  return db.many(EndingsRow)`
    select partner_id as "partnerId", count(*) as calls, count(*) filter (where status between 400 and 499) as refused,
           count(*) filter (where status >= 500) as failed
      from usage.event
     where ${all(where)}
     group by partner_id
     order by partner_id
     limit 100000
  `
}

const DayRow = z.object({
  partnerId: z.string(),
  day: z.instanceof(Temporal.PlainDate),
  calls: Count,
})

/** Calls a day of the bank's calendar, by partner; days without calls are not there. */
export const callsByDay = (
  db: Db,
  span: {
    cell: Cell
    from: Temporal.Instant
    to: Temporal.Instant
    partnerId?: string | undefined
  },
  zone: string,
) => {
  const where = [sql`cell = ${span.cell}`, sql`hour >= ${span.from}`, sql`hour < ${span.to}`]
  if (span.partnerId) where.push(sql`partner_id = ${span.partnerId}`)
  return db.many(DayRow)`
    select partner_id as "partnerId", (hour at time zone ${zone})::date as day, sum(calls)::bigint as calls
      from usage.hour
     where ${all(where)}
     group by 1, 2
     order by 1, 2
     limit 1000000
  `
}

const ProductRow = z.object({
  product: z.string(),
  /** Of whom the figures are: of few they would tell about each. */
  partners: Count,
  calls: Count,
  failed: Count,
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
})
export type ProductRow = z.output<typeof ProductRow>

/** What production came to in a time, a product a line, and all of them together under the empty name. */
export const byProduct = (db: Db, span: { from: Temporal.Instant; to: Temporal.Instant }) =>
  db.many(ProductRow)`
    select coalesce(product, '') as product, count(distinct partner_id) as partners, count(*) as calls,
           count(*) filter (where status >= 500) as failed,
           round((percentile_cont(0.5) within group (order by latency_ms))::numeric, 1)::float8 as "p50Ms",
           round((percentile_cont(0.95) within group (order by latency_ms))::numeric, 1)::float8 as "p95Ms",
           round((percentile_cont(0.99) within group (order by latency_ms))::numeric, 1)::float8 as "p99Ms"
      from usage.event
     where cell = 'production' and occurred_at >= ${span.from} and occurred_at < ${span.to}
       and day >= (${span.from}::timestamptz at time zone 'UTC')::date - 1
       and day <= (${span.to}::timestamptz at time zone 'UTC')::date + 1
     group by grouping sets ((product), ())
    having count(*) > 0
     order by product nulls first
     limit 1000
  `
