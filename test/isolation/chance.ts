/** Chance that can be had again: the same seed chooses the same attacks in the same order. */
export interface Chance {
  /** From 0 to below `n`. */
  below(n: number): number
  of<T>(choices: readonly T[]): T
  /** One in `n`. */
  once(n: number): boolean
}

/** Mulberry32: small, fast, and good enough to choose with. No key ever comes from it. */
export const chanceFrom = (seed: number): Chance => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  const below = (n: number) => next() % n
  return {
    below,
    of: (choices) => {
      const chosen = choices[below(choices.length)]
      if (chosen === undefined) throw new RangeError('nothing to choose from')
      return chosen
    },
    once: (n) => below(n) === 0,
  }
}
