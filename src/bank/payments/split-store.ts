import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Refund, type RefundId, RefundLeg } from './refund.ts'
import { Leg, Split, type SplitId } from './split.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", payment_id as "paymentId", gross_minor as "grossMinor", currency,
  remainder_to as "remainderTo", created_at as "createdAt"
`

export const find = (db: Db, partnerId: string, id: SplitId) =>
  db.maybe(
    Split,
  )`select ${columns} from payments.split where id = ${id} and partner_id = ${partnerId}`

/** Two uses of one key wait for each other, also while there is no row yet to wait for. */
export const lockKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.run`select pg_advisory_xact_lock(hashtextextended(${`split ${partnerId} ${idempotencyKey}`}, 0))`

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Split)`
    select ${columns}
      from payments.split
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

/** Holds the split until the transaction ends: whatever changes a leg comes through here, one after the other. */
export const lock = (db: Db, id: string, partnerId?: string) => {
  const where = [sql`id = ${id}`]
  if (partnerId !== undefined) where.push(sql`partner_id = ${partnerId}`)
  return db.maybe(Split)`select ${columns} from payments.split where ${all(where)} for update`
}

const Sum = z.object({ minor: z.bigint() })

/** How much of a payment is split already. */
export const splitOf = async (db: Db, paymentId: string): Promise<bigint> =>
  (
    await db.one(Sum)`
      select coalesce(sum(gross_minor), 0)::bigint as minor from payments.split where payment_id = ${paymentId}
    `
  ).minor

export const add = (db: Db, s: Split) => db.run`
  insert into payments.split
    (id, partner_id, application_id, idempotency_key, body_sha256, payment_id, gross_minor, currency, remainder_to,
     created_at)
  values
    (${s.id}, ${s.partnerId}, ${s.applicationId}, ${s.idempotencyKey}, ${s.bodySha256}, ${s.paymentId},
     ${s.grossMinor}, ${s.currency}, ${s.remainderTo}, ${s.createdAt})
`

const legColumns = sql`
  split_id as "splitId", leg_id as "legId", position, role, release_condition as "releaseCondition", number,
  bank_code as "bankCode", bank_given as "bankGiven", name, sub_merchant_id as "subMerchantId", amount_minor as "amountMinor", paid_minor as "paidMinor",
  held_minor as "heldMinor", reversed_minor as "reversedMinor", reversing_minor as "reversingMinor", releasing,
  reason_code as "reasonCode"
`

export const legs = (db: Db, id: SplitId) => db.many(Leg)`
  select ${legColumns} from payments.leg where split_id = ${id} order by position limit 50
`

export const leg = (db: Db, id: SplitId, legId: string) =>
  db.maybe(Leg)`select ${legColumns} from payments.leg where split_id = ${id} and leg_id = ${legId}`

export const addLeg = (db: Db, l: Leg) => db.run`
  insert into payments.leg
    (split_id, leg_id, position, role, release_condition, number, bank_code, bank_given, name, sub_merchant_id,
     amount_minor, paid_minor, held_minor, reversed_minor, reversing_minor, releasing, reason_code)
  values
    (${l.splitId}, ${l.legId}, ${l.position}, ${l.role}, ${l.releaseCondition}, ${l.number}, ${l.bankCode},
     ${l.bankGiven}, ${l.name}, ${l.subMerchantId}, ${l.amountMinor}, ${l.paidMinor}, ${l.heldMinor}, ${l.reversedMinor},
     ${l.reversingMinor}, ${l.releasing}, ${l.reasonCode})
`

export const saveLeg = (db: Db, l: Leg) => db.run`
  update payments.leg
     set paid_minor = ${l.paidMinor}, held_minor = ${l.heldMinor}, reversed_minor = ${l.reversedMinor},
         reversing_minor = ${l.reversingMinor}, releasing = ${l.releasing}, reason_code = ${l.reasonCode}
   where split_id = ${l.splitId} and leg_id = ${l.legId}
`

const refundColumns = sql`
  id, split_id as "splitId", partner_id as "partnerId", application_id as "applicationId",
  idempotency_key as "idempotencyKey", body_sha256 as "bodySha256", amount_minor as "amountMinor", currency, policy,
  reason, payer_number as "payerNumber", payer_bank as "payerBank", payer_name as "payerName", status,
  reason_code as "reasonCode", created_at as "createdAt", updated_at as "updatedAt"
`

export const refunds = (db: Db, id: SplitId) => db.many(Refund)`
  select ${refundColumns} from payments.refund where split_id = ${id} order by id limit 500
`

export const refund = (db: Db, id: string) =>
  db.one(Refund)`select ${refundColumns} from payments.refund where id = ${id}`

export const refundByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Refund)`
    select ${refundColumns}
      from payments.refund
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const addRefund = (db: Db, r: Refund) => db.run`
  insert into payments.refund
    (id, split_id, partner_id, application_id, idempotency_key, body_sha256, amount_minor, currency, policy, reason,
     payer_number, payer_bank, payer_name, status, reason_code, created_at, updated_at)
  values
    (${r.id}, ${r.splitId}, ${r.partnerId}, ${r.applicationId}, ${r.idempotencyKey}, ${r.bodySha256},
     ${r.amountMinor}, ${r.currency}, ${r.policy}, ${r.reason}, ${r.payerNumber}, ${r.payerBank}, ${r.payerName},
     ${r.status}, ${r.reasonCode}, ${r.createdAt}, ${r.updatedAt})
`

export const saveRefund = (db: Db, r: Refund) => db.run`
  update payments.refund
     set status = ${r.status}, reason_code = ${r.reasonCode}, updated_at = ${r.updatedAt}
   where id = ${r.id}
`

const refundLegColumns = sql`
  refund_id as "refundId", leg_id as "legId", held_minor as "heldMinor", paid_minor as "paidMinor", returned
`

export const refundLegs = (db: Db, ids: readonly RefundId[]) => db.many(RefundLeg)`
  select ${refundLegColumns} from payments.refund_leg where refund_id = any(${ids}) order by refund_id, leg_id limit 25000
`

export const addRefundLeg = (db: Db, r: RefundLeg) => db.run`
  insert into payments.refund_leg (refund_id, leg_id, held_minor, paid_minor, returned)
  values (${r.refundId}, ${r.legId}, ${r.heldMinor}, ${r.paidMinor}, ${r.returned})
`

export const legReturned = (db: Db, id: RefundId, legId: string) =>
  db.run`update payments.refund_leg set returned = true where refund_id = ${id} and leg_id = ${legId}`
