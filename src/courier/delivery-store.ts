/** Deliveries: what is owed to whom, what is due, and how it ended. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { type Sql, sql } from '#platform/sql.ts'
import { Event } from './event.ts'
import { eventColumns } from './store.ts'

const wants = sql`
  ('*' = any(p.types) or e.type = any(p.types) or split_part(e.type, '.', 1) || '.*' = any(p.types))
`
/** What happened to one application is told to that application; what happened to none, to all of the partner's. */
const concerns = sql`
  p.partner_id = e.partner_id and (e.application_id is null or e.application_id = p.application_id)
`

/** Whoever puts deliveries into lanes or takes them out holds this: else a lane could be left with nobody in front. */
export const lockLanes = (tx: Db) => tx.run`select pg_advisory_xact_lock(hashtext('courier.lanes'))`

/** Owes events to the endpoints that want them; answers how many deliveries came of it. Hold the lanes. */
export const owe = (tx: Db, eventIds: readonly string[], now: Temporal.Instant): Promise<number> =>
  eventIds.length === 0
    ? Promise.resolve(0)
    : tx.run`
  insert into courier.delivery (endpoint_id, event_id, place, lane, status, due_at)
  select p.id, e.id, e.place, case when p.ordered then e.subject end,
         case when p.ordered and (
                lag(e.id) over (partition by p.id, e.subject order by e.place) is not null
                or exists (select 1 from courier.delivery d
                            where d.endpoint_id = p.id and d.lane = e.subject
                              and d.status in ('due', 'waiting', 'dead')))
              then 'waiting' else 'due' end,
         ${now}
    from courier.event e
    join courier.endpoint p on ${concerns} and p.status = 'active' and ${wants}
   where e.id = any(${eventIds}::text[])
   order by e.place
`

export const Due = Event.extend({
  deliveryId: z.bigint(),
  endpointId: z.string(),
  lane: z.string().nullable(),
  attempts: z.number(),
  replay: z.boolean(),
})
export type Due = z.output<typeof Due>

/** What is due for each endpoint, at most as many as it has room for, without what is held already. */
export const due = (
  db: Db,
  rooms: readonly { readonly endpointId: string; readonly room: number }[],
  held: readonly bigint[],
  now: Temporal.Instant,
): Promise<Due[]> => db.many(Due)`
  select d.id as "deliveryId", d.endpoint_id as "endpointId", d.lane, d.attempts, d.replay, ${eventColumns}
    from unnest(${rooms.map((r) => r.endpointId)}::text[], ${rooms.map((r) => r.room)}::int[]) as r (id, room)
   cross join lateral (
     select * from courier.delivery d
      where d.endpoint_id = r.id and d.status = 'due' and d.due_at <= ${now}
        and d.id not in (select * from unnest(${held}::bigint[]))
      order by d.due_at, d.place
      limit r.room) d
    join courier.event e on e.id = d.event_id
   order by d.due_at, d.place
`

export interface Outcome {
  readonly deliveryId: bigint
  readonly endpointId: string
  readonly lane: string | null
  readonly status: 'due' | 'delivered' | 'dead'
  readonly attempts: number
  readonly dueAt: Temporal.Instant
  readonly replay: boolean
  readonly at: Temporal.Instant
  readonly ms: number
  readonly answerStatus: number | null
  readonly failure: string | null
  readonly address: string | null
  readonly tls: string | null
  readonly answer: string | null
}

/** Keeps what came of a batch. A delivery that somebody settled meanwhile (skipped it) stays as it is. Hold the lanes. */
export const settle = async (tx: Db, outcomes: readonly Outcome[]): Promise<void> => {
  const rows = JSON.stringify(
    outcomes.map((o) => ({
      ...o,
      deliveryId: o.deliveryId.toString(),
      dueAt: o.dueAt.toString(),
      at: o.at.toString(),
    })),
  )
  await tx.run`
    with given as (
      select * from jsonb_to_recordset(${rows}::text::jsonb) as g (
        "deliveryId" bigint, status text, attempts int, "dueAt" timestamptz, replay boolean, at timestamptz, ms int,
        "answerStatus" int, failure text, address text, tls text, answer text)
    ), kept as (
      update courier.delivery d
         set status = g.status, attempts = g.attempts, due_at = g."dueAt",
             settled_at = case when g.status <> 'due' then g.at end
        from given g
       where d.id = g."deliveryId" and d.status = 'due'
    )
    insert into courier.attempt (delivery_id, number, replay, at, ms, status, failure, address, tls, answer)
    select "deliveryId", attempts, replay, at, ms, "answerStatus", failure, address, tls, answer from given
  `
  await advanceLanes(
    tx,
    outcomes.filter((o) => o.status === 'delivered'),
  )
}

