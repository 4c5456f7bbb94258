import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { type Announcement, Notice, type NoticeId } from './notice.ts'

const columns = sql`
  id, partner_id as "partnerId", kind, subject, title, body, happens_at as "happensAt", made_at as "madeAt",
  acknowledge and withdrawn_at is null as acknowledge, acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy"
`

/** Answers whether it is new: what was announced under its key is not announced again. */
export const insertNotice = async (
  tx: Db,
  id: NoticeId,
  a: Announcement,
  now: Temporal.Instant,
): Promise<boolean> =>
  (await tx.run`
    insert into webhooks.notice (id, partner_id, kind, subject, key, title, body, happens_at, made_at, acknowledge)
    values (${id}, ${a.partnerId}, ${a.kind}, ${a.subject}, ${a.key}, ${a.title}, ${a.body}, ${a.happensAt}, ${now},
            ${a.acknowledge})
    on conflict (partner_id, key) do nothing
  `) > 0

export const insertLetters = (
  tx: Db,
  noticeId: NoticeId,
  personIds: readonly string[],
  now: Temporal.Instant,
) => tx.run`
  insert into webhooks.letter (notice_id, person_id, next_at)
  select ${noticeId}, person_id, ${now} from unnest(${personIds}::text[]) as p (person_id)
`

export const list = (db: Db, partnerId: string): Promise<Notice[]> => db.many(Notice)`
  select ${columns} from webhooks.notice where partner_id = ${partnerId} order by id desc limit 200
`

/** What is still to happen, and what did in the last month. */
export const listDated = (db: Db, partnerId: string, now: Temporal.Instant) => db.many(Notice)`
  select ${columns} from webhooks.notice
   where partner_id = ${partnerId} and happens_at > ${now.subtract({ hours: 720 })} and withdrawn_at is null
   order by happens_at, id limit 500
`

/** Answers the notice; undefined where it is none of theirs. Whoever said it first said it. */
export const acknowledge = (
  tx: Db,
  { id, partnerId, by, at }: { id: NoticeId; partnerId: string; by: string; at: Temporal.Instant },
) => tx.maybe(Notice)`
  update webhooks.notice
     set acknowledged_at = coalesce(acknowledged_at, ${at}), acknowledged_by = coalesce(acknowledged_by, ${by})
   where id = ${id} and partner_id = ${partnerId}
  returning ${columns}
`

const Acknowledged = z.object({ partnerId: z.string(), acknowledged: z.boolean() })

/** A kind of notices about something, or one announcement by its name. */
export type About = { readonly kind: string; readonly subject: string } | { readonly key: string }

const aboutThis = (about: About) =>
  'key' in about
    ? sql`key = ${about.key}`
    : sql`kind = ${about.kind} and subject = ${about.subject}`

/** Who was told of something that still holds, and whether somebody there said that they read it. */
export const acknowledgements = (db: Db, about: About) =>
  db.many(Acknowledged)`
    select partner_id as "partnerId", bool_and(not acknowledge or acknowledged_at is not null) as acknowledged
      from webhooks.notice
     where ${aboutThis(about)}
       and withdrawn_at is null
     group by partner_id
     order by partner_id
     limit 100000
  `

const Told = z.object({ partnerId: z.string() })

/** Takes notices back: nobody has to answer them, and no calendar has them. Answers who had been told. */
export const withdraw = async (
  tx: Db,
  about: About,
  at: Temporal.Instant,
): Promise<ReadonlySet<string>> => {
  const rows = await tx.many(Told)`
    update webhooks.notice
       set withdrawn_at = ${at}
     where ${aboutThis(about)}
       and withdrawn_at is null
    returning partner_id as "partnerId"
  `
  return new Set(rows.map(({ partnerId }) => partnerId))
}

const Letter = z.object({
  noticeId: z.string(),
  personId: z.string(),
  title: z.string(),
  body: z.string(),
  tries: z.number(),
})

/** Letters that wait; held until the transaction ends. */
export const lockWaiting = (tx: Db, now: Temporal.Instant) => tx.many(Letter)`
  select l.notice_id as "noticeId", l.person_id as "personId", n.title, n.body, l.tries
    from webhooks.letter l join webhooks.notice n on n.id = l.notice_id
   where l.sent_at is null and l.next_at <= ${now}
   order by l.next_at limit 20
   for update of l skip locked
`

export const markSent = (
  tx: Db,
  letter: { noticeId: string; personId: string },
  at: Temporal.Instant,
) => tx.run`
  update webhooks.letter set sent_at = ${at}
   where notice_id = ${letter.noticeId} and person_id = ${letter.personId}
`

export const postpone = (
  tx: Db,
  letter: { noticeId: string; personId: string },
  nextAt: Temporal.Instant,
) => tx.run`
  update webhooks.letter set tries = tries + 1, next_at = ${nextAt}
   where notice_id = ${letter.noticeId} and person_id = ${letter.personId}
`

const Heard = z.object({ notice: z.bigint() })

export const lockHeard = async (tx: Db, cell: Cell): Promise<bigint> =>
  (await tx.one(Heard)`select notice from webhooks.heard where cell = ${cell} for update`).notice

export const moveHeard = (tx: Db, cell: Cell, notice: bigint) =>
  tx.run`update webhooks.heard set notice = ${notice} where cell = ${cell}`
