/** By which snapshot calls were decided, in the gateways' own words: each proved the document before it served by it. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { dayOfCall } from './call-day.ts'

const DecidedRow = z.object({
  callId: z.string(),
  occurredAt: z.instanceof(Temporal.Instant),
  partnerId: z.string(),
  applicationId: z.string(),
  operation: z.string(),
  cell: Cell,
  status: z.number(),
  code: z.string().nullable(),
  consentId: z.string().nullable(),
  epoch: z.bigint(),
  snapshotSha256: z.string().nullable(),
})
export type DecidedCall = z.output<typeof DecidedRow>

const decided = sql`
  call_id as "callId", occurred_at as "occurredAt", partner_id as "partnerId", application_id as "applicationId",
  operation, cell, status, code, consent_id as "consentId", epoch, snapshot_sha256 as "snapshotSha256"
`

/** A call of a partner by its id, with the snapshot that decided it. */
export const decidedCall = (db: Db, partnerId: string, callId: string) => db.maybe(DecidedRow)`
  select ${decided}
    from usage.event
   where partner_id = ${partnerId} and day = ${dayOfCall(callId)} and call_id = ${callId}
   limit 1
`

/** An application's last call of an operation by a moment, at most a day before it: call ids grow with time. */
export const lastDecidedCall = (
  db: Db,
  of: { partnerId: string; applicationId: string; operation: string; at: Temporal.Instant },
) => db.maybe(DecidedRow)`
  select ${decided}
    from usage.event
   where partner_id = ${of.partnerId} and application_id = ${of.applicationId} and operation = ${of.operation}
     and day between (${of.at}::timestamptz at time zone 'UTC')::date - 1
                 and (${of.at}::timestamptz at time zone 'UTC')::date
     and occurred_at <= ${of.at} and occurred_at > ${of.at.subtract({ hours: 24 })}
   order by occurred_at desc
   limit 1
`

const Made = z.object({
  partnerId: z.string(),
  applicationId: z.string(),
  operation: z.string(),
  calls: z.bigint().transform(Number),
})
export type CallsMade = z.output<typeof Made>

interface Since {
  readonly cell: Cell
  readonly partnerId?: string | undefined
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
}

/** What was called in a time, of one partner or of all, however it ended: from the hourly tallies, by whole hours. */
export const callsMade = (db: Db, { cell, partnerId, from, to }: Since) => db.many(Made)`
  select partner_id as "partnerId", application_id as "applicationId", operation, sum(calls)::bigint as calls
    from usage.hour
   where ${all([
     sql`cell = ${cell}`,
     sql`hour >= date_trunc('hour', ${from}::timestamptz, 'UTC')`,
     sql`hour < ${to}`,
     ...(partnerId ? [sql`partner_id = ${partnerId}`] : []),
   ])}
   group by partner_id, application_id, operation
   order by partner_id, application_id, operation
   limit 1000000
`

const Timed = z.object({
  atMs: z.number(),
  applicationId: z.string(),
  product: z.string(),
  operation: z.string(),
  consentId: z.string().nullable(),
  units: z.bigint().transform(Number),
  latencyMs: z.number(),
})
export type TimedCall = z.output<typeof Timed>

/** A partner's calls that no limit refused, in order of time: the latest of them where there are more than `limit`. */
export const timedCalls = async (
  db: Db,
  { cell, partnerId, from, to }: Since & { readonly partnerId: string },
  limit: number,
): Promise<TimedCall[]> => {
  const latestFirst = await db.many(Timed)`
    select extract(epoch from occurred_at)::float8 * 1000 as "atMs", application_id as "applicationId", product,
           operation, consent_id as "consentId", units, latency_ms as "latencyMs"
      from usage.event
     where partner_id = ${partnerId} and cell = ${cell} and occurred_at >= ${from} and occurred_at < ${to}
       and day >= (${from}::timestamptz at time zone 'UTC')::date - 1 and status <> 429
     order by occurred_at desc, call_id desc
     limit ${limit}
  `
  return latestFirst.toReversed()
}
