import { z } from 'zod'
import { type Cell, Cell as CellName } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import type { OwnDay } from '#control/usage/index.ts'
import type { Bulletin } from './bulletin.ts'
import { Bulletin as BulletinRow } from './bulletin.ts'

const Count = z.bigint().transform(Number)
const Instant = z.instanceof(Temporal.Instant)

interface Span {
  readonly from: Temporal.Instant
  /** Exclusive. */
  readonly to: Temporal.Instant
}

const Reading = z.object({ upto: Instant, recountFrom: Instant.nullable() })
export type Reading = z.output<typeof Reading>

/** How far calls were measured, and from where what came late is still to be counted again. */
export const reading = (db: Db) =>
  db.maybe(Reading)`select upto, recount_from as "recountFrom" from status.reading`

export const readUpTo = async (db: Db): Promise<Temporal.Instant | undefined> =>
  (await reading(db))?.upto

export const saveRecountFrom = (db: Db, from: Temporal.Instant | null) =>
  db.run`update status.reading set recount_from = ${from}`

export const saveReadUpTo = (db: Db, upto: Temporal.Instant) => db.run`
  insert into status.reading (upto) values (${upto})
  on conflict (single) do update set upto = greatest(status.reading.upto, excluded.upto)
`

/** One look more in its minute. */
export const addLook = (
  db: Db,
  { cell, part, minute, answered }: Look & { minute: Temporal.Instant },
) => db.run`
  insert into status.look as l (cell, part, minute, tries, answered)
  values (${cell}, ${part}, ${minute}, 1, ${answered ? 1 : 0})
  on conflict (cell, part, minute) do update
    set tries = l.tries + 1, answered = l.answered + excluded.answered
`

export interface Look {
  readonly cell: Cell
  readonly part: string
  readonly answered: boolean
}

const LookedMinute = z.object({
  cell: CellName,
  part: z.string(),
  minute: Instant,
  tries: z.number(),
  answered: z.number(),
})

export const looks = (db: Db, { from, to }: Span) => db.many(LookedMinute)`
  select cell, part, minute, tries, answered
    from status.look
   where minute >= ${from} and minute < ${to}
   order by minute, cell, part
   limit 200000
`

export const MeasuredMinute = z.object({
  cell: CellName,
  part: z.string(),
  minute: Instant,
  good: Count,
  total: Count,
  planned: z.boolean(),
})
export type MeasuredMinute = z.output<typeof MeasuredMinute>

/** Instead of what was measured of these minutes before. */
export const keepMinutes = (db: Db, minutes: readonly MeasuredMinute[]) => db.run`
  insert into status.minute (cell, part, minute, good, total, planned)
  select cell, part, minute, good, total, planned
    from jsonb_to_recordset(${JSON.stringify(
      minutes.map((m) => ({ ...m, minute: m.minute.toString() })),
    )}::text::jsonb)
      as m (cell text, part text, minute timestamptz, good bigint, total bigint, planned boolean)
  on conflict (cell, part, minute) do update
    set good = excluded.good, total = excluded.total, planned = excluded.planned
`

export const recentMinutes = (db: Db, from: Temporal.Instant) => db.many(MeasuredMinute)`
  select cell, part, minute, good, total, planned
    from status.minute
   where minute >= ${from}
   order by minute, cell, part
   limit 100000
`

/** Adds up the days that a span touches; at most one call in twenty of a good minute failed, half of one that was down. */
export const sumDays = (db: Db, { from, to }: Span, zone: string) => db.run`
  insert into status.day (cell, part, day, known, good, down, planned)
  select cell, part, (minute at time zone ${zone})::date,
         count(*) filter (where not planned),
         count(*) filter (where not planned and (total - good) * 20 <= total),
         count(*) filter (where not planned and good * 2 <= total),
         count(*) filter (where planned)
    from status.minute
   where minute >= (((${from}::timestamptz at time zone ${zone})::date)::timestamp at time zone ${zone})
     and minute < (((${to}::timestamptz at time zone ${zone})::date + 1)::timestamp at time zone ${zone})
   group by 1, 2, 3
  on conflict (cell, part, day) do update
    set known = excluded.known, good = excluded.good, down = excluded.down, planned = excluded.planned
`

