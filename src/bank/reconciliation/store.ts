import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type {
  StatedBalance,
  StatedEntry,
  StatedHold,
  StatementLine,
  StatementName,
} from '../cores/statement.ts'
import { Difference, type DifferenceKind } from './difference.ts'
import { Statement } from './statement.ts'

const statementColumns = sql`
  id, name, version, sha256, day, status, lines, lines_taken as "linesTaken", wrong_line as "wrongLine", reason,
  found_at as "foundAt", ended_at as "endedAt"
`

export const statementNamed = (db: Db, { name, version }: StatementName) => db.maybe(Statement)`
  select ${statementColumns} from reconciliation.statement where name = ${name} and version = ${version}
`

/** The file that a day has, if it has one. */
export const statementOfDay = (db: Db, day: Temporal.PlainDate) => db.maybe(Statement)`
  select ${statementColumns} from reconciliation.statement where day = ${day} and status <> 'refused'
`

export const lockStatement = (db: Db, id: string) => db.one(Statement)`
  select ${statementColumns} from reconciliation.statement where id = ${id} for update
`

/** Answers whether it was written: of two at once, one is. */
export const addStatement = async (db: Db, s: Statement): Promise<boolean> => {
  const added = await db.run`
    insert into reconciliation.statement
      (id, name, version, sha256, day, status, lines, lines_taken, wrong_line, reason, found_at, ended_at)
    values
      (${s.id}, ${s.name}, ${s.version}, ${s.sha256}, ${s.day}, ${s.status}, ${s.lines}, ${s.linesTaken},
       ${s.wrongLine}, ${s.reason}, ${s.foundAt}, ${s.endedAt})
    on conflict do nothing
  `
  return added === 1
}

export const saveStatement = (db: Db, s: Statement) => db.run`
  update reconciliation.statement
     set status = ${s.status}, lines_taken = ${s.linesTaken}, wrong_line = ${s.wrongLine}, reason = ${s.reason},
         ended_at = ${s.endedAt}
   where id = ${s.id}
`

export const statements = (db: Db, filter: { since: Temporal.PlainDate; limit: number }) =>
  db.many(Statement)`
    select ${statementColumns}
      from reconciliation.statement
     where day is null or day >= ${filter.since}
     order by found_at desc, id desc
     limit ${filter.limit}
  `

export const addLines = async (
  db: Db,
  id: string,
  lines: readonly StatementLine[],
): Promise<void> => {
  const balances = lines.filter((l): l is StatedBalance => l.is === 'balance')
  const entries = lines.filter((l): l is StatedEntry => l.is === 'entry')
  const holds = lines.filter((l): l is StatedHold => l.is === 'hold')
  if (balances.length > 0)
    await db.run`
      insert into reconciliation.statement_balance (statement_id, line, account_ref, currency, opening_minor, closing_minor)
      select ${id}, *
        from unnest(${balances.map((b) => b.line)}::int[], ${balances.map((b) => b.account)}::text[],
                    ${balances.map((b) => b.currency)}::text[], ${balances.map((b) => b.openingMinor)}::bigint[],
                    ${balances.map((b) => b.closingMinor)}::bigint[])
    `
  if (entries.length > 0)
    await db.run`
      insert into reconciliation.statement_entry (statement_id, line, entry, account_ref, currency, minor, reference)
      select ${id}, *
        from unnest(${entries.map((e) => e.line)}::int[], ${entries.map((e) => e.entry)}::text[],
                    ${entries.map((e) => e.account)}::text[], ${entries.map((e) => e.currency)}::text[],
                    ${entries.map((e) => e.minor)}::bigint[], ${entries.map((e) => e.reference ?? null)}::text[])
    `
  if (holds.length > 0)
    await db.run`
      insert into reconciliation.statement_hold (statement_id, line, reference, account_ref, currency, minor)
      select ${id}, *
        from unnest(${holds.map((h) => h.line)}::int[], ${holds.map((h) => h.reference)}::text[],
                    ${holds.map((h) => h.account)}::text[], ${holds.map((h) => h.currency)}::text[],
                    ${holds.map((h) => h.minor)}::bigint[])
    `
}

const Counted = z.object({ lines: z.bigint() })

/** How many lines of a file are in the books. */
export const linesOf = async (db: Db, id: string): Promise<number> => {
  const { lines } = await db.one(Counted)`
    select (select count(*) from reconciliation.statement_balance where statement_id = ${id})
           + (select count(*) from reconciliation.statement_entry where statement_id = ${id})
           + (select count(*) from reconciliation.statement_hold where statement_id = ${id}) as lines
  `
  return Number(lines)
}

/** Days whose files were taken and that were not compared yet, the oldest first. */
export const toReconcile = (db: Db) => db.many(Statement)`
  select ${statementColumns}
    from reconciliation.statement s
   where status = 'taken' and not exists (select 1 from reconciliation.day d where d.day = s.day)
   order by day
   limit 100
`

const Span = z.object({
  first: z.instanceof(Temporal.PlainDate).nullable(),
  last: z.instanceof(Temporal.PlainDate).nullable(),
})

/** From which day to which the core has told us anything. */
export const span = (db: Db) => db.one(Span)`
  select min(day) as first, max(day) as last from reconciliation.statement where status = 'taken'
`

const Day = z.object({ day: z.instanceof(Temporal.PlainDate) })

export const daysTaken = (db: Db, since: Temporal.PlainDate) => db.many(Day)`
  select day from reconciliation.statement where status = 'taken' and day >= ${since} order by day limit 10000
`

