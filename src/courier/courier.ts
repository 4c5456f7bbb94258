/**
 * The courier: carries what happened to those whom it concerns. It takes the partners' events from the journal into an
 * outbox, each once; what is delivered to whom, and how, stands on that outbox.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type Entry, followJournal, keepEvidence, keepWitnessed } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import { settingWrong } from '#platform/config.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { makeSigningKey } from '#platform/keys.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { serveContract } from '#platform/rpc.ts'
import { startTelemetry } from '#platform/telemetry.ts'
import { upstreamGuardOf } from '#platform/upstream-guard.ts'
import { courierContract } from './contract.ts'
import { openDecisions } from './decision.ts'
import { eventOf } from './event.ts'
import * as store from './store.ts'
import { webhookKeyOf } from './webhook-signature.ts'

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
  const door = await openDoor(world)
  const evidence = await keepEvidence(db, world, {
    database: `${cell}_cell`,
    keys: `${cell}/courier`,
  })
  // The vault reaches nothing but its database, so what it signs goes out from here.
  const witnessed = keepWitnessed(world, [`${cell}_cell`, `${cell}_vault`])
  log.info('courier follows the journal')
  return {
    stop: async () => {
      await Promise.all([
        following.stop(),
        telemetry.stop(),
        door.stop(),
        evidence.stop(),
        witnessed.stop(),
      ])
      await db.close()
    },
  }
}

/** Where the bank asks for a partner's decision. Of two couriers of a cell on one machine, the first has the door. */
const openDoor = async (world: CellWorld): Promise<Running> => {
  const { cell, layout, log, now } = world
  const files = layout.cell(cell)
  const { key, publicKey } = files.webhookKey
  const ca = layout.serverCa.certificate
  const server = openServer(log)
  serveContract(
    server,
    courierContract,
    openDecisions({
      guard: {
        ...upstreamGuardOf(world, cell),
        // What the bank put behind its gateway is none of the addresses that a partner may name.
        allowed: new Set(world.settings.PORTICO_PARTNER_ALLOW?.split(',') ?? []),
        outward: true,
      },
      key: webhookKeyOf(await makeSigningKey(key, publicKey, 'EdDSA')),
      now,
      developmentCa: existsSync(ca) ? readFileSync(ca, 'utf8') : null,
    }),
  )
  try {
    await listenOnSocket(server, files.socket('courier'))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    log.warn({ code: error.code }, 'another courier of this cell has the door')
  }
  return { stop: () => server.close() }
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
