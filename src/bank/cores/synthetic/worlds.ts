/**
 * Banks of a partner's own: books of their own, and the partner's rows of the rooms, which go away and come back with
 * them. All that moves moves in one transaction, and by functions of the database that act for one partner.
 */
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { coreBusy } from '../core.ts'
import type { CoreWorlds, WorldKeeper } from '../worlds.ts'
import { booksIn } from './books.ts'
import { inTurn, lockWorlds, openClocks } from './clocks.ts'
import { sweepWishes } from './wishes.ts'

const WORLDS_MAX = 5
const SNAPSHOTS_MAX = 5
/** A world that nobody used for so long goes away. */
const IDLE_HOURS = 90 * 24
const TOUCH_EVERY_HOURS = 24

const World = z.object({
  id: z.string(),
  name: z.string(),
  inUse: z.boolean(),
  createdAt: z.instanceof(Temporal.Instant),
  usedAt: z.instanceof(Temporal.Instant),
  aheadMs: z.bigint().transform(Number),
  turningTo: z.instanceof(Temporal.Instant).nullable(),
})
type World = z.output<typeof World>
const world = sql`
  id, name, in_use as "inUse", created_at as "createdAt", used_at as "usedAt", ahead_ms as "aheadMs",
  turning_to as "turningTo"
`

const Snapshot = z.object({
  id: z.string(),
  worldId: z.string(),
  takenAt: z.instanceof(Temporal.Instant),
})
const snapshot = sql`id, world_id as "worldId", taken_at as "takenAt"`

const Place = z.object({
  world: z.string().nullable(),
  usedAt: z.instanceof(Temporal.Instant).nullable(),
  aheadMs: z.bigint().transform(Number),
  play: z.string().nullable(),
  delayMs: z.number().nullable(),
})

/** Where a partner is now, and in what weather. */
export const placeOf = async (db: Db, partnerId: string, now: Temporal.Instant) => {
  const place = await db.one(Place)`
    select w.id as world, w.used_at as "usedAt", coalesce(w.ahead_ms, 0) as "aheadMs", t.play,
           t.delay_ms as "delayMs"
      from (values (1)) as one
      left join worlds.world w on w.partner_id = ${partnerId} and w.in_use
      left join worlds.weather t on t.partner_id = ${partnerId} and t.until > ${now}
  `
  const worn = now.subtract({ hours: TOUCH_EVERY_HOURS })
  if (place.usedAt && Temporal.Instant.compare(place.usedAt, worn) < 0)
    await db.run`update worlds.world set used_at = ${now} where id = ${place.world}`
  return place
}

/** Whoever changes where a partner is does so alone. */
const alone = <T>(db: Postgres, partnerId: string, body: (tx: Db) => Promise<T>): Promise<T> =>
  inTurn(partnerId, () =>
    patiently(() =>
      db.transaction(async (tx) => {
        await lockWorlds(tx, partnerId)
        return body(tx)
      }),
    ),
  )

/** What was written while a world went away holds on to it: then all of it is tried again. */
const patiently = async <T>(body: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++)
    try {
      return await body()
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === FOREIGN_KEY)) throw cause
      if (tries === 3) throw coreBusy('the world is written to all the time: try again', { cause })
    }
}
const FOREIGN_KEY = '23503'

const find = (tx: Db, partnerId: string, id: string) =>
  tx.maybe(World)`
    select ${world} from worlds.world where id = ${id} and partner_id = ${partnerId} for update
  `

const findSnapshot = (tx: Db, worldId: string, id: string) =>
  tx.maybe(z.object({ aheadMs: z.bigint().transform(Number) }))`
    select ahead_ms as "aheadMs" from worlds.snapshot where id = ${id} and world_id = ${worldId}
  `

/** Other books, another time: what is due in them is looked for anew. */
const setClock = (tx: Db, id: string, aheadMs: number) =>
  tx.one(World)`
    update worlds.world
       set ahead_ms = ${BigInt(aheadMs)}, turning_to = null, books_due_at = null
     where id = ${id}
    returning ${world}
  `

const copyBooks = (tx: Db, from: string, to: string) =>
  tx.run`select worlds.copy_books(${from}, ${to})`
const dropBooks = (tx: Db, name: string) => tx.run`select worlds.drop_books(${name})`
const forgetRows = (tx: Db, holder: string) =>
  tx.run`delete from worlds.kept where holder = ${holder}`
const putAway = (tx: Db, partnerId: string, holder: string) =>
  tx.run`select worlds.put_away(${partnerId}, ${holder})`
