/** How much room the bank's day leaves: by its calendar, and by what it says itself when it is closed (G37). */
import type { Calendar, Quiet } from './calendar.ts'
import type { UpstreamAnswer } from './exchange.ts'
import { FLOOR } from './lane.ts'

export interface Day {
  /** Calls of one product at once, now. */
  readonly ceiling: number
  readonly quietUntilMs: number | null
  /** Looks again, at an instant in epoch milliseconds. */
  follow(atMs: number): void
  /** Whether an answer said something new about it. */
  heard(operation: string, answer: UpstreamAnswer, wallMs: () => number): boolean
}

/** From this on a Retry-After of the upstream is about its day, not about a moment. */
const QUIET_SECONDS_MIN = 30
/** What the bank says of its core when it is closed (bank/cores/core.ts); long waits are about other things too. */
const CLOSED = 'core/closed'
const WORDS_BYTES_MAX = 16_384

export const openDay = (ceiling: number, calendar: Calendar): Day => {
  let quiet: Quiet | null = null
  /** What it said, when it was asked for which operation. */
  let told: (Quiet & { readonly operation: string }) | null = null
  return {
    get ceiling() {
      return Math.min(ceiling, quiet?.ceiling ?? ceiling)
    },
    get quietUntilMs() {
      return quiet?.untilMs ?? null
    },
    follow: (atMs) => {
      if (told && told.untilMs <= atMs) told = null
      const planned = calendar(atMs)
      quiet =
        planned && told ? (planned.ceiling <= told.ceiling ? planned : told) : (planned ?? told)
    },
    heard: (operation, answer, wallMs) => {
      const { status, retryAfterSeconds = 0 } = answer
      // A 429 is about whoever asked, and says nothing of the day.
      if (status === 503 && retryAfterSeconds >= QUIET_SECONDS_MIN && saysClosed(answer))
        told = { operation, ceiling: FLOOR, untilMs: wallMs() + retryAfterSeconds * 1000 }
      else if (told?.operation === operation && status < 500) told = null
      else return false
      return true
    },
  }
}

/** What cannot be read says nothing: one partner's trouble must not hold up all others. */
const saysClosed = ({ body }: UpstreamAnswer): boolean => {
  if (body.length > WORDS_BYTES_MAX) return false
  try {
    const said: unknown = JSON.parse(body.toString('utf8'))
    return typeof said === 'object' && said !== null && Reflect.get(said, 'code') === CLOSED
  } catch {
    return false
  }
}
