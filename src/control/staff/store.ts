import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Reading } from './reading.ts'
import { Staff, type StaffId, type StaffRole } from './staff.ts'

const columns = sql`id, name, email, roles, status`

export const find = (db: Db, id: StaffId) =>
  db.maybe(Staff)`select ${columns} from staff.staff where id = ${id}`

const Login = Staff.extend({ passwordHash: z.string() })

export const findLogin = (db: Db, email: string) =>
  db.maybe(Login)`
    select ${columns}, password_hash as "passwordHash"
      from staff.staff
     where email = ${email}
       and status = 'active'
  `

export const list = (db: Db) =>
  db.many(Staff)`select ${columns} from staff.staff order by id limit 500`

export const saveRoles = (db: Db, id: StaffId, roles: readonly StaffRole[]) =>
  db.run`update staff.staff set roles = ${roles} where id = ${id}`

/** Answers whether it was new: an address names one person. */
export const insert = async (
  db: Db,
  s: Staff,
  passwordHash: string,
  now: Temporal.Instant,
): Promise<boolean> =>
  (await db.run`
    insert into staff.staff (id, name, email, password_hash, roles, status, created_at)
    values (${s.id}, ${s.name}, ${s.email}, ${passwordHash}, ${s.roles}, ${s.status}, ${now})
    on conflict (email) do nothing
  `) === 1

const readingColumns = sql`
  id, staff_id as "staffId", operation, subject, purpose, said, read_at as "readAt"
`

export const insertReading = (db: Db, r: Reading) => db.run`
  insert into staff.reading (id, staff_id, operation, subject, purpose, said, read_at)
  values (${r.id}, ${r.staffId}, ${r.operation}, ${r.subject}, ${r.purpose}, ${r.said}, ${r.readAt})
`

/** The latest first, those before a place. */
export const listReadings = (
  db: Db,
  {
    subject,
    before,
    limit,
  }: { subject?: string | undefined; before?: string | undefined; limit: number },
) => {
  const where = [sql`true`]
  if (subject !== undefined) where.push(sql`subject = ${subject}`)
  if (before !== undefined) where.push(sql`id < ${before}`)
  return db.many(Reading)`
    select ${readingColumns}
      from staff.reading
     where ${all(where)}
     order by id desc
     limit ${limit}
  `
}

export const forgetReadings = (db: Db, subject: string) =>
  db.run`update staff.reading set said = null where subject = ${subject} and said is not null`
