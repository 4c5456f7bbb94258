import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { ANSWER_HOURS, Message, Request, type SupportId, Urgent } from './request.ts'

const columns = sql`
  id, partner_id as "partnerId", cell, product, urgency, subject, call_id as "callId", opened_by as "openedBy",
  opened_at as "openedAt", contract_id as "contractId", due_at as "dueAt", status, waits_since as "waitsSince",
  first_answered_at as "firstAnsweredAt", first_answered_by as "firstAnsweredBy", released_at as "releasedAt",
  closed_at as "closedAt"
`

export interface RequestFilter {
  readonly partnerId?: PartnerId | undefined
  readonly cell?: Cell | undefined
  readonly status?: Request['status'] | undefined
  /** Older than this one: the next page. */
  readonly before?: SupportId | undefined
}

/** Newest first. */
export const requests = (db: Db, filter: RequestFilter = {}, limit = 100) => {
  const where = []
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.cell) where.push(sql`cell = ${filter.cell}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Request)`
    select ${columns} from support.request where ${all(where)} order by id desc limit ${limit}
  `
}

/** What the bank is to answer, the soonest due first. */
export const waiting = (db: Db, limit = 1_000) => db.many(Request)`
  select ${columns}
    from support.request
   where status = 'open'
   order by case when due_at is not null and first_answered_at is null and released_at is null then due_at
                 else waits_since + make_interval(hours => ${ANSWER_HOURS}) end, id
   limit ${limit}
`

/** Holds that nobody else opens a request of the partner until the transaction ends; answers how many are open. */
export const holdOpen = async (db: Db, partnerId: PartnerId): Promise<number> => {
  await db.run`select pg_advisory_xact_lock(hashtext('support.request ' || ${partnerId}::text))`
  const { open } = await db.one(z.object({ open: z.int() }))`
    select count(*)::int as open from support.request where partner_id = ${partnerId} and status = 'open'
  `
  return open
}

export const find = (db: Db, id: SupportId) =>
  db.maybe(Request)`select ${columns} from support.request where id = ${id}`

/** Holds the request until the transaction ends: one message after the other. */
export const lock = (db: Db, id: SupportId) =>
  db.maybe(Request)`select ${columns} from support.request where id = ${id} for update`

export const insert = (db: Db, r: Request) => db.run`
  insert into support.request
    (id, partner_id, cell, product, urgency, subject, call_id, opened_by, opened_at, contract_id, due_at, status,
     waits_since)
  values
    (${r.id}, ${r.partnerId}, ${r.cell}, ${r.product}, ${r.urgency}, ${r.subject}, ${r.callId}, ${r.openedBy},
     ${r.openedAt}, ${r.contractId}, ${r.dueAt}, ${r.status}, ${r.waitsSince})
`

export const save = (db: Db, r: Request) => db.run`
  update support.request
     set status = ${r.status}, waits_since = ${r.waitsSince}, first_answered_at = ${r.firstAnsweredAt},
         first_answered_by = ${r.firstAnsweredBy}, released_at = ${r.releasedAt}, closed_at = ${r.closedAt}
   where id = ${r.id}
`

export const messages = (db: Db, id: SupportId) => db.many(Message)`
  select n, side, by, said, at from support.message where request_id = ${id} order by n limit 1000
`

/** Adds what was said behind all that was said before. Hold the request. */
export const addMessage = async (
  db: Db,
  id: SupportId,
  m: Omit<Message, 'n'>,
): Promise<Message> => {
  const { n } = await db.one(z.object({ n: z.int() }))`
    insert into support.message (request_id, n, side, by, said, at)
    select ${id}, coalesce(max(n), 0) + 1, ${m.side}, ${m.by}, ${m.said}, ${m.at}
      from support.message
     where request_id = ${id}
    returning n
  `
  return { ...m, n }
}

interface Due {
  readonly partnerId: string
  readonly product?: string
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
  /** What is not due by then is not judged yet. */
  readonly asOf: Temporal.Instant
}

const Settled = z.object({
  id: z.string(),
  product: z.string().nullable(),
  urgency: Urgent,
  dueAt: z.instanceof(Temporal.Instant),
  answeredAt: z.instanceof(Temporal.Instant).nullable(),
  inTime: z.boolean(),
})
export type Settled = z.output<typeof Settled>

/** Promised answers whose time came to its end in a span, of one product or of all; what was let go is none. */
export const settled = (db: Db, { partnerId, product, from, to, asOf }: Due) => db.many(Settled)`
  select id, product, urgency, due_at as "dueAt", first_answered_at as "answeredAt",
         first_answered_at is not null and first_answered_at <= due_at as "inTime"
    from support.request
   where ${all([
     sql`partner_id = ${partnerId}`,
     sql`due_at >= ${from}`,
     sql`due_at < ${to}`,
     sql`due_at < ${asOf}`,
     sql`released_at is null`,
     ...(product === undefined ? [] : [sql`product = ${product}`]),
   ])}
   order by due_at, id
   limit 1000000
`

const Opened = z.object({ opened: z.int(), unpromised: z.int() })

/** How many were asked in a span, and how many of them without a promise. */
export const opened = (
  db: Db,
  { partnerId, from, to }: Pick<Due, 'partnerId' | 'from' | 'to'>,
) => db.one(Opened)`
  select count(*)::int as opened, (count(*) filter (where due_at is null))::int as unpromised
    from support.request
   where partner_id = ${partnerId} and opened_at >= ${from} and opened_at < ${to}
`
