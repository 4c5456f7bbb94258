/** At most one call in ten is asked a second time: what fails for everybody must not be asked for twice by everybody (G66). */
export interface RetryBudget {
  /** A call was asked for the first time. */
  asked(): void
  /** Whether it may be asked again; takes it from the budget. */
  again(): boolean
}

const SHARE = 0.1
const SAVED_MAX = 10

export const openRetryBudget = (): RetryBudget => {
  let saved = 1
  return {
    asked: () => {
      saved = Math.min(SAVED_MAX, saved + SHARE)
    },
    again: () => {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}
