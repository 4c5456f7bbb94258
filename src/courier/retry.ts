/** When a delivery is tried again, and what an answer means for it and for its endpoint. Pure. */
import type { Cell } from '#kernel/cell.ts'

/** Seconds to wait before each attempt: the table of Standard Webhooks 1.0.0. The first is made at once. */
const table = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const

export interface Schedule {
  /** Seconds before each attempt. */
  readonly waits: readonly number[]
}

/** In a sandbox somebody is looking: three attempts say what ten would. */
export const scheduleOf = (cell: Cell): Schedule => ({
  waits: cell === 'sandbox' ? table.slice(0, 3) : table,
})

const RETRY_AFTER_SECONDS_MAX = 86_400

export interface Answer {
  /** HTTP status; null where none came. */
  readonly status: number | null
  /** Why there is none, one word. */
  readonly failure: string | null
  readonly retryAfter: string | null
}

export type Verdict =
  | { readonly means: 'delivered' }
  | { readonly means: 'gone' }
  /** `waitSeconds`: what the receiver asked for. */
  | { readonly means: 'failed'; readonly throttled: boolean; readonly waitSeconds: number }

export const verdictOn = (answer: Answer, now: Temporal.Instant): Verdict => {
  const { status } = answer
  if (status !== null && status >= 200 && status < 300) return { means: 'delivered' }
  if (status === 410) return { means: 'gone' }
  return {
    means: 'failed',
    throttled: status === 429 || status === 502 || status === 504,
    waitSeconds: retryAfterSeconds(answer.retryAfter, now),
  }
}

/** RFC 9110 §10.2.3: seconds or an HTTP date; 0 for neither. Honoured up to a day. */
export const retryAfterSeconds = (header: string | null, now: Temporal.Instant): number => {
  if (header === null) return 0
  const text = header.trim()
  const asked = /^\d{1,9}$/.test(text)
    ? Number(text)
    : Math.ceil((Date.parse(text) - now.epochMilliseconds) / 1_000)
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), RETRY_AFTER_SECONDS_MAX)
}

/**
 * When attempt `made + 1` is due; undefined where there is none. ±20 % by `chance` (0 to 1), so that what failed together
 * does not come back together; what the receiver asked for is never undercut.
 */
export const nextAttemptAt = (
  { waits }: Schedule,
  made: number,
  { now, waitSeconds, chance }: { now: Temporal.Instant; waitSeconds: number; chance: number },
): Temporal.Instant | undefined => {
  const wait = waits[made]
  if (wait === undefined) return undefined
  const jittered = wait * (0.8 + 0.4 * chance)
  return now.add({ milliseconds: Math.round(Math.max(jittered, waitSeconds) * 1_000) })
}
