import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { PartnerId } from '#control/partners/index.ts'
import type { StaffId } from '#control/staff/index.ts'
import { Recertification, type RecertificationId } from './recertification.ts'

const columns = sql`
  id, partner_id as "partnerId", occasion, reason, owner, opened_by as "openedBy", opened_at as "openedAt",
  due_at as "dueAt", state, decided_at as "decidedAt", change_id as "changeId"
`

const MANY = 100_000

export interface Filter {
  readonly partnerId?: PartnerId | undefined
  readonly state?: Recertification['state'] | undefined
}

/** Open ones first, the nearest day first; then the others, the last answer first. */
export const list = (db: Db, { partnerId, state }: Filter, limit = MANY) => {
  const where = [sql`true`]
  if (partnerId) where.push(sql`partner_id = ${partnerId}`)
  if (state) where.push(sql`state = ${state}`)
  return db.many(Recertification)`
    select ${columns}
      from licences.recertification
     where ${all(where)}
     order by decided_at desc nulls first, due_at, id
     limit ${limit}
  `
}

export const lock = (db: Db, id: RecertificationId) =>
  db.maybe(Recertification)`
    select ${columns} from licences.recertification where id = ${id} for update
  `

export const insert = (db: Db, r: Recertification) => db.run`
  insert into licences.recertification
    (id, partner_id, occasion, reason, owner, opened_by, opened_at, due_at)
  values
    (${r.id}, ${r.partnerId}, ${r.occasion}, ${r.reason}, ${r.owner}, ${r.openedBy}, ${r.openedAt}, ${r.dueAt})
`

export const saveOwner = (db: Db, id: RecertificationId, owner: StaffId) =>
  db.run`update licences.recertification set owner = ${owner} where id = ${id}`

export const close = (db: Db, { id, state, decidedAt, changeId }: Recertification) => db.run`
  update licences.recertification
     set state = ${state}, decided_at = ${decidedAt}, change_id = ${changeId}
   where id = ${id}
`

/** Answers whether it had not been told before. */
export const tellOnce = async (db: Db, id: RecertificationId, word: string): Promise<boolean> =>
  (await db.run`
    update licences.recertification
       set told = told || ${word}::text
     where id = ${id} and state = 'open' and not (${word}::text = any(told))
  `) === 1

const Since = z.object({ partnerId: PartnerId, since: z.instanceof(Temporal.Instant) })

/** Partners that hold something and are not being looked at, each with its last answer, or its first day. */
export const unwatched = (db: Db) => db.many(Since)`
  select h.partner_id as "partnerId", greatest(min(h.since), max(r.decided_at)) as since
    from licences.holding h
    left join licences.recertification r on r.partner_id = h.partner_id
   where (h.until is null or h.until > h.since)
   group by h.partner_id
  having coalesce(bool_and(r.state <> 'open'), true)
   order by h.partner_id
   limit ${MANY}
`
