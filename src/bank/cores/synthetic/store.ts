import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql, type Sql } from '#platform/sql.ts'
import type { CoreCustomer, TransferOrder } from '../core.ts'
import { LedgerCurrency } from './account-number.ts'
import { Account, type Posting, Transfer } from './ledger.ts'

const Customer = z.object({
  ref: z.string(),
  kind: z.enum(['person', 'organisation']),
  name: z.string(),
  nationalId: z.string(),
}) satisfies z.ZodType<CoreCustomer>

const customerColumns = sql`ref, kind, name, national_id as "nationalId"`

const accountColumns = sql`
  a.ref, a.owner, a.kind, a.number, a.bank_code as "bankCode", a.currency, a.nickname, a.status,
  a.opened_on as "openedOn", a.booked_minor as booked, a.held_minor as held, a.limit_minor as limit,
  c.name as "ownerName"
`

const accountRows = sql`
  select ${accountColumns} from synthetic.account a join synthetic.customer c on c.ref = a.owner
`

export const findCustomer = (db: Db, ref: string) =>
  db.maybe(Customer)`select ${customerColumns} from synthetic.customer where ref = ${ref}`

/** Holds the customer until the transaction ends, so that two new accounts get two serials. */
export const lockCustomer = (db: Db, ref: string) =>
  db.maybe(
    Customer,
  )`select ${customerColumns} from synthetic.customer where ref = ${ref} for update`

export const accountsOf = (db: Db, owner: string) =>
  db.many(Account)`${accountRows} where a.owner = ${owner} order by a.serial limit 999`

export const findAccount = (db: Db, ref: string) =>
  db.maybe(Account)`${accountRows} where a.ref = ${ref}`

export const findByNumber = (db: Db, number: string) =>
  db.maybe(Account)`${accountRows} where a.number = ${number}`

export const findByOpening = (db: Db, reference: string) =>
  db.maybe(Account)`${accountRows} where a.opening_reference = ${reference}`

/** Holds both sides until the transaction ends; always in the same order, so that no two transfers wait for each other. */
export const lockAccounts = (db: Db, refs: readonly string[]) =>
  db.many(Account)`${accountRows} where a.ref = any(${refs}) order by a.ref for update of a`

const Serial = z.object({ serial: z.number() })

export const nextSerial = async (db: Db, owner: string): Promise<number> => {
  const { serial } = await db.one(Serial)`
    select coalesce(max(serial), 0) + 1 as serial from synthetic.account where owner = ${owner}
  `
  return serial
}

export const addCustomer = (db: Db, customer: CoreCustomer) => db.run`
  insert into synthetic.customer (ref, kind, name, national_id)
  values (${customer.ref}, ${customer.kind}, ${customer.name}, ${customer.nationalId})
  on conflict (ref) do nothing
`

export type NewAccount = Omit<Account, 'booked' | 'held' | 'ownerName'> & {
  readonly serial: number
  readonly openingReference?: string
}

export const addAccount = (db: Db, account: NewAccount) => db.run`
  insert into synthetic.account
    (ref, owner, serial, kind, number, bank_code, currency, nickname, status, opened_on, limit_minor, opening_reference)
  values
    (${account.ref}, ${account.owner}, ${account.serial}, ${account.kind}, ${account.number}, ${account.bankCode},
     ${account.currency}, ${account.nickname}, ${account.status}, ${account.openedOn}, ${account.limit},
     ${account.openingReference})
  on conflict (ref) do nothing
`

const PostingId = z.object({ id: z.bigint() })

/** Writes postings with their entries in one statement; answers their ids in order. */
export const addPostings = async (db: Db, postings: readonly Posting[]): Promise<bigint[]> => {
  const given = postings.map((p) => ({
    ...p,
    bookedOn: p.bookedOn.toString(),
    entries: p.entries.map((e) => ({ ...e, minor: e.minor.toString() })),
  }))
  const rows = await db.many(PostingId)`
    with given as (
      select nextval('synthetic.posting_id') as id, place, value as posting
        from jsonb_array_elements(${JSON.stringify(given)}::text::jsonb) with ordinality as t (value, place)
    ), kept as (
      insert into synthetic.posting (id, booked_on, text)
      select id, (posting->>'bookedOn')::date, posting->>'text' from given
    ), booked as (
      insert into synthetic.entry
        (posting_id, account_ref, amount_minor, booked_on, counterparty_name, counterparty_account)
      select id, e.value->>'account', (e.value->>'minor')::bigint, (posting->>'bookedOn')::date,
             e.value->'counterparty'->>'name', e.value->'counterparty'->>'account'
        from given, jsonb_array_elements(posting->'entries') with ordinality as e (value, place)
       order by given.place, e.place
    )
    select id from given order by place
  `
  return rows.map((row) => row.id)
}

export const addHold = (
  db: Db,
  hold: {
    account: string
    minor: bigint
    heldOn: Temporal.PlainDate
    text: string
    counterparty: { name: string; account: string }
  },
) => db.run`
  insert into synthetic.hold (account_ref, amount_minor, held_on, text, counterparty_name, counterparty_account)
  values (${hold.account}, ${hold.minor}, ${hold.heldOn}, ${hold.text}, ${hold.counterparty.name},
          ${hold.counterparty.account})
`

