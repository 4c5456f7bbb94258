/** The journal's lines become events, and each event is owed to those who want it. */
import type { Entry } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import * as deliveries from './delivery-store.ts'
import { eventOf, type NewEvent } from './event.ts'
import { isWish, simulate } from './simulation.ts'
import * as store from './store.ts'

/**
 * While events are taken over no outcome of a lane is kept. So few are taken at first and more while that is quick: a
 * courier that is killed again and again still gets on, and what it heard meanwhile is not forgotten.
 */
const FEWEST = 5
const MOST = 500
const QUICK_MS = 75
const SLOW_MS = 250

const isFresh = (entry: Entry): boolean => isWish(entry) || eventOf(entry) !== undefined

/** Takes lines over, a portion after the other; each portion is as large as the last ones allow. */
export const openTakeOver = (world: { db: Postgres; now: () => Temporal.Instant }) => {
  let size = FEWEST
  return async (entries: readonly Entry[]): Promise<void> => {
    for (let from = 0; from < entries.length;) {
      const portion = portionOf(entries, from, size)
      const ms = await takePortion(world, portion)
      if (ms > SLOW_MS) size = Math.max(FEWEST, Math.floor(size / 2))
      else if (ms < QUICK_MS) size = Math.min(MOST, size * 2)
      from += portion.length
    }
  }
}

/** Most lines are nobody's: these make no portion larger. */
const portionOf = (entries: readonly Entry[], from: number, size: number): readonly Entry[] => {
  let end = from
  for (let fresh = 0; end < entries.length; end++) {
    const entry = entries[end]
    if (entry && isFresh(entry) && ++fresh > size) break
  }
  return entries.slice(from, end)
}

/**
 * Events, what is owed of them, and the cursor move together or not at all, whenever the courier is stopped. Answers how
 * long the lanes were held, in ms.
 */
const takePortion = async (
  { db, now }: { db: Postgres; now: () => Temporal.Instant },
  entries: readonly Entry[],
): Promise<number> => {
  // Where there is none, there is nothing to hold.
  const fresh = entries.filter(isFresh)
  let heldMs = performance.now()
  await db.transaction(async (tx) => {
    const { seq: before } = await store.lockCursor(tx)
    const last = entries.at(-1)
    if (!last || last.seq <= before) return
    if (fresh.length > 0) {
      await deliveries.lockLanes(tx)
      heldMs = performance.now()
      // In the order of the journal: a wish concerns what was sent before it.
      for (const part of inRuns(fresh.filter((entry) => entry.seq > before)))
        if (part.wish) await simulate(tx, part.wish, now())
        else await deliveries.owe(tx, await store.add(tx, part.events), now())
    }
    await store.moveCursor(tx, last.seq)
  })
  return performance.now() - heldMs
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
