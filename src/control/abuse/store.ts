import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { Finding, type FindingId } from './finding.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", cell, kind, measured, detail, found_at as "foundAt",
  status, change_id as "changeId", decided_at as "decidedAt"
`

export const lock = (db: Db, id: FindingId) =>
  db.maybe(Finding)`select ${columns} from abuse.finding where id = ${id} for update`

export const list = (
  db: Db,
  filter: { partnerId?: PartnerId; status?: Finding['status']; before?: FindingId },
  limit = 100,
) => {
  const where = []
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Finding)`
    select ${columns}
      from abuse.finding
     where ${all(where)}
     order by id desc
     limit ${limit}
  `
}

/** Whether this was said lately, and is waited on or was decided: it is not said again so soon. */
export const wasSaid = async (
  db: Db,
  f: Pick<Finding, 'applicationId' | 'kind'>,
  since: Temporal.Instant,
): Promise<boolean> =>
  (await db.maybe(Finding)`
    select ${columns}
      from abuse.finding
     where application_id = ${f.applicationId} and kind = ${f.kind} and (status = 'open' or found_at > ${since})
     order by id desc
     limit 1
  `) !== undefined

export const insert = (db: Db, f: Finding) => db.run`
  insert into abuse.finding
    (id, partner_id, application_id, cell, kind, measured, detail, found_at, status, change_id)
  values
    (${f.id}, ${f.partnerId}, ${f.applicationId}, ${f.cell}, ${f.kind}, ${JSON.stringify(f.measured)}::text::jsonb,
     ${f.detail}, ${f.foundAt}, ${f.status}, ${f.changeId})
`

export const decide = (
  db: Db,
  id: FindingId,
  status: 'acted' | 'dismissed',
  at: Temporal.Instant,
) => db.run`update abuse.finding set status = ${status}, decided_at = ${at} where id = ${id}`
