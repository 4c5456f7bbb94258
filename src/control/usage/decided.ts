/** By which snapshot calls were decided, in the gateways' own words: each proved the document before it served by it. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'

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
  select ${decided} from usage.event where partner_id = ${partnerId} and call_id = ${callId} limit 1
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
