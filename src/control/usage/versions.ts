/** Which dated versions partners speak, by the calls that they made. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'

/**
 * Notes which version each call spoke. That one was spoken on a day is never missed, and it is what promises hang on; how
 * often may count a call again where a gateway told of it twice.
 */
export const noteVersions = async (
  db: Db,
  cell: Cell,
  calls: readonly (UsageRecord & { readonly day: string; readonly bornAt: string })[],
): Promise<void> => {
  const rows = [...Map.groupBy(calls, keyOf)].flatMap(([key, same]) => {
    const [one] = same
    if (!one || key === '') return []
    const { partnerId, applicationId, version, operation, day } = one
    const lastAt = same.reduce((last, { bornAt }) => (bornAt > last ? bornAt : last), '')
    return [{ partnerId, applicationId, version, operation, day, lastAt, calls: same.length }]
  })
  if (rows.length === 0) return
  await db.run`
    insert into usage.version_day as v
      (partner_id, cell, application_id, version, operation, day, calls, last_at)
    select "partnerId", ${cell}, "applicationId", version, operation, day, calls, "lastAt"
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g (
        "partnerId" text, "applicationId" text, version date, operation text, day date, calls bigint, "lastAt" timestamptz)
     order by "partnerId", "applicationId", version, operation, day
    on conflict (partner_id, cell, application_id, version, operation, day) do update
      set calls = v.calls + excluded.calls, last_at = greatest(v.last_at, excluded.last_at)
  `
}

/** Calls that are noted together; empty for one that was refused before its version was known. */
const keyOf = ({
  partnerId,
  applicationId,
  version,
  operation,
  day,
}: UsageRecord & { readonly day: string }): string =>
  version === undefined ? '' : [partnerId, applicationId, version, operation, day].join(' ')

const Count = z.bigint().transform(Number)

export const VersionUse = z.object({
  partnerId: z.string(),
  cell: Cell,
  applicationId: z.string(),
  version: z.string(),
  operation: z.string(),
  calls: Count,
  /** The first of the days that were asked about on which it called. */
  firstOn: z.string(),
  lastAt: z.instanceof(Temporal.Instant),
})
export type VersionUse = z.output<typeof VersionUse>

/**
 * Calls by application, version and operation since a day, the busiest first. Promises hang on every one of them, so it is
 * as long as applications have operations: the limit is beyond any bank, and no cut.
 */
export const versionUse = (
  db: Db,
  filter: { since: Temporal.PlainDate; partnerId?: string; version?: string },
) => {
  const where = [sql`day >= ${filter.since.toString()}::date`]
  if (filter.partnerId !== undefined) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.version !== undefined) where.push(sql`version = ${filter.version}::date`)
  return db.many(VersionUse)`
    select partner_id as "partnerId", cell, application_id as "applicationId", version::text as version, operation,
           sum(calls)::bigint as calls, min(day)::text as "firstOn", max(last_at) as "lastAt"
      from usage.version_day
     where ${all(where)}
     group by partner_id, cell, application_id, version, operation
     order by sum(calls) desc, partner_id, cell, application_id, version, operation
     limit 1000000
  `
}
