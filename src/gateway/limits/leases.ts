/** What this gateway holds of each limit, added up for those who watch. */
import type { Holding } from './holdings.ts'

export interface Held {
  keys: number
  /** Permits that were leased and not spent. */
  leased: number
  inFlight: number
}

/** Keys that one look counts: an operator's question must not hold up calls. */
const LOOK_MAX = 20_000
const NAMES_MAX = 200

/** By the limit's name; of more keys than a look counts, the first. */
export const heldBy = (
  pages: Iterable<{
    readonly whole: ReadonlyMap<string, Holding>
    readonly parts: ReadonlyMap<string, ReadonlyMap<string, Holding>>
  }>,
  nowMs: number,
): ReadonlyMap<string, Held> => {
  const all = new Map<string, Held>()
  let looked = 0
  const add = (name: string, holding: Holding) => {
    looked++
    let held = all.get(name)
    if (held === undefined) {
      if (all.size >= NAMES_MAX) return
      all.set(name, (held = { keys: 0, leased: 0, inFlight: 0 }))
    }
    held.keys++
    if (holding.kind === 'rate') held.leased += holding.held(nowMs)
    else if (holding.kind === 'window') held.leased += holding.permits
    else held.inFlight += holding.inFlight
  }
  for (const { whole, parts } of pages) {
    for (const [name, holding] of whole) add(name, holding)
    for (const [name, holdings] of parts)
      for (const holding of holdings.values()) {
        if (looked >= LOOK_MAX) return all
        add(name, holding)
      }
    if (looked >= LOOK_MAX) return all
  }
  return all
}
