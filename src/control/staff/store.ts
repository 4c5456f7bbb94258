import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Staff, type StaffId } from './staff.ts'

const columns = sql`id, name, email, roles, status`

export const find = (db: Db, id: StaffId) =>
  db.maybe(Staff)`select ${columns} from staff.staff where id = ${id}`
