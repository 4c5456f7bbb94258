import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Business } from './business.ts'

const columns = sql`
  id, verification_id as "verificationId", partner_id as "partnerId", owners, unexplained, created_at as "createdAt"
`

export const add = (db: Db, b: Business) => db.run`
  insert into kyc.business (id, verification_id, partner_id, owners, unexplained, created_at)
  values (${b.id}, ${b.verificationId}, ${b.partnerId}, ${b.owners}, ${b.unexplained}, ${b.createdAt})
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Business)`
    select ${columns} from kyc.business where id = ${id} and partner_id = ${partnerId}
  `

export const ofVerification = (db: Db, verificationId: string) =>
  db.maybe(Business)`select ${columns} from kyc.business where verification_id = ${verificationId}`

/** A partner's refs may be names. */
export const eraseOwners = (db: Db, verificationId: string) =>
  db.run`update kyc.business set owners = '[]' where verification_id = ${verificationId}`
