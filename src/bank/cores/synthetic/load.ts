/** Puts very many rows into an empty synthetic bank: by COPY, with its indexes made afterwards, and weighed as a whole. */
import { assert } from '#kernel/assert.ts'
import { type Bulk, openBulk } from '#platform/bulk.ts'

/** Rows for COPY, in the order of the columns below. */
export interface Lines {
  /** Lines of the text format. */
  readonly customers: Iterable<string>
  readonly accounts: Iterable<string>
  /** Rows of the binary format, in order of time; posting `n` has the entries `2n - 1` and `2n`. */
  readonly year: Iterable<Stretch> | AsyncIterable<Stretch>
}

interface Stretch {
  readonly postings: Uint8Array
  readonly entries: Uint8Array
  /** Postings so far. */
  readonly done: number
}

/** A step of the work that is over, or how many postings are copied, and how long it took. */
export type Progress =
  | { readonly step: string; readonly ms: number }
  | { readonly done: number; readonly ms: number }

const customersTo = 'copy synthetic.customer (ref, kind, name, national_id) from stdin'
const accountsTo = `copy synthetic.account
  (ref, owner, serial, kind, number, bank_code, currency, nickname, status, opened_on, limit_minor) from stdin`
const postingColumns = 'id, booked_on, text'
const entryColumns =
  'id, posting_id, account_ref, amount_minor, booked_on, counterparty_name, counterparty_account'

/**
 * `url` is of the owner of the tables. What the triggers watch over line by line is checked at the end over all lines:
 * every posting sums to zero, every balance is the sum of its entries, nobody is overdrawn. A history that breaks off, or
 * that is not sound, is taken out again whole.
 */
export const loadBooks = async (
  url: string,
  lines: Lines,
  tell: (progress: Progress) => void,
): Promise<void> => {
  const bulk = openBulk(url)
  const began = performance.now()
  const over = (step: string, since = began) => tell({ step, ms: performance.now() - since })
  const timed = async (step: string, work: Promise<void>) => {
    const since = performance.now()
    await work
    over(step, since)
  }
  try {
    const [history] = await bulk.column('select id from synthetic.entry limit 1')
    assert(history === undefined, 'many lines are loaded into a bank without history')
    await copyAll(bulk, customersTo, lines.customers)
    await copyAll(bulk, accountsTo, lines.accounts)
    over('customers and accounts')
    const { first, later } = await stripped(bulk)
    try {
      const copied = performance.now()
      const count = await copyYear(bulk, lines.year, (done) =>
        tell({ done, ms: performance.now() - copied }),
      )
      over('postings and entries', copied)
      // Two at a time, each over a connection of its own.
      await inTwoLanes(first, (statement) => timed(statement, bulk.run(statement)))
      await bothOf(timed('keys', inTurn(later, bulk)), timed('postings are weighed', weigh(bulk)))
      await timed('balances are carried', carry(bulk))
      await bulk.run(
        `select setval('synthetic.line', ${2 * count}), setval('synthetic.posting_id', ${count})`,
      )
    } catch (error) {
      await stripped(bulk)
      await bulk.run('truncate synthetic.entry, synthetic.posting')
      await inTurn([...first, ...later], bulk)
      throw error
    }
    await timed(
      'vacuumed',
      bulk.run(
        'vacuum analyze synthetic.entry, synthetic.posting, synthetic.account, synthetic.customer',
      ),
    )
  } finally {
    await bulk.close()
  }
}

const inTurn = async (statements: readonly string[], bulk: Bulk) => {
  for (const statement of statements) await bulk.run(statement)
}

const inTwoLanes = async (
  statements: readonly string[],
  run: (statement: string) => Promise<void>,
) => {
  const left = [...statements]
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next)
  }
  await bothOf(lane(), lane())
}

/** Both end before the first failure is told, so that nothing is under way behind it. */
const bothOf = async (one: Promise<void>, other: Promise<void>): Promise<void> => {
  for (const ended of await Promise.allSettled([one, other]))
    if (ended.status === 'rejected') throw ended.reason
}

