import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Payment, type PaymentId } from './payment.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", debtor_ref as "debtorRef",
  debtor_account_id as "debtorAccountId", amount_minor as "amountMinor", currency,
  creditor_number as "creditorNumber", creditor_bank as "creditorBank", creditor_bank_given as "creditorBankGiven",
  creditor_name as "creditorName", instruction_id as "instructionId", end_to_end_id as "endToEndId", remittance,
  status, reason_code as "reasonCode", created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: PaymentId) =>
  db.maybe(
    Payment,
  )`select ${columns} from payments.payment where id = ${id} and partner_id = ${partnerId}`

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Payment)`
    select ${columns}
      from payments.payment
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

/** Holds the payment until the transaction ends; a partner's own, where one is named. */
export const lock = (db: Db, id: string, partnerId?: string) => {
  const where = [sql`id = ${id}`]
  if (partnerId !== undefined) where.push(sql`partner_id = ${partnerId}`)
  return db.maybe(Payment)`select ${columns} from payments.payment where ${all(where)} for update`
}

/** Answers whether it was added: a key or a consent that has a payment gets no second one. */
export const add = async (db: Db, p: Payment): Promise<boolean> => {
  const added = await db.run`
    insert into payments.payment
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, debtor_ref, debtor_account_id,
       amount_minor, currency, creditor_number, creditor_bank, creditor_bank_given, creditor_name, instruction_id,
       end_to_end_id, remittance, status, reason_code, created_at, updated_at)
    values
      (${p.id}, ${p.partnerId}, ${p.applicationId}, ${p.idempotencyKey}, ${p.bodySha256}, ${p.consentId},
       ${p.debtorRef}, ${p.debtorAccountId}, ${p.amountMinor}, ${p.currency}, ${p.creditorNumber}, ${p.creditorBank},
       ${p.creditorBankGiven}, ${p.creditorName}, ${p.instructionId}, ${p.endToEndId}, ${p.remittance}, ${p.status},
       ${p.reasonCode}, ${p.createdAt}, ${p.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const saveStatus = (db: Db, p: Payment) => db.run`
  update payments.payment
     set status = ${p.status}, reason_code = ${p.reasonCode}, updated_at = ${p.updatedAt}
   where id = ${p.id}
`

export const ProgrammeAccount = z.object({
  accountRef: z.string(),
  number: z.string(),
  bankCode: z.string(),
  name: z.string(),
  currency: Currency,
})
export type ProgrammeAccount = z.output<typeof ProgrammeAccount>

const accountColumns = sql`
  a.account_ref as "accountRef", a.number, a.bank_code as "bankCode", a.name, a.currency
`

export const programmeAccount = (db: Db, partnerId: string) =>
  db.maybe(ProgrammeAccount)`
    select ${accountColumns}
      from payments.programme p
      join payments.programme_account a on a.account_ref = p.account_ref
     where p.partner_id = ${partnerId}
  `

/** Gives a partner the account that the fewest programmes share. */
export const assignProgramme = (db: Db, partnerId: string) => db.run`
  insert into payments.programme (partner_id, account_ref)
  select ${partnerId}, a.account_ref
    from payments.programme_account a
    left join payments.programme p on p.account_ref = a.account_ref
   group by a.account_ref
   order by count(p.partner_id), a.account_ref
   limit 1
  on conflict (partner_id) do nothing
`

export const addProgrammeAccount = (db: Db, a: ProgrammeAccount) => db.run`
  insert into payments.programme_account (account_ref, number, bank_code, name, currency)
  values (${a.accountRef}, ${a.number}, ${a.bankCode}, ${a.name}, ${a.currency})
  on conflict (account_ref) do nothing
`
