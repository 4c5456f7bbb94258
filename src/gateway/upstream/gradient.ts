/**
 * How many calls at once an upstream takes well, found out from how long it takes for them (G37, after Netflix's
 * concurrency-limits). Pure arithmetic: times come in, a limit comes out.
 *
 * Each answer is compared with what its own operation usually takes, so that a dear operation is not taken for a slow
 * upstream. What is usual is learnt while there is room; under load it may only fall, or rise very slowly: an upstream
 * that is slow because it is full must not become the norm.
 */
export interface Gradient {
  /** Whole calls, between the floor and the ceiling. */
  limit(): number
  /** `peers` were under way with it; `nowMs` is monotonic. */
  answered(operation: string, ms: number, peers: number, nowMs: number): void
  /** The ceiling moves with the bank's day. */
  bound(ceiling: number): void
  /** What the operation usually takes; undefined before it was ever answered. */
  usualMs(operation: string): number | undefined
}

const WINDOW_MS = 100
const WINDOW_ANSWERS_MIN = 10
const WINDOW_MS_MAX = 1_000
/** An answer may take half as long again as usual before the limit falls. */
const TOLERANCE = 1.5
const SMOOTHING = 0.2
/** Differences of a few milliseconds say nothing about a core that works in tens of them. */
const NOISE_MS = 5
const USUAL_ANSWERS = 600
const FIRST_ANSWERS = 10
/** By how much a second of congestion raises what is usual: it doubles in about six minutes. */
const RISE_PER_SECOND = 0.002

interface Usual {
  ms: number
  answers: number
}

export const openGradient = (bounds: {
  start: number
  floor: number
  ceiling: number
}): Gradient => {
  const { floor } = bounds
  let { ceiling } = bounds
  let limit = Math.min(bounds.start, ceiling)
  const usual = new Map<string, Usual>()
  let since = Number.NEGATIVE_INFINITY
  let answers = 0
  let ratios = 0
  let peak = 0

  const learn = (known: Usual, ms: number, crowded: boolean) => {
    known.answers++
    if (known.answers <= FIRST_ANSWERS) known.ms += (ms - known.ms) / known.answers
    else if (ms < known.ms || !crowded) known.ms += (ms - known.ms) / USUAL_ANSWERS
  }

  const close = (nowMs: number) => {
    const slower = ratios / answers
    const crowded = peak >= limit / 2
    if (crowded) {
      const gradient = Math.min(1, Math.max(0.5, TOLERANCE / slower))
      const next = (1 - SMOOTHING) * limit + SMOOTHING * (gradient * limit + Math.sqrt(limit))
      limit = Math.min(ceiling, Math.max(floor, next))
    }
    // Far quicker than usual: the norm is of another time. Slower for as long as it lasts: it becomes the norm, slowly.
    const drift =
      slower < 0.5
        ? 0.95
        : crowded && slower > 1
          ? 1 + (RISE_PER_SECOND * (nowMs - since)) / 1000
          : 1
    if (drift !== 1) for (const known of usual.values()) known.ms *= drift
    since = nowMs
    answers = 0
    ratios = 0
    peak = 0
  }

  return {
    limit: () => Math.max(0, Math.floor(limit)),
    usualMs: (operation) => usual.get(operation)?.ms,
    bound: (next) => {
      ceiling = next
      limit = Math.min(ceiling, Math.max(floor, limit))
    },
    answered: (operation, ms, peers, nowMs) => {
      let known = usual.get(operation)
      if (!known) usual.set(operation, (known = { ms, answers: 0 }))
      // A pause of the traffic is no part of a window.
      if (answers === 0 && nowMs - since > WINDOW_MS_MAX) since = nowMs
      answers++
      ratios += (ms + NOISE_MS) / (known.ms + NOISE_MS)
      if (peers > peak) peak = peers
      learn(known, ms, peers >= limit / 2)
      const span = nowMs - since
      if (span >= WINDOW_MS_MAX || (span >= WINDOW_MS && answers >= WINDOW_ANSWERS_MIN))
        close(nowMs)
    },
  }
}
