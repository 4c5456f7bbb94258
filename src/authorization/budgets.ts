/** How much one address may ask of what costs us: cryptography, rows, the bank's patience. In memory, per instance. */

export interface Budget {
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  level: number
  atMs: number
}

/** Addresses remembered at most; the one that asked longest ago is forgotten first, and has a full bucket again. */
const ADDRESSES_MAX = 10_000

/** A bucket for each address. Answers how many seconds to wait; 0: go on. */
export const openBudgets = ({ perSecond, burst }: Budget) => {
  const buckets = new Map<string, Bucket>()
  return (address: string, nowMs: number): number => {
    const held = buckets.get(address)
    const level = held
      ? Math.min(burst, held.level + ((nowMs - held.atMs) / 1000) * perSecond)
      : burst
    const taken = level >= 1
    // Set anew, so that the order of the map is the order of the last questions.
    buckets.delete(address)
    buckets.set(address, { level: taken ? level - 1 : level, atMs: nowMs })
    const [oldest] = buckets.keys()
    if (buckets.size > ADDRESSES_MAX && oldest !== undefined) buckets.delete(oldest)
    return taken ? 0 : Math.ceil((1 - level) / perSecond)
  }
}
