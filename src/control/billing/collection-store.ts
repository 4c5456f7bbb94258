import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Collection, Mandate, type MandateId } from './collection.ts'

const mandateColumns = sql`
  id, partner_id as "partnerId", currency, account_number as "accountNumber", holder_id as "holderId", holder, status,
  given_at as "givenAt", ended_at as "endedAt"
`

export const mandates = (
  db: Db,
  filter: { partnerId?: string | undefined; status?: Mandate['status'] | undefined },
) => {
  const where = [sql`true`]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  return db.many(Mandate)`
    select ${mandateColumns} from billing.mandate where ${all(where)} order by id desc limit 10000
  `
}

export const lockMandate = (db: Db, id: MandateId) =>
  db.maybe(Mandate)`select ${mandateColumns} from billing.mandate where id = ${id} for update`

export const addMandate = (db: Db, m: Mandate, by: string) => db.run`
  insert into billing.mandate
    (id, partner_id, currency, account_number, holder_id, holder, status, given_at, given_by, ended_at)
  values (${m.id}, ${m.partnerId}, ${m.currency}, ${m.accountNumber}, ${m.holderId}, ${m.holder}, ${m.status},
          ${m.givenAt}, ${by}, ${m.endedAt})
`

export const saveMandate = (db: Db, { id, status, endedAt }: Mandate) => db.run`
  update billing.mandate set status = ${status}, ended_at = ${endedAt} where id = ${id}
`

const Income = z.object({ currency: z.string(), accountNumber: z.string() })

export const incomeAccounts = (db: Db) => db.many(Income)`
  select currency, account_number as "accountNumber" from billing.income_account order by currency limit 100
`

export const saveIncomeAccount = (
  db: Db,
  { currency, accountNumber }: z.output<typeof Income>,
  { at, changeId }: { at: Temporal.Instant; changeId: string },
) => db.run`
  insert into billing.income_account (currency, account_number, set_at, change_id)
  values (${currency}, ${accountNumber}, ${at}, ${changeId})
  on conflict (currency) do update
    set account_number = excluded.account_number, set_at = excluded.set_at, change_id = excluded.change_id
`

const columns = sql`
  id, invoice_id as "invoiceId", mandate_id as "mandateId", partner_id as "partnerId",
  income_account as "incomeAccount", amount_minor::text as "amountMinor", currency, status,
  reason_code as "reasonCode", reference, asked_at as "askedAt", told_at as "toldAt",
  cleared_at as "clearedAt"
`

export interface CollectionFilter {
  readonly partnerId?: string | undefined
  readonly invoiceId?: string | undefined
  /** Only those whose outcome is not known yet. */
  readonly openOnly?: boolean
}

/** Newest first. */
export const collections = (db: Db, filter: CollectionFilter, limit = 1_000) => {
  const where = [sql`true`]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.invoiceId) where.push(sql`invoice_id = ${filter.invoiceId}`)
  if (filter.openOnly) where.push(sql`status in ('asked', 'accepted')`)
  return db.many(Collection)`
    select ${columns} from billing.collection where ${all(where)} order by id desc limit ${limit}
  `
}

export const lockCollection = (db: Db, id: Collection['id']) =>
  db.one(Collection)`select ${columns} from billing.collection where id = ${id} for update`

export const addCollection = (db: Db, c: Collection) => db.run`
  insert into billing.collection
    (id, invoice_id, mandate_id, partner_id, income_account, amount_minor, currency, status, reason_code, reference,
     asked_at, told_at, cleared_at)
  values (${c.id}, ${c.invoiceId}, ${c.mandateId}, ${c.partnerId}, ${c.incomeAccount}, ${c.amountMinor}, ${c.currency},
          ${c.status}, ${c.reasonCode}, ${c.reference}, ${c.askedAt}, ${c.toldAt}, ${c.clearedAt})
`

export const saveCollection = (db: Db, c: Collection) => db.run`
  update billing.collection
     set status = ${c.status}, reason_code = ${c.reasonCode}, reference = ${c.reference}, told_at = ${c.toldAt}
   where id = ${c.id}
`

/** What was rejected of an invoice stands in the way no more; answers how many that were. */
export const clear = (db: Db, invoiceId: string, at: Temporal.Instant) => db.run`
  update billing.collection set cleared_at = ${at}
   where invoice_id = ${invoiceId} and status = 'rejected' and cleared_at is null
`

/** Of a collection, whatever became of it since. */
export const mandateOf = (db: Db, { mandateId }: Collection) =>
  db.one(Mandate)`select ${mandateColumns} from billing.mandate where id = ${mandateId}`
