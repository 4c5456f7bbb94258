/** Puts a multitude into an empty synthetic bank: by COPY, with its indexes made afterwards, and weighed as a whole. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import postgres from 'postgres'
import { assert } from '#kernel/assert.ts'
import { accountLines, customerLines, type Multitude, yearLines } from './multitude.ts'

/** A step of the work that is over, and how long it took; `done` of `of` transactions while they are copied. */
export type Progress =
  | { readonly step: string; readonly ms: number }
  | { readonly done: number; readonly of: number; readonly ms: number }

/**
 * `url` is of the owner of the tables. What the triggers watch over line by line is checked at the end over all lines:
 * every posting sums to zero, every balance is the sum of its entries, nobody is overdrawn.
 */
export const loadMultitude = async (
  url: string,
  multitude: Multitude,
  tell: (progress: Progress) => void,
): Promise<void> => {
  const sql = postgres(url, {
    max: 2,
    onnotice: () => {},
    connection: { maintenance_work_mem: '512MB', work_mem: '512MB', synchronous_commit: 'off' },
  })
  const began = performance.now()
  let last = began
  const over = (step: string) => {
    const now = performance.now()
    tell({ step, ms: now - last })
    last = now
  }
  try {
    const [held] = await sql`select count(*)::int as count from synthetic.entry`
    assert(held?.['count'] === 0, 'a multitude is loaded into a bank without history')
    await copy(sql, customersTo, customerLines(multitude))
    await copy(sql, accountsTo, accountLines(multitude))
    over('customers and accounts')
    const rebuild = await stripped(sql)
    await copyYear(sql, multitude, (done) =>
      tell({ done, of: multitude.transactions, ms: performance.now() - last }),
    )
    over('postings and entries')
    for (const statement of rebuild) {
      await sql.unsafe(statement)
      over(statement.slice(0, 90))
    }
    await weigh(sql)
    over('postings are weighed')
    await carry(sql)
    over('balances are carried')
    await sql`select setval('synthetic.line', ${2 * multitude.transactions}),
                     setval('synthetic.posting_id', ${multitude.transactions})`
    await sql`vacuum analyze synthetic.entry, synthetic.posting, synthetic.account, synthetic.customer`
    over('vacuumed')
  } finally {
    await sql.end({ timeout: 5 })
  }
}

const customersTo = 'copy synthetic.customer (ref, kind, name, national_id) from stdin'
const accountsTo = `copy synthetic.account
  (ref, owner, serial, kind, number, bank_code, currency, nickname, status, opened_on, limit_minor) from stdin`
const postingsTo = 'copy synthetic.posting (id, booked_on, text) from stdin'
const entriesTo = `copy synthetic.entry
  (id, posting_id, account_ref, amount_minor, booked_on, counterparty_name, counterparty_account) from stdin`

const write = async (stream: Writable, text: string) => {
  if (!stream.write(text)) await once(stream, 'drain')
}

const copy = async (sql: postgres.Sql, statement: string, lines: Iterable<string>) => {
  const stream = await sql.unsafe(statement).writable()
  for (const text of lines) await write(stream, text)
  stream.end()
  await finished(stream)
}

/** Postings and entries at the same time, each over a connection of its own. */
const copyYear = async (
  sql: postgres.Sql,
  multitude: Multitude,
  tell: (done: number) => void,
): Promise<void> => {
  const postings = await sql.unsafe(postingsTo).writable()
  const entries = await sql.unsafe(entriesTo).writable()
  const every = Math.max(2_000, Math.floor(multitude.transactions / 20))
  let told = 0
  for (const stretch of yearLines(multitude)) {
    await Promise.all([write(postings, stretch.postings), write(entries, stretch.entries)])
    if (stretch.done - told < every) continue
    told = stretch.done
    tell(told)
  }
  postings.end()
  entries.end()
  await Promise.all([finished(postings), finished(entries)])
}

/** Takes keys, indexes and triggers off the two large tables, and answers the statements that put them back. */
const stripped = async (sql: postgres.Sql): Promise<string[]> => {
  const tables = ['synthetic.entry', 'synthetic.posting']
  const constraints = await sql<{ table: string; name: string; def: string; kind: string }[]>`
    select c.conrelid::regclass::text as table, c.conname as name, pg_get_constraintdef(c.oid) as def,
           c.contype as kind
      from pg_constraint c
     where (c.conrelid::regclass::text = any(${tables}) or c.confrelid::regclass::text = any(${tables}))
       and c.contype in ('p', 'u', 'f')
     order by c.contype desc
  `
  const indexes = await sql<{ name: string; def: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as def
      from pg_index i
     where i.indrelid::regclass::text = any(${tables})
       and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
  `
  for (const table of tables) await sql.unsafe(`alter table ${table} disable trigger user`)
  // Foreign keys go first and come last: they lean on the others.
  const foreign = constraints.filter(({ kind }) => kind === 'f')
  const keys = constraints.filter(({ kind }) => kind !== 'f')
  for (const { table, name } of [...foreign, ...keys])
    await sql.unsafe(`alter table ${table} drop constraint ${name}`)
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`)
  return [
    ...[...keys, ...foreign].map(
      ({ table, name, def }) => `alter table ${table} add constraint ${name} ${def}`,
    ),
    ...indexes.map(({ def }) => def),
    ...tables.map((table) => `alter table ${table} enable trigger user`),
  ]
}

/** Throws where a posting does not sum to zero. */
const weigh = async (sql: postgres.Sql): Promise<void> => {
  // A year of a multitude is all in so'm, so a posting is of one currency.
  const [lopsided] = await sql`
    select posting_id from synthetic.entry group by posting_id having sum(amount_minor) <> 0 limit 1
  `
  assert(!lopsided, 'every posting of the multitude sums to zero')
}

/** Every balance is the sum of its entries; the table refuses one that would be overdrawn. */
const carry = async (sql: postgres.Sql): Promise<void> => {
  await sql`
    update synthetic.account a
       set booked_minor = booked_minor + s.total
      from (select account_ref, sum(amount_minor)::bigint as total from synthetic.entry group by account_ref) as s
     where a.ref = s.account_ref
  `
}
