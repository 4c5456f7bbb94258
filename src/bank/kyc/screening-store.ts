import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Screening } from './screening.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", verification_id as "verificationId", result, screened_at as "screenedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Screening)`
    select ${columns} from kyc.screening where id = ${id} and partner_id = ${partnerId}
  `

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Screening)`
    select ${columns}
      from kyc.screening
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

/** The last one that still holds. Lists that could not be asked are asked again. */
export const latest = (db: Db, verificationId: string, since: Temporal.Instant) =>
  db.maybe(Screening)`
    select ${columns}
      from kyc.screening
     where verification_id = ${verificationId} and screened_at > ${since} and result <> 'unavailable'
     order by screened_at desc
     limit 1
  `

export const add = async (db: Db, s: Screening): Promise<boolean> => {
  const added = await db.run`
    insert into kyc.screening
      (id, partner_id, application_id, idempotency_key, body_sha256, verification_id, result, screened_at)
    values
      (${s.id}, ${s.partnerId}, ${s.applicationId}, ${s.idempotencyKey}, ${s.bodySha256}, ${s.verificationId},
       ${s.result}, ${s.screenedAt})
    on conflict do nothing
  `
  return added === 1
}

export const forget = (db: Db, verificationId: string) =>
  db.run`delete from kyc.screening where verification_id = ${verificationId}`
