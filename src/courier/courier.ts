/**
 * The courier: carries what happened to those whom it concerns. It takes the partners' events from the journal into an
 * outbox, each once; what is delivered to whom, and how, stands on that outbox.
 */
import { existsSync, readFileSync } from 'node:fs'
import { followJournal, keepEvidence, keepWitnessed } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import { settingWrong } from '#platform/config.ts'
import { linkTo } from '#platform/control-doors.ts'
import { openPostgres } from '#platform/db.ts'
import { answerEach } from '#platform/ask-line.ts'
import { usageSender } from '#platform/link.ts'
import { Secret } from '#platform/secret.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { pooling } from '#platform/pooling.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { type Client, serveContract } from '#platform/rpc.ts'
import { startTelemetry } from '#platform/telemetry.ts'
import { upstreamGuardOf } from '#platform/upstream-guard.ts'
import { tellBusinessEvents } from './business-events.ts'
import { courierContract } from './contract.ts'
import { openDecisions } from './decision.ts'
import { openDesk } from './desk.ts'
import { deskContract } from './desk-contract.ts'
import { coolDownHoursOf } from './endpoint.ts'
import { forgetOld } from './forgetting.ts'
import { type Outside, trustingToo } from './outside.ts'
import { scheduleOf } from './retry.ts'
import { startSender } from './sender.ts'
import * as store from './store.ts'
import { openTakeOver } from './take-over.ts'
import { webhookKeyOf } from './webhook-signature.ts'

export const startCourier = async (world: CellWorld): Promise<Running> => {
  const { settings, log, cell } = world
  const url = settings.PORTICO_DATABASE_URL_COURIER
  if (!url)
    throw settingWrong(
      'PORTICO_DATABASE_URL_COURIER is missing: the courier reads its cell’s journal',
    )
  const db = openPostgres(url, { name: `${cell}-courier`, max: 5, ...pooling(settings, 'COURIER') })
  const outside = outsideOf(world)
  const sealingKey = makeRandomKey(world.layout.cell(cell).webhookSealingKey)
  const sender = startSender({
    db,
    outside,
    schedule: scheduleOf(cell),
    sealingKey,
    now: world.now,
    log,
    chance: Math.random,
  })
  const takeOver = openTakeOver({ db, now: world.now })
  let taken = 0
  const following = await followJournal(
    db,
    {
      after: (await store.cursor(db)).seq,
      onError: (cause) =>
        log.warn({ cause }, 'the journal cannot be read now; the courier tries again'),
    },
    async (entries) => {
      await takeOver(entries)
      taken += entries.length
      sender.nudge()
    },
  )
  const files = world.layout.cell(cell)
  const link = linkTo(world)
  const toControl = usageSender(link)
  const desk = openDesk({
    db,
    outside,
    rules: { guard: outside.guard, sealingKey, coolDownHours: coolDownHoursOf(cell) },
    now: world.now,
    changed: () => sender.changed(),
  })
  const askKey = new Secret(makeRandomKey(files.askKey('courier')))
  const answering = answerEach(link, deskContract, desk, { log, key: askKey })
  const forgetting = forgetOld(db, world)
  const values = tellBusinessEvents(db, { send: toControl.sendBusinessEvents, log })
  const telemetry = await startTelemetry(world, 'courier')
  telemetry.metrics.add({
    type: 'counter',
    name: 'portico_events_taken_total',
    help: 'Lines of the journal that were taken over, whether they became an event or not',
    read: () => taken,
  })
  telemetry.metrics.add({
    type: 'counter',
    name: 'portico_webhook_attempts_total',
    help: 'Attempts to deliver an event to an endpoint, by what came of it',
    labels: ['result'],
    read: () => [
      [{ result: 'delivered' }, sender.figures.delivered()],
      [{ result: 'failed' }, sender.figures.failed()],
    ],
  })
  const door = await openDoor(world, outside, desk)
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
        sender.stop(),
        answering.stop(),
        forgetting.stop(),
        values.stop(),
        telemetry.stop(),
        door.stop(),
        evidence.stop(),
        witnessed.stop(),
      ])
      await toControl.close()
      await db.close()
    },
  }
}

/** The way out of this cell. */
const outsideOf = (world: CellWorld): Outside => {
  const ca = world.layout.serverCa.certificate
  return {
    guard: {
      ...upstreamGuardOf(world, world.cell),
      // What the bank put behind its gateway is none of the addresses that a partner may name.
      allowed: new Set(world.settings.PORTICO_PARTNER_ALLOW?.split(',') ?? []),
      outward: true,
    },
    development: existsSync(ca) ? trustingToo(readFileSync(ca, 'utf8')) : null,
  }
}

/** Where the bank asks for a partner's decision. Of two couriers of a cell on one machine, the first has the door. */
const openDoor = async (
  world: CellWorld,
  outside: Outside,
  { feed }: Pick<Client<typeof deskContract>, 'feed'>,
): Promise<Running> => {
  const { cell, layout, log, now } = world
  const files = layout.cell(cell)
  const { key, publicKey } = files.webhookKey
  const server = openServer(log)
  serveContract(server, courierContract, {
    ...openDecisions({
      ...outside,
      key: webhookKeyOf(await makeSigningKey(key, publicKey, 'EdDSA')),
      now,
    }),
    feed,
  })
  try {
    await listenOnSocket(server, files.socket('courier'))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    log.warn({ code: error.code }, 'another courier of this cell has the door')
  }
  return { stop: () => server.close() }
}
