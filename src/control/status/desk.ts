/** Control's end of the line to the status page: a socket of its own, a key of its own, one document. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { type Cell, cells } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import type { Postgres } from '#platform/db.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { makeRandomKey } from '#platform/keys.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import type { LiveBoard } from '#control/usage/index.ts'
import { StatusFacts } from '../../status/facts.ts'
import { openParts, statusFacts } from './facts.ts'
import { measure } from './measuring.ts'
import * as store from './store.ts'

export const statusUnproven = problem(
  'status/link-unproven',
  401,
  'The call does not come from the status page',
)

/** A look at a part through the doors that partners use; it throws what stood in the way. */
export interface Look {
  readonly cell: Cell
  readonly part: string
  readonly ask: () => Promise<unknown>
}

interface DeskOptions {
  readonly db: Postgres
  readonly world: ProcessWorld
  readonly live: Pick<LiveBoard, 'gateways'>
  /** Whether the cell’s courier keeps its line. */
  readonly hearsCourier: (cell: Cell) => boolean
  /** What can be looked at now. */
  readonly looks: () => readonly Look[]
}

const ROUND_MS = 20_000
/** After a start gateways and couriers have so long to be heard: until then their silence is ours. */
const HEARING_MS = 30_000

export const startStatusDesk = async (options: DeskOptions): Promise<Running> => {
  const { db, world } = options
  const zone = world.settings.PORTICO_BANK_ZONE
  const key = digest(makeRandomKey(world.layout.status.linkKey).toString('base64url'))
  const partsOf = openParts()
  const watching = watch(options)
  const server = openServer(world.log)
  server.addHook('onRequest', async (request) => {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ')
    if (scheme !== 'Bearer' || !timingSafeEqual(digest(token), key))
      throw statusUnproven('the key is not the one of the status page')
  })
  server.get('/status/facts', async (_request, reply) => {
    const at = watching.lookedAt()
    if (!at) throw peerUnavailable('nothing was measured yet')
    const facts = await statusFacts(db, await partsOf(db), { now: world.now(), zone, at })
    const text = JSON.stringify(z.encode(StatusFacts, facts))
    return reply.type('application/json').serializer(String).send(text)
  })
  await listenOnSocket(server, world.layout.status.socket)
  return {
    stop: async () => {
      await watching.stop()
      server.server.closeAllConnections()
      await server.close()
    },
  }
}

/** Digests have one length, so that comparing them takes one time. */
const digest = (token: string) => createHash('sha256').update(token).digest()

/** Looks and measures, round by round; a round that fails leaves the time of the last that did not. */
const watch = ({ db, world, live, hearsCourier, looks }: DeskOptions) => {
  const startedAt = world.now()
  let lookedAt: Temporal.Instant | undefined
  let askedMinute = ''
  let stopped = false
  let asking: Promise<void> = Promise.resolve()

  const minuteOf = (at: Temporal.Instant) =>
    at.round({ smallestUnit: 'minute', roundingMode: 'floor' })
  const listen = async (now: Temporal.Instant) => {
    if (now.since(startedAt).total('milliseconds') < HEARING_MS) return
    const gateways = live.gateways(now)
    const minute = minuteOf(now)
    for (const cell of cells) {
      const ready = gateways.some((g) => g.cell === cell && g.ready)
      await store.addLook(db, { cell, part: 'gateway', minute, answered: ready })
      await store.addLook(db, { cell, part: 'webhooks', minute, answered: hearsCourier(cell) })
    }
  }
  /** Once a minute, beside the rounds: what does not answer takes its time. */
  const ask = async (minute: Temporal.Instant) => {
    await Promise.all(
      looks().map(async ({ cell, part, ask: look }) => {
        const answered = await look().then(
          () => true,
          (cause: unknown) => {
            world.log.warn({ cause, cell, part }, 'a look for the status page found no answer')
            return false
          },
        )
        // What is cut off by our own end says nothing of theirs.
        if (!stopped) await store.addLook(db, { cell, part, minute, answered })
      }),
    )
  }
  const round = async () => {
    const now = world.now()
    const minute = minuteOf(now)
    if (minute.toString() !== askedMinute && now.since(startedAt).total('seconds') >= 30) {
      askedMinute = minute.toString()
      asking = ask(minute).catch((cause: unknown) => {
        if (!stopped) world.log.error({ cause }, 'looks for the status page were not kept')
      })
    }
    await listen(now)
    await measure(db, { now: world.now, zone: world.settings.PORTICO_BANK_ZONE })
    lookedAt = now
  }
  let busy: Promise<void> | undefined
  const begin = () => {
    busy ??= round()
      .catch((cause: unknown) => {
        if (!stopped)
          world.log.error({ cause }, 'the status was not measured; the page says how old it is')
      })
      .finally(() => (busy = undefined))
  }
  begin()
  const timer = setInterval(begin, ROUND_MS)
  timer.unref()
  return {
    lookedAt: () => lookedAt,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await busy
      await Promise.race([asking, new Promise((done) => setTimeout(done, 1_000).unref())])
    },
  }
}
