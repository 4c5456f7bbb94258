/**
 * Control's end of the line over NATS: the same lines and documents as on its socket, put into streams. Each copy of
 * control carries; what two of them put there is the same, and its readers take it once.
 */
import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  type JetStreamManager,
  jetstreamManager,
  type JsMsg,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageBatch, type UsageReceipt } from '#gateway/usage.ts'
import { type Cell, cells } from '#kernel/cell.ts'
import type { Postgres } from '#platform/db.ts'
import type { LinkLine } from '#platform/link.ts'
import type { Log } from '#platform/log.ts'
import type { Nats } from '#platform/nats.ts'
import { type Beat, sealed, streams, subjects, unsealed } from '#platform/nats-words.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { type Audience, Audience as Audiences } from '#platform/publication.ts'
import type { Secret } from '#platform/secret.ts'
import * as store from './store.ts'

const NANOS = 1_000_000
/** Longer than any denial lives (revocations.ts), so that a reader that comes finds all of them. */
const LINES_MS = 26 * 3_600_000
/** The spool is the record: what lies here for longer is sent again. */
const USAGE_MS = 10 * 60_000
const USAGE_BYTES_MAX = 512 * 1_048_576
const PART_BYTES = 524_288
const EPOCHS_KEPT = 3
const PUBLISH_MS = 3_000
const ACK_WAIT_MS = 30_000
const AGAIN_MS = 1_000
/** Transactions of usage at once: the pool has others to serve. */
const TAKEN_AT_ONCE = 3
const API_MS = 10_000

export interface NatsCarrier {
  /** Something new for a cell. */
  news(cell: Cell): void
  /** All that is committed has been read: readers may be told so. */
  beat(): void
  stop(): Promise<void>
}

interface Carrying {
  readonly db: Postgres
  readonly world: ProcessWorld
  readonly nats: Nats
  readonly log: Log
  readonly keyOf: (cell: Cell) => Secret<string>
  /** Counts a batch, in one transaction. */
  readonly takeUsage: (cell: Cell, batch: UsageBatch) => Promise<UsageReceipt>
}

/** Copies of each stream: as many as it takes to outlive a server, where there are so many. */
const replicasOf = ({ settings }: ProcessWorld): number =>
  settings.PORTICO_NATS_REPLICAS ??
  ((settings.PORTICO_NATS_URL?.split(',').length ?? 1) >= 3 ? 3 : 1)

export const carryOverNats = (options: Carrying): NatsCarrier => {
  const { nats, world, log } = options
  const lanes = cells.flatMap((cell) =>
    Audiences.options.map((audience) => openLane(options, cell, audience)),
  )
  let stopped = false
  let ready: NatsConnection | undefined

  const makeReady = async (connection: NatsConnection) => {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_MS })
    for (const cell of cells) await makeStreams(manager, cell, replicasOf(world))
    for (const lane of lanes) lane.restart()
    ready = connection
    log.info('NATS carries what the cells are told, and their usage')
    const taking = cells.map((cell) => takeUsage(options, connection, cell, () => stopped))
    await Promise.race([Promise.all(taking), endOf(nats, connection, () => stopped)])
  }
  const run = async () => {
    while (!stopped) {
      const connection = nats.connection()
      try {
        if (connection) await makeReady(connection)
      } catch (cause) {
        if (!stopped)
          log.warn(
            { cause: (cause as Error).message },
            'NATS carries nothing yet; it is tried again',
          )
      }
      ready = undefined
      await sleep(AGAIN_MS)
    }
  }
  const running = run()
  return {
    news: (cell) => {
      for (const lane of lanes) if (lane.cell === cell) lane.carry(ready, false)
    },
    beat: () => {
      for (const lane of lanes) lane.carry(ready, true)
    },
    stop: async () => {
      stopped = true
      await running
      await Promise.all(lanes.map((lane) => lane.settled()))
    },
  }
}

const endOf = async (nats: Nats, connection: NatsConnection, stopped: () => boolean) => {
  while (!stopped() && nats.connection() === connection) await sleep(100)
}

/** A stream that was made by hand, with other copies or limits, is left as it is. */
const makeStreams = async (manager: JetStreamManager, cell: Cell, replicas: number) => {
  const common = { storage: StorageType.File, num_replicas: replicas, discard: DiscardPolicy.Old }
  const wanted = [
    {
      ...common,
      name: streams.lines(cell),
      subjects: [`portico.${cell}.lines.*`],
      max_age: LINES_MS * NANOS,
    },
    {
      ...common,
      name: streams.documents(cell),
      subjects: [`portico.${cell}.documents.>`],
      max_msgs_per_subject: 1,
    },
    {
      ...common,
      name: streams.usage(cell),
      subjects: [`portico.${cell}.usage.*`],
      retention: RetentionPolicy.Workqueue,
      max_age: USAGE_MS * NANOS,
      max_bytes: USAGE_BYTES_MAX,
    },
  ]
  const held = new Set(await manager.streams.names().next())
  for (const stream of wanted) if (!held.has(stream.name)) await manager.streams.add(stream)
}

