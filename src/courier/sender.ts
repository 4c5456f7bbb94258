/**
 * Sends what is owed. One courier of a cell at a time: it holds a lock of the database and a term. Each endpoint has a
 * window, connections and a rate of its own, so that one which does not answer is waited for by nobody else.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Running } from '#platform/process.ts'
import { type Mailbox, openMailbox, type Said } from './attempt.ts'
import * as deliveries from './delivery-store.ts'
import { isOpen, isProbing } from './endpoint.ts'
import * as endpoints from './endpoint-store.ts'
import { payloadFor } from './event-versions.ts'
import type { Outside } from './outside.ts'
import type { Schedule } from './retry.ts'
import { healthOf, keepOutcomes, outcomeOf, type Settled } from './settlement.ts'
import { openKey, type SigningKey } from './signing-key.ts'
import { type Signer, signerOf, webhookHeaders } from './webhook-signature.ts'

export interface SenderWorld {
  readonly db: Postgres
  readonly outside: Outside
  readonly schedule: Schedule
  /** What the endpoints' keys are sealed under. */
  readonly sealingKey: Uint8Array
  readonly now: () => Temporal.Instant
  readonly log: Log
  /** 0 to 1: spreads what is tried again. */
  readonly chance: () => number
}

export interface Sender extends Running {
  /** Something is due. */
  nudge(): void
  /** An endpoint or its keys changed. */
  changed(): void
  readonly figures: {
    delivered(): number
    failed(): number
    underWay(): number
    waitingToBegin(): boolean
  }
}

/** Of one endpoint at a time. */
const CONNECTIONS = 8
/** Held in memory for one endpoint: enough that it never waits for the database. */
const WINDOW = 64
const PER_SECOND = 200
/** Held in memory in all. */
const HELD_MAX = 4_096
const LOOK_MS = 250
const REFRESH_MS = 1_000
/** How long a stop waits for what is under way; what is cut off is sent again. */
const PATIENCE_MS = 1_000
const UNKEPT_MS = 5_000
const SETTLE_MS = 10
const SETTLE_MAX = 256
/** Heard and not kept yet: above that nothing more is sent, since all of it would be sent again by the next courier. */
const UNKEPT_MAX = 1_024

/** An endpoint while it is sent to. */
interface Lane {
  endpoint: endpoints.Endpoint
  readonly mailbox: Mailbox
  signers: readonly Signer[]
  readonly waiting: deliveries.Due[]
  underWay: number
  /** Token bucket. */
  tokens: number
  filledAtMs: number
}

