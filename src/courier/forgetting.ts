/** What is over is forgotten after a month: deliveries with their log, and events that nobody is owed any more. */
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Running } from '#platform/process.ts'
import * as deliveries from './delivery-store.ts'
import * as store from './store.ts'

const KEPT_HOURS = 30 * 24
const ROUND_MS = 600_000
const BATCH = 5_000

/** One round: a few at a time, so that nobody waits for it. Answers how much is gone. */
export const forgetOnce = async (db: Postgres, now: Temporal.Instant): Promise<number> => {
  const before = now.subtract({ hours: KEPT_HOURS })
  let gone = 0
  const rounds = [
    () => deliveries.giveUp(db, before, now, BATCH),
    () => deliveries.forget(db, before, BATCH),
    () => store.forgetEvents(db, before, BATCH),
  ]
  for (const round of rounds)
    for (;;) {
      const some = await round()
      gone += some
      if (some < BATCH) break
    }
  return gone
}

export const forgetOld = (
  db: Postgres,
  { now, log }: { now: () => Temporal.Instant; log: Log },
): Running => {
  let round: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    round = forgetOnce(db, now()).catch((cause: unknown) =>
      log.error({ cause }, 'what is over waits for the next round'),
    )
  }, ROUND_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      await round
    },
  }
}
