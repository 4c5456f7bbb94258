/** Control's end of the line to the cells (platform/link.ts): each cell opens its own paths with its own key, and no others. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { seal, work } from '#journal/index.ts'
import { FieldBatch } from '#gateway/field-report.ts'
import { LiveReport } from '#gateway/live-report.ts'
import { UsageBatch } from '#gateway/usage.ts'
import type { Postgres } from '#platform/db.ts'
import {
  listenOnSocket,
  openServer,
  parseRequest,
  routeNotFound,
  type Server,
} from '#platform/http.ts'
import { readRandomKey } from '#platform/keys.ts'
import { type LinkLine, Receipt } from '#platform/link.ts'
import type { Log } from '#platform/log.ts'
import type { Nats } from '#platform/nats.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { Audience } from '#platform/publication.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import { Secret } from '#platform/secret.ts'
import { BusinessBatch } from '#courier/business-events.ts'
import { type LiveBoard, openMeter, takeBusinessEvents, takeFields } from '#control/usage/index.ts'
import { openLinkDoor } from './link-door.ts'
import { carryOverNats } from './nats-carrier.ts'
import { registrationDesk } from './registration-desk.ts'
import * as store from './store.ts'

export const linkUnproven = problem(
  'publication/link-unproven',
  401,
  'The call does not come from this cell',
)
export const nothingPublished = problem(
  'publication/nothing-yet',
  404,
  'Nothing is published for this reader yet',
)

const HEARTBEAT_MS = 500
/** How long a call under way may take when control stops. Usage that is cut off is sent again and counted once. */
const PATIENCE_MS = 500
/** A reader that takes nothing for so many bytes is cut off: it comes back and reads from the start. */
const UNREAD_BYTES_MAX = 4_194_304
/** 1 000 records of usage, with room. */
const BODY_BYTES_MAX = 4_194_304

const Path = z.object({ cell: Cell, audience: Audience })
const CellPath = z.object({ cell: Cell })
const After = z.object({ after: z.coerce.number().int().nonnegative().default(0) })

interface Follower {
  readonly cell: Cell
  /** Looks for what is new and sends it. */
  pump(): void
  beat(): void
  end(): void
}

export interface LinkServer extends Running {
  /** Something new for a cell. */
  news(cell: Cell): void
}

export const startLinkServer = async (options: {
  db: Postgres
  world: ProcessWorld
  log: Log
  /** Where what happens now is looked at; without it nobody looks. */
  live?: LiveBoard
  /** What carries the same to cells on other machines. */
  nats?: Nats
  /** What else cells may say along the line. */
  more?: (server: Server) => void
}): Promise<LinkServer> => {
  const { db, world, log, live, nats } = options
  const meter = openMeter()
  const followers = new Set<Follower>()
  let closing = false
  const server = openServer(log, { bodyLimit: BODY_BYTES_MAX })

  const keys = new Map<Cell, Secret<string>>()
  const keyOf = (cell: Cell): Secret<string> => {
    const held =
      keys.get(cell) ??
      new Secret(readRandomKey(world.layout.cell(cell).linkKey).toString('base64url'))
    keys.set(cell, held)
    return held
  }
  const takeUsage = (cell: Cell, batch: UsageBatch) =>
    work(db, 'system', world.now(), (w) => meter.take(w, cell, batch))
  const carrier = nats && carryOverNats({ db, world, nats, log, keyOf, takeUsage })
  server.addHook('onRequest', async (request) => {
    const path = CellPath.safeParse(request.params)
    if (!path.success) throw routeNotFound(`${request.method} ${request.url} does not exist`)
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ')
    if (
      scheme !== 'Bearer' ||
      !timingSafeEqual(digest(token), digest(keyOf(path.data.cell).reveal()))
    )
      throw linkUnproven('the key is not the one of this cell')
  })

  server.get('/link/:cell/:audience', async (request, reply) => {
    const { cell, audience } = parseRequest(Path, request.params)
    const newest = await store.newestEnvelope(db, cell, audience)
    if (!newest) throw nothingPublished(`nothing is compiled for ${cell}/${audience} yet`)
    return reply.type('application/json').serializer(String).send(newest.envelope)
  })

  server.get('/link/:cell/:audience/stream', async (request, reply) => {
    if (closing) throw peerUnavailable('control is stopping')
    const { cell, audience } = parseRequest(Path, request.params)
    const { after } = parseRequest(After, request.query)
    reply.hijack()
    reply.raw.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
    })
    reply.raw.flushHeaders()
    const follower = follow({ db, world, log, cell, audience, after, to: reply.raw })
    followers.add(follower)
    reply.raw.once('close', () => {
      follower.end()
      followers.delete(follower)
    })
  })

  server.post('/link/:cell/:audience/receipts', async (request, reply) => {
    const { cell, audience } = parseRequest(Path, request.params)
    const receipt = parseRequest(Receipt, request.body)
    await db.transaction((tx) => store.insertReceipt(tx, { cell, audience }, receipt, world.now()))
    if (!receipt.taken)
      log.error(
        { cell, audience, ...receipt },
        'a cell refused a document, and serves by an older one',
      )
    return reply.send({})
  })

  server.post('/link/:cell/usage', async (request, reply) => {
    const { cell } = parseRequest(CellPath, request.params)
    const batch = parseRequest(UsageBatch, request.body)
    return reply.send(await takeUsage(cell, batch))
  })

  server.post('/link/:cell/fields', async (request, reply) => {
    const { cell } = parseRequest(CellPath, request.params)
    const batch = parseRequest(FieldBatch, request.body)
    return reply.send(await db.transaction((tx) => takeFields(tx, cell, batch, world.now())))
  })

  server.post('/link/:cell/business-events', async (request, reply) => {
    const { cell } = parseRequest(CellPath, request.params)
    const batch = parseRequest(BusinessBatch, request.body)
    return reply.send(
      await db.transaction((tx) => takeBusinessEvents(tx, cell, batch, world.now())),
    )
  })

  server.post('/link/:cell/live', async (request, reply) => {
    const { cell } = parseRequest(CellPath, request.params)
    live?.take(cell, parseRequest(LiveReport, request.body), world.now())
    return reply.send({})
  })

  registrationDesk(server, db, world)
  options.more?.(server)

  const heart = startHeart(db, log, () => {
    for (const follower of followers) follower.beat()
    carrier?.beat()
  })
  await listenOnSocket(server, world.layout.control.socket)
  const door = await openLinkDoor(server.server, world)
  return {
    news: (cell) => {
      for (const follower of followers) if (follower.cell === cell) follower.pump()
      carrier?.news(cell)
    },
    stop: async () => {
      // A reader that is sent away comes back at once: from here on it finds the door closed.
      closing = true
      for (const follower of followers) follower.end()
      await heart.stop()
      await carrier?.stop()
      door?.close()
      const patience = setTimeout(() => server.server.closeAllConnections(), PATIENCE_MS)
      await server.close()
      clearTimeout(patience)
    },
  }
}