const DayRow = z.object({
  cell: CellName,
  part: z.string(),
  day: z.instanceof(Temporal.PlainDate).transform(String),
  known: z.number(),
  good: z.number(),
  down: z.number(),
  planned: z.number(),
})

export const days = (db: Db, from: Temporal.PlainDate) => db.many(DayRow)`
  select cell, part, day, known, good, down, planned
    from status.day
   where day >= ${from}
   order by day, cell, part
   limit 100000
`

/** Minutes are kept until no late call can change their day. */
export const forgetMinutes = async (db: Db, before: Temporal.Instant): Promise<void> => {
  await db.run`delete from status.minute where minute < ${before}`
  await db.run`delete from status.look where minute < ${before}`
}

export const insertBulletin = (db: Db, b: Bulletin) => db.run`
  insert into status.bulletin (id, incident_id, state, said, words, titles, parts, published_at, published_by)
  values (${b.id}, ${b.incidentId}, ${b.state}, ${b.said}, ${JSON.stringify(b.words)}::text::jsonb,
          ${JSON.stringify(b.titles)}::text::jsonb, ${b.parts}, ${b.publishedAt}, ${b.publishedBy})
`

export const bulletins = (db: Db, incidentIds: readonly string[]) => db.many(BulletinRow)`
  select id, incident_id as "incidentId", state, said, words, titles, parts, published_at as "publishedAt",
         published_by as "publishedBy"
    from status.bulletin
   where incident_id = any(${incidentIds})
   order by id
   limit 10000
`

const Named = z.object({ id: z.string() })

/** Incidents of which something was published since, the latest first. */
export const incidentsTold = async (db: Db, since: Temporal.Instant): Promise<string[]> =>
  (
    await db.many(Named)`
      select incident_id as id
        from status.bulletin
       where published_at >= ${since}
       group by incident_id
       order by max(published_at) desc
       limit 500
    `
  ).map(({ id }) => id)

const Settled = z.object({ settled: z.instanceof(Temporal.PlainDate).nullable() })

/** The last day whose calls were added up for each partner. */
export const settledDay = async (db: Db): Promise<Temporal.PlainDate | undefined> =>
  (await db.maybe(Settled)`select settled from status.reading`)?.settled ?? undefined

export const saveSettled = (db: Db, day: Temporal.PlainDate) =>
  db.run`update status.reading set settled = ${day.toString()}::date`

/** Instead of what was added up before: of a day, or of what was told late of one. */
export const keepPartnerDays = (db: Db, days: readonly OwnDay[]) => db.run`
  insert into status.partner_day (partner_id, product, day, calls, bad, known, good, down)
  select "partnerId", product, day, calls, bad, known, good, down
    from jsonb_to_recordset(${JSON.stringify(days.map((d) => ({ ...d, day: d.day.toString() })))}::text::jsonb)
      as d ("partnerId" text, product text, day date, calls bigint, bad bigint, known int, good int, down int)
  on conflict (partner_id, product, day) do update
    set calls = excluded.calls, bad = excluded.bad, known = excluded.known, good = excluded.good, down = excluded.down
`

const PartnerDay = z.object({
  product: z.string(),
  day: z.instanceof(Temporal.PlainDate),
  calls: Count,
  bad: Count,
  known: z.number(),
  good: z.number(),
  down: z.number(),
})

export const partnerDays = (db: Db, partnerId: string, from: Temporal.PlainDate) =>
  db.many(PartnerDay)`
    select product, day, calls, bad, known, good, down
      from status.partner_day
     where partner_id = ${partnerId} and day >= ${from.toString()}::date
     order by product, day
     limit 10000
  `

export const forgetPartnerDays = (db: Db, before: Temporal.PlainDate) =>
  db.run`delete from status.partner_day where day < ${before.toString()}::date`
