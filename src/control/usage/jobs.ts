import { z } from 'zod'
import type { Db, Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'

/** So many days ahead there is a place for calls, so that a job that did not run for a week is no trouble. */
const AHEAD_DAYS = 14

/** Makes a part of the table for yesterday and each day to come; answers how many were made. */
export const openDays = async (db: Db, now: Temporal.Instant): Promise<number> => {
  const today = now.toZonedDateTimeISO('UTC').toPlainDate()
  const { made } = await db.one(z.object({ made: z.number() }))`
    select usage.open_days(${today.subtract({ days: 1 })}, ${today.add({ days: AHEAD_DAYS })}) as made
  `
  return made
}

/** Once a night, well before the day that it prepares. */
export const openingJob = (
  db: Postgres,
  { now, zone }: { now: () => Temporal.Instant; zone: string },
): Job => ({
  name: 'usage-days',
  cron: '23 2 * * *',
  zone,
  run: async () => void (await openDays(db, now())),
})
