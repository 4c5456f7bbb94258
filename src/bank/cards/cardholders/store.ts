import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Cardholder } from './cardholder.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", status, blocked_by as "blockedBy",
  kyc_reference as "kycReference", reference, customer_ref as "customerRef", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Cardholder)`
    select ${columns} from cards.cardholder where id = ${id} and partner_id = ${partnerId}
  `

export const lock = (db: Db, id: string, partnerId?: string) => {
  const where = [sql`id = ${id}`]
  if (partnerId !== undefined) where.push(sql`partner_id = ${partnerId}`)
  return db.maybe(Cardholder)`
    select ${columns} from cards.cardholder where ${all(where)} for update
  `
}

/** Keeps others from changing the cardholder until the transaction ends. */
export const share = (db: Db, id: string) =>
  db.one(Cardholder)`select ${columns} from cards.cardholder where id = ${id} for share`

export const ofCustomer = (db: Db, partnerId: string, customerRef: string) =>
  db.maybe(Cardholder)`
    select ${columns}
      from cards.cardholder
     where partner_id = ${partnerId} and customer_ref = ${customerRef}
  `

export const findByKey = (db: Db, partnerId: string, key: string) =>
  db.maybe(Cardholder)`
    select ${columns} from cards.cardholder where partner_id = ${partnerId} and idempotency_key = ${key}
  `

export const list = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Cardholder)`
    select ${columns} from cards.cardholder where ${all(where)} order by id desc limit ${filter.limit}
  `
}

/** Answers whether it was added. */
export const add = async (db: Db, h: Cardholder): Promise<boolean> => {
  const added = await db.run`
    insert into cards.cardholder
      (id, partner_id, application_id, status, blocked_by, kyc_reference, reference, customer_ref, idempotency_key,
       body_sha256, created_at, updated_at)
    values
      (${h.id}, ${h.partnerId}, ${h.applicationId}, ${h.status}, ${h.blockedBy}, ${h.kycReference}, ${h.reference},
       ${h.customerRef}, ${h.idempotencyKey}, ${h.bodySha256}, ${h.createdAt}, ${h.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, h: Cardholder) => db.run`
  update cards.cardholder
     set status = ${h.status}, blocked_by = ${h.blockedBy}, customer_ref = ${h.customerRef}, updated_at = ${h.updatedAt}
   where id = ${h.id}
`