const copyAll = async (bulk: Bulk, statement: string, lines: Iterable<string>) => {
  const copying = await bulk.copy(statement)
  for (const text of lines) await copying.write(text)
  await copying.end()
}

const TOLD_EVERY_MS = 2_000

/** Postings and entries at the same time, each over a connection of its own. Answers how many postings there are. */
const copyYear = async (
  bulk: Bulk,
  year: Lines['year'],
  tell: (done: number) => void,
): Promise<number> => {
  let count = 0
  let toldAt = performance.now()
  await bulk.fill('synthetic.posting', postingColumns, (postings) =>
    bulk.fill('synthetic.entry', entryColumns, async (entries) => {
      for await (const stretch of year) {
        await Promise.all([postings.write(stretch.postings), entries.write(stretch.entries)])
        count = stretch.done
        if (performance.now() - toldAt < TOLD_EVERY_MS) continue
        toldAt = performance.now()
        tell(count)
      }
    }),
  )
  return count
}

const tables = `('synthetic.entry'::regclass, 'synthetic.posting'::regclass)`

/**
 * Takes keys, indexes and triggers off the two large tables, and answers the statements that put them back: indexes that
 * can be made side by side, and what needs a table for itself once they are there.
 */
const stripped = async (bulk: Bulk): Promise<{ first: string[]; later: string[] }> => {
  const constraints = (kinds: string, what: string) =>
    bulk.column(`
      select ${what}
        from pg_constraint c
       where (c.conrelid in ${tables} or c.confrelid in ${tables}) and c.contype in ${kinds}
       order by c.oid
    `)
  const altered = `'alter table ' || c.conrelid::regclass`
  const dropped = `${altered} || ' drop constraint ' || quote_ident(c.conname)`
  const added = `${altered} || ' add constraint ' || quote_ident(c.conname) || ' '`
  const kind = `case c.contype when 'p' then 'primary key' else 'unique' end`
  const indexes = (what: string) =>
    bulk.column(`
      select ${what}
        from pg_index i
       where i.indrelid in ${tables}
         and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
       order by i.indexrelid
    `)
  const [foreign, keys] = ["('f')", "('p', 'u')"]
  const first = [
    ...(await indexes('pg_get_indexdef(i.indexrelid)')),
    ...(await constraints(keys, 'pg_get_indexdef(c.conindid)')),
  ]
  const later = [
    ...(await constraints(
      keys,
      `${added} || ${kind} || ' using index ' || quote_ident(c.conname)`,
    )),
    ...(await constraints(foreign, `${added} || pg_get_constraintdef(c.oid)`)),
    'alter table synthetic.entry enable trigger user',
    'alter table synthetic.posting enable trigger user',
  ]
  const strip = [
    'alter table synthetic.entry disable trigger user',
    'alter table synthetic.posting disable trigger user',
    // Foreign keys go first and come last: they lean on the others.
    ...(await constraints(foreign, dropped)),
    ...(await constraints(keys, dropped)),
    ...(await indexes(`'drop index ' || i.indexrelid::regclass`)),
  ]
  await inTurn(strip, bulk)
  return { first, later }
}

/** Throws where a posting does not sum to zero; all of them are in so'm. */
const weigh = async (bulk: Bulk): Promise<void> => {
  const lopsided = await bulk.column(
    'select posting_id from synthetic.entry group by posting_id having sum(amount_minor) <> 0 limit 1',
  )
  assert(lopsided.length === 0, 'every posting sums to zero')
}

/**
 * Every balance is the sum of its entries; the table refuses one that would be overdrawn. Summed up before anything is
 * changed: PostgreSQL sums on several cores only where it does not write at the same time.
 */
const carry = (bulk: Bulk): Promise<void> =>
  bulk.run(`
    create temporary table carried as
      select account_ref, sum(amount_minor)::bigint as total from synthetic.entry group by account_ref;
    update synthetic.account a
       set booked_minor = booked_minor + s.total
      from carried as s
     where a.ref = s.account_ref;
    drop table carried
  `)
