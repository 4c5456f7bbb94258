import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { Incident, type IncidentId, IncidentLine } from './incident.ts'

const columns = sql`
  id, title, severity, cell, partner_ids as "partnerIds", began_at as "beganAt", opened_by as "openedBy",
  opened_at as "openedAt", ended_at as "endedAt"
`

export const find = (db: Db, id: IncidentId) =>
  db.maybe(Incident)`select ${columns} from incidents.incident where id = ${id}`

export const lock = (db: Db, id: IncidentId) =>
  db.maybe(Incident)`select ${columns} from incidents.incident where id = ${id} for update`

export interface IncidentFilter {
  /** Those that touch this partner, the ones that touch everybody included. */
  readonly partnerId?: PartnerId | undefined
  readonly from?: Temporal.Instant | undefined
  /** Exclusive. */
  readonly to?: Temporal.Instant | undefined
  /** Older than this one: the next page. */
  readonly before?: IncidentId | undefined
}

/** Newest first; of a period those that were under way at any moment of it. */
export const list = (db: Db, filter: IncidentFilter, limit = 100) => {
  const where = []
  if (filter.partnerId)
    where.push(sql`(partner_ids = '{}' or ${filter.partnerId} = any(partner_ids))`)
  if (filter.from) where.push(sql`(ended_at is null or ended_at >= ${filter.from})`)
  if (filter.to) where.push(sql`began_at < ${filter.to}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Incident)`
    select ${columns}
      from incidents.incident
     where ${all(where)}
     order by id desc
     limit ${limit}
  `
}

const LineRow = IncidentLine.extend({ incidentId: z.string() })

export const linesOf = (db: Db, ids: readonly string[]) => db.many(LineRow)`
  select incident_id as "incidentId", kind, said, by, at
    from incidents.line
   where incident_id = any(${ids})
   order by id
   limit 10000
`

export const insert = (db: Db, i: Incident) => db.run`
  insert into incidents.incident (id, title, severity, cell, partner_ids, began_at, opened_by, opened_at)
  values (${i.id}, ${i.title}, ${i.severity}, ${i.cell}, ${i.partnerIds}, ${i.beganAt}, ${i.openedBy}, ${i.openedAt})
`

export const insertLine = (db: Db, id: IncidentId, l: z.output<typeof IncidentLine>) => db.run`
  insert into incidents.line (incident_id, kind, said, by, at)
  values (${id}, ${l.kind}, ${l.said}, ${l.by}, ${l.at})
`

export const saveEnd = (db: Db, id: IncidentId, endedAt: Temporal.Instant) =>
  db.run`update incidents.incident set ended_at = ${endedAt} where id = ${id}`
