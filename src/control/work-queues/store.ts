import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Marking } from './item.ts'

const columns = sql`
  item, owner, snoozed_until as "snoozedUntil", reason, marked_at as "markedAt"
`

export const markings = async (db: Db): Promise<ReadonlyMap<string, Marking>> =>
  new Map(
    (
      await db.many(Marking)`
        select ${columns} from work_queues.marking order by marked_at desc, item limit 20000
      `
    ).map((marking) => [marking.item, marking]),
  )

/** Holds an item, marked or not, until the transaction ends. */
export const hold = (db: Db, item: string) =>
  db.run`select pg_advisory_xact_lock(hashtext('work_queues.marking ' || ${item}::text))`

export const find = (db: Db, item: string) =>
  db.maybe(Marking)`select ${columns} from work_queues.marking where item = ${item}`

export const save = (db: Db, m: Marking, by: string) => db.run`
  insert into work_queues.marking (item, owner, snoozed_until, reason, marked_by, marked_at)
  values (${m.item}, ${m.owner}, ${m.snoozedUntil}, ${m.reason}, ${by}, ${m.markedAt})
  on conflict (item) do update
    set owner = excluded.owner, snoozed_until = excluded.snoozed_until, reason = excluded.reason,
        marked_by = excluded.marked_by, marked_at = excluded.marked_at
`

export const forget = (db: Db, before: Temporal.Instant) =>
  db.run`delete from work_queues.marking where marked_at < ${before}`
