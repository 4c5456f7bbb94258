import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Payment, type PaymentId, PaymentStatus } from './payment.ts'
import type { Due } from '../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", debtor_ref as "debtorRef",
  debtor_account_id as "debtorAccountId", amount_minor as "amountMinor", currency,
  creditor_number as "creditorNumber", creditor_bank as "creditorBank", creditor_bank_given as "creditorBankGiven",
  creditor_name as "creditorName", instruction_id as "instructionId", end_to_end_id as "endToEndId", remittance,
  origin, order_id as "orderId", order_position as "orderPosition", requested_on as "requestedOn",
  coalesce(executes_on, created_at::date) as "executesOn", execute_at as "executeAt", status, reason_code as "reasonCode", created_at as "createdAt", updated_at as "updatedAt"
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

/** Answers whether it was added: a key, a consent for one use or a place of an order that has a payment gets no second. */
export const add = async (db: Db, p: Payment): Promise<boolean> => {
  const added = await db.run`
    insert into payments.payment
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, debtor_ref, debtor_account_id,
       amount_minor, currency, creditor_number, creditor_bank, creditor_bank_given, creditor_name, instruction_id,
       end_to_end_id, remittance, origin, order_id, order_position, requested_on, executes_on, execute_at, status,
       reason_code, created_at, updated_at)
    values
      (${p.id}, ${p.partnerId}, ${p.applicationId}, ${p.idempotencyKey}, ${p.bodySha256}, ${p.consentId},
       ${p.debtorRef}, ${p.debtorAccountId}, ${p.amountMinor}, ${p.currency}, ${p.creditorNumber}, ${p.creditorBank},
       ${p.creditorBankGiven}, ${p.creditorName}, ${p.instructionId}, ${p.endToEndId}, ${p.remittance}, ${p.origin},
       ${p.orderId}, ${p.orderPosition}, ${p.requestedOn}, ${p.executesOn}, ${p.executeAt}, ${p.status},
       ${p.reasonCode}, ${p.createdAt}, ${p.updatedAt})
    on conflict do nothing
  `
  if (added === 1) await noteStatus(db, p)
  return added === 1
}

/** A consent for one use is used by one order, of whatever kind. */
export const useConsent = async (db: Db, consentId: string, orderId: string): Promise<boolean> =>
  (await db.run`
    insert into payments.consent_use (consent_id, order_id) values (${consentId}, ${orderId}) on conflict do nothing
  `) === 1

export const saveStatus = async (db: Db, p: Payment) => {
  await db.run`
    update payments.payment
       set status = ${p.status}, reason_code = ${p.reasonCode}, updated_at = ${p.updatedAt}
     where id = ${p.id}
  `
  await noteStatus(db, p)
}

const noteStatus = (db: Db, p: Payment) => db.run`
  insert into payments.payment_status (payment_id, status, reason_code, at)
  values (${p.id}, ${p.status}, ${p.reasonCode}, ${p.updatedAt})
  on conflict do nothing
`

const StatusNote = z.object({
  status: PaymentStatus,
  reasonCode: z.string().nullable(),
  at: z.instanceof(Temporal.Instant),
})
export type StatusNote = z.output<typeof StatusNote>

/** Every status that it had, in order. */
export const statuses = (db: Db, id: PaymentId) => db.many(StatusNote)`
  select status, reason_code as "reasonCode", at
    from payments.payment_status
   where payment_id = ${id}
   order by at, array_position(${PaymentStatus.options}::text[], status)
   limit 20
`

/** A partner's payments, newest first: all of them, or those of one order. */
export const page = (
  db: Db,
  filter: { partnerId: string; orderId?: string; before?: string; limit: number },
) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.orderId !== undefined) where.push(sql`order_id = ${filter.orderId}`)
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Payment)`
    select ${columns} from payments.payment where ${all(where)} order by id desc limit ${filter.limit}
  `
}

/** Payments whose time has come, each held by one process until its transaction ends. */
export const lockDue = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(Payment)`
    select ${columns}
      from payments.payment
     where status = 'ACCP' and execute_at <= ${now} and ${whose}
     order by execute_at
     limit ${limit}
       for update skip locked
  `

/** Payments of an order that still wait for their day. */
export const lockWaitingOf = (db: Db, orderId: string) =>
  db.many(Payment)`
    select ${columns}
      from payments.payment
     where order_id = ${orderId} and status = 'ACCP'
     order by id
     limit 1000
       for update
  `

/** What an order has paid, or means to pay, on the days from one to before another. */
export const spentOf = async (
  db: Db,
  orderId: string,
  days: { from: Temporal.PlainDate; before: Temporal.PlainDate },
): Promise<bigint> =>
  (
    await db.one(Minor)`
      select coalesce(sum(amount_minor), 0)::bigint as minor
        from payments.payment
       where order_id = ${orderId} and status not in ('RJCT', 'CANC', 'BLCK')
         and executes_on >= ${days.from} and executes_on < ${days.before}
    `
  ).minor
const Minor = z.object({ minor: z.bigint() })

const Holiday = z.object({ day: z.instanceof(Temporal.PlainDate) })
export const holidays = async (db: Db): Promise<ReadonlySet<string>> =>
  new Set(
    (await db.many(Holiday)`select day from payments.bank_holiday order by day limit 1000`).map(
      ({ day }) => day.toString(),
    ),
  )

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
