import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Standing } from './standing.ts'
import type { Due } from '../../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", debtor_ref as "debtorRef",
  debtor_account_id as "debtorAccountId", amount_minor as "amountMinor", currency,
  creditor_number as "creditorNumber", creditor_bank as "creditorBank", creditor_bank_given as "creditorBankGiven",
  creditor_name as "creditorName", end_to_end_id as "endToEndId", remittance, frequency,
  point_in_time as "pointInTime", first_on as "firstOn", final_on as "finalOn", payments_max as "paymentsMax", status,
  reason_code as "reasonCode", next_position as "nextPosition", next_on as "nextOn", next_at as "nextAt",
  created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (
  db: Db,
  filter: { partnerId: string; id: string } | { partnerId: string; key: string },
) => {
  const where = [
    sql`partner_id = ${filter.partnerId}`,
    'id' in filter ? sql`id = ${filter.id}` : sql`idempotency_key = ${filter.key}`,
  ]
  return db.maybe(Standing)`select ${columns} from payments.standing where ${all(where)}`
}

export const lock = (db: Db, partnerId: string, id: string) =>
  db.maybe(Standing)`
    select ${columns} from payments.standing where id = ${id} and partner_id = ${partnerId} for update
  `

/** Answers whether it was added: a consent and a key are one standing payment. */
export const add = async (db: Db, s: Standing): Promise<boolean> =>
  (await db.run`
    insert into payments.standing
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, debtor_ref, debtor_account_id,
       amount_minor, currency, creditor_number, creditor_bank, creditor_bank_given, creditor_name, end_to_end_id,
       remittance, frequency, point_in_time, first_on, final_on, payments_max, status, reason_code, next_position,
       next_on, next_at, created_at, updated_at)
    values
      (${s.id}, ${s.partnerId}, ${s.applicationId}, ${s.idempotencyKey}, ${s.bodySha256}, ${s.consentId},
       ${s.debtorRef}, ${s.debtorAccountId}, ${s.amountMinor}, ${s.currency}, ${s.creditorNumber}, ${s.creditorBank},
       ${s.creditorBankGiven}, ${s.creditorName}, ${s.endToEndId}, ${s.remittance}, ${s.frequency}, ${s.pointInTime},
       ${s.firstOn}, ${s.finalOn}, ${s.paymentsMax}, ${s.status}, ${s.reasonCode}, ${s.nextPosition}, ${s.nextOn},
       ${s.nextAt}, ${s.createdAt}, ${s.updatedAt})
    on conflict do nothing
  `) === 1

export const save = (db: Db, s: Standing) => db.run`
  update payments.standing
     set status = ${s.status}, reason_code = ${s.reasonCode}, next_position = ${s.nextPosition},
         next_on = ${s.nextOn}, next_at = ${s.nextAt}, updated_at = ${s.updatedAt}
   where id = ${s.id}
`

/** Standing payments whose time has come, each held by one process until its transaction ends. */
export const lockDue = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(Standing)`
    select ${columns}
      from payments.standing
     where status = 'ACTIVE' and next_at <= ${now} and ${whose}
     order by next_at
     limit ${limit}
       for update skip locked
  `
