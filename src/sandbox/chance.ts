/** Chance that repeats itself: the same seed gives the same sequence on every machine. */
export interface Chance {
  /** 0 ≤ x < 1 */
  next(): number
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  pick<T>(from: readonly [T, ...T[]]): T
}

/** Mulberry32 (public domain): 32 bits of state are enough to make one day differ from the next. */
export const chance = (seed: number): Chance => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return { next, between, pick: (from) => from[between(0, from.length - 1)] ?? from[0] }
}

/** From so many to so many whole soʻm, in tiyin; prices end in 00. */
export const about = (chance: Chance, low: number, high: number): bigint =>
  BigInt(chance.between(Math.round(low / 100), Math.round(high / 100))) * 10_000n