const bringBack = (tx: Db, holder: string) => tx.run`select worlds.bring_back(${holder})`

/** What a world or a snapshot holds of the rooms, for another one too. */
const copyKept = (tx: Db, from: string, to: string) => tx.run`
  insert into worlds.kept (holder, place, row) select ${to}, place, row from worlds.kept where holder = ${from}
`

/** The partner's rows as they are in this world, wherever they are now. */
const copyRows = (tx: Db, partnerId: string, { id, inUse }: World, holder: string) =>
  inUse ? tx.run`select worlds.copy_rows(${partnerId}, ${holder})` : copyKept(tx, id, holder)

/** The partner's rows of a world go for good. */
const dropRows = async (tx: Db, partnerId: string, { id, inUse }: World): Promise<void> => {
  if (inUse) await putAway(tx, partnerId, id)
  await forgetRows(tx, id)
}

const template = async (tx: Db): Promise<string> => {
  const { there } = await tx.one(z.object({ there: z.boolean() }))`
    select to_regnamespace('world_template') is not null as there
  `
  return there ? 'world_template' : 'synthetic'
}

/** Keeps the books as they are for worlds to begin with, once: before anybody moves money in those that all share. */
export const keepTemplate = (db: Db) => db.run`select worlds.keep_template()`

interface Keeping {
  readonly db: Postgres
  /** Real time. */
  readonly now: () => Temporal.Instant
  readonly zone: string
}

export const openWorlds = ({ db, now, zone }: Keeping): WorldKeeper => ({
  ...openClocks({ db, now, zone }),
  of: (partnerId) => worldsOf(db, now, partnerId),
  elsewhere: async ({ accountRef, number }) => {
    const { minor } = await db.one(z.object({ minor: z.bigint() }))`
      select worlds.elsewhere(${accountRef}, ${number}) as minor
    `
    return minor
  },
  sweep: async () => {
    const idle = await db.many(z.object({ id: z.string(), partnerId: z.string() }))`
      select id, partner_id as "partnerId"
        from worlds.world
       where used_at < ${now().subtract({ hours: IDLE_HOURS })}
       order by used_at
       limit 100
    `
    for (const { id, partnerId } of idle)
      await alone(db, partnerId, async (tx) => {
        const found = await find(tx, partnerId, id)
        if (found?.inUse) await goTo(tx, partnerId, null, now())
        if (found) await removed(tx, partnerId, { ...found, inUse: false })
      })
    await sweepWishes(db, now())
    return idle.length
  },
})

