/**
 * The way to the cell's bank and vault, and what protects them (G33–G37, G64–G67). Each product of each upstream is a
 * lane of its own: connections, a limit that follows what the upstream takes well, a fair queue, a breaker. So a
 * product that hangs holds up no other, and a partner that asks for everything leaves room for the rest.
 */
import { type Problem, problem } from '#kernel/problem.ts'
import type { Log } from '#platform/log.ts'
import type { Calendar } from './calendar.ts'
import {
  Exchange,
  ExchangeFailed,
  ForeignAnswer,
  type UpstreamAnswer,
  type UpstreamRequest,
} from './exchange.ts'
import { openDay } from './day.ts'
import { ownWay, type Way, type Ways } from './way.ts'
import {
  type Asking,
  inLine,
  type Lane,
  openLane,
  partnerMax,
  presentIn,
  type Seat,
  waitMs,
} from './lane.ts'
import { nextInLine, openUpstream, roomIn, type Upstream } from './scheduler.ts'
import { type LaneState, stateOf, watch } from './watch.ts'

export { ExchangeFailed } from './exchange.ts'
export type { UpstreamAnswer, UpstreamRequest } from './exchange.ts'
export type { Asking, Seat } from './lane.ts'
export type { LaneState } from './watch.ts'

export const coreProtected = problem(
  'gateway/core-protected',
  503,
  'The bank’s core system is at its limit',
)
export const upstreamUnavailable = problem(
  'gateway/upstream-unavailable',
  503,
  'A part behind the gateway is not answering',
)
export const upstreamFailed = problem(
  'gateway/upstream-failed',
  502,
  'A part behind the gateway gave no usable answer',
)
export const deadlinePassed = problem('gateway/deadline', 504, 'The answer took too long')
/** Nobody hears it; it stands in the log and in the record of usage. */
export const callerGone = problem('gateway/caller-gone', 499, 'The caller hung up')

/** The caller's connection, as far as we watch it. */
export interface Wire {
  readonly gone: boolean
  /** Done when it goes. */
  whenGone: (() => void) | undefined
}

export interface Upstreams {
  /**
   * A place among the calls under way: at once where there is room, else in turn. Throws, or rejects with,
   * `gateway/core-protected`, `gateway/upstream-unavailable` or `gateway/deadline`. Whoever has one leaves it.
   */
  admit(asking: Asking, wire?: Wire): Seat | Promise<Seat>
  /**
   * Throws `ExchangeFailed`. Where `repeatable`, it may be sent a second time, and ends with its connection when the
   * caller hangs up; else what was sent is seen through, and sent once.
   */
  ask(
    seat: Seat,
    request: UpstreamRequest,
    repeatable: boolean,
    wire?: Wire,
  ): Promise<UpstreamAnswer>
  leave(seat: Seat): void
  /** Takes over the systems that are registered now; calls under way end on the connections that they have. */
  follow(registered: Ways): void
  state(): LaneState[]
  close(): Promise<void>
}

export interface Protection {
  readonly sockets: Readonly<Record<'bank' | 'vault', string>>
  /** Calls of one product at once, at most. */
  readonly ceiling: number
  readonly calendar: Calendar
  readonly now: () => Temporal.Instant
  readonly log: Log
}

const WAITING_MAX = 1_024
const WAITING_OF_PARTNER_MAX = 64
const TICK_MS = 50
/** Before it looks again whether the bank's day has changed. */
const CALENDAR_EVERY_MS = 1_000

