import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Invoice, type InvoiceId, type InvoiceStatus } from './invoice.ts'

const columns = sql`
  id, partner_id as "partnerId", kind, currency, exponent, period_start as "periodStart", period_end as "periodEnd",
  status, number, credits, content, sha256, net_minor::text as "netMinor", tax_minor::text as "taxMinor",
  paid_minor::text as "paidMinor", drafted_at as "draftedAt", issued_at as "issuedAt", due_on as "dueOn"
`

export const find = (db: Db, id: InvoiceId) =>
  db.maybe(Invoice)`select ${columns} from billing.invoice where id = ${id}`

/** Holds the invoice until the transaction ends, so that it takes one step at a time. */
export const lock = (db: Db, id: InvoiceId) =>
  db.maybe(Invoice)`select ${columns} from billing.invoice where id = ${id} for update`

export interface InvoiceFilter {
  readonly partnerId?: string | undefined
  readonly status?: InvoiceStatus | undefined
  /** A partner sees what was issued, not what is being drafted. */
  readonly issuedOnly?: boolean
  readonly before?: string | undefined
}

export const list = (db: Db, filter: InvoiceFilter, limit = 100) => {
  const where = [sql`true`]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  if (filter.issuedOnly) where.push(sql`number is not null`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Invoice)`
    select ${columns} from billing.invoice where ${all(where)} order by id desc limit ${limit}
  `
}

export const notesOf = (db: Db, id: InvoiceId) => db.many(Invoice)`
  select ${columns} from billing.invoice where credits = ${id} order by id limit 1000
`

/** One run at a time for a partner: two that draft the same month would each think that it is the first. */
export const hold = (db: Db, partnerId: string) =>
  db.run`select pg_advisory_xact_lock(hashtext('billing.invoice ' || ${partnerId}::text))`

export const dropDrafts = (db: Db, partnerId: string, start: Temporal.PlainDate) => db.run`
  delete from billing.invoice
   where partner_id = ${partnerId} and period_start = ${start} and status = 'draft'
`

export const add = (db: Db, i: Invoice) => db.run`
  insert into billing.invoice
    (id, partner_id, kind, currency, exponent, period_start, period_end, status, number, credits, content, sha256,
     net_minor, tax_minor, paid_minor, drafted_at, issued_at, due_on)
  values (${i.id}, ${i.partnerId}, ${i.kind}, ${i.currency}, ${i.exponent}, ${i.periodStart}, ${i.periodEnd},
          ${i.status}, ${i.number}, ${i.credits}, ${JSON.stringify(i.content)}::text::jsonb, ${i.sha256},
          ${i.netMinor}, ${i.taxMinor}, ${i.paidMinor}, ${i.draftedAt}, ${i.issuedAt}, ${i.dueOn})
`

export const save = (db: Db, i: Invoice) => db.run`
  update billing.invoice
     set status = ${i.status}, number = ${i.number}, paid_minor = ${i.paidMinor}, issued_at = ${i.issuedAt},
         due_on = ${i.dueOn}
   where id = ${i.id}
`

const Next = z.object({ next: z.bigint() })

/** The next number of a series. It is given back where the transaction is not kept, so that none is missing. */
export const takeNumber = async (
  db: Db,
  series: 'INV' | 'CRN' | 'DBN' | 'SBS',
): Promise<string> => {
  const { next } = await db.one(Next)`
    update billing.series set next = next + 1 where id = ${series} returning next - 1 as next
  `
  return `${series}-${String(next).padStart(6, '0')}`
}

export interface Booking {
  readonly periodStart: string
  readonly contractId: string
  readonly item: string
  readonly minor: bigint
}

export const book = (
  db: Db,
  id: InvoiceId,
  partnerId: string,
  bookings: readonly Booking[],
) => db.run`
  insert into billing.booked (invoice_id, n, partner_id, period_start, contract_id, item, minor)
  select ${id}, n, ${partnerId}, "periodStart", "contractId", item, minor
    from jsonb_to_recordset(${JSON.stringify(bookings.map((b, n) => ({ ...b, n, minor: b.minor.toString() })))}::text::jsonb)
      as g (n int, "periodStart" date, "contractId" text, item text, minor numeric)
`

const Booked = z.object({
  contractId: z.string(),
  item: z.string(),
  minor: z.string().transform(BigInt),
})

/** What has been billed of each item of a period, over all invoices. */
export const booked = (db: Db, partnerId: string, start: Temporal.PlainDate) => db.many(Booked)`
  select contract_id as "contractId", item, sum(minor)::text as minor
    from billing.booked
   where partner_id = ${partnerId} and period_start = ${start}
   group by contract_id, item
   order by contract_id, item
   limit 10000
`

const Period = z.object({ periodStart: z.instanceof(Temporal.PlainDate) })

/** Earlier periods of which something was billed, and which may still change. */
export const billedPeriods = (
  db: Db,
  partnerId: string,
  from: Temporal.PlainDate,
  before: Temporal.PlainDate,
) =>
  db.many(Period)`
    select distinct period_start as "periodStart"
      from billing.booked
     where partner_id = ${partnerId} and period_start >= ${from} and period_start < ${before}
     order by period_start
     limit 24
  `

const PartnerRow = z.object({ partnerId: z.string() })

/** Partners that have an invoice or a draft of a month. */
export const partnersBilled = async (db: Db, start: Temporal.PlainDate): Promise<string[]> =>
  (
    await db.many(PartnerRow)`
      select distinct partner_id as "partnerId"
        from billing.invoice
       where period_start = ${start} and kind = 'invoice' and status <> 'void'
       limit 100000
    `
  ).map((row) => row.partnerId)

const OpenRow = z.object({
  id: z.string(),
  partnerId: z.string(),
  number: z.string(),
  currency: z.string(),
  exponent: z.number(),
  dueOn: z.instanceof(Temporal.PlainDate),
  openMinor: z.string().transform(BigInt),
})

/** Issued invoices of which something is open, notes taken into account; the longest due first. */
export const openInvoices = (db: Db, partnerId?: string) => db.many(OpenRow)`
  select i.id, i.partner_id as "partnerId", i.number, i.currency, i.exponent, i.due_on as "dueOn",
         (i.net_minor + i.tax_minor - i.paid_minor + coalesce(n.minor, 0))::text as "openMinor"
    from billing.invoice i
    left join lateral (
           select sum(net_minor + tax_minor) as minor from billing.invoice where credits = i.id
         ) n on true
   where i.kind = 'invoice' and i.status in ('final', 'partly_paid')
     and i.net_minor + i.tax_minor - i.paid_minor + coalesce(n.minor, 0) > 0
     and ${partnerId ? sql`i.partner_id = ${partnerId}` : sql`true`}
   order by i.due_on, i.id
   limit 100000
`

/** Whether a partner has an invoice or a draft of a month. */
export const isBilled = async (
  db: Db,
  partnerId: string,
  start: Temporal.PlainDate,
): Promise<boolean> =>
  (await db.maybe(PartnerRow)`
    select partner_id as "partnerId"
      from billing.invoice
     where partner_id = ${partnerId} and period_start = ${start} and kind = 'invoice' and status <> 'void'
     limit 1
  `) !== undefined
