/**
 * Requests of a product that got no answer, one after the other. Five within 30 seconds presume that the interface is
 * unavailable (Regulation (EU) 2018/389, Article 33(1)); from the first of them until an answer it counts as down.
 */
const PRESUMED = 5
const WITHIN_MS = 30_000

export interface Unanswered {
  missed(atMs: number): void
  answered(atMs: number): void
  state(atMs: number): {
    /** Unanswered without an answer between them: now, and at most since the start. */
    readonly run: number
    readonly longest: number
    readonly down: boolean
    /** Seconds that it was down since the start. */
    readonly downSeconds: number
    /** What availability of a quarter is computed from (Article 32(4)). */
    readonly requests: number
    readonly missed: number
  }
}

export const openUnanswered = (): Unanswered => {
  /** When the last five of this run were missed, in a ring. */
  const times = new Float64Array(PRESUMED)
  let run = 0
  let longest = 0
  let downSinceMs: number | undefined
  let downMs = 0
  let requests = 0
  let missed = 0
  return {
    missed: (atMs) => {
      requests++
      missed++
      times[run % PRESUMED] = atMs
      run++
      longest = Math.max(longest, run)
      // The oldest of the five stands where the next one will.
      const firstMs = times[run % PRESUMED] ?? atMs
      if (run >= PRESUMED && atMs - firstMs <= WITHIN_MS) downSinceMs ??= firstMs
    },
    answered: (atMs) => {
      requests++
      run = 0
      if (downSinceMs === undefined) return
      downMs += atMs - downSinceMs
      downSinceMs = undefined
    },
    state: (atMs) => ({
      run,
      longest,
      down: downSinceMs !== undefined,
      downSeconds: (downMs + (downSinceMs === undefined ? 0 : atMs - downSinceMs)) / 1000,
      requests,
      missed,
    }),
  }
}
