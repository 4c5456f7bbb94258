import type { Db } from '#platform/db.ts'
import { type Entry, Body, EntryRow } from './follow.ts'

/** The last sealed line of an event about something, at a place or before it: what held when the line there was written. */
export const latestLine = async (
  db: Db,
  { event, subject, upTo }: { event: string; subject: string; upTo: bigint },
): Promise<Entry | undefined> => {
  const row = await db.maybe(EntryRow)`
    select c.seq, c.hash, c.previous, e.body
      from journal.entry e
      join journal.chain c on c.entry_id = e.id
     where e.body::jsonb ->> 'subject' = ${subject}
       and e.body::jsonb ->> 'event' = ${event}
       and c.seq <= ${upTo}
     order by c.seq desc
     limit 1
  `
  return row && { ...row, ...Body.parse(JSON.parse(row.body)) }
}
