/** What a soak is judged by, from what partners and the schedule wrote down. */
import type { Caller, Span } from '#test/faults/callers.ts'
import { type Chaos, type Mishap, wereCarried } from './chaos.ts'

export const rankOf = (values: readonly number[], share: number): number | undefined => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}

const WINDOW_MS = 60_000

/**
 * The most that was admitted above a rate, over every interval of up to a minute. A call counts into an interval that
 * holds it from sending to answer: what was admitted before or after is nobody's excess.
 */
export const aboveRate = (spans: readonly Span[], perSecond: number): number => {
  const byEnd = spans.toSorted(([, a], [, b]) => a - b)
  let most = 0
  for (const [n, [fromMs]] of byEnd.entries()) {
    let first = n
    while (first > 0 && (byEnd[first - 1]?.[1] ?? 0) >= fromMs) first--
    let count = 0
    for (const [sentMs, heardMs] of byEnd.slice(first)) {
      if (heardMs - fromMs > WINDOW_MS) break
      if (sentMs < fromMs) continue
      count++
      most = Math.max(most, count - (perSecond * (heardMs - fromMs)) / 1_000)
    }
  }
  return most
}

/** After each kill of one kind: how long until a call was taken, and which share of calls in the time until the next. */
export interface Felt {
  readonly what: string
  readonly kills: number
  readonly gapsMs: readonly number[]
  readonly standsMs: readonly number[]
}

/** The longest time without a call that was taken, from one moment to another; `takenMs` is in order. */
const longestGap = (takenMs: readonly number[], fromMs: number, untilMs: number): number => {
  let longest = 0
  let lastMs = fromMs
  // The first that is not before it.
  let low = 0
  for (let high = takenMs.length; low < high;) {
    const middle = (low + high) >> 1
    if ((takenMs[middle] ?? 0) < fromMs) low = middle + 1
    else high = middle
  }
  for (let n = low; n < takenMs.length && (takenMs[n] ?? 0) < untilMs; n++) {
    longest = Math.max(longest, (takenMs[n] ?? 0) - lastMs)
    lastMs = takenMs[n] ?? 0
  }
  return Math.max(longest, untilMs - lastMs)
}

export const feltOf = (
  mishaps: readonly Mishap[],
  callers: readonly Pick<Caller, 'admitted'>[],
  endMs: number,
): Felt[] => {
  const takenMs = callers
    .flatMap(({ admitted }) => admitted.map(([, heardMs]) => heardMs))
    .toSorted((a, b) => a - b)
  const gapOf = ({ fromMs }: Mishap) => {
    const next = mishaps.find((one) => one.fromMs > fromMs)?.fromMs ?? endMs
    return longestGap(takenMs, fromMs, Math.min(next, endMs))
  }
  const kinds = Map.groupBy(mishaps, ({ what }) => what)
  return [...kinds]
    .map(([what, of]) => ({
      what,
      kills: of.length,
      gapsMs: of.map(gapOf),
      standsMs: of.map(({ fromMs, untilMs }) => Math.min(untilMs, endMs) - fromMs),
    }))
    .toSorted((a, b) => b.kills - a.kills)
}

export interface Latencies {
  readonly all: readonly number[]
  /** Those that nothing broke in the middle of which carries a word. */
  readonly carried: readonly number[]
}

export const revocationTimes = (chaos: Chaos): Latencies => ({
  all: chaos.revocations.map(({ ms }) => ms),
  carried: chaos.revocations
    .filter(({ fromMs, untilMs }) => wereCarried(chaos, fromMs, untilMs))
    .map(({ ms }) => ms),
})

export interface Enforced {
  readonly compiledAt: Temporal.Instant
  readonly enforcedAt: Temporal.Instant
}

/** How long after a document was compiled its gateways served by it. `wallMs` turns the wall clock into `performance`. */
export const enforcementTimes = (
  chaos: Chaos,
  documents: readonly Enforced[],
  wallMs: (at: Temporal.Instant) => number,
): Latencies => {
  const timed = documents.map(({ compiledAt, enforcedAt }) => ({
    fromMs: wallMs(compiledAt),
    untilMs: wallMs(enforcedAt),
  }))
  const ms = (of: typeof timed) => of.map((one) => one.untilMs - one.fromMs)
  return {
    all: ms(timed),
    carried: ms(timed.filter(({ fromMs, untilMs }) => wereCarried(chaos, fromMs, untilMs))),
  }
}
