/**
 * Stops asking an upstream product that does not answer, and finds out when it does again (G67). What the bank says,
 * also when it says no, is an answer; what counts against it is a connection that fails or breaks, a deadline that
 * passes, an error of its own (5xx), and a call that hangs: nobody waits 25 seconds to learn that nothing comes.
 */
export type BreakerState = 'closed' | 'open' | 'half-open'

export interface Breaker {
  /** `go`, `probe` (go, and it decides), or for how many milliseconds it stays open. */
  ask(nowMs: number): 'go' | 'probe' | number
  served(partnerId: string, nowMs: number): void
  failed(partnerId: string, nowMs: number): void
  /** So many calls under way hang, of one partner or (null) of several: they count as failed for as long as they do. */
  hanging(calls: number, partnerId: string | null, nowMs: number): void
  /** The probe was never sent, or hangs. */
  probeLost(nowMs: number, hangs: boolean): void
  state(): BreakerState
}

/** Outcomes are of this and the last window. */
const WINDOW_MS = 1_000
const FAILURES_MIN = 5
const SHARE_MIN = 0.5
const PAUSE_MS = 1_000
const PAUSE_MS_MAX = 15_000

/** One partner's failures, while others are served, are about what it asks: they close the way for nobody else. */
class Outcomes {
  served = 0
  failed = 0
  /** Undefined: none yet; null: several. */
  servedOf: string | null | undefined
  failedOf: string | null | undefined
}

const also = (before: string | null | undefined, partnerId: string) =>
  before === undefined || before === partnerId ? partnerId : null

export const openBreaker = (onChange: (state: BreakerState) => void = () => {}): Breaker => {
  let state: BreakerState = 'closed'
  let current = new Outcomes()
  let last = new Outcomes()
  let since = Number.NEGATIVE_INFINITY
  let untilMs = 0
  let pauseMs = PAUSE_MS
  let probing = false

  const change = (next: BreakerState) => {
    if (state === next) return
    state = next
    onChange(next)
  }
  const turn = (nowMs: number) => {
    if (nowMs - since < WINDOW_MS) return
    last = nowMs - since < 2 * WINDOW_MS ? current : new Outcomes()
    current = new Outcomes()
    since = nowMs
  }
  const open = (nowMs: number) => {
    probing = false
    untilMs = nowMs + pauseMs
    pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)
    change('open')
  }
  const close = () => {
    probing = false
    pauseMs = PAUSE_MS
    current = new Outcomes()
    last = new Outcomes()
    change('closed')
  }
  const onePartners = (hangingOf: string | null | undefined): boolean => {
    const failedOf = both(both(last.failedOf, current.failedOf), hangingOf)
    const servedOf = both(last.servedOf, current.servedOf)
    return typeof failedOf === 'string' && servedOf !== undefined && servedOf !== failedOf
  }
  const judge = (nowMs: number, hanging = 0, hangingOf?: string | null) => {
    if (state !== 'closed') return
    const failed = last.failed + current.failed + hanging
    const all = failed + last.served + current.served
    if (failed >= FAILURES_MIN && failed >= all * SHARE_MIN && !onePartners(hangingOf)) open(nowMs)
  }

  return {
    state: () => state,
    ask: (nowMs) => {
      if (state === 'closed') return 'go'
      if (state === 'open' && nowMs >= untilMs) change('half-open')
      if (state === 'open') return untilMs - nowMs
      if (probing) return PAUSE_MS
      probing = true
      return 'probe'
    },
    served: (partnerId, nowMs) => {
      if (state === 'half-open') close()
      turn(nowMs)
      current.served++
      current.servedOf = also(current.servedOf, partnerId)
    },
    failed: (partnerId, nowMs) => {
      turn(nowMs)
      current.failed++
      current.failedOf = also(current.failedOf, partnerId)
      if (state === 'half-open') open(nowMs)
      else judge(nowMs)
    },
    hanging: (calls, partnerId, nowMs) => {
      turn(nowMs)
      judge(nowMs, calls, partnerId)
    },
    probeLost: (nowMs, hangs) => {
      probing = false
      if (hangs && state === 'half-open') open(nowMs)
    },
  }
}

const both = (a: string | null | undefined, b: string | null | undefined) => {
  if (a === undefined) return b
  if (b === undefined) return a
  return a === b ? a : null
}