/** The next of each lane comes to the front, unless somebody stands there. Hold the lanes. */
export const advanceLanes = async (
  tx: Db,
  lanes: readonly { readonly endpointId: string; readonly lane: string | null }[],
): Promise<void> => {
  const ordered = lanes.filter(({ lane }) => lane !== null)
  if (ordered.length === 0) return
  await tx.run`
    update courier.delivery set status = 'due'
     where id in (
       select first.id
         from (select distinct endpoint_id, lane
                 from unnest(${ordered.map((l) => l.endpointId)}::text[], ${ordered.map((l) => l.lane)}::text[])
                      as l (endpoint_id, lane)) l
        cross join lateral (
          select d.id, d.status from courier.delivery d
           where d.endpoint_id = l.endpoint_id and d.lane = l.lane and d.status in ('due', 'waiting', 'dead')
           order by d.place limit 1) first
        where first.status = 'waiting')
  `
}

/** Which deliveries somebody means. */
export type Meant =
  | { readonly what: 'one'; readonly deliveryId: bigint }
  | { readonly what: 'range'; readonly from: Temporal.Instant; readonly to: Temporal.Instant }
  | { readonly what: 'failed'; readonly since: Temporal.Instant }

const meant = (m: Meant): Sql => {
  switch (m.what) {
    case 'one':
      return sql`d.id = ${m.deliveryId}`
    case 'range':
      return sql`e.happened_at >= ${m.from} and e.happened_at < ${m.to}`
    case 'failed':
      return sql`d.status = 'dead' and d.settled_at >= ${m.since}`
  }
}

const Lane = z.object({ endpointId: z.string(), lane: z.string().nullable() })

/** Sends again what has ended, under the same ids; answers how many. Hold the lanes. */
export const replay = async (
  tx: Db,
  endpointId: string,
  what: Meant,
  now: Temporal.Instant,
): Promise<number> => {
  const lanes = await tx.many(Lane)`
    update courier.delivery d
       set status = case when d.lane is null then 'due' else 'waiting' end,
           settled_at = null, attempts = 0, replay = true, due_at = ${now}
      from courier.event e
     where e.id = d.event_id and d.endpoint_id = ${endpointId}
       and d.status in ('delivered', 'dead', 'skipped') and ${meant(what)}
    returning d.endpoint_id as "endpointId", d.lane
  `
  await advanceLanes(tx, lanes)
  return lanes.length
}

/** Owes an endpoint the events of a time that it missed because it was not in use. Hold the lanes. */
export const oweMissed = async (
  tx: Db,
  endpointId: string,
  range: { from: Temporal.Instant; to: Temporal.Instant },
  now: Temporal.Instant,
): Promise<number> => {
  const lanes = await tx.many(Lane)`
    insert into courier.delivery (endpoint_id, event_id, place, lane, status, due_at, replay)
    select p.id, e.id, e.place, case when p.ordered then e.subject end,
           case when p.ordered then 'waiting' else 'due' end, ${now}, true
      from courier.event e
      join courier.endpoint p on ${concerns} and ${wants}
     where p.id = ${endpointId} and e.happened_at >= ${range.from} and e.happened_at < ${range.to}
     order by e.place
    on conflict (endpoint_id, event_id) do nothing
    returning endpoint_id as "endpointId", lane
  `
  await advanceLanes(tx, lanes)
  return lanes.length
}

/** Leaves a delivery out; its lane goes on. Answers whether there was one to leave out. Hold the lanes. */
export const skip = async (
  tx: Db,
  endpointId: string,
  deliveryId: bigint,
  now: Temporal.Instant,
): Promise<boolean> => {
  const lanes = await tx.many(Lane)`
    update courier.delivery set status = 'skipped', settled_at = ${now}
     where id = ${deliveryId} and endpoint_id = ${endpointId} and status in ('due', 'waiting', 'dead')
    returning endpoint_id as "endpointId", lane
  `
  await advanceLanes(tx, lanes)
  return lanes.length > 0
}

