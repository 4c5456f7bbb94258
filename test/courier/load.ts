/** A courier of its own process under load: a database, a partner's server, endpoints, and events by the thousand. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { work } from '#journal/index.ts'
import { uuidv7 } from '#kernel/id.ts'
import { layoutOf } from '#platform/layout.ts'
import { makeRandomKey } from '#platform/keys.ts'
import { writeWhole } from '#platform/keys.ts'
import { lockLanes, replay } from '#courier/delivery-store.ts'
import { createEndpoint, takeIntoUse } from '#courier/endpoints.ts'
import { freshDatabase, type TestDatabase } from '#test/world.ts'
import { type Behaviour, type Message, openReceiver } from './receiver.ts'

const Count = z.object({ count: z.bigint() })

export interface Load {
  readonly endpoints: readonly { readonly id: string; readonly path: string }[]
  /** A new process of the courier. */
  start(): ChildProcess
  /** Writes so many events about so many subjects, in one partner's name. */
  write(events: number, subjects: number): Promise<void>
  delivered(): Promise<number>
  /** Sends again what was given up after the sandbox's three attempts, as a partner would. */
  replayDead(): Promise<void>
  stop(): void
}

/** `ordered`: which of the endpoints want order, by their number. `database`: the tests' own, unless one is given. */
export const openLoad = async (options: {
  endpoints: number
  ordered: (n: number) => boolean
  behave: (n: number) => Behaviour | undefined
  hear: (n: number, message: Message) => void
  portBase: number
  database?: Pick<TestDatabase, 'as' | 'url'>
  /** What node is started with besides, say `--cpu-prof`. */
  nodeArgs?: readonly string[]
}): Promise<Load> => {
  const database = options.database ?? (await freshDatabase('cell'))
  const receiver = await openReceiver()
  const data = mkdtempSync(join(tmpdir(), 'portico-load-'))
  const layout = layoutOf(data)
  const files = layout.cell('sandbox')
  makeRandomKey(files.linkKey)
  const sealingKey = makeRandomKey(files.webhookSealingKey)
  writeWhole(layout.serverCa.certificate, receiver.ca)
  const db = database.as('courier')
  const bank = database.as('bank')
  const now = () => Temporal.Now.instant().round('microsecond')
  const partnerId = `partner_${uuidv7()}`
  const address = `localhost:${receiver.port}`
  const rules = {
    guard: { allowed: new Set([address]), ownPorts: new Set<number>(), outward: true },
    sealingKey,
    coolDownHours: 0,
  }
  const endpoints: { id: string; path: string }[] = []
  for (let n = 0; n < options.endpoints; n++) {
    const path = `/${n}`
    const behaviour = options.behave(n)
    if (behaviour) receiver.behave(path, behaviour)
    receiver.onMessage(path, (message) => options.hear(n, message))
    const { endpoint } = await work(db, 'system', now(), async (w) => {
      const made = await createEndpoint(w, rules, {
        partnerId,
        // An application has twenty at most.
        applicationId: `application_${Math.floor(n / 20)}`,
        url: `https://${address}${path}`,
        types: ['payments.settled'],
        ordered: options.ordered(n),
        schemes: ['v1a'],
        version: null,
      })
      await takeIntoUse(w, made.endpoint)
      return made
    })
    endpoints.push({ id: endpoint.id, path })
  }
  const root = resolve(import.meta.dirname, '..', '..')
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTICO_'))
  const environment = {
    ...Object.fromEntries(inherited),
    PORTICO_DATA: data,
    PORTICO_PORT_BASE: String(options.portBase),
    PORTICO_LOG_LEVEL: process.env['PORTICO_LOG_LEVEL'] ?? 'fatal',
    PORTICO_PARTNER_ALLOW: address,
    PORTICO_DATABASE_URL_COURIER: database.url('courier'),
  }
  return {
    endpoints,
    start: () =>
      spawn(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          ...(options.nodeArgs ?? []),
          'src/main.ts',
          'start',
          'courier',
          '--cell',
          'sandbox',
        ],
        { cwd: root, env: environment, stdio: ['ignore', 'inherit', 'inherit'] },
      ),
    write: async (events, subjects) => {
      const each = 500
      for (let from = 0; from < events; from += each)
        await work(bank, 'system', now(), async (w) => {
          for (let n = from; n < Math.min(from + each, events); n++)
            await w.record('payments.settled', `payment_${n % subjects}`, { partnerId })
        })
    },
    delivered: async () =>
      Number(
        (await db.one(Count)`select count(*) from courier.delivery where status = 'delivered'`)
          .count,
      ),
    replayDead: async () => {
      const since = Temporal.Instant.fromEpochMilliseconds(0)
      for (const { id } of endpoints)
        await work(db, 'system', now(), async (w) => {
          await lockLanes(w)
          await replay(w, id, { what: 'failed', since }, w.now)
        })
    },
    stop: () => receiver.stop(),
  }
}
