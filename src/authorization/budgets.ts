/** How much one asker may ask of what costs us: cryptography, rows, the bank's patience. In memory, per instance. */

export interface Budget {
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  level: number
  atMs: number
}

/** A bucket for each asker. All answer in seconds to wait; 0: go on. */
export interface Budgets {
  /** Spends one if there is one. */
  readonly take: (asker: string, nowMs: number) => number
  /** Looks, and spends nothing. */
  readonly waitFor: (asker: string, nowMs: number) => number
  /** Spends one, also one that is not there: what was done already is paid for later. */
  readonly charge: (asker: string, nowMs: number) => void
}

/** Askers remembered at most; the one that asked longest ago is forgotten first, and has a full bucket again. */
const ASKERS_MAX = 10_000

export const openBudgets = ({ perSecond, burst }: Budget): Budgets => {
  const buckets = new Map<string, Bucket>()
  const levelOf = (asker: string, nowMs: number): number => {
    const held = buckets.get(asker)
    return held ? Math.min(burst, held.level + ((nowMs - held.atMs) / 1000) * perSecond) : burst
  }
  const keep = (asker: string, level: number, nowMs: number) => {
    // Set anew, so that the order of the map is the order of the last questions.
    buckets.delete(asker)
    buckets.set(asker, { level, atMs: nowMs })
    const [oldest] = buckets.keys()
    if (buckets.size > ASKERS_MAX && oldest !== undefined) buckets.delete(oldest)
  }
  const wait = (level: number) => (level >= 1 ? 0 : Math.ceil((1 - level) / perSecond))
  return {
    take: (asker, nowMs) => {
      const level = levelOf(asker, nowMs)
      keep(asker, level >= 1 ? level - 1 : level, nowMs)
      return wait(level)
    },
    waitFor: (asker, nowMs) => wait(levelOf(asker, nowMs)),
    charge: (asker, nowMs) => keep(asker, Math.max(-burst, levelOf(asker, nowMs) - 1), nowMs),
  }
}