export const startSender = (world: SenderWorld): Sender => {
  const { db, log, now } = world
  const lanes = new Map<string, Lane>()
  const held = new Set<bigint>()
  let settled: Settled[] = []
  let keeping = 0
  let term: bigint | undefined
  let stopped = false
  let wake = () => {}
  let nudged = false
  let delivered = 0
  let failures = 0
  let refreshed = -Infinity

  const nudge = () => {
    nudged = true
    wake()
  }
  const changed = () => {
    refreshed = -Infinity
    nudge()
  }
  const pause = async (ms: number) => {
    if (nudged) {
      nudged = false
      return
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    nudged = false
  }

  /** Null: it does not open, and was said once. */
  const opened = new Map<string, Signer | null>()
  const signerFor = (key: SigningKey): Signer | [] => {
    const known = opened.get(key.id)
    if (known !== undefined) return known ?? []
    const text = openKey(key.sealed, world.sealingKey, key.id)
    const signer = text === undefined ? null : signerOf(text)
    if (!signer)
      log.error(
        { endpoint: key.endpointId, key: key.id },
        'a key does not open: was the courier’s sealing key lost? Nothing is sent with it',
      )
    opened.set(key.id, signer)
    return signer ?? []
  }

  /** Endpoints and keys as they are now. One whose address changed gets new connections. */
  const refresh = async () => {
    const listed = await endpoints.listSending(db, now())
    const keys = await endpoints.signingKeys(
      db,
      listed.map((e) => e.id),
      now(),
    )
    const signers = Map.groupBy(keys, (key) => key.endpointId)
    for (const id of opened.keys()) if (!keys.some((key) => key.id === id)) opened.delete(id)
    const sending = new Map(listed.map((e) => [e.id, e]))
    for (const [id, lane] of lanes) {
      if (sending.get(id)?.url === lane.endpoint.url) continue
      lanes.delete(id)
      for (const { deliveryId } of lane.waiting.splice(0)) held.delete(deliveryId)
      void lane.mailbox.close()
    }
    for (const endpoint of listed) {
      const signing = (signers.get(endpoint.id) ?? []).flatMap(signerFor)
      if (signing.length === 0) continue
      const lane = lanes.get(endpoint.id)
      if (lane) {
        lane.endpoint = { ...endpoint, ...healthOf(lane.endpoint) }
        lane.signers = signing
      } else
        lanes.set(endpoint.id, {
          endpoint,
          mailbox: openMailbox(world.outside, endpoint.url, CONNECTIONS),
          signers: signing,
          waiting: [],
          underWay: 0,
          tokens: PER_SECOND,
          filledAtMs: performance.now(),
        })
    }
    refreshed = performance.now()
  }

  const roomOf = (lane: Lane, at: Temporal.Instant): number => {
    if (isOpen(lane.endpoint, at)) return 0
    const mine = lane.waiting.length + lane.underWay
    // One finds out whether the circuit still has to be open.
    return isProbing(lane.endpoint, at) ? Math.max(1 - mine, 0) : Math.max(WINDOW - mine, 0)
  }

  /** Takes what is due into the windows; answers how much it was. */
  const take = async (): Promise<number> => {
    const at = now()
    const rooms = [...lanes.values()]
      .map((lane) => ({ endpointId: lane.endpoint.id, room: roomOf(lane, at) }))
      // A window is filled when it is half empty: looking for each place would be a question for each delivery.
      .filter(({ room }) => room === 1 || room > WINDOW / 2)
    if (rooms.length === 0 || held.size >= HELD_MAX) return 0
    const found = await deliveries.due(db, rooms, [...held], at)
    for (const delivery of found) {
      const lane = lanes.get(delivery.endpointId)
      if (!lane) continue
      held.add(delivery.deliveryId)
      lane.waiting.push(delivery)
    }
    return found.length
  }

  const pump = (lane: Lane): void => {
    const nowMs = performance.now()
    const grown = ((nowMs - lane.filledAtMs) / 1_000) * PER_SECOND
    lane.tokens = Math.min(PER_SECOND, lane.tokens + grown)
    lane.filledAtMs = nowMs
    while (
      lane.underWay < CONNECTIONS &&
      lane.tokens >= 1 &&
      settled.length + keeping < UNKEPT_MAX &&
      term !== undefined &&
      !stopped
    ) {
      if (isOpen(lane.endpoint, now())) {
        // What waited here is left in the database, where it is found when the circuit closes.
        for (const { deliveryId } of lane.waiting.splice(0)) held.delete(deliveryId)
        return
      }
      const delivery = lane.waiting.shift()
      if (!delivery) return
      lane.tokens -= 1
      lane.underWay += 1
      void send(lane, delivery)
    }
  }

  const send = async (lane: Lane, delivery: deliveries.Due): Promise<void> => {
    const at = now()
    const body = JSON.stringify(payloadFor(delivery, lane.endpoint.version))
    const headers = {
      ...webhookHeaders(lane.signers, { id: delivery.id, at, body }),
      ...(delivery.replay && { 'webhook-replay': '1' }),
    }
    const said: Said = await lane.mailbox.post(headers, body)
    lane.underWay -= 1
    const outcome = outcomeOf(
      { delivery, endpoint: lane.endpoint, said, at, now: now(), chance: world.chance() },
      world.schedule,
    )
    if (outcome.verdict.means === 'delivered') delivered += 1
    else failures += 1
    lane.endpoint = { ...lane.endpoint, ...outcome.health }
    settled.push(outcome)
    if (settled.length >= SETTLE_MAX) void flush()
    else timer ??= setTimeout(() => void flush(), SETTLE_MS)
    pump(lane)
    if (lane.waiting.length < WINDOW / 4) nudge()
  }

  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()
  /** One batch after another, so that what is known of an endpoint is kept in the order in which it was learnt. */
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    flushing = flushing.then(async () => {
      const batch = settled
      settled = []
      if (batch.length === 0) return
      keeping = batch.length
      try {
        if (term !== undefined) await keepOutcomes(world, term, batch)
      } catch (cause) {
        log.error(
          { cause, deliveries: batch.length },
          'answers were not kept; these are sent again',
        )
        // Not at once: what cannot be kept would otherwise be sent again and again.
        if (!stopped) await sleep(UNKEPT_MS)
      }
      keeping = 0
      for (const { delivery } of batch) held.delete(delivery.deliveryId)
      for (const lane of lanes.values()) pump(lane)
      if (batch.some(({ verdict, delivery }) => verdict.means === 'gone' || delivery.lane !== null))
        nudge()
      if (batch.some(({ verdict, givenUp }) => verdict.means === 'gone' || givenUp)) changed()
    })
    return flushing
  }

  /** Sends for as long as the term runs. Throws when the database is away. */
  const sendFor = async (stillMine: () => Promise<void>): Promise<void> => {
    while (!stopped) {
      if (performance.now() - refreshed > REFRESH_MS) {
        await stillMine()
        await refresh()
      }
      const found = await take()
      for (const lane of lanes.values()) pump(lane)
      if (found === 0 || held.size >= HELD_MAX) await pause(LOOK_MS)
      else await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  const letGo = async () => {
    const endsMs = performance.now() + PATIENCE_MS
    while (performance.now() < endsMs && [...lanes.values()].some((lane) => lane.underWay > 0))
      await sleep(20)
    await flush()
    term = undefined
    await Promise.all([...lanes.values()].map((lane) => lane.mailbox.close()))
    await flush()
    lanes.clear()
    held.clear()
    refreshed = -Infinity
  }

  const run = async () => {
    while (!stopped) {
      try {
        await db.transaction(async (tx) => {
          // The lock falls with the connection: who dies makes way at once.
          while (!(await endpoints.tryToSend(tx))) {
            if (stopped) return
            await pause(LOOK_MS)
          }
          term = await endpoints.beginTerm(db)
          log.info({ term: String(term) }, 'this courier sends')
          await sendFor(async () => void (await tx.run`select 1`))
        })
      } catch (cause) {
        if (!stopped) log.warn({ cause }, 'nothing can be sent now; the courier tries again')
      }
      await letGo()
      if (!stopped) await pause(LOOK_MS)
    }
  }
  const running = run()

  return {
    nudge,
    changed,
    figures: {
      delivered: () => delivered,
      failed: () => failures,
      underWay: () => held.size,
      waitingToBegin: () => term === undefined,
    },
    stop: async () => {
      stopped = true
      nudge()
      await running
    },
  }
}
