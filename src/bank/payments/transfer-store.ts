import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { LEASE_SECONDS, Transfer } from './transfer.ts'
import type { Due } from '../world.ts'

const columns = sql`
  reference, partner_id as "partnerId", purpose, payment_id as "paymentId", split_id as "splitId", leg_id as "legId",
  refund_id as "refundId", repayment_id as "repaymentId", idempotency_key as "idempotencyKey", debtor_ref as "debtorRef",
  creditor_number as "creditorNumber", creditor_bank as "creditorBank", creditor_name as "creditorName",
  amount_minor as "amountMinor", currency, text, status, reason_code as "reasonCode", tries, next_at as "nextAt",
  created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, reference: string) =>
  db.one(Transfer)`select ${columns} from payments.transfer where reference = ${reference}`

/** Holds the transfer until the transaction ends, so that one outcome is kept once. */
export const lock = (db: Db, reference: string) =>
  db.one(
    Transfer,
  )`select ${columns} from payments.transfer where reference = ${reference} for update`

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Transfer)`
    select ${columns}
      from payments.transfer
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const add = (db: Db, t: Transfer) => db.run`
  insert into payments.transfer
    (reference, partner_id, purpose, payment_id, split_id, leg_id, refund_id, repayment_id, idempotency_key, debtor_ref,
     creditor_number, creditor_bank, creditor_name, amount_minor, currency, text, status, reason_code, tries, next_at,
     created_at, updated_at)
  values
    (${t.reference}, ${t.partnerId}, ${t.purpose}, ${t.paymentId}, ${t.splitId}, ${t.legId}, ${t.refundId}, ${t.repaymentId},
     ${t.idempotencyKey}, ${t.debtorRef}, ${t.creditorNumber}, ${t.creditorBank}, ${t.creditorName}, ${t.amountMinor},
     ${t.currency}, ${t.text}, ${t.status}, ${t.reasonCode}, ${t.tries}, ${t.nextAt}, ${t.createdAt}, ${t.updatedAt})
`

export const save = (db: Db, t: Transfer) => db.run`
  update payments.transfer
     set status = ${t.status}, reason_code = ${t.reasonCode}, tries = ${t.tries}, next_at = ${t.nextAt},
         updated_at = ${t.updatedAt}
   where reference = ${t.reference}
`

/** Open transfers whose time has come, each taken by one process for as long as a lease. */
export const takeDue = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(Transfer)`
    update payments.transfer
       set next_at = ${now.add({ seconds: LEASE_SECONDS })}
     where reference in (
             select reference
               from payments.transfer
              where status in ('written', 'accepted') and next_at <= ${now} and ${whose}
              order by next_at
              limit ${limit}
                for update skip locked)
    returning ${columns}
  `

/** Whatever was open when the last process ended is due now. */
export const makeAllDue = (db: Db, { now, whose }: Due) =>
  db.run`update payments.transfer set next_at = ${now} where status in ('written', 'accepted') and ${whose}`
