/** The journal's lines become events, and each event is owed to those who want it. */
import type { Entry } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import * as deliveries from './delivery-store.ts'
import { eventOf, type NewEvent } from './event.ts'
import { isWish, simulate } from './simulation.ts'
import * as store from './store.ts'

/**
 * So many events at once: each is owed to everybody who wants it, and meanwhile no outcome of a lane is kept. A courier
 * that is killed again and again still gets on.
 */
const PORTION = 50

const isFresh = (entry: Entry): boolean => isWish(entry) || eventOf(entry) !== undefined

/** Takes lines over, a portion after the other. */
export const takeOver = async (
  world: { db: Postgres; now: () => Temporal.Instant },
  entries: readonly Entry[],
): Promise<void> => {
  for (const portion of inPortions(entries)) await takePortion(world, portion)
}

/** Most lines are nobody's: these make no portion larger. */
const inPortions = (entries: readonly Entry[]): Entry[][] => {
  const portions: Entry[][] = [[]]
  let fresh = 0
  for (const entry of entries) {
    if (isFresh(entry)) fresh += 1
    if (fresh > PORTION) {
      portions.push([])
      fresh = 1
    }
    portions.at(-1)?.push(entry)
  }
  return portions
}

/** Events, what is owed of them, and the cursor move together or not at all, whenever the courier is stopped. */
const takePortion = async (
  { db, now }: { db: Postgres; now: () => Temporal.Instant },
  entries: readonly Entry[],
): Promise<void> => {
  // Where there is none, there is nothing to hold.
  const fresh = entries.filter(isFresh)
  await db.transaction(async (tx) => {
    const { seq: before } = await store.lockCursor(tx)
    const last = entries.at(-1)
    if (!last || last.seq <= before) return
    if (fresh.length > 0) {
      await deliveries.lockLanes(tx)
      // In the order of the journal: a wish concerns what was sent before it.
      for (const part of inRuns(fresh.filter((entry) => entry.seq > before)))
        if (part.wish) await simulate(tx, part.wish, now())
        else await deliveries.owe(tx, await store.add(tx, part.events), now())
    }
    await store.moveCursor(tx, last.seq)
  })
}

type Run = { wish: Entry; events?: never } | { events: NewEvent[]; wish?: never }

/** Events that follow one another are added as one. */
const inRuns = (entries: readonly Entry[]): Run[] => {
  const runs: Run[] = []
  for (const entry of entries) {
    const event = eventOf(entry)
    if (!event) {
      runs.push({ wish: entry })
      continue
    }
    const last = runs.at(-1)
    if (last?.events) last.events.push(event)
    else runs.push({ events: [event] })
  }
  return runs
}