/** Leaves out all that an endpoint is still owed. */
export const skipAll = (tx: Db, endpointId: string, now: Temporal.Instant) => tx.run`
  update courier.delivery set status = 'skipped', settled_at = ${now}
   where endpoint_id = ${endpointId} and status in ('due', 'waiting')
`

/** Delivers the last ones that arrived once more, as if nothing had been heard of their arrival. Hold the lanes. */
export const duplicate = (
  tx: Db,
  whose: { partnerId: string; applicationId: string | null; count: number },
  now: Temporal.Instant,
) => tx.run`
  update courier.delivery set status = 'due', settled_at = null, due_at = ${now}
   where lane is null and id in (
     select d.id from courier.delivery d
       join courier.endpoint p on p.id = d.endpoint_id
      where p.partner_id = ${whose.partnerId} and d.status = 'delivered'
        and (${whose.applicationId}::text is null or p.application_id = ${whose.applicationId})
      order by d.settled_at desc, d.id desc
      limit ${whose.count})
`

/** The last event comes first: each of these waits a little longer than the one after it. */
export const reverse = (tx: Db, eventIds: readonly string[], now: Temporal.Instant) => tx.run`
  update courier.delivery d
     set due_at = ${now}::timestamptz + make_interval(secs => 0.3 * (${eventIds.length} - l.n)::float8)
    from unnest(${eventIds}::text[]) with ordinality as l (id, n)
   where d.event_id = l.id and d.lane is null
`

const Listed = z.object({
  id: z.bigint(),
  eventId: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.bigint(),
  status: z.enum(['due', 'waiting', 'delivered', 'dead', 'skipped']),
  dueAt: z.instanceof(Temporal.Instant),
  attempts: z.number(),
  replay: z.boolean(),
  happenedAt: z.instanceof(Temporal.Instant),
  settledAt: z.instanceof(Temporal.Instant).nullable(),
})

/** The deliveries of an endpoint, newest first. */
export const list = (
  db: Db,
  endpointId: string,
  { before, status, limit }: { before: bigint | null; status: string | null; limit: number },
) => db.many(Listed)`
  select d.id, d.event_id as "eventId", e.type, e.subject, e.sequence, d.status, d.due_at as "dueAt", d.attempts,
         d.replay, e.happened_at as "happenedAt", d.settled_at as "settledAt"
    from courier.delivery d
    join courier.event e on e.id = d.event_id
   where d.endpoint_id = ${endpointId}
     and (${before}::bigint is null or d.id < ${before})
     and (${status}::text is null or d.status = ${status})
   order by d.id desc
   limit ${limit}
`

const Attempt = z.object({
  number: z.number(),
  replay: z.boolean(),
  at: z.instanceof(Temporal.Instant),
  ms: z.number(),
  status: z.number().nullable(),
  failure: z.string().nullable(),
  address: z.string().nullable(),
  tls: z.string().nullable(),
  answer: z.string().nullable(),
})

/** The log of one delivery, newest first. */
export const attempts = (db: Db, endpointId: string, deliveryId: bigint) => db.many(Attempt)`
  select a.number, a.replay, a.at, a.ms, a.status, a.failure, a.address, a.tls, a.answer
    from courier.attempt a
    join courier.delivery d on d.id = a.delivery_id
   where d.id = ${deliveryId} and d.endpoint_id = ${endpointId}
   order by a.at desc
   limit 100
`

/** What has waited since before this for an endpoint that is not in use is given up. */
export const giveUp = (db: Db, before: Temporal.Instant, now: Temporal.Instant, limit: number) =>
  db.run`
    update courier.delivery set status = 'dead', settled_at = ${now}
     where id in (
       select d.id from courier.delivery d join courier.endpoint p on p.id = d.endpoint_id
        where d.status in ('due', 'waiting') and d.due_at < ${before} and p.status <> 'active'
        order by d.id limit ${limit})
  `

/** Deliveries that ended before this, and their log. */
export const forget = (db: Db, before: Temporal.Instant, limit: number) => db.run`
  delete from courier.delivery
   where id in (select id from courier.delivery where settled_at < ${before} order by settled_at limit ${limit})
`
