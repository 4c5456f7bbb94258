/** Events: what is taken over, for whom, and how far each journal was read. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Event, type NewEvent } from './event.ts'

const Cursor = z.object({ seq: z.bigint(), controlSeq: z.bigint() })
type Cursor = z.output<typeof Cursor>
const Id = z.object({ id: z.string() })

/** The last place of each journal that was taken over: the cell's own, and control's. */
export const cursor = (db: Db): Promise<Cursor> =>
  db.one(Cursor)`select seq, control_seq as "controlSeq" from courier.cursor`

/**
 * Holds the cursor until the transaction ends: of two couriers at once, one waits and then finds the work done. Whoever
 * adds events holds it, so that their places come in the order of their commits.
 */
export const lockCursor = (db: Db): Promise<Cursor> =>
  db.one(Cursor)`select seq, control_seq as "controlSeq" from courier.cursor for update`

export const moveCursor = (db: Db, seq: bigint) => db.run`update courier.cursor set seq = ${seq}`

export const moveControlCursor = (db: Db, seq: bigint) =>
  db.run`update courier.cursor set control_seq = ${seq}`

/** Adds events in this order, each with its number among those of its subject; answers the ids of those that were new. */
export const add = async (tx: Db, events: readonly NewEvent[]): Promise<string[]> => {
  if (events.length === 0) return []
  const rows = events.map((event) => ({
    ...event,
    seq: event.seq?.toString() ?? null,
    applicationId: event.applicationId ?? null,
    happenedAt: event.happenedAt.toString(),
  }))
  const added = await tx.many(Id)`
    with given as (
      select g.*, row_number() over (partition by "partnerId", subject order by ordinality) as n
        from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as (
               id text, seq bigint, source text, type text, subject text, "partnerId" text,
               "applicationId" text, "happenedAt" timestamptz, facts jsonb))
             with ordinality as g
    ), counted as (
      insert into courier.subject as s (partner_id, subject, events)
      select "partnerId", subject, count(*) from given group by 1, 2 order by 1, 2
      on conflict (partner_id, subject) do update set events = s.events + excluded.events
      returning partner_id, subject, events
    ), sizes as (
      select "partnerId", subject, count(*) as size from given group by 1, 2
    )
    insert into courier.event (id, seq, source, type, subject, partner_id, application_id, happened_at, facts, sequence)
    select g.id, g.seq, g.source, g.type, g.subject, g."partnerId", g."applicationId", g."happenedAt", g.facts,
           c.events - s.size + g.n
      from given g
      join counted c on c.partner_id = g."partnerId" and c.subject = g.subject
      join sizes s on s."partnerId" = g."partnerId" and s.subject = g.subject
     order by g.ordinality
    returning id
  `
  return added.map(({ id }) => id)
}

export const eventColumns = sql`
  e.id, e.place, e.type, e.subject, e.sequence, e.application_id as "applicationId",
  e.happened_at as "happenedAt", e.facts
`

/** What a partner may read after a place, oldest first. An application sees its own events and those of nobody's. */
export const feed = (
  db: Db,
  asked: {
    partnerId: string
    applicationId: string | null
    after: bigint
    limit: number
    types: readonly string[]
  },
): Promise<Event[]> => db.many(Event)`
  select ${eventColumns}
    from courier.event e
   where e.partner_id = ${asked.partnerId}
     and e.place > ${asked.after}
     and (${asked.applicationId}::text is null or e.application_id is null
          or e.application_id = ${asked.applicationId})
     and ('*' = any(${asked.types}::text[]) or e.type = any(${asked.types}::text[])
          or split_part(e.type, '.', 1) || '.*' = any(${asked.types}::text[]))
   order by e.place
   limit ${asked.limit}
`

/** Events older than this that nothing is owed of any more. */
export const forgetEvents = (db: Db, before: Temporal.Instant, limit: number) => db.run`
  delete from courier.event
   where id in (select e.id from courier.event e
                 where e.happened_at < ${before}
                   and not exists (select 1 from courier.delivery d where d.event_id = e.id)
                 order by e.place limit ${limit})
`