/** What one reader of one cell is told: revocations in order, the newest document, and beats that say how much that is. */
const openLane = ({ db, world, log, keyOf }: Carrying, cell: Cell, audience: Audience) => {
  let sent = 0n
  let live = new Map<number, number>()
  let epoch = 0
  let parts = 0
  let busy: Promise<void> | undefined
  let again = false
  let beating = false

  const publishLine = async (connection: NatsConnection, line: LinkLine, msgID: string) => {
    const subject = subjects.lines(cell, audience)
    const options = { msgID: `${audience} ${msgID}`, timeout: PUBLISH_MS }
    await jetstream(connection).publish(subject, sealed(keyOf(cell), subject, line), options)
  }
  const carryRevocations = async (connection: NatsConnection) => {
    for (;;) {
      const revocations = await store.revocationsAbove(db, cell, sent, world.now())
      if (revocations.length === 0) return
      for (const revocation of revocations) {
        const { seq, expiresAt } = revocation
        await publishLine(connection, { type: 'revocation', revocation }, `revocation ${seq}`)
        live.set(seq, Date.parse(expiresAt))
        sent = BigInt(seq)
      }
    }
  }
  const carryDocument = async (connection: NatsConnection) => {
    const newest = (await store.newest(db)).find((d) => d.cell === cell && d.audience === audience)
    if (!newest || Number(newest.epoch) <= epoch) return
    const document = await store.newestEnvelope(db, cell, audience)
    if (!document) return
    const of = Number(document.epoch)
    const bytes = Buffer.from(document.envelope)
    const count = Math.ceil(bytes.length / PART_BYTES)
    for (let part = 0; part < count; part++)
      await jetstream(connection).publish(
        subjects.part(cell, audience, of, part),
        bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
        { msgID: `${audience} ${of} ${part}`, timeout: PUBLISH_MS },
      )
    epoch = of
    parts = count
    await forgetDocuments(connection, cell, audience, of - EPOCHS_KEPT)
  }
  const say = (connection: NatsConnection) => {
    const at = world.now()
    for (const [seq, endsMs] of live) if (endsMs <= at.epochMilliseconds) live.delete(seq)
    const beat: Beat = { at: at.toString(), upTo: Number(sent), live: live.size, epoch, parts }
    const subject = subjects.beats(cell, audience)
    connection.publish(subject, sealed(keyOf(cell), subject, beat))
  }
  const round = async (connection: NatsConnection) => {
    do {
      again = false
      const before = epoch
      await carryRevocations(connection)
      await carryDocument(connection)
      if (beating || epoch > before) say(connection)
      beating = false
    } while (again)
  }
  return {
    cell,
    /** What was sent over an earlier connection may have been lost with its stream. */
    restart: () => {
      sent = 0n
      live = new Map()
      epoch = 0
      parts = 0
    },
    /** One look at a time; news that comes meanwhile makes one more. */
    carry: (connection: NatsConnection | undefined, beat: boolean): void => {
      if (!connection) return
      beating ||= beat
      if (busy) {
        again = true
        return
      }
      busy = round(connection)
        .catch((cause: unknown) =>
          // No beat goes out: the readers ask control itself until this has been sent.
          log.warn({ cause: (cause as Error).message, cell, audience }, 'NATS did not take a line'),
        )
        .finally(() => (busy = undefined))
    },
    settled: async () => busy,
  }
}

/** Older epochs go; a reader that asks for one is told that there is a newer. */
const forgetDocuments = async (
  connection: NatsConnection,
  cell: Cell,
  audience: Audience,
  upTo: number,
) => {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_MS })
  const name = streams.documents(cell)
  const { state } = await manager.streams.info(name, {
    subjects_filter: `${subjects.documents(cell, audience)}.>`,
  })
  const old = new Set(
    Object.keys(state.subjects ?? {})
      .map((subject) => Number(subject.split('.')[4]))
      .filter((epoch) => epoch <= upTo),
  )
  for (const epoch of old)
    await manager.streams.purge(name, {
      filter: `${subjects.documents(cell, audience)}.${epoch}.*`,
    })
}

const consumerOf = async (connection: NatsConnection, cell: Cell) => {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_MS })
  await manager.consumers.add(streams.usage(cell), {
    durable_name: 'control',
    ack_policy: AckPolicy.Explicit,
    ack_wait: ACK_WAIT_MS * NANOS,
    max_ack_pending: 64,
  })
  return jetstream(connection).consumers.get(streams.usage(cell), 'control')
}

/** Batches, each by one copy of control; its receipt goes out when the transaction is done, and only then. */
const takeUsage = async (
  { nats, log, keyOf, takeUsage: take }: Carrying,
  connection: NatsConnection,
  cell: Cell,
  stopped: () => boolean,
) => {
  const consumer = await consumerOf(connection, cell)
  const messages = await consumer.consume({ max_messages: TAKEN_AT_ONCE })
  const takeOne = async (message: JsMsg) => {
    const batch = UsageBatch.safeParse(unsealed(keyOf(cell), message.subject, message.data))
    const gateway = message.subject.split('.').at(-1) ?? ''
    if (!batch.success || batch.data.gateway !== gateway) {
      log.error({ cell, gateway }, 'NATS brought usage that no gateway of the cell sent')
      return message.term()
    }
    const receipt = await take(cell, batch.data)
    const subject = subjects.receipts(cell, gateway)
    const { boot } = batch.data
    connection.publish(subject, sealed(keyOf(cell), subject, { boot, ...receipt }))
    message.ack()
  }
  const watching = setInterval(() => {
    if (stopped() || nats.connection() !== connection) void messages.close()
  }, 100)
  const underWay = new Set<Promise<void>>()
  try {
    for await (const message of messages) {
      const one: Promise<void> = takeOne(message)
        .catch((cause: unknown) => {
          // The gateway hears nothing and asks control itself, which says what is wrong.
          log.warn({ cause, cell }, 'usage that NATS brought was not taken')
          message.nak(AGAIN_MS)
        })
        .finally(() => underWay.delete(one))
      underWay.add(one)
      if (underWay.size >= TAKEN_AT_ONCE) await Promise.race(underWay)
    }
  } finally {
    clearInterval(watching)
    await Promise.all(underWay)
  }
}
