/** Stops asking a key service that does not answer: whoever waits for a card learns it at once, and one question at a time finds out whether it is back. */

export interface Circuit {
  /** Whether to ask now; the outcome of a question that was let through must be told. */
  lets(): boolean
  answered(): void
  failed(): void
}

const FAILURES_MAX = 3
const PAUSE_MS = 5_000

export const openCircuit = (nowMs: () => number = () => performance.now()): Circuit => {
  let failures = 0
  let closedUntilMs = 0
  return {
    lets: () => {
      if (failures < FAILURES_MAX) return true
      if (nowMs() < closedUntilMs) return false
      // The one that finds out: the others wait for another pause.
      closedUntilMs = nowMs() + PAUSE_MS
      return true
    },
    answered: () => {
      failures = 0
    },
    failed: () => {
      failures++
      closedUntilMs = nowMs() + PAUSE_MS
    },
  }
}