const Line = z.object({
  currency: LedgerCurrency,
  id: z.bigint(),
  day: z.instanceof(Temporal.PlainDate),
  minor: z.bigint(),
  pending: z.boolean(),
  text: z.string(),
  name: z.string(),
  account: z.string(),
})
export type Line = z.output<typeof Line>

const Day = z.object({ day: z.instanceof(Temporal.PlainDate) })

/** The lines of a statement, newest first: what is booked, and what is held as pending. */
export const lines = async (
  db: Db,
  account: string,
  filter: {
    from?: Temporal.PlainDate
    to?: Temporal.PlainDate
    before?: bigint
    direction?: 'credit' | 'debit'
    limit: number
  },
): Promise<Line[]> => {
  const { from, to, before, direction, limit } = filter
  // A hold that a page ended with may be gone meanwhile: then lines come before it by number.
  const last =
    before === undefined
      ? undefined
      : await db.maybe(Day)`
          select booked_on as day from synthetic.entry where id = ${before}
          union all
          select held_on from synthetic.hold where id = ${before}
        `
  const within = (day: Sql) => {
    const where = [sql`l.account_ref = ${account}`]
    if (from) where.push(sql`${day} >= ${from}`)
    if (to) where.push(sql`${day} <= ${to}`)
    if (last) where.push(sql`(${day}, l.id) < (${last.day}, ${before})`)
    else if (before !== undefined) where.push(sql`l.id < ${before}`)
    return all(where)
  }
  // Each side comes from its own index in the order of the page, no further than the page needs; what a posting says is read
  // for the lines of the page alone.
  const booked = (side: Sql) => sql`
    (select l.posting_id, l.id, l.booked_on as day, l.amount_minor as minor, false as pending, null as text,
            l.counterparty_name as name, l.counterparty_account as account
       from synthetic.entry l
      where ${within(sql`l.booked_on`)} and ${side}
      order by l.booked_on desc, l.id desc
      limit ${limit})
  `
  const cameIn = booked(sql`l.amount_minor > 0`)
  const wentOut = sql`
    ${booked(sql`l.amount_minor < 0`)}
    union all
    (select null::bigint as posting_id, l.id, l.held_on as day, -l.amount_minor as minor, true as pending, l.text,
            l.counterparty_name as name, l.counterparty_account as account
       from synthetic.hold l
      where ${within(sql`l.held_on`)}
      order by l.held_on desc, l.id desc
      limit ${limit})
  `
  const asked = { credit: cameIn, debit: wentOut, both: sql`${cameIn} union all ${wentOut}` }
  return db.many(Line)`
    with line as materialized (
      select * from (${asked[direction ?? 'both']}) as either
      order by day desc, id desc
      limit ${limit}
    )
    select a.currency, line.id, line.day, line.minor, line.pending, coalesce(line.text, p.text) as text,
           line.name, line.account
      from line
      join synthetic.account a on a.ref = ${account}
      left join synthetic.posting p on p.id = line.posting_id
     order by line.day desc, line.id desc
  `
}

const DayEnd = z.object({
  currency: LedgerCurrency,
  booked: z.bigint(),
  since: z.instanceof(Temporal.PlainDate).nullable(),
})

/** What stood on an account when a day had ended: what is booked now, without what came since. */
export const dayEnd = (db: Db, account: string, day: Temporal.PlainDate) => {
  const of = (side: Sql) => sql`from synthetic.entry e where e.account_ref = a.ref and ${side}`
  const [cameIn, wentOut] = [of(sql`e.amount_minor > 0`), of(sql`e.amount_minor < 0`)]
  return db.maybe(DayEnd)`
    select a.currency,
           a.booked_minor
             - coalesce((select sum(e.amount_minor)::bigint ${cameIn} and e.booked_on > ${day}), 0)
             - coalesce((select sum(e.amount_minor)::bigint ${wentOut} and e.booked_on > ${day}), 0) as booked,
           least((select min(e.booked_on) ${cameIn}), (select min(e.booked_on) ${wentOut})) as since
      from synthetic.account a
     where a.ref = ${account}
  `
}

/** Orders under one reference, or openings under one, wait for each other until the transaction ends. */
export const lockReference = (db: Db, reference: string) =>
  db.run`select pg_advisory_xact_lock(hashtextextended(${`synthetic ${reference}`}, 0))`

export const findTransfer = (db: Db, reference: string) => db.maybe(Transfer)`
  select debtor, creditor_number as "creditorNumber", creditor_bank as "creditorBank",
         creditor_name as "creditorName", amount_minor as "amountMinor", currency, text,
         reason_code as "reasonCode", settles_at as "settlesAt"
    from synthetic.transfer
   where reference = ${reference}
`

export const addTransfer = (
  db: Db,
  order: TransferOrder,
  end: { postingId?: bigint; reasonCode: string | null; settlesAt: Temporal.Instant | null },
) => db.run`
  insert into synthetic.transfer
    (reference, debtor, creditor_number, creditor_bank, creditor_name, amount_minor, currency, text,
     posting_id, reason_code, settles_at)
  values
    (${order.reference}, ${order.debtor}, ${order.creditor.number}, ${order.creditor.bankCode},
     ${order.creditor.name}, ${order.amount.minor}, ${order.amount.currency}, ${order.text},
     ${end.postingId}, ${end.reasonCode}, ${end.settlesAt})
`
