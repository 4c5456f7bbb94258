/**
 * Where a clock can be turned, what is done there is done at another time. It goes with whatever is under way, so that
 * nobody has to hand it on; outside of it, and where people are real, time is what it is.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const ahead = new AsyncLocalStorage<number>()

/** Does something so many milliseconds ahead of real time. */
export const underTurnedClock = <T>(aheadMs: number, body: () => T): T => ahead.run(aheadMs, body)

/** How far ahead of real time what is under way is. */
export const turnedMs = (): number => ahead.getStore() ?? 0

/** The time there. */
export const turned = (real: Temporal.Instant): Temporal.Instant =>
  real.add({ milliseconds: turnedMs() })

/** Back from the time there: what audit, limits and tokens go by. */
export const realTime = (there: Temporal.Instant): Temporal.Instant =>
  there.subtract({ milliseconds: turnedMs() })
