/** A cell's end of the line over NATS: what control says, whole documents, and usage with its receipt. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Link } from './control-doors.ts'
import { type Bytes, LinkLine } from './link-words.ts'
import type { Log } from './log.ts'
import type { Nats } from './nats.ts'
import { Beat, NatsReceipt, sealed, streams, subjects, unsealed } from './nats-words.ts'
import type { Audience, Revocation } from './publication.ts'
import { peerUnavailable } from './rpc.ts'

/** Beats come twice a second. One that was held back on its way says nothing of now. */
const UNHEARD_MS = 1_500
const LATE_MS = 5_000
const RETRY_MS = 500
const PART_MS = 5_000
const PUBLISH_MS = 2_000
/** A transaction of control takes well under a second; where none answers, control is asked itself. */
const RECEIPT_MS = 5_000
/** After a batch that found no receipt, so long no other one tries. */
const REST_MS = 10_000

export interface NatsLines {
  /** Whether control was heard a moment ago, and no revocation is missing, for at least so long. */
  hears(steadyMs?: number): boolean
  /** A revocation that came another way. */
  held(revocation: Revocation): void
  /** The bytes of a document; undefined where NATS does not have them whole. */
  document(epoch: number): Promise<Bytes | undefined>
  stop(): Promise<void>
}

/** Which live revocations are held: control counts its own, and the numbers must be the same. */
const openHeld = () => {
  const expiresMs = new Map<number, number>()
  return {
    add: ({ source, seq, expiresAt }: Revocation) => {
      if (source === 'control') expiresMs.set(seq, Date.parse(expiresAt))
    },
    whole: ({ at, upTo, live }: Beat): boolean => {
      const atMs = Date.parse(at)
      let count = 0
      for (const [seq, endsMs] of expiresMs)
        if (endsMs <= atMs) expiresMs.delete(seq)
        else if (seq <= upTo) count++
      return count === live
    },
  }
}

export const followOverNats = (options: {
  nats: Nats
  link: Link
  audience: Audience
  log: Log
  onLine: (line: LinkLine) => void
  /** Control was heard, and nothing is missing. */
  onHeard: () => void
  now?: () => number
}): NatsLines => {
  const { nats, link, audience, log } = options
  const { cell, key } = link
  const now = options.now ?? Date.now
  const held = openHeld()
  let stopped = false
  let heardAtMs = -Infinity
  let wholeSinceMs = Infinity
  let lastBeat: Beat | undefined

  const hear = (subject: string, data: Uint8Array) => {
    const line = LinkLine.safeParse(unsealed(key, subject, data))
    if (!line.success)
      return log.error({ subject }, 'NATS brought a line that control did not write; it is dropped')
    if (line.data.type === 'revocation') held.add(line.data.revocation)
    options.onLine(line.data)
  }
  const hearBeat = (subject: string, data: Uint8Array) => {
    const beat = Beat.safeParse(unsealed(key, subject, data))
    if (!beat.success)
      return log.error({ subject }, 'NATS brought a beat that control did not make; it is dropped')
    const { at, epoch } = beat.data
    const ageMs = now() - Date.parse(at)
    // Several copies of control beat; one that is told again, or late, proves nothing.
    if (Math.abs(ageMs) > LATE_MS || (lastBeat && at <= lastBeat.at)) return
    lastBeat = beat.data
    if (epoch > 0) options.onLine({ type: 'epoch', epoch })
    if (!held.whole(beat.data)) {
      wholeSinceMs = Infinity
      return
    }
    heardAtMs = performance.now()
    wholeSinceMs = Math.min(wholeSinceMs, heardAtMs)
    options.onHeard()
  }
  const hears = (steadyMs = 0) => {
    const nowMs = performance.now()
    if (nats.connection() === undefined || nowMs - heardAtMs > UNHEARD_MS) wholeSinceMs = Infinity
    return nowMs - wholeSinceMs >= steadyMs
  }

  /** Until this connection ends: beats as they come, and all lines that the stream still has. */
  const listen = async (connection: NatsConnection) => {
    const beats = connection.subscribe(subjects.beats(cell, audience), {
      callback: (error, message) => {
        if (!error) hearBeat(message.subject, message.data)
      },
    })
    try {
      const consumer = await jetstream(connection).consumers.get(streams.lines(cell), {
        filter_subjects: subjects.lines(cell, audience),
        deliver_policy: DeliverPolicy.All,
      })
      const messages = await consumer.consume()
      const watching = setInterval(() => {
        if (stopped || nats.connection() !== connection) void messages.close()
      }, RETRY_MS)
      try {
        for await (const message of messages) hear(message.subject, message.data)
      } finally {
        clearInterval(watching)
      }
    } finally {
      beats.unsubscribe()
    }
  }
  const run = async () => {
    while (!stopped) {
      const connection = nats.connection()
      if (connection)
        await listen(connection).catch((cause: unknown) => {
          if (!stopped)
            log.debug({ cause: (cause as Error).message }, 'NATS has no lines; control is asked')
        })
      await sleep(RETRY_MS)
    }
  }
  const running = run()

  return {
    hears,
    held: (revocation) => held.add(revocation),
    document: async (epoch) => {
      const connection = nats.connection()
      if (!connection || lastBeat?.epoch !== epoch || lastBeat.parts === 0) return undefined
      const { parts } = lastBeat
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: PART_MS })
      const bytes: Uint8Array[] = []
      for (let part = 0; part < parts; part++) {
        const message = await manager.streams.getMessage(streams.documents(cell), {
          last_by_subj: subjects.part(cell, audience, epoch, part),
        })
        if (!message) return undefined
        bytes.push(message.data)
      }
      return new Uint8Array(Buffer.concat(bytes))
    },
    stop: async () => {
      stopped = true
      await running
    },
  }
}

