import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Document } from './document.ts'
import { Verification, type VerificationId } from './verification.ts'
import type { Due } from '../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", kind, status, reference, purpose, requirements, sealed, deadline,
  submitted_at as "submittedAt", ended_at as "endedAt", erase_at as "eraseAt", erased_at as "erasedAt",
  look_at as "lookAt", created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Verification)`
    select ${columns} from kyc.verification where id = ${id} and partner_id = ${partnerId}
  `

/** Holds the verification until the transaction ends. */
export const lock = (db: Db, id: string) =>
  db.maybe(Verification)`select ${columns} from kyc.verification where id = ${id} for update`

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Verification)`
    select ${columns}
      from kyc.verification
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const list = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`partner_id = ${filter.partnerId}`, sql`kind = 'person'`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Verification)`
    select ${columns}
      from kyc.verification
     where ${all(where)}
     order by id desc
     limit ${filter.limit}
  `
}

/** Answers whether it was added: a key that has one gets no second one. */
export const add = async (db: Db, v: Verification): Promise<boolean> => {
  const added = await db.run`
    insert into kyc.verification
      (id, partner_id, application_id, idempotency_key, body_sha256, kind, status, reference, purpose, requirements,
       sealed, deadline, look_at, created_at, updated_at)
    values
      (${v.id}, ${v.partnerId}, ${v.applicationId}, ${v.idempotencyKey}, ${v.bodySha256}, ${v.kind}, ${v.status},
       ${v.reference}, ${v.purpose}, ${v.requirements}, ${v.sealed}, ${v.deadline}, ${v.lookAt}, ${v.createdAt},
       ${v.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, v: Verification) => db.run`
  update kyc.verification
     set status = ${v.status}, reference = ${v.reference}, sealed = ${v.sealed}, submitted_at = ${v.submittedAt},
         ended_at = ${v.endedAt}, erase_at = ${v.eraseAt}, erased_at = ${v.erasedAt}, look_at = ${v.lookAt},
         updated_at = ${v.updatedAt}
   where id = ${v.id}
`

const Due = z.object({ id: z.string() })

/** Those whose time has come, each for one taker: it is theirs for a minute. */
export const takeDue = async (db: Db, { now, whose }: Due, limit: number): Promise<string[]> => {
  const due = await db.many(Due)`
    update kyc.verification
       set look_at = ${now.add({ seconds: 60 })}
     where id in (
       select id from kyc.verification
        where look_at <= ${now} and ${whose}
        order by look_at
        limit ${limit}
          for update skip locked
     )
    returning id
  `
  return due.map(({ id }) => id)
}

const documentColumns = sql`
  id, verification_id as "verificationId", idempotency_key as "idempotencyKey", body_sha256 as "bodySha256", type,
  media_type as "mediaType", bytes, sha256, received_at as "receivedAt"
`

export const documentsOf = (db: Db, id: VerificationId) =>
  db.many(Document)`
    select ${documentColumns} from kyc.document where verification_id = ${id} order by id limit 100
  `

const Held = z.object({ verificationId: z.string(), type: z.string() })

/** Types of the documents of many verifications. */
export const documentTypes = (db: Db, ids: readonly string[]) =>
  db.many(Held)`
    select verification_id as "verificationId", type
      from kyc.document
     where verification_id = any(${ids})
     order by id
     limit 1200
  `

export const addDocument = (db: Db, d: Document, sealed: Uint8Array) => db.run`
  insert into kyc.document
    (id, verification_id, idempotency_key, body_sha256, type, media_type, bytes, sha256, sealed, received_at)
  values
    (${d.id}, ${d.verificationId}, ${d.idempotencyKey}, ${d.bodySha256}, ${d.type}, ${d.mediaType}, ${d.bytes},
     ${d.sha256}, ${sealed}, ${d.receivedAt})
`

export const eraseDocuments = (db: Db, id: VerificationId) =>
  db.run`update kyc.document set sealed = null where verification_id = ${id} and sealed is not null`