/** Digests have one length, whatever was sent, so that comparing them takes one time. */
const digest = (token: string) => createHash('sha256').update(token).digest()

/**
 * Beats twice a second while the journal is read: a beat says that all stops up to the beat before it have been sent.
 * Where that is not known there is silence, and the cells refuse what is dangerous.
 */
const startHeart = (db: Postgres, log: Log, beat: () => void): Running => {
  let committed: bigint | undefined
  let stopped = false
  let beating: Promise<void> = Promise.resolve()
  const round = async () => {
    try {
      const read = await store.readUpTo(db)
      if (committed !== undefined && read >= committed) beat()
      committed = await seal(db)
    } catch (cause) {
      if (!stopped) log.error({ cause }, 'the journal is not heard; the cells hear no heartbeat')
    }
  }
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    beating = round().finally(() => (busy = false))
  }, HEARTBEAT_MS)
  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await beating
    },
  }
}

/** Sends one reader what it has not seen: revocations in order, then the epoch. */
const follow = (options: {
  db: Postgres
  world: ProcessWorld
  log: Log
  cell: Cell
  audience: Audience
  after: number
  to: ServerResponse
}): Follower => {
  const { db, world, log, cell, audience, to } = options
  let sent = BigInt(options.after)
  let epoch = 0n
  let ended = false
  let pumping = false
  let again = false

  const send = (line: LinkLine) => {
    if (ended) return
    to.write(`${JSON.stringify(line)}\n`)
    if (to.writableLength > UNREAD_BYTES_MAX) to.destroy()
  }
  const sendNews = async () => {
    for (;;) {
      const revocations = await store.revocationsAbove(db, cell, sent, world.now())
      const last = revocations.at(-1)
      if (!last) break
      for (const revocation of revocations) send({ type: 'revocation', revocation })
      sent = BigInt(last.seq)
    }
    const documents = await store.newest(db)
    const document = documents.find((d) => d.cell === cell && d.audience === audience)
    if (!document || document.epoch <= epoch) return
    epoch = document.epoch
    send({ type: 'epoch', epoch: Number(epoch) })
  }
  /** One look at a time; news that comes meanwhile makes one more. */
  const pump = async () => {
    if (pumping) {
      again = true
      return
    }
    pumping = true
    try {
      do {
        again = false
        await sendNews()
      } while (again && !ended)
    } catch (cause) {
      // A reader that could have missed something must not go on hearing heartbeats.
      log.error(
        { cause, cell, audience },
        'news could not be read; the reader is asked to come back',
      )
      to.destroy()
    } finally {
      pumping = false
    }
  }
  void pump()
  return {
    cell,
    pump: () => void pump(),
    // While it is being told of stops, one that it was not told of yet must not be passed over.
    beat: () => {
      if (!pumping) send({ type: 'heartbeat', at: world.now().toString() })
    },
    end: () => {
      if (ended) return
      ended = true
      to.end()
    },
  }
}
