import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { PartnerId } from '#control/partners/index.ts'

export const FreezeId = idOf('freeze')

/** No new customers of a partner: whoever gave a consent before keeps it. */
export const Freeze = z.object({
  id: FreezeId,
  partnerId: PartnerId,
  reason: z.string(),
  by: z.string(),
  at: z.instanceof(Temporal.Instant),
  liftedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Freeze = z.output<typeof Freeze>

const columns = sql`id, partner_id as "partnerId", reason, by, at, lifted_at as "liftedAt"`

/** Of one partner, or of all where none is named. */
export const inForce = (db: Db, partnerId?: PartnerId) => db.many(Freeze)`
  select ${columns}
    from licences.freeze
   where lifted_at is null
     and ${partnerId ? sql`partner_id = ${partnerId}` : sql`true`}
   order by id
   limit 100000
`

/** Those of a partner, newest first, also those that were lifted. */
export const listFreezes = (db: Db, partnerId: PartnerId) => db.many(Freeze)`
  select ${columns}
    from licences.freeze
   where partner_id = ${partnerId}
   order by id desc
   limit 1000
`

export const lockFreeze = (db: Db, partnerId: PartnerId) => db.maybe(Freeze)`
  select ${columns}
    from licences.freeze
   where partner_id = ${partnerId} and lifted_at is null
     for update
`

export const insertFreeze = (db: Db, f: Freeze) => db.run`
  insert into licences.freeze (id, partner_id, reason, by, at)
  values (${f.id}, ${f.partnerId}, ${f.reason}, ${f.by}, ${f.at})
`

export const liftFreeze = (db: Db, id: Freeze['id'], at: Temporal.Instant) =>
  db.run`update licences.freeze set lifted_at = ${at} where id = ${id}`
