import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { type Agreement, AgreementId, AgreementTerms } from './agreement.ts'
import { Statement, type StatementId } from './statement.ts'

const AgreementRow = AgreementTerms.extend({
  id: AgreementId,
  startsOn: z.instanceof(Temporal.PlainDate).transform(String),
  endsOn: z.instanceof(Temporal.PlainDate).transform(String).nullable(),
})

const agreementColumns = sql`
  id, partner_id as "partnerId", title, basis, trim_scale(income_percent)::text as "incomePercent",
  trim_scale(share_percent)::text as "sharePercent", trim_scale(per_event)::text as "perEvent", currency,
  trim_scale(tax_percent)::text as "taxPercent", parties, clawback_days as "clawbackDays", starts_on as "startsOn",
  ends_on as "endsOn"
`

export const insertAgreement = (
  db: Db,
  a: Agreement,
  { at, changeId }: { at: Temporal.Instant; changeId: string },
) => db.run`
  insert into revenue_share.agreement
    (id, partner_id, title, basis, income_percent, share_percent, per_event, currency, tax_percent, parties,
     clawback_days, starts_on, ends_on, agreed_at, change_id)
  values (${a.id}, ${a.partnerId}, ${a.title}, ${a.basis}, ${a.incomePercent}, ${a.sharePercent}, ${a.perEvent},
          ${a.currency}, ${a.taxPercent}, ${JSON.stringify(a.parties)}::text::jsonb, ${a.clawbackDays}, ${a.startsOn},
          ${a.endsOn}, ${at}, ${changeId})
`

/** Agreements by which a partner earns, its own customers' or another's; all of them where none is named. */
export const agreements = (db: Db, partyId?: string): Promise<Agreement[]> => db.many(AgreementRow)`
  select ${agreementColumns}
    from revenue_share.agreement
   where ${partyId ? sql`parties @> ${JSON.stringify([{ partnerId: partyId }])}::text::jsonb` : sql`true`}
   order by id
   limit 10000
`

export const lockAgreement = (db: Db, id: AgreementId): Promise<Agreement | undefined> =>
  db.maybe(AgreementRow)`
    select ${agreementColumns} from revenue_share.agreement where id = ${id} for update
  `

export const endAgreement = (db: Db, id: AgreementId, endsOn: string) => db.run`
  update revenue_share.agreement set ends_on = ${endsOn} where id = ${id}
`

const columns = sql`
  id, partner_id as "partnerId", currency, exponent, period_start as "periodStart", period_end as "periodEnd", status,
  number, content, sha256, net_minor::text as "netMinor", tax_minor::text as "taxMinor", drafted_at as "draftedAt",
  issued_at as "issuedAt"
`

export const find = (db: Db, id: StatementId) =>
  db.maybe(Statement)`select ${columns} from revenue_share.statement where id = ${id}`

export const lock = (db: Db, id: StatementId) =>
  db.maybe(Statement)`select ${columns} from revenue_share.statement where id = ${id} for update`

export const list = (
  db: Db,
  filter: {
    partnerId?: string | undefined
    status?: Statement['status'] | undefined
    before?: string | undefined
  },
  limit = 50,
) => {
  const where = [sql`true`]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Statement)`
    select ${columns} from revenue_share.statement where ${all(where)} order by id desc limit ${limit}
  `
}

/** One run at a time for a partner. */
export const hold = (db: Db, partnerId: string) =>
  db.run`select pg_advisory_xact_lock(hashtext('revenue_share ' || ${partnerId}::text))`

export const dropDrafts = (db: Db, partnerId: string, start: string) => db.run`
  delete from revenue_share.statement
   where partner_id = ${partnerId} and period_start = ${start} and status = 'draft'
`

export const add = (db: Db, s: Statement) => db.run`
  insert into revenue_share.statement
    (id, partner_id, currency, exponent, period_start, period_end, status, number, content, sha256, net_minor, tax_minor,
     drafted_at, issued_at)
  values (${s.id}, ${s.partnerId}, ${s.currency}, ${s.exponent}, ${s.periodStart}, ${s.periodEnd}, ${s.status},
          ${s.number}, ${JSON.stringify(s.content)}::text::jsonb, ${s.sha256}, ${s.netMinor}, ${s.taxMinor},
          ${s.draftedAt}, ${s.issuedAt})
`

export const issue = (db: Db, id: StatementId, number: string, at: Temporal.Instant) => db.run`
  update revenue_share.statement set status = 'issued', number = ${number}, issued_at = ${at} where id = ${id}
`

const Booked = z.object({
  agreementId: z.string(),
  month: z.instanceof(Temporal.PlainDate).transform(String),
  minor: z.string().transform(BigInt),
})

/** What a party was given of each agreement, by month, over all statements. */
export const booked = (db: Db, partnerId: string, from: string) => db.many(Booked)`
  select agreement_id as "agreementId", period_start as month, sum(minor)::text as minor
    from revenue_share.booked
   where partner_id = ${partnerId} and period_start >= ${from}
   group by agreement_id, period_start
   order by agreement_id, period_start
   limit 10000
`

export interface Booking {
  readonly agreementId: string
  readonly month: string
  readonly minor: bigint
}

export const book = async (
  db: Db,
  id: StatementId,
  partnerId: string,
  bookings: readonly Booking[],
): Promise<void> => {
  for (const [n, { agreementId, month, minor }] of bookings.entries())
    await db.run`
      insert into revenue_share.booked (statement_id, n, partner_id, agreement_id, period_start, minor)
      values (${id}, ${n}, ${partnerId}, ${agreementId}, ${month}, ${minor})
    `
}

export const Payout = z.object({
  id: z.string(),
  partnerId: z.string(),
  kind: z.enum(['transfer', 'netting']),
  currency: z.string(),
  minor: z.string().transform(BigInt),
  reference: z.string(),
  paidAt: z.instanceof(Temporal.Instant),
})
export type Payout = z.output<typeof Payout>

export const addPayout = (db: Db, p: Payout, changeId: string) => db.run`
  insert into revenue_share.payout (id, partner_id, kind, currency, minor, reference, paid_at, change_id)
  values (${p.id}, ${p.partnerId}, ${p.kind}, ${p.currency}, ${p.minor}, ${p.reference}, ${p.paidAt}, ${changeId})
`

export const payouts = (db: Db, partnerId: string) => db.many(Payout)`
  select id, partner_id as "partnerId", kind, currency, minor::text as minor, reference, paid_at as "paidAt"
    from revenue_share.payout
   where partner_id = ${partnerId}
   order by id desc
   limit 100
`
