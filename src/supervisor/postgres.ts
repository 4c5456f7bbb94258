/** The embedded PostgreSQL of a house, begun again when somebody ended it: the processes find it where it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#platform/log.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'

const LOOK_EVERY_MS = 250
/** Its own children notice an end within moments, and hold the memory that the next one asks for until then. */
const AGAIN_AFTER_MS = 500

export const keepPostgres = async (
  options: Parameters<typeof startPostgres>[0],
  log: Log,
): Promise<EmbeddedPostgres> => {
  let server = await startPostgres(options)
  let stopping = false
  let beginning: Promise<void> | undefined
  const begin = async () => {
    log.warn('PostgreSQL ended; it is started again')
    while (!stopping)
      try {
        server = await startPostgres(options)
        return
      } catch (cause) {
        log.warn({ cause }, 'PostgreSQL does not start yet')
        await sleep(AGAIN_AFTER_MS)
      }
  }
  const looking = setInterval(() => {
    if (stopping || beginning || server.lives()) return
    beginning = begin().finally(() => (beginning = undefined))
  }, LOOK_EVERY_MS)
  return {
    port: server.port,
    url: server.url,
    superuser: server.superuser,
    adopted: server.adopted,
    lives: () => server.lives(),
    stop: async () => {
      stopping = true
      clearInterval(looking)
      await beginning
      await server.stop()
    },
  }
}