/** What is known of a batch on its way. */
interface Sendable {
  readonly gateway: string
  readonly boot: string
  readonly records: readonly { readonly seq: number }[]
}

/**
 * The stream's word that it has a batch is no receipt: JetStream answers before its disk has it. Only control's own word,
 * of a transaction that is done, lets the spool forget; a batch that comes twice is counted once there.
 */
export const usageOverNats = (nats: Nats, link: Link, gateway: string) => {
  const { cell, key } = link
  const waiting = new Map<string, { last: number; resolve: (seq: number) => void }>()
  let restUntilMs = 0
  let listening: NatsConnection | undefined

  const listen = (connection: NatsConnection) => {
    if (listening === connection) return
    listening = connection
    // The client asks again for what it listened to after each cut.
    connection.subscribe(subjects.receipts(cell, gateway), {
      callback: (error, message) => {
        if (error) return
        const receipt = NatsReceipt.safeParse(unsealed(key, message.subject, message.data))
        const wanted = receipt.success ? waiting.get(receipt.data.boot) : undefined
        if (receipt.success && wanted && receipt.data.seq >= wanted.last)
          wanted.resolve(receipt.data.seq)
      },
    })
  }
  /** Answers control's receipt; throws `platform/peer-unavailable` where none came. */
  return async ({ boot, records, ...rest }: Sendable): Promise<unknown> => {
    const connection = nats.connection()
    if (!connection || performance.now() < restUntilMs) throw peerUnavailable('NATS is away')
    listen(connection)
    const last = records.at(-1)?.seq ?? 0
    const subject = subjects.usage(cell, gateway)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    promise.catch(() => {})
    waiting.set(boot, { last, resolve })
    const late = setTimeout(() => reject(peerUnavailable('no receipt came')), RECEIPT_MS)
    try {
      await jetstream(connection).publish(
        subject,
        sealed(key, subject, { ...rest, boot, records }),
        { timeout: PUBLISH_MS },
      )
      return { seq: await promise }
    } catch (cause) {
      restUntilMs = performance.now() + REST_MS
      throw peerUnavailable('NATS brought no receipt', { cause })
    } finally {
      clearTimeout(late)
      waiting.delete(boot)
    }
  }
}
