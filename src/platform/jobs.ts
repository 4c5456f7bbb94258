/** Work on a clock, kept in the database: each run once, whichever process has it, and again where that one died. */
import { PgBoss } from 'pg-boss'
import type { Log } from './log.ts'
import type { Running } from './process.ts'

export interface Job {
  /** As it stands in the table of jobs: letters, digits, hyphens. */
  readonly name: string
  /** Five fields, in the zone. */
  readonly cron: string
  readonly zone: string
  /** The times at which it is due are the machine's; what time it works with is its own affair. */
  readonly run: () => Promise<void>
}

const SCHEMA = 'jobs'
/** A run that takes longer is taken for dead, and is begun again: by then it has committed what it could. */
const EXPIRES_SECONDS = 3_600
const RETRIES_MAX = 5

/** The schema is made by a migration: a process may not make one. */
export const startJobs = async (
  url: string,
  jobs: readonly Job[],
  log: Log,
): Promise<Running & { now(name: string): Promise<void> }> => {
  const boss = new PgBoss({
    connectionString: url,
    schema: SCHEMA,
    migrate: false,
    createSchema: false,
    max: 2,
    application_name: 'control-jobs',
  })
  boss.on('error', (cause) => log.error({ cause }, 'the queue of jobs is not reached now'))
  await boss.start()
  const wanted = new Set(jobs.map((j) => j.name))
  for (const { name } of await boss.getSchedules())
    if (!wanted.has(name)) await boss.unschedule(name)
  for (const { name, cron, zone, run } of jobs) {
    await boss.createQueue(name, {
      // One waits while one runs: a run that takes longer than its interval is followed by one, not by many.
      policy: 'stately',
      retryLimit: RETRIES_MAX,
      retryBackoff: true,
      expireInSeconds: EXPIRES_SECONDS,
    })
    await boss.schedule(name, cron, null, { tz: zone })
    await boss.work(name, async () => {
      try {
        await run()
      } catch (cause) {
        log.error({ cause, job: name }, 'a job failed; it is tried again')
        throw cause
      }
    })
  }
  return {
    now: async (name) => void (await boss.send(name)),
    stop: () => boss.stop({ graceful: true, timeout: 5_000 }),
  }
}
