import type { Postgres } from '#platform/db.ts'
import type { Job } from '#platform/jobs.ts'
import { alertAll, type AlertWorld } from './index.ts'

/** Every five minutes: who has reached a threshold is told, once. */
export const alertingJob = (db: Postgres, world: AlertWorld): Job => ({
  name: 'budgets-alert',
  cron: '*/5 * * * *',
  zone: world.zone,
  run: async () => {
    const told = await alertAll(db, world)
    if (told > 0) world.log.info({ told }, 'budgets reached a threshold')
  },
})