const Moved = z.object({
  reference: z.string(),
  accountRef: z.string(),
  currency: Currency,
  minor: z.bigint(),
})

/** References that a file names, behind one. */
export const referencesIn = async (
  db: Db,
  id: string,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> => {
  const rows = await db.many(z.object({ reference: z.string() }))`
    select distinct reference
      from reconciliation.statement_entry
     where statement_id = ${id} and reference > ${after}
     order by reference
     limit ${limit}
  `
  return rows.map(({ reference }) => reference)
}

/** What all statements together say of references, by account. */
export const movedBy = (db: Db, references: readonly string[]) => db.many(Moved)`
  select e.reference, e.account_ref as "accountRef", e.currency, sum(e.minor)::bigint as minor
    from reconciliation.statement_entry e
    join reconciliation.statement s on s.id = e.statement_id and s.status = 'taken'
   where e.reference = any(${references})
   group by e.reference, e.account_ref, e.currency
   order by e.reference
   limit 100000
`

const Hold = z.object({
  reference: z.string(),
  accountRef: z.string(),
  currency: Currency,
  minor: z.bigint(),
})

export const holdsIn = (db: Db, id: string, page: { after: string; limit: number }) =>
  db.many(Hold)`
    select reference, account_ref as "accountRef", currency, minor
      from reconciliation.statement_hold
     where statement_id = ${id} and reference > ${page.after}
     order by reference
     limit ${page.limit}
  `

const Jump = z.object({
  accountRef: z.string(),
  currency: Currency,
  closedMinor: z.bigint(),
  openedMinor: z.bigint(),
})

/** Accounts whose day began with another balance than the day before ended with. */
export const jumps = (db: Db, id: string, day: Temporal.PlainDate) => db.many(Jump)`
  select b.account_ref as "accountRef", b.currency, y.closing_minor as "closedMinor", b.opening_minor as "openedMinor"
    from reconciliation.statement_balance b
    join reconciliation.statement s on s.day = ${day.subtract({ days: 1 })} and s.status = 'taken'
    join reconciliation.statement_balance y on y.statement_id = s.id and y.account_ref = b.account_ref
   where b.statement_id = ${id} and b.opening_minor <> y.closing_minor
   order by b.account_ref
   limit 10000
`

const Figures = z.object({ entries: z.number(), referenced: z.number(), holds: z.number() })

export const figuresOf = (db: Db, id: string) => db.one(Figures)`
  select count(*)::int as entries, count(reference)::int as referenced,
         (select count(*)::int from reconciliation.statement_hold where statement_id = ${id}) as holds
    from reconciliation.statement_entry
   where statement_id = ${id}
`

export const ReconciledDay = z.object({
  day: z.instanceof(Temporal.PlainDate),
  statementId: z.string(),
  entries: z.number(),
  referenced: z.number(),
  orders: z.number(),
  holds: z.number(),
  at: z.instanceof(Temporal.Instant),
})
export type ReconciledDay = z.output<typeof ReconciledDay>

/** Answers whether it was written: a day is reconciled once. */
export const addDay = async (db: Db, d: ReconciledDay): Promise<boolean> => {
  const added = await db.run`
    insert into reconciliation.day (day, statement_id, entries, referenced, orders, holds, at)
    values (${d.day}, ${d.statementId}, ${d.entries}, ${d.referenced}, ${d.orders}, ${d.holds}, ${d.at})
    on conflict do nothing
  `
  return added === 1
}

export const days = (db: Db, since: Temporal.PlainDate) => db.many(ReconciledDay)`
  select day, statement_id as "statementId", entries, referenced, orders, holds, at
    from reconciliation.day
   where day >= ${since}
   order by day desc
   limit 1000
`

const differenceColumns = sql`
  id, day, kind, subject, ours_minor as "oursMinor", core_minor as "coreMinor", currency, status, explanation,
  explained_by as "explainedBy", found_at as "foundAt", explained_at as "explainedAt"
`

/** Answers whether it is new. */
export const addDifference = async (db: Db, d: Difference): Promise<boolean> => {
  const added = await db.run`
    insert into reconciliation.difference
      (id, day, kind, subject, ours_minor, core_minor, currency, status, explanation, explained_by, found_at, explained_at)
    values
      (${d.id}, ${d.day}, ${d.kind}, ${d.subject}, ${d.oursMinor}, ${d.coreMinor}, ${d.currency}, ${d.status},
       ${d.explanation}, ${d.explainedBy}, ${d.foundAt}, ${d.explainedAt})
    on conflict do nothing
  `
  return added === 1
}

export const lockDifference = (db: Db, id: string) => db.maybe(Difference)`
  select ${differenceColumns} from reconciliation.difference where id = ${id} for update
`

export const saveDifference = (db: Db, d: Difference) => db.run`
  update reconciliation.difference
     set status = ${d.status}, explanation = ${d.explanation}, explained_by = ${d.explainedBy},
         explained_at = ${d.explainedAt}
   where id = ${d.id}
`

export const differences = (
  db: Db,
  filter: {
    since?: Temporal.PlainDate
    kinds?: readonly DifferenceKind[]
    open?: true
    limit: number
  },
) => {
  const where = [sql`true`]
  // What is open is shown however old it is.
  if (filter.since) where.push(sql`(status = 'open' or day >= ${filter.since})`)
  if (filter.kinds) where.push(sql`kind = any(${filter.kinds})`)
  if (filter.open) where.push(sql`status = 'open'`)
  return db.many(Difference)`
    select ${differenceColumns}
      from reconciliation.difference
     where ${all(where)}
     order by status desc, day desc, id desc
     limit ${filter.limit}
  `
}
