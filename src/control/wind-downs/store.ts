import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { WindDown } from './plan.ts'

const columns = sql`
  id, partner_id as "partnerId", reason, successor, tell_by as "tellBy", export_by as "exportBy", ends_at as "endsAt",
  change_id as "changeId", begun_at as "begunAt", told_at as "toldAt", exported_at as "exportedAt", ended_at as "endedAt"
`

export const list = (db: Db) => db.many(WindDown)`
  select ${columns} from wind_downs.plan order by id desc limit 500
`

export const openOf = (db: Db, partnerId: PartnerId) => db.maybe(WindDown)`
  select ${columns} from wind_downs.plan where partner_id = ${partnerId} and ended_at is null
`

export const lockOpenOf = (db: Db, partnerId: PartnerId) => db.maybe(WindDown)`
  select ${columns} from wind_downs.plan where partner_id = ${partnerId} and ended_at is null for update
`

/** Those whose end has come; another sweep's are left to it. */
export const lockDue = (db: Db, now: Temporal.Instant) => db.many(WindDown)`
  select ${columns}
    from wind_downs.plan
   where ended_at is null and ends_at <= ${now}
   order by id
   limit 100
     for update skip locked
`

export const insert = (db: Db, p: WindDown) => db.run`
  insert into wind_downs.plan
    (id, partner_id, reason, successor, tell_by, export_by, ends_at, change_id, begun_at)
  values
    (${p.id}, ${p.partnerId}, ${p.reason}, ${p.successor}, ${p.tellBy}, ${p.exportBy}, ${p.endsAt}, ${p.changeId},
     ${p.begunAt})
`

export const saveSteps = (db: Db, p: WindDown) => db.run`
  update wind_downs.plan
     set told_at = ${p.toldAt}, exported_at = ${p.exportedAt}, ended_at = ${p.endedAt}
   where id = ${p.id}
`
