/**
 * The courier: carries what happened to those whom it concerns. It takes the partners' events from the journal into an
 * outbox, each once; what is delivered to whom, and how, stands on that outbox.
 */
import { type Entry, followJournal } from '#journal/index.ts'
import { settingWrong } from '#platform/config.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { startTelemetry } from '#platform/telemetry.ts'
import { eventOf } from './event.ts'
import * as store from './store.ts'

export const startCourier = async (world: CellWorld): Promise<Running> => {
  const { settings, log, cell } = world
  const url = settings.PORTICO_DATABASE_URL_COURIER
  if (!url)
    throw settingWrong(
      'PORTICO_DATABASE_URL_COURIER is missing: the courier reads its cell’s journal',
    )
  const db = openPostgres(url, { name: `${cell}-courier`, max: 2 })
  let taken = 0
  const following = await followJournal(
    db,
    {
      after: await store.cursor(db),
      onError: (cause) =>
        log.warn({ cause }, 'the journal cannot be read now; the courier tries again'),
    },
    async (entries) => {
      await takeOver(db, entries)
      taken += entries.length
    },
  )
  const telemetry = await startTelemetry(world, 'courier')
  telemetry.metrics.add({
    type: 'counter',
    name: 'portico_events_taken_total',
    help: 'Lines of the journal that were taken over, whether they became an event or not',
    read: () => taken,
  })
  log.info('courier follows the journal')
  return {
    stop: async () => {
      await Promise.all([following.stop(), telemetry.stop()])
      await db.close()
    },
  }
}

/** Events and cursor move together or not at all, so a line becomes an event once, whenever the courier is stopped. */
const takeOver = (db: Postgres, entries: readonly Entry[]): Promise<void> =>
  db.transaction(async (tx) => {
    const before = await store.lockCursor(tx)
    const last = entries.at(-1)
    if (!last || last.seq <= before) return
    for (const entry of entries) {
      const event = entry.seq > before ? eventOf(entry) : undefined
      if (event) await store.add(tx, event)
    }
    await store.moveCursor(tx, last.seq)
  })
