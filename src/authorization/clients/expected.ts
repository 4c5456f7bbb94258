/**
 * A short wait for an application that the registry does not hold yet, for few at a time. Its id says when it was made
 * (UUIDv7): one that control has just let in is on its way, an older one is unknown and hears so at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { bornAtMs } from '#kernel/id.ts'

/** Publication takes well under a second from its commit. */
const WAIT_MS = 4_000
const WAITING_MAX = 64
const YOUNG_MS = 60_000

const applicationId = /^application_[0-9a-f]{12}7[0-9a-f]{19}$/

const isYoung = (id: string, nowMs: number): boolean =>
  applicationId.test(id) && Math.abs(nowMs - bornAtMs(id.slice('application_'.length))) < YOUNG_MS

export const openExpected = (isHeld: (id: string) => boolean) => {
  let next = Promise.withResolvers<void>()
  let waiting = 0
  return {
    /** A newer registry is held. */
    came: () => {
      next.resolve()
      next = Promise.withResolvers()
    },
    /** Ends at once, when the application is held, or when it did not come in time. */
    wait: async (id: string, nowMs: number): Promise<void> => {
      if (isHeld(id) || waiting >= WAITING_MAX || !isYoung(id, nowMs)) return
      const untilMs = performance.now() + WAIT_MS
      waiting++
      try {
        while (!isHeld(id) && performance.now() < untilMs)
          await Promise.race([next.promise, sleep(Math.max(0, untilMs - performance.now()))])
      } finally {
        waiting--
      }
    },
  }
}
