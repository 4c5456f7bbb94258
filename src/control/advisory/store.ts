import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { PartnerId, PersonId } from '#control/partners/index.ts'
import { Action, type ActionId, Decision, Meeting, type MeetingId, Member } from './meeting.ts'
import type { MemberId } from './meeting.ts'
import { Pack } from './pack.ts'
import { type Choice, Request, type RequestId } from './request.ts'

const memberColumns = sql`id, partner_id as "partnerId", person_id as "personId", since, until`

/** Who sits on the board now, the longest first. */
export const members = (db: Db, partnerId?: PartnerId) => db.many(Member)`
  select ${memberColumns}
    from advisory.member
   where until is null and (${partnerId ?? null}::text is null or partner_id = ${partnerId ?? null})
   order by since, id
   limit 500
`

export const lockMember = (db: Db, id: MemberId) =>
  db.maybe(Member)`select ${memberColumns} from advisory.member where id = ${id} for update`

export const seatOf = (db: Db, personId: PersonId) => db.maybe(Member)`
  select ${memberColumns} from advisory.member where person_id = ${personId} and until is null
`

export const insertMember = (db: Db, m: Member, by: string) => db.run`
  insert into advisory.member (id, partner_id, person_id, since, seated_by)
  values (${m.id}, ${m.partnerId}, ${m.personId}, ${m.since}, ${by})
`

export const endMember = (db: Db, id: MemberId, at: Temporal.Instant) =>
  db.run`update advisory.member set until = ${at} where id = ${id}`

const meetingColumns = sql`
  id, quarter, held_on as "heldOn", chair, status, agenda, pack_sha256 as "packSha256", pack_made_at as "packMadeAt",
  minutes, published_at as "publishedAt"
`

/** Newest quarter first. */
export const meetings = (db: Db) => db.many(Meeting)`
  select ${meetingColumns} from advisory.meeting order by quarter desc limit 100
`

export const findMeeting = (db: Db, id: MeetingId) =>
  db.maybe(Meeting)`select ${meetingColumns} from advisory.meeting where id = ${id}`

export const lockMeeting = (db: Db, id: MeetingId) =>
  db.maybe(Meeting)`select ${meetingColumns} from advisory.meeting where id = ${id} for update`

export const insertMeeting = (db: Db, m: Meeting, at: Temporal.Instant) => db.run`
  insert into advisory.meeting (id, quarter, held_on, chair, status, agenda, planned_at)
  values (${m.id}, ${m.quarter}, ${m.heldOn}, ${m.chair}, ${m.status}, ${JSON.stringify(m.agenda)}::text::jsonb, ${at})
`

export const saveMeeting = (db: Db, m: Meeting) => db.run`
  update advisory.meeting
     set held_on = ${m.heldOn}, chair = ${m.chair}, status = ${m.status},
         agenda = ${JSON.stringify(m.agenda)}::text::jsonb, minutes = ${m.minutes}
   where id = ${m.id}
`

export const savePack = (
  db: Db,
  id: MeetingId,
  { pack, sha256, at }: { pack: Pack; sha256: string; at: Temporal.Instant },
) => db.run`
  update advisory.meeting
     set pack = ${JSON.stringify(pack)}::text::jsonb, pack_sha256 = ${sha256}, pack_made_at = ${at}
   where id = ${id}
`

export const publish = (
  db: Db,
  id: MeetingId,
  { changeId, at }: { changeId: string; at: Temporal.Instant },
) => db.run`
  update advisory.meeting
     set status = 'published', published_at = ${at}, change_id = ${changeId}
   where id = ${id}
`

const PackRow = z.object({ pack: Pack.nullable() })

export const packOf = async (db: Db, id: MeetingId): Promise<Pack | undefined> =>
  (await db.maybe(PackRow)`select pack from advisory.meeting where id = ${id}`)?.pack ?? undefined

export const decisions = (db: Db, meetingId: MeetingId) => db.many(Decision)`
  select id, meeting_id as "meetingId", request_id as "requestId", said, by, at
    from advisory.decision
   where meeting_id = ${meetingId}
   order by id
   limit 500
`

export const insertDecision = (db: Db, d: Decision) => db.run`
  insert into advisory.decision (id, meeting_id, request_id, said, by, at)
  values (${d.id}, ${d.meetingId}, ${d.requestId}, ${d.said}, ${d.by}, ${d.at})
`

const actionColumns = sql`
  id, meeting_id as "meetingId", said, owner, due_on as "dueOn", added_at as "addedAt", outcome, done_at as "doneAt"
`

export const actions = (db: Db, filter: { meetingId?: MeetingId; open?: boolean }) => {
  const where = []
  if (filter.meetingId) where.push(sql`meeting_id = ${filter.meetingId}`)
  if (filter.open) where.push(sql`done_at is null`)
  return db.many(Action)`
    select ${actionColumns} from advisory.action where ${all(where)} order by due_on, id limit 500
  `
}

