/** What calls come to, for people who have to answer for them: how fast, how often in vain, and when nothing was answered. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'

export interface Span {
  readonly cell: Cell
  readonly from: Temporal.Instant
  /** Exclusive. */
  readonly to: Temporal.Instant
  readonly partnerId?: string | undefined
}

const Count = z.bigint().transform(Number)

/** The day of the key is UTC's; one more on either side, so that no call is missed and few are read. */
const inside = ({ cell, from, to, partnerId }: Span) => {
  const where = [
    sql`cell = ${cell}`,
    sql`occurred_at >= ${from}`,
    sql`occurred_at < ${to}`,
    sql`day >= (${from}::timestamptz at time zone 'UTC')::date - 1`,
    sql`day <= (${to}::timestamptz at time zone 'UTC')::date + 1`,
  ]
  if (partnerId) where.push(sql`partner_id = ${partnerId}`)
  return all(where)
}

export const PerformanceRow = z.object({
  day: z.instanceof(Temporal.PlainDate),
  product: z.string(),
  calls: Count,
  /** Answered with an error that is the bank's: 5xx. */
  errors: Count,
  meanMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
})

/** A line for each day of the bank's calendar and each product. Times are whole answers as the gateway measured them. */
export const performance = (db: Db, span: Span, zone: string) => db.many(PerformanceRow)`
  select (occurred_at at time zone ${zone})::date as day, product, count(*) as calls,
         count(*) filter (where status >= 500) as errors,
         round(avg(latency_ms)::numeric, 3)::float8 as "meanMs",
         round((percentile_cont(0.5) within group (order by latency_ms))::numeric, 3)::float8 as "p50Ms",
         round((percentile_cont(0.95) within group (order by latency_ms))::numeric, 3)::float8 as "p95Ms",
         round((percentile_cont(0.99) within group (order by latency_ms))::numeric, 3)::float8 as "p99Ms"
    from usage.event
   where ${inside(span)}
   group by 1, 2
   order by 1, 2
   limit 10000
`

/** Calls in a row that nobody answered, before it counts as unavailable (EBA/GL/2018/07, guideline 2.4: five in 30 s). */
const UNANSWERED_IN_A_ROW = 5

export const DowntimeRow = z.object({
  since: z.instanceof(Temporal.Instant),
  until: z.instanceof(Temporal.Instant),
  calls: Count,
})

/** When nothing was answered: from the first of five calls in vain to the next one that was answered, or the last in vain. */
export const downtimes = (db: Db, span: Span) => db.many(DowntimeRow)`
  with call as (
    select occurred_at, status in (502, 503, 504) as vain,
           count(*) filter (where status not in (502, 503, 504)) over (order by occurred_at, call_id) as answered
      from usage.event
     where ${inside(span)}
  ), run as (
    select answered, count(*) filter (where vain) as calls, min(occurred_at) filter (where vain) as since,
           max(occurred_at) as last, min(occurred_at) filter (where not vain) as began
      from call
     group by answered
  ), followed as (
    select calls, since, coalesce(lead(began) over (order by answered), last) as until
      from run
  )
  select since, until, calls
    from followed
   where calls >= ${UNANSWERED_IN_A_ROW}
   order by since
   limit 1000
`

export const OutcomeRow = z.object({
  operation: z.string(),
  status: z.number(),
  code: z.string().nullable(),
  calls: Count,
})

/** How calls ended: the refusals by their code. */
export const outcomes = (db: Db, span: Span) => db.many(OutcomeRow)`
  select operation, status, code, count(*) as calls
    from usage.event
   where ${inside(span)}
   group by operation, status, code
   order by operation, status, code nulls first
   limit 10000
`

export const EpochRow = z.object({ epoch: z.bigint(), calls: Count })

/** By which snapshots calls were decided. */
export const epochs = (db: Db, span: Span) => db.many(EpochRow)`
  select epoch, count(*) as calls
    from usage.event
   where ${inside(span)}
   group by epoch
   order by epoch
   limit 10000
`

export const ConsentRow = z.object({
  consentId: z.string(),
  firstAt: z.instanceof(Temporal.Instant),
  lastAt: z.instanceof(Temporal.Instant),
  calls: Count,
  refused: Count,
})

/** Consents that calls were made by, the first used first. */
export const consentsUsed = (db: Db, span: Span) => db.many(ConsentRow)`
  select consent_id as "consentId", min(occurred_at) as "firstAt", max(occurred_at) as "lastAt", count(*) as calls,
         count(*) filter (where status >= 400) as refused
    from usage.event
   where ${inside(span)} and consent_id is not null
   group by consent_id
   order by min(occurred_at), consent_id
   limit 100000
`
