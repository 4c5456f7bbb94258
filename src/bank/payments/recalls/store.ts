import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Recall } from './recall.ts'
import { Repayment } from './repayment.ts'
import type { Due } from '../../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", payment_id as "paymentId", answering_partner_id as "answeringPartnerId", reason,
  information, status, rejection, answer_by as "answerBy", created_at as "createdAt", updated_at as "updatedAt"
`

/** A recall that this partner made or has to answer. */
export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Recall)`
    select ${columns}
      from payments.recall
     where id = ${id} and (partner_id = ${partnerId} or answering_partner_id = ${partnerId})
  `

export const lock = (db: Db, id: string) =>
  db.maybe(Recall)`select ${columns} from payments.recall where id = ${id} for update`

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Recall)`
    select ${columns}
      from payments.recall
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const page = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [
    sql`(partner_id = ${filter.partnerId} or answering_partner_id = ${filter.partnerId})`,
  ]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Recall)`
    select ${columns} from payments.recall where ${all(where)} order by id desc limit ${filter.limit}
  `
}

export const ofPayment = (db: Db, paymentId: string) => db.many(Recall)`
  select ${columns} from payments.recall where payment_id = ${paymentId} order by id limit 100
`

/** Answers whether it was added: a payment has one recall at a time, and a key one. */
export const add = async (db: Db, r: Recall): Promise<boolean> =>
  (await db.run`
    insert into payments.recall
      (id, partner_id, application_id, idempotency_key, body_sha256, payment_id, answering_partner_id, reason,
       information, status, rejection, answer_by, created_at, updated_at)
    values
      (${r.id}, ${r.partnerId}, ${r.applicationId}, ${r.idempotencyKey}, ${r.bodySha256}, ${r.paymentId},
       ${r.answeringPartnerId}, ${r.reason}, ${r.information}, ${r.status}, ${r.rejection}, ${r.answerBy},
       ${r.createdAt}, ${r.updatedAt})
    on conflict do nothing
  `) === 1

export const save = (db: Db, r: Recall) => db.run`
  update payments.recall
     set status = ${r.status}, rejection = ${r.rejection}, updated_at = ${r.updatedAt}
   where id = ${r.id}
`

/** Recalls that nobody answered in time. */
export const lockOverdue = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(Recall)`
    select ${columns}
      from payments.recall
     where status = 'PENDING' and answer_by <= ${now} and ${whose}
     order by answer_by
     limit ${limit}
       for update skip locked
  `

const repaymentColumns = sql`
  id, kind, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", payment_id as "paymentId", recall_id as "recallId", amount_minor as "amountMinor",
  currency, reason, status, reason_code as "reasonCode", created_at as "createdAt", updated_at as "updatedAt"
`

export const repayment = (db: Db, id: string) =>
  db.one(Repayment)`select ${repaymentColumns} from payments.repayment where id = ${id}`

export const lockRepayment = (db: Db, id: string) =>
  db.one(Repayment)`select ${repaymentColumns} from payments.repayment where id = ${id} for update`

export const repaymentByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Repayment)`
    select ${repaymentColumns}
      from payments.repayment
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const repaymentsOf = (db: Db, paymentId: string) => db.many(Repayment)`
  select ${repaymentColumns} from payments.repayment where payment_id = ${paymentId} order by id limit 200
`

export const addRepayment = (db: Db, r: Repayment) => db.run`
  insert into payments.repayment
    (id, kind, partner_id, application_id, idempotency_key, body_sha256, payment_id, recall_id, amount_minor, currency,
     reason, status, reason_code, created_at, updated_at)
  values
    (${r.id}, ${r.kind}, ${r.partnerId}, ${r.applicationId}, ${r.idempotencyKey}, ${r.bodySha256}, ${r.paymentId},
     ${r.recallId}, ${r.amountMinor}, ${r.currency}, ${r.reason}, ${r.status}, ${r.reasonCode}, ${r.createdAt},
     ${r.updatedAt})
`

export const saveRepayment = (db: Db, r: Repayment) => db.run`
  update payments.repayment
     set status = ${r.status}, reason_code = ${r.reasonCode}, updated_at = ${r.updatedAt}
   where id = ${r.id}
`

const Sum = z.object({ minor: z.bigint() })

/** How much of a payment was given back, or is on its way back. */
export const repaidOf = async (db: Db, paymentId: string): Promise<bigint> =>
  (
    await db.one(Sum)`
      select coalesce(sum(amount_minor), 0)::bigint as minor
        from payments.repayment
       where payment_id = ${paymentId} and status <> 'RJCT'
    `
  ).minor

const Programme = z.object({ partnerId: z.string() })

/**
 * Whose programme was paid: the payer's own partner, where it is its account, or the only one that has it. Undefined
 * where several share it, or none has it.
 */
export const programmeOf = async (
  db: Db,
  account: { partnerId: string; number: string; bankCode: string },
) => {
  const found = await db.many(Programme)`
    select p.partner_id as "partnerId"
      from payments.programme p
      join payments.programme_account a on a.account_ref = p.account_ref
     where a.number = ${account.number} and a.bank_code = ${account.bankCode}
     order by p.partner_id <> ${account.partnerId}, p.partner_id
     limit 2
  `
  const [first, second] = found
  return first?.partnerId === account.partnerId || !second ? first?.partnerId : undefined
}