export const openUpstreams = (protection: Protection): Upstreams => {
  const { sockets, log, now } = protection
  const quietNever = () => openDay(protection.ceiling, () => null)
  const upstreams = new Map<string, Upstream>([
    [
      'bank',
      openUpstream('bank', openDay(protection.ceiling, protection.calendar), ownWay(sockets.bank)),
    ],
    ['vault', openUpstream('vault', quietNever(), ownWay(sockets.vault))],
  ])
  let ticking: NodeJS.Timeout | undefined
  let tickedMs = 0
  let followedMs = Number.NEGATIVE_INFINITY
  let lateMs = 0

  const laneOf = (upstream: Upstream, product: string): Lane => {
    if (!upstream.open) throw upstreamUnavailable('it is no longer registered')
    const found = upstream.lanes.get(product)
    if (found) return found
    const { ceiling } = protection
    const place = {
      upstream: upstream.name,
      product,
      carrier: upstream.open.carrier(ceiling),
      ceiling,
    }
    const lane: Lane = openLane(place, (breaker) => {
      log.warn({ upstream: upstream.name, product, breaker }, 'a circuit breaker changed')
      if (breaker === 'open') dismiss(upstream, lane)
    })
    lane.gradient.bound(upstream.day.ceiling)
    upstream.lanes.set(product, lane)
    return lane
  }

  const upstreamOf = (name: string): Upstream => {
    const found = upstreams.get(name)
    if (!found) throw upstreamUnavailable(`no system is registered as ${name}`)
    return found
  }

  /** From now on by another way, or by none; what is under way ends on the connections that it has. */
  const turn = (upstream: Upstream, way: Way | undefined) => {
    upstream.open = way
    for (const [product, lane] of upstream.lanes) {
      lane.carrier
        .close()
        .catch((cause: unknown) => log.warn({ cause }, 'connections did not close'))
      if (way) lane.carrier = way.carrier(protection.ceiling)
      else {
        dismiss(upstream, lane)
        upstream.lanes.delete(product)
      }
    }
  }

  const retryAfter = (upstream: Upstream, seconds: number) => {
    const quiet = upstream.day.quietUntilMs === null ? 0 : upstream.day.quietUntilMs - wallMs()
    // Spread a little: those who were refused together do not come back together (S59).
    const wait = quiet > 0 ? Math.ceil(quiet / 1000) : seconds + Math.floor(Math.random() * 2)
    return { 'retry-after': String(wait) }
  }
  const wallMs = () => now().epochMilliseconds

  /** Nobody waits for what does not answer, or is closed. */
  const dismiss = (upstream: Upstream, lane: Lane, because: typeof away | typeof shut = away) => {
    const waiting = lane.queue.drain()
    upstream.waiting -= waiting.length
    for (const item of waiting) item.refuse(because(upstream, 1))
  }
  const away = (upstream: Upstream, seconds: number) =>
    upstreamUnavailable('it did not answer lately and is left alone for a moment', {
      headers: retryAfter(upstream, seconds),
    })
  const shut = (upstream: Upstream, seconds: number) =>
    coreProtected('it is closed at this time', { headers: retryAfter(upstream, seconds) })

  const seat = (upstream: Upstream, lane: Lane, asking: Asking, probe: boolean): Seat => {
    const partner = presentIn(lane, asking.partnerId)
    const taken: Seat = {
      lane,
      asking,
      partner,
      probe,
      taken: true,
      sentMs: 0,
      exchange: undefined,
    }
    partner.seats++
    upstream.seats++
    lane.seats.add(taken)
    ticking ??= startTicking()
    return taken
  }

  const line = (upstream: Upstream, lane: Lane, asking: Asking, wire?: Wire): Promise<Seat> => {
    const { queue } = lane
    if (queue.size >= WAITING_MAX || queue.ofPartner(asking.partnerId) >= WAITING_OF_PARTNER_MAX)
      throw coreProtected('too many calls wait for it already', {
        headers: retryAfter(upstream, 1),
      })
    const wait = waitMs(lane, asking)
    const needed = wait + (lane.gradient.usualMs(asking.operation.id) ?? 0)
    if (performance.now() + needed > asking.untilMs)
      throw coreProtected('it would not be this call’s turn in time', {
        headers: retryAfter(upstream, Math.ceil(wait / 1000)),
      })
    return new Promise((give, refuse) => {
      const leave = (because: Problem) => {
        if (!item.gone) {
          queue.leave(item)
          upstream.waiting--
        }
        item.refuse(because)
      }
      const item = inLine(asking, { give, refuse }, () =>
        leave(deadlinePassed('its turn did not come in time; nothing was done')),
      )
      queue.push(item)
      upstream.waiting++
      watching(wire, () => leave(callerGone('while it waited; nothing was done')))
      serveWaiting(upstream)
    })
  }

  /** Gives out what room there is. */
  const serveWaiting = (upstream: Upstream) => {
    for (let next = nextInLine(upstream); next; next = nextInLine(upstream)) {
      const { lane, item } = next
      const usual = lane.gradient.usualMs(item.asking.operation.id) ?? 0
      if (performance.now() + usual > item.asking.untilMs)
        item.refuse(deadlinePassed('its turn came too late; nothing was done'))
      else item.give(seat(upstream, lane, item.asking, false))
    }
  }

  const heard = (taken: Seat, answer: UpstreamAnswer) => {
    const { lane, asking } = taken
    const nowMs = performance.now()
    const { partnerId, operation } = asking
    if (asking.played || answer.played) return heardPlay(taken, answer, nowMs)
    // A 503 with a time to come back is the upstream speaking; another 5xx is the upstream failing.
    const itsOwn = answer.status >= 500 && answer.retryAfterSeconds === undefined
    if (itsOwn) lane.breaker.failed(partnerId, nowMs)
    else lane.breaker.served(partnerId, nowMs)
    taken.probe = false
    if (answer.status < 500) measured(lane, operation.id, nowMs - taken.sentMs, nowMs)
    const upstream = upstreamOf(lane.upstream)
    if (upstream.day.heard(operation.id, answer, wallMs)) followDay(upstream)
  }
  /** How the upstream was asked to be says nothing of how it is; but a probe that it answered, it answered. */
  const heardPlay = (taken: Seat, { status }: UpstreamAnswer, nowMs: number) => {
    if (!taken.probe || status >= 500) return
    taken.probe = false
    taken.lane.breaker.served(taken.asking.partnerId, nowMs)
  }
  const measured = (lane: Lane, operation: string, tookMs: number, nowMs: number) => {
    // What our own loop was late is not the upstream's slowness.
    const ms = Math.max(0, tookMs - lateMs)
    lane.meanMs += (ms - lane.meanMs) * (lane.meanMs === 0 ? 1 : 0.05)
    lane.gradient.answered(operation, ms, lane.seats.size, nowMs)
  }
  const missed = (taken: Seat, error: ExchangeFailed) => {
    const { lane, asking } = taken
    const nowMs = performance.now()
    const foreign = error.cause instanceof ForeignAnswer
    if (foreign)
      log.error(
        { upstream: lane.upstream, product: lane.product, operation: asking.operation.id },
        'an answer was another call’s: the connection was ended, the answer withheld',
      )
    // Late because it was asked to be.
    if (error.why === 'late' && asking.played) return
    if (error.why === 'late') {
      if (error.sent) measured(lane, asking.operation.id, nowMs - taken.sentMs, nowMs)
      lane.breaker.failed(asking.partnerId, nowMs)
    } else if (error.why === 'abandoned') {
      if (taken.probe) lane.breaker.probeLost(nowMs, false)
    } else if (error.why === 'unusable' && !foreign) lane.breaker.served(asking.partnerId, nowMs)
    else lane.breaker.failed(asking.partnerId, nowMs)
    taken.probe = false
  }

  const followDay = (upstream: Upstream) => {
    upstream.day.follow(wallMs())
    for (const lane of upstream.lanes.values()) {
      lane.gradient.bound(upstream.day.ceiling)
      if (upstream.day.ceiling === 0) dismiss(upstream, lane, shut)
    }
  }
  const followDays = (nowMs: number) => {
    if (nowMs - followedMs < CALENDAR_EVERY_MS) return
    followedMs = nowMs
    for (const upstream of upstreams.values()) followDay(upstream)
  }

  /** Deadlines, what hangs, the bank's day. Runs while calls are under way, or wait. */
  const startTicking = () => {
    tickedMs = performance.now()
    return setInterval(tick, TICK_MS).unref()
  }
  const tick = () => {
    const nowMs = performance.now()
    lateMs = Math.max(0, nowMs - tickedMs - TICK_MS)
    tickedMs = nowMs
    followDays(nowMs)
    let busy = false
    for (const upstream of upstreams.values()) {
      for (const lane of upstream.lanes.values()) watch(lane, nowMs, lateMs < TICK_MS)
      serveWaiting(upstream)
      busy ||= upstream.seats > 0 || upstream.waiting > 0
    }
    if (busy) return
    clearInterval(ticking)
    ticking = undefined
    lateMs = 0
  }

  return {
    admit: (asking, wire) => {
      const upstream = upstreamOf(asking.operation.upstream)
      const nowMs = performance.now()
      followDays(nowMs)
      const lane = laneOf(upstream, asking.operation.product)
      if (upstream.day.ceiling === 0) throw shut(upstream, 1)
      const may = lane.breaker.ask(nowMs)
      if (typeof may === 'number') throw away(upstream, Math.ceil(may / 1000))
      if (may === 'probe') return seat(upstream, lane, asking, true)
      if (
        lane.queue.size === 0 &&
        roomIn(upstream, lane) &&
        presentIn(lane, asking.partnerId).seats < partnerMax(lane)
      )
        return seat(upstream, lane, asking, false)
      return line(upstream, lane, asking, wire)
    },
    ask: async (taken, request, repeatable, wire) => {
      const { lane } = taken
      lane.retries.asked()
      for (;;) {
        taken.sentMs = performance.now()
        const exchange = new Exchange(lane.carrier, request)
        taken.exchange = exchange
        watching(wire, repeatable ? () => exchange.giveUp('abandoned') : undefined)
        try {
          const answer = await exchange.answer
          heard(taken, answer)
          return answer
        } catch (error) {
          if (!(error instanceof ExchangeFailed)) throw error
          missed(taken, error)
          const again = error.why === 'unreachable' || (error.why === 'broken' && repeatable)
          if (!again || lane.breaker.state() !== 'closed' || !lane.retries.again()) throw error
        } finally {
          if (wire) wire.whenGone = undefined
        }
      }
    },
    leave: (taken) => {
      if (!taken.taken) return
      taken.taken = false
      const { lane, partner } = taken
      const upstream = upstreamOf(lane.upstream)
      if (taken.probe) lane.breaker.probeLost(performance.now(), false)
      partner.seats--
      upstream.seats--
      lane.seats.delete(taken)
      if (upstream.waiting > 0) serveWaiting(upstream)
    },
    follow: (registered) => {
      for (const [name, upstream] of upstreams)
        if (upstream.open?.digest !== null && !registered.has(name)) turn(upstream, undefined)
      for (const [name, way] of registered) {
        const known = upstreams.get(name)
        if (!known) upstreams.set(name, openUpstream(name, quietNever(), way))
        else if (known.open?.digest !== way.digest) turn(known, way)
      }
    },
    state: () =>
      [...upstreams.values()].flatMap((upstream) =>
        [...upstream.lanes.values()].map((lane) => stateOf(upstream, lane)),
      ),
    close: async () => {
      clearInterval(ticking)
      const lanes = [...upstreams.values()].flatMap((u) => [...u.lanes.values()])
      await Promise.all(lanes.map(({ carrier }) => carrier.close()))
    },
  }
}

/** From now on `then` is done when the caller hangs up; at once, if it already has. */
const watching = (wire: Wire | undefined, then: (() => void) | undefined): void => {
  if (!wire) return
  wire.whenGone = then
  if (wire.gone) then?.()
}
