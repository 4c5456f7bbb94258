/**
 * The clocks of partners' worlds. One is turned from stop to stop: at each, what falls due there is done before the next,
 * so that things happen in the order of their days, each in its own time.
 */
import { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { underTurnedClock } from '#platform/turned-clock.ts'
import type { Turned, WorldKeeper } from '../worlds.ts'
import { booksIn } from './books.ts'
import { doDueInBooks } from './later.ts'
import { sayWishes } from './wishes.ts'

interface Clocks {
  readonly db: Postgres
  /** Real time. */
  readonly now: () => Temporal.Instant
  readonly zone: string
}

/** Stops that lie closer are made together: whoever is asked every few seconds for a month makes no month of stops. */
const CLOSEST_STOP_MS = 600_000
/** A turn of years is made in parts, so that whoever waits for it can go on waiting elsewhere. */
const FARTHEST_STOP_MS = 28 * 86_400_000

/** Where every world of a partner is locked, for as long as a transaction. */
export const lockWorlds = (tx: Db, partnerId: string) =>
  tx.run`select pg_advisory_xact_lock(hashtextextended(${`worlds ${partnerId}`}, 0))`

const lines = new Map<string, Promise<unknown>>()

/** One after the other within this process, so that those who wait hold no connection while they do. */
export const inTurn = async <T>(line: string, body: () => Promise<T>): Promise<T> => {
  const before = lines.get(line) ?? Promise.resolve()
  const mine = before.then(body, body)
  const settled = mine.catch(() => undefined)
  lines.set(line, settled)
  try {
    return await mine
  } finally {
    if (lines.get(line) === settled) lines.delete(line)
  }
}

const Clock = z.object({
  aheadMs: z.bigint().transform(Number),
  turningTo: z.instanceof(Temporal.Instant).nullable(),
  booksDueAt: z.instanceof(Temporal.Instant).nullable(),
})
type Clock = z.output<typeof Clock>

const Waiting = z.object({ partnerId: z.string(), worldId: z.string() })

export const openClocks = (
  clocks: Clocks,
): Pick<WorldKeeper, 'inRealTime' | 'waiting' | 'keep' | 'keepShared'> => ({
  inRealTime: sql`
    partner_id not in (
      select partner_id from worlds.world where in_use and (ahead_ms > 0 or turning_to is not null))
  `,
  waiting: () =>
    clocks.db.many(Waiting)`
      with here as (
        select *, ${clocks.now()}::timestamptz + ahead_ms * interval '1 millisecond' as time
          from worlds.world
         where in_use)
      select partner_id as "partnerId", id as "worldId"
        from here
       where turning_to is not null
          or books_due_at is null
          or books_due_at <= time
          or (ahead_ms > 0 and worlds.next_due(partner_id, '-infinity') <= time)
       order by used_at desc
       limit 100
    `,
  keep: async (turned, work, until) => {
    // One stop of one partner at a time: each holds a connection while its work needs others.
    while (await inTurn('clocks', () => stop(clocks, turned, work))) if (until?.aborted) return
  },
  keepShared: async () => {
    const { db, now, zone } = clocks
    await doDueInBooks(db, { now: now(), zone })
    await sayWishes(db, now())
  },
})

/** Goes to the next stop and does what is due there; answers whether there is another one. */
const stop = (
  { db, now, zone }: Clocks,
  { partnerId, worldId }: Turned,
  work: () => Promise<void>,
): Promise<boolean> =>
  inTurn(partnerId, () =>
    db.transaction(async (tx) => {
      await lockWorlds(tx, partnerId)
      const clock = await tx.maybe(Clock)`
        select ahead_ms as "aheadMs", turning_to as "turningTo", books_due_at as "booksDueAt"
          from worlds.world
         where id = ${worldId} and partner_id = ${partnerId} and in_use
      `
      if (!clock) return false
      const real = now()
      const here = real.add({ milliseconds: clock.aheadMs })
      const books = booksIn(db, worldId)
      // Its days begin where the world is, before it goes anywhere.
      if (!clock.booksDueAt) await doDueInBooks(books, { now: here, zone })
      const there =
        clock.turningTo && (await nextStop(db, { partnerId, to: clock.turningTo, here, zone }))
      // Up to the millisecond, so that what falls due at that moment is due.
      const aheadMs = there
        ? there.round({ smallestUnit: 'millisecond', roundingMode: 'ceil' }).epochMilliseconds -
          real.epochMilliseconds
        : clock.aheadMs
      if (there)
        await db.run`update worlds.world set ahead_ms = ${BigInt(aheadMs)} where id = ${worldId}`
      const time = { now: there ?? here, zone }
      let booksDueAt = await doDueInBooks(books, time)
      if (await isDue(db, partnerId, time.now)) {
        await underTurnedClock(aheadMs, work)
        booksDueAt = await doDueInBooks(books, time)
      }
      const arrived =
        !clock.turningTo || !there || Temporal.Instant.compare(there, clock.turningTo) >= 0
      await db.run`
        update worlds.world
           set books_due_at = case
                 -- A call that made something fall due meanwhile is looked at in the next turn.
                 when books_due_at is not distinct from ${clock.booksDueAt} then ${booksDueAt}
                 else books_due_at end,
               turning_to = case when ${arrived} and turning_to <= ${there} then null else turning_to end
         where id = ${worldId}
      `
      return !arrived
    }),
  )

const Due = z.object({ passed: z.boolean() })

/** Whether anything of the rooms moves by itself by then. */
const isDue = async (db: Db, partnerId: string, by: Temporal.Instant): Promise<boolean> =>
  (
    await db.one(Due)`
    select coalesce(worlds.next_due(${partnerId}, '-infinity') <= ${by}, false) as passed
  `
  ).passed

const Stop = z.object({ due: z.instanceof(Temporal.Instant).nullable(), passed: z.boolean() })

/** Where the clock stands next on its way: where something falls due in the rooms, or where it was asked to go. */
const nextStop = async (
  db: Db,
  at: { partnerId: string; to: Temporal.Instant; here: Temporal.Instant; zone: string },
): Promise<Temporal.Instant> => {
  const { partnerId, to, here, zone } = at
  const { due, passed } = await db.one(Stop)`
    select worlds.next_due(${partnerId}, ${here}) as due,
           coalesce(worlds.next_due(${partnerId}, '-infinity') <= ${here}, false) as passed
  `
  const soonest = here.add({ milliseconds: CLOSEST_STOP_MS })
  // What has passed and is not over, such as an instalment that nobody paid, changes with the days.
  const midnight = here.toZonedDateTimeISO(zone).startOfDay().add({ days: 1 }).toInstant()
  const stops = [
    to,
    here.add({ milliseconds: FARTHEST_STOP_MS }),
    ...(due ? [isBefore(due, soonest) ? soonest : due] : []),
    ...(passed ? [midnight] : []),
  ]
  const first = stops.reduce((a, b) => (isBefore(b, a) ? b : a))
  return isBefore(first, here) ? here : first
}
