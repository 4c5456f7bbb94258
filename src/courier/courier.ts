/**
 * The courier: carries what happened to those whom it concerns. It takes the partners' events from the journal into an
 * outbox, each once; what is delivered to whom, and how, stands on that outbox.
 */
import { type Entry, followJournal } from '#journal/index.ts'
import { settingWrong } from '#platform/config.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { eventOf } from './event.ts'
import * as store from './store.ts'

export const startCourier = async ({ settings, log, cell }: CellWorld): Promise<Running> => {
  const url = settings.PORTICO_DATABASE_URL_COURIER
  if (!url)
    throw settingWrong(
      'PORTICO_DATABASE_URL_COURIER is missing: the courier reads its cell’s journal',
    )
  const db = openPostgres(url, { name: `${cell}-courier`, max: 2 })
  const following = await followJournal(
    db,
    {
      after: await store.cursor(db),
      onError: (cause) =>
        log.warn({ cause }, 'the journal cannot be read now; the courier tries again'),
    },
    (entries) => takeOver(db, entries),
  )
  log.info('courier follows the journal')
  return {
    stop: async () => {
      await following.stop()
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