const worldsOf = (db: Postgres, now: () => Temporal.Instant, partnerId: string): CoreWorlds => ({
  list: () =>
    db.many(World)`
      select ${world} from worlds.world where partner_id = ${partnerId} order by id limit ${WORLDS_MAX}
    `,
  create: (name, from) =>
    alone(db, partnerId, async (tx) => {
      const theirs = await tx.many(World)`
        select ${world} from worlds.world where partner_id = ${partnerId} order by id limit ${WORLDS_MAX}
      `
      if (theirs.some((w) => w.name === name)) return 'name-taken'
      if (theirs.length >= WORLDS_MAX) return 'too-many'
      const source = theirs.find((w) => w.id === from)
      if (from !== undefined && !source) return undefined
      const id = `world_${uuidv7()}`
      await copyBooks(tx, source?.id ?? (await template(tx)), id)
      if (source) await copyRows(tx, partnerId, source, id)
      return tx.one(World)`
        insert into worlds.world (id, partner_id, name, created_at, used_at, ahead_ms)
        values (${id}, ${partnerId}, ${name}, ${now()}, ${now()}, ${BigInt(source?.aheadMs ?? 0)})
        returning ${world}
      `
    }),
  use: (id) =>
    alone(db, partnerId, async (tx) => {
      if (id !== null && !(await find(tx, partnerId, id))) return undefined
      return goTo(tx, partnerId, id, now())
    }),
  reset: (id) =>
    alone(db, partnerId, async (tx) => {
      const found = await find(tx, partnerId, id)
      if (!found) return undefined
      await dropBooks(tx, id)
      await copyBooks(tx, await template(tx), id)
      await dropRows(tx, partnerId, found)
      return setClock(tx, id, 0)
    }),
  remove: (id) =>
    alone(db, partnerId, async (tx) => {
      const found = await find(tx, partnerId, id)
      if (!found) return undefined
      return found.inUse ? 'in-use' : removed(tx, partnerId, found)
    }),
  snapshots: async (id) => {
    const theirs = await db.maybe(World)`
      select ${world} from worlds.world where id = ${id} and partner_id = ${partnerId}
    `
    return (
      theirs &&
      db.many(Snapshot)`
        select ${snapshot} from worlds.snapshot where world_id = ${id} order by id limit ${SNAPSHOTS_MAX}
      `
    )
  },
  snapshot: (worldId) =>
    alone(db, partnerId, async (tx) => {
      const found = await find(tx, partnerId, worldId)
      if (!found) return undefined
      const taken = await tx.many(Snapshot)`
        select ${snapshot} from worlds.snapshot where world_id = ${worldId} order by id limit ${SNAPSHOTS_MAX}
      `
      if (taken.length >= SNAPSHOTS_MAX) return 'too-many'
      const id = `snapshot_${uuidv7()}`
      await copyBooks(tx, worldId, id)
      await copyRows(tx, partnerId, found, id)
      return tx.one(Snapshot)`
        insert into worlds.snapshot (id, world_id, taken_at, ahead_ms)
        values (${id}, ${worldId}, ${now()}, ${BigInt(found.aheadMs)})
        returning ${snapshot}
      `
    }),
  restore: (id, snapshotId) =>
    alone(db, partnerId, async (tx) => {
      const found = await find(tx, partnerId, id)
      const taken = found && (await findSnapshot(tx, id, snapshotId))
      if (!taken) return undefined
      await dropBooks(tx, id)
      await copyBooks(tx, snapshotId, id)
      await dropRows(tx, partnerId, found)
      await copyKept(tx, snapshotId, id)
      if (found.inUse) await bringBack(tx, id)
      return setClock(tx, id, taken.aheadMs)
    }),
  turn: async (weather) => {
    if (weather)
      await db.run`
        insert into worlds.weather (partner_id, play, delay_ms, until)
        values (${partnerId}, ${weather.play}, ${weather.delayMs}, ${weather.until})
        on conflict (partner_id) do update
           set play = excluded.play, delay_ms = excluded.delay_ms, until = excluded.until
      `
    else await db.run`delete from worlds.weather where partner_id = ${partnerId}`
  },
  place: async () => {
    const { world: here, aheadMs, play } = await placeOf(db, partnerId, now())
    return { aheadMs, play, rates: here === null ? {} : await rateMoves(booksIn(db, here)) }
  },
  turnClock: (to) =>
    alone(db, partnerId, async (tx) => {
      const here = await tx.maybe(World)`
        select ${world} from worlds.world where partner_id = ${partnerId} and in_use for update
      `
      if (!here) return undefined
      const latest = here.turningTo ?? now().add({ milliseconds: here.aheadMs })
      if (Temporal.Instant.compare(to, latest) <= 0) return 'past'
      return tx.one(World)`
        update worlds.world set turning_to = ${to} where id = ${here.id} returning ${world}
      `
    }),
})

const RateMove = z.object({ pair: z.string(), ppm: z.number() })

const rateMoves = async (books: Db): Promise<Readonly<Record<string, number>>> => {
  const moved = await books.many(RateMove)`select pair, ppm from synthetic.rate_move limit 50`
  return Object.fromEntries(moved.map(({ pair, ppm }) => [pair, ppm]))
}

/** Out of where the partner is, and into the world of this id; null is the books that all share. */
const goTo = async (
  tx: Db,
  partnerId: string,
  id: string | null,
  now: Temporal.Instant,
): Promise<World | null> => {
  const here = await tx.maybe(World)`
    select ${world} from worlds.world where partner_id = ${partnerId} and in_use
  `
  if ((here?.id ?? null) !== id) {
    await putAway(tx, partnerId, here?.id ?? partnerId)
    await tx.run`update worlds.world set in_use = false where partner_id = ${partnerId} and in_use`
    await bringBack(tx, id ?? partnerId)
  }
  if (id === null) return null
  return tx.one(World)`
    update worlds.world set in_use = true, used_at = ${now} where id = ${id} returning ${world}
  `
}

const removed = async (tx: Db, partnerId: string, found: World): Promise<World> => {
  const taken = await tx.many(Snapshot)`
    select ${snapshot} from worlds.snapshot where world_id = ${found.id} order by id limit ${SNAPSHOTS_MAX}
  `
  for (const { id } of taken) {
    await dropBooks(tx, id)
    await forgetRows(tx, id)
  }
  await dropBooks(tx, found.id)
  await dropRows(tx, partnerId, found)
  await tx.run`delete from worlds.world where id = ${found.id}`
  return found
}
