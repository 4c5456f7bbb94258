/** Lines by who did it, what it was about, what it was and when: what an auditor knows of what is looked for. */
import type { Db } from '#platform/db.ts'
import { all, type Sql, sql } from '#platform/sql.ts'
import { type Entry, Body, EntryRow } from './follow.ts'

export interface Search {
  readonly actor?: string | undefined
  /** The id that a line is about, or the partner that it names. */
  readonly about?: string | undefined
  /** A whole event, or a room with its dot: `contracts.`. */
  readonly event?: string | undefined
  readonly from?: Temporal.Instant | undefined
  /** Not included. */
  readonly to?: Temporal.Instant | undefined
}

/** Instants are written with as many digits as they have; up to the second all are spelled alike. */
const secondOf = (instant: Temporal.Instant) =>
  instant.round({ smallestUnit: 'second', roundingMode: 'ceil' }).toString().slice(0, 19)

const conditions = ({ actor, about, event, from, to }: Search): Sql[] => [
  ...(actor ? [sql`e.body::jsonb ->> 'actor' = ${actor}`] : []),
  ...(about
    ? [
        sql`(e.body::jsonb ->> 'subject' = ${about} or e.body::jsonb #>> '{data,partnerId}' = ${about})`,
      ]
    : []),
  ...(event
    ? [
        event.endsWith('.')
          ? sql`starts_with(e.body::jsonb ->> 'event', ${event})`
          : sql`e.body::jsonb ->> 'event' = ${event}`,
      ]
    : []),
  ...(from ? [sql`(e.body::jsonb ->> 'at') collate "C" >= ${secondOf(from)}`] : []),
  ...(to ? [sql`(e.body::jsonb ->> 'at') collate "C" < ${secondOf(to)}`] : []),
]

/** Sealed lines that fit, before the place `before`, newest first. */
export const searchEntries = async (
  db: Db,
  search: Search,
  { before, limit }: { before: bigint; limit: number },
): Promise<Entry[]> => {
  const rows = await db.many(EntryRow)`
    select c.seq, c.hash, c.previous, e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where ${all([sql`c.seq < ${before}`, ...conditions(search)])}
     order by c.seq desc
     limit ${limit}
  `
  return rows.map((row) => ({ ...row, ...Body.parse(JSON.parse(row.body)) }))
}