export const lockAction = (db: Db, id: ActionId) =>
  db.maybe(Action)`select ${actionColumns} from advisory.action where id = ${id} for update`

export const insertAction = (db: Db, a: Action, by: string) => db.run`
  insert into advisory.action (id, meeting_id, said, owner, due_on, added_by, added_at)
  values (${a.id}, ${a.meetingId}, ${a.said}, ${a.owner}, ${a.dueOn}, ${by}, ${a.addedAt})
`

export const finishAction = (
  db: Db,
  id: ActionId,
  { outcome, by, at }: { outcome: string; by: string; at: Temporal.Instant },
) => db.run`
  update advisory.action set outcome = ${outcome}, done_by = ${by}, done_at = ${at} where id = ${id}
`

const EarlierAction = Action.pick({ said: true, owner: true, dueOn: true, outcome: true }).extend({
  quarter: z.string(),
})

/** What earlier meetings gave to do and was open in a time, done since or not. */
export const earlierActions = (
  db: Db,
  { before, since }: { before: string; since: Temporal.Instant },
) => db.many(EarlierAction)`
  select m.quarter, a.said, a.owner, a.due_on as "dueOn", a.outcome
    from advisory.action a
    join advisory.meeting m on m.id = a.meeting_id
   where m.quarter < ${before} and (a.done_at is null or a.done_at >= ${since})
   order by m.quarter, a.due_on, a.id
   limit 500
`

const requestColumns = sql`
  r.id, r.partner_id as "partnerId", r.title, r.body, r.filed_at as "filedAt", r.closes_at as "closesAt", r.status,
  r.answer, r.answered_at as "answeredAt",
  (select count(*)::int from advisory.vote v where v.request_id = r.id and v.choice = 'for') as "votesFor",
  (select count(*)::int from advisory.vote v where v.request_id = r.id and v.choice = 'against') as "votesAgainst"
`

export interface RequestFilter {
  readonly status?: Request['status'] | undefined
  readonly partnerId?: PartnerId | undefined
  readonly filedBefore?: Temporal.Instant | undefined
  /** Older than this one: the next page. */
  readonly before?: RequestId | undefined
}

/** Newest first, without those that were withdrawn unless they are asked for. */
export const requests = (db: Db, filter: RequestFilter = {}, limit = 200) => {
  const where = [filter.status ? sql`r.status = ${filter.status}` : sql`r.status <> 'withdrawn'`]
  if (filter.partnerId) where.push(sql`r.partner_id = ${filter.partnerId}`)
  if (filter.filedBefore) where.push(sql`r.filed_at < ${filter.filedBefore}`)
  if (filter.before) where.push(sql`r.id < ${filter.before}`)
  return db.many(Request)`
    select ${requestColumns} from advisory.request r where ${all(where)} order by r.id desc limit ${limit}
  `
}

export const findRequest = (db: Db, id: RequestId) =>
  db.maybe(Request)`select ${requestColumns} from advisory.request r where r.id = ${id}`

/** Holds the request until the transaction ends: no vote comes in while it is answered. */
export const lockRequest = async (db: Db, id: RequestId) => {
  await db.run`select 1 from advisory.request where id = ${id} for update`
  return findRequest(db, id)
}

export const insertRequest = (db: Db, r: Request, by: string) => db.run`
  insert into advisory.request (id, partner_id, filed_by, title, body, filed_at, closes_at, status)
  values (${r.id}, ${r.partnerId}, ${by}, ${r.title}, ${r.body}, ${r.filedAt}, ${r.closesAt}, ${r.status})
`

export const saveStatus = (
  db: Db,
  r: Pick<Request, 'id' | 'status' | 'answer' | 'answeredAt'>,
  by: string | null,
) => db.run`
  update advisory.request
     set status = ${r.status}, answer = ${r.answer}, answered_by = ${by}, answered_at = ${r.answeredAt}
   where id = ${r.id}
`

/** One vote a partner: a second one takes the place of the first. */
export const castVote = (
  db: Db,
  v: {
    requestId: RequestId
    partnerId: PartnerId
    choice: Choice
    by: string
    at: Temporal.Instant
  },
) => db.run`
  insert into advisory.vote (request_id, partner_id, choice, cast_by, cast_at)
  values (${v.requestId}, ${v.partnerId}, ${v.choice}, ${v.by}, ${v.at})
  on conflict (request_id, partner_id) do update
    set choice = excluded.choice, cast_by = excluded.cast_by, cast_at = excluded.cast_at
`

const VoteRow = z.object({ requestId: z.string(), choice: z.enum(['for', 'against']) })

/** What a partner voted, by request. */
export const votesOf = async (db: Db, partnerId: PartnerId): Promise<ReadonlyMap<string, Choice>> =>
  new Map(
    (
      await db.many(VoteRow)`
        select request_id as "requestId", choice
          from advisory.vote
         where partner_id = ${partnerId}
         order by request_id desc
         limit 1000
      `
    ).map(({ requestId, choice }) => [requestId, choice]),
  )
