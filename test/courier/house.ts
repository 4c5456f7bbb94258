/** The courier's own parts over a fresh database, a partner's server, and a clock that only the test turns. */
import { randomBytes } from 'node:crypto'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { z } from 'zod'
import { followJournal, seal, work } from '#journal/index.ts'
import { uuidv7 } from '#kernel/id.ts'
import * as deliveries from '#courier/delivery-store.ts'
import * as endpoints from '#courier/endpoint-store.ts'
import {
  challenge,
  createEndpoint,
  type EndpointRules,
  type EndpointWish,
  type ShownKey,
  takeIntoUse,
} from '#courier/endpoints.ts'
import { type Outside, trustingToo } from '#courier/outside.ts'
import { type Schedule, scheduleOf } from '#courier/retry.ts'
import { startSender } from '#courier/sender.ts'
import { openTakeOver } from '#courier/take-over.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { type Behaviour, isSignedBy, type Message, openReceiver } from './receiver.ts'

const Cursor = z.object({ seq: z.bigint() })
const Busy = z.object({ busy: z.bigint() })

export interface TestEndpoint {
  readonly id: string
  readonly partnerId: string
  readonly applicationId: string
  readonly keys: readonly ShownKey[]
  readonly heard: Message[]
  behave(behaviour: Behaviour): void
  verifies(message: Message): boolean
}

export const openCourierHouse = async (given: { schedule?: Schedule } = {}) => {
  const database = await freshDatabase('cell')
  const receiver = await openReceiver()
  after(() => receiver.stop())
  const db = database.as('courier')
  const bank = database.as('bank')
  const log = pino({ level: process.env['PORTICO_LOG_LEVEL'] ?? 'silent' })
  let now = noon
  const outside: Outside = {
    guard: {
      allowed: new Set([`localhost:${receiver.port}`]),
      ownPorts: new Set(),
      outward: true,
    },
    development: trustingToo(receiver.ca),
  }
  const rules: EndpointRules = {
    guard: outside.guard,
    sealingKey: randomBytes(32),
    coolDownHours: 24,
  }
  const world = {
    db,
    outside,
    schedule: given.schedule ?? scheduleOf('production'),
    sealingKey: rules.sealingKey,
    now: () => now,
    log,
    chance: () => 0.5,
  }
  const sender = startSender(world)
  const takeOver = openTakeOver(world)
  const following = await followJournal(
    db,
    { after: 0n, onError: (cause) => log.error({ cause }, 'not taken over') },
    async (entries) => {
      await takeOver(entries)
      sender.nudge()
    },
  )
  after(async () => {
    await following.stop()
    await sender.stop()
  })
  let made = 0

  const commands = <T>(body: Parameters<typeof work<T>>[3]) => work(db, 'system', now, body)

  /** An endpoint that has answered its challenge. */
  const endpoint = async (
    wish: Partial<EndpointWish> & { partnerId: string; applicationId?: string },
  ): Promise<TestEndpoint> => {
    const path = `/${(made += 1)}`
    const heard: Message[] = []
    receiver.onMessage(path, (message) => heard.push(message))
    const applicationId = wish.applicationId ?? `application_${uuidv7()}`
    const created = await commands((w) =>
      createEndpoint(w, rules, {
        url: `https://localhost:${receiver.port}${path}`,
        types: ['*'],
        ordered: false,
        schemes: ['v1a'],
        version: null,
        ...wish,
        applicationId,
      }),
    )
    const { id } = created.endpoint
    const keys = await endpoints.signingKeys(db, [id], now)
    await challenge(outside, created.endpoint, keys, { sealingKey: rules.sealingKey, at: now })
    await commands((w) => takeIntoUse(w, created.endpoint))
    sender.changed()
    return {
      id,
      partnerId: wish.partnerId,
      applicationId,
      keys: created.keys,
      heard,
      behave: (behaviour) => receiver.behave(path, behaviour),
      verifies: (message) => created.keys.some(({ key }) => isSignedBy(message, key)),
    }
  }

  const takenOver = async () => {
    const last = await seal(database.owner)
    await until(async () => (await db.one(Cursor)`select seq from courier.cursor`).seq >= last)
  }

  /** Until every line is taken over and nothing is due by the clock of now. */
  const quiet = async () => {
    const last = await seal(database.owner)
    sender.nudge()
    await until(async () => {
      const { seq } = await db.one(Cursor)`select seq from courier.cursor`
      const { busy } = await db.one(Busy)`
        select count(*) as busy
          from courier.delivery d join courier.endpoint p on p.id = d.endpoint_id
         where d.status = 'due' and d.due_at <= ${now} and p.status = 'active' and p.starts_at <= ${now}
           and (p.open_until is null or p.open_until <= ${now})
      `
      return seq >= last && busy === 0n && sender.figures.underWay() === 0
    })
  }

  return {
    db,
    owner: database.owner,
    database,
    receiver,
    rules,
    outside,
    sender,
    world,
    endpoint,
    quiet,
    takenOver,
    commands,
    now: () => now,
    partnerId: () => `partner_${uuidv7()}`,
    happens: (event: string, subject: string, data: object) =>
      work(bank, 'system', now, (w) => w.record(event, subject, data)),
    read: (id: string) => endpoints.find(db, id, null),
    /** Of each delivery to an endpoint, in the order of their events. */
    statuses: async (id: string) =>
      (await deliveries.list(db, id, { before: null, status: null, limit: 100 }))
        .toReversed()
        .map(({ status }) => status),
    attempts: async (id: string) => {
      const listed = await deliveries.list(db, id, { before: null, status: null, limit: 100 })
      const logs = await Promise.all(listed.map((d) => deliveries.attempts(db, id, d.id)))
      return logs.flat().toReversed()
    },
    notices: async (id: string) =>
      (await endpoints.noticesAfter(db, 0n))
        .filter(({ endpointId }) => endpointId === id)
        .map(({ kind }) => kind),
    replay: async (id: string, what: deliveries.Meant) => {
      const count = await commands(async (w) => {
        await deliveries.lockLanes(w)
        return deliveries.replay(w, id, what, w.now)
      })
      sender.nudge()
      return count
    },
    skipFirst: async (id: string) => {
      const [first] = (
        await deliveries.list(db, id, { before: null, status: null, limit: 100 })
      ).toReversed()
      await commands(async (w) => {
        await deliveries.lockLanes(w)
        return deliveries.skip(w, id, first?.id ?? 0n, w.now)
      })
      sender.nudge()
    },
    /** Turns the clock on. */
    pass: (duration: Temporal.DurationLike) => {
      now = now.add(duration)
      sender.changed()
    },
  }
}

/** Waits for what must come to be. A minute is for ever. */
export const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const endsMs = performance.now() + 60_000
  while (!(await isSo())) {
    if (performance.now() > endsMs) throw new Error('it does not come to be')
    await sleep(20)
  }
}
