import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Share, type Sides } from './reconciliation.ts'

const Account = z.object({
  accountRef: z.string(),
  number: z.string(),
  bankCode: z.string(),
  currency: Currency,
  openingMinor: z.bigint().nullable(),
})
export type Account = z.output<typeof Account>

const accountColumns = sql`
  a.account_ref as "accountRef", a.number, a.bank_code as "bankCode", a.currency, a.opening_minor as "openingMinor"
`

/** Accounts of programmes that were not reconciled for a day, or only while money was under way. */
export const unreconciled = (
  db: Db,
  { day, before }: { day: Temporal.PlainDate; before: Temporal.Instant },
) => db.many(Account)`
  select ${accountColumns}
    from payments.programme_account a
   where exists (select 1 from payments.programme p where p.account_ref = a.account_ref)
     and not exists (
           select 1
             from payments.reconciliation r
            where r.account_ref = a.account_ref and r.day = ${day}
              and (r.status <> 'IN_FLIGHT' or r.at > ${before}))
   order by a.account_ref
   limit 100
`

export const lockAccount = (db: Db, ref: string) => db.one(Account)`
  select ${accountColumns} from payments.programme_account a where a.account_ref = ${ref} for update
`

export const saveOpening = (db: Db, ref: string, minor: bigint) =>
  db.run`update payments.programme_account set opening_minor = ${minor} where account_ref = ${ref}`

const LedgerSide = z.object({ ledgerMinor: z.bigint(), inFlightMinor: z.bigint() })

/**
 * What we owe out of an account, from what became of payments, legs, refunds and returns: not from the transfers that
 * the books are made of. In one statement, so that it is of one moment.
 */
export const ledgerOf = (db: Db, account: Account) => db.one(LedgerSide)`
  with received as (
         select id, partner_id, amount_minor
           from payments.payment
          where creditor_number = ${account.number} and creditor_bank = ${account.bankCode}
            and status in ('ACSC', 'ACCC')),
       programmes as (
         select partner_id from payments.programme where account_ref = ${account.accountRef}),
       split as (
         select s.id from payments.split s join programmes p on p.partner_id = s.partner_id),
       flying as (
         select amount_minor
           from payments.transfer
          where status in ('written', 'accepted')
            and (debtor_ref = ${account.accountRef} or creditor_number = ${account.number}))
  select (coalesce((select sum(amount_minor) from received), 0)
          - coalesce((select sum(l.paid_minor) from payments.leg l join split s on s.id = l.split_id), 0)
          - coalesce((select sum(r.amount_minor) from payments.refund r join split s on s.id = r.split_id
                       where r.status in ('ACSC', 'ACCC')), 0)
          - coalesce((select sum(g.amount_minor) from payments.repayment g join received r on r.id = g.payment_id
                       where g.status in ('ACSC', 'ACCC')), 0))::bigint as "ledgerMinor",
         coalesce((select sum(amount_minor) from flying), 0)::bigint as "inFlightMinor"
`

export const add = (
  db: Db,
  r: Sides & {
    id: string
    accountRef: string
    day: Temporal.PlainDate
    currency: string
    status: Share['status']
    at: Temporal.Instant
  },
) => db.run`
  insert into payments.reconciliation
    (id, account_ref, day, ledger_minor, in_flight_minor, books_minor, currency, status, at)
  values
    (${r.id}, ${r.accountRef}, ${r.day}, ${r.ledgerMinor}, ${r.inFlightMinor}, ${r.booksMinor}, ${r.currency},
     ${r.status}, ${r.at})
`

const Closing = z.object({
  partnerId: z.string(),
  ledgerMinor: z.bigint(),
  statedMinor: z.bigint().nullable(),
})

/**
 * What each programme's money on an account was when a day closed, from the transfers that were booked by then, and
 * what its partner stated.
 */
export const closings = (
  db: Db,
  account: Account,
  { day, closed }: { day: Temporal.PlainDate; closed: Temporal.Instant },
) => db.many(Closing)`
  with movement as (
         select coalesce(p.partner_id, t.partner_id) as partner_id,
                case when t.debtor_ref = ${account.accountRef} then -t.amount_minor else t.amount_minor end as minor
           from payments.transfer t
           left join payments.repayment g on g.id = t.repayment_id
           left join payments.payment p on p.id = g.payment_id
          where t.status = 'booked' and t.updated_at < ${closed}
            and (t.debtor_ref = ${account.accountRef}
                 or (t.creditor_number = ${account.number} and t.creditor_bank = ${account.bankCode})))
  select o.partner_id as "partnerId", coalesce(sum(m.minor), 0)::bigint as "ledgerMinor",
         s.closing_minor as "statedMinor"
    from payments.programme o
    left join movement m on m.partner_id = o.partner_id
    left join payments.programme_statement s on s.partner_id = o.partner_id and s.day = ${day}
   where o.account_ref = ${account.accountRef}
   group by o.partner_id, s.closing_minor
   order by o.partner_id
   limit 10000
`

export const addShare = (
  db: Db,
  s: {
    reconciliationId: string
    partnerId: string
    ledgerMinor: bigint
    statedMinor: bigint | null
    status: Share['statement']
  },
) => db.run`
  insert into payments.reconciliation_share (reconciliation_id, partner_id, ledger_minor, stated_minor, status)
  values (${s.reconciliationId}, ${s.partnerId}, ${s.ledgerMinor}, ${s.statedMinor}, ${s.status})
`

const shareColumns = sql`
  r.id, r.day, r.at, r.currency, r.status, s.ledger_minor as "ledgerMinor", s.stated_minor as "statedMinor",
  s.status as statement
`

/** A day's reconciliations as a partner is told of them. */
export const lockSharesOf = (db: Db, partnerId: string, day: Temporal.PlainDate) => db.many(Share)`
  select ${shareColumns}
    from payments.reconciliation_share s
    join payments.reconciliation r on r.id = s.reconciliation_id
   where s.partner_id = ${partnerId} and r.day = ${day}
   order by r.id
   limit 100
     for update of s
`

export const saveShare = (db: Db, partnerId: string, s: Share) => db.run`
  update payments.reconciliation_share
     set stated_minor = ${s.statedMinor}, status = ${s.statement}
   where reconciliation_id = ${s.id} and partner_id = ${partnerId}
`

export const page = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`s.partner_id = ${filter.partnerId}`]
  if (filter.before !== undefined) where.push(sql`r.id < ${filter.before}`)
  return db.many(Share)`
    select ${shareColumns}
      from payments.reconciliation_share s
      join payments.reconciliation r on r.id = s.reconciliation_id
     where ${all(where)}
     order by r.id desc
     limit ${filter.limit}
  `
}

export const state = (
  db: Db,
  s: {
    partnerId: string
    day: Temporal.PlainDate
    minor: bigint
    currency: string
    at: Temporal.Instant
  },
) => db.run`
  insert into payments.programme_statement (partner_id, day, closing_minor, currency, stated_at)
  values (${s.partnerId}, ${s.day}, ${s.minor}, ${s.currency}, ${s.at})
  on conflict (partner_id, day) do update
     set closing_minor = excluded.closing_minor, stated_at = excluded.stated_at
`
