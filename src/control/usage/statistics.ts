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

export const AnswerRow = z.object({
  day: z.instanceof(Temporal.PlainDate),
  product: z.string(),
  operation: z.string(),
  calls: Count,
  errors: Count,
  /** All answers together. */
  totalMs: z.number(),
})

/** The same by operation, in sums, so that several can be told as one. */
export const answers = (db: Db, span: Span, zone: string) => db.many(AnswerRow)`
  select (occurred_at at time zone ${zone})::date as day, product, operation, count(*) as calls,
         count(*) filter (where status >= 500) as errors, sum(latency_ms)::float8 as "totalMs"
    from usage.event
   where ${inside(span)}
   group by 1, 2, 3
   order by 1, 2, 3
   limit 100000
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

export const BehaviourRow = z.object({
  partnerId: z.string(),
  applicationId: z.string(),
  calls: Count,
  /** Answered with 404, or refused for a consent or a thing that is not the caller's. */
  missed: Count,
  consents: Count,
  /** Reads by the one consent that was used most. */
  mostReads: Count,
  byOperation: z.record(z.string(), z.number()),
})
export type BehaviourRow = z.output<typeof BehaviourRow>

/** How each application behaved in a time, as far as rows of calls tell. */
export const behaviour = (db: Db, span: Span) => db.many(BehaviourRow)`
  with call as (
    select partner_id, application_id, operation, consent_id, status
      from usage.event
     where ${inside(span)}
  ), by_consent as (
    select application_id, max(n) as most
      from (select application_id, consent_id, count(*) as n
              from call
             where consent_id is not null
             group by application_id, consent_id) c
     group by application_id
  ), by_operation as (
    select application_id, jsonb_object_agg(operation, n) as counts
      from (select application_id, operation, count(*) as n from call group by application_id, operation) o
     group by application_id
  )
  select c.partner_id as "partnerId", c.application_id as "applicationId", count(*) as calls,
         count(*) filter (where c.status in (403, 404)) as missed, count(distinct c.consent_id) as consents,
         coalesce(max(b.most), 0) as "mostReads", o.counts as "byOperation"
    from call c
    join by_operation o using (application_id)
    left join by_consent b using (application_id)
   group by c.partner_id, c.application_id, o.counts
   order by c.application_id
   limit 100000
`

const DailyRow = z.object({ applicationId: z.string(), calls: z.number(), consents: z.number() })

/** Calls and consents of each application a day, on the days of a time on which it called at all. */
export const usual = (db: Db, span: Span) => db.many(DailyRow)`
  select application_id as "applicationId", avg(calls)::float8 as calls, avg(consents)::float8 as consents
    from (select application_id, day, count(*) as calls, count(distinct consent_id) as consents
            from usage.event
           where ${inside(span)}
           group by application_id, day) d
   group by application_id
   order by application_id
   limit 100000
`

export const TraceRow = z.object({
  at: z.instanceof(Temporal.Instant),
  product: z.string(),
  operation: z.string(),
  status: z.number(),
  code: z.string().nullable(),
  billable: z.boolean(),
  consentId: z.string().nullable(),
})
export type TraceRow = z.output<typeof TraceRow>

/** A partner's calls one by one in the order of time, the latest of them where there are more than `limit`. */
export const trace = async (
  db: Db,
  span: Span & { readonly partnerId: string },
  limit: number,
): Promise<TraceRow[]> => {
  const latestFirst = await db.many(TraceRow)`
    select occurred_at as at, product, operation, status, code, billable, consent_id as "consentId"
      from usage.event
     where ${inside(span)}
     order by occurred_at desc, call_id desc
     limit ${limit}
  `
  return latestFirst.toReversed()
}
