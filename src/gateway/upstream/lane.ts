/** One product of one upstream: its connections, how much it takes, who waits for it, whether it answers (G33). */
import { type Breaker, type BreakerState, openBreaker } from './breaker.ts'
import type { Carrier, Exchange } from './exchange.ts'
import { type FairQueue, openFairQueue, type Waiting } from './fair-queue.ts'
import { type Gradient, openGradient } from './gradient.ts'
import { openRetryBudget, type RetryBudget } from './retries.ts'

/** Payment status, payments, accounts with the customer present, accounts without, bulk (G34). */
export const CLASSES = 5

/** What a call is to the upstreams. */
export interface Asking {
  readonly operation: {
    readonly id: string
    readonly product: string
    readonly upstream: string
    readonly units: number
  }
  readonly partnerId: string
  /** 0 is the most urgent, CLASSES - 1 the least. */
  readonly priority: number
  /** By performance.now(): from then on nobody needs the answer. */
  readonly untilMs: number
  /** It asks the upstream to behave as it would on another day: what comes says nothing of how it is. */
  readonly played: boolean
}

/** A call's place among those that an upstream works on. */
export interface Seat {
  readonly lane: Lane
  readonly asking: Asking
  readonly partner: Present
  /** Whether the breaker waits for what becomes of it. */
  probe: boolean
  taken: boolean
  sentMs: number
  exchange: Exchange | undefined
}

/** A partner as far as it is in this lane now. */
export interface Present {
  readonly id: string
  seats: number
}

export interface InLine extends Waiting {
  readonly asking: Asking
  readonly give: (seat: Seat) => void
  readonly refuse: (because: Error) => void
}

/** A bound of its own: whatever becomes of the turns, `late` is done when the call's time is over (G15). */
export const inLine = (
  asking: Asking,
  { give, refuse }: Pick<InLine, 'give' | 'refuse'>,
  late: () => void,
): InLine => {
  const timer = setTimeout(late, asking.untilMs - performance.now())
  return {
    partnerId: asking.partnerId,
    priority: asking.priority,
    units: asking.operation.units,
    gone: false,
    asking,
    give: (seat) => {
      clearTimeout(timer)
      give(seat)
    },
    refuse: (because) => {
      clearTimeout(timer)
      refuse(because)
    },
  }
}

export interface Lane {
  readonly upstream: string
  readonly product: string
  /** Another one when a registered upstream gets another address or certificate. */
  carrier: Carrier
  readonly gradient: Gradient
  readonly breaker: Breaker
  readonly retries: RetryBudget
  readonly queue: FairQueue<InLine>
  readonly seats: Set<Seat>
  readonly present: Map<string, Present>
  /** What an answer takes, whatever the operation: for guessing how long a wait will be. */
  meanMs: number
}

export const FLOOR = 4
const START = 32
/** One partner's share of what the product takes: the rest stays for the others. */
const PARTNER_SHARE = 0.5
const PARTNER_MIN = 2
/** Partners that are remembered without being there, so that they need not be made again for each call. */
const PRESENT_MAX = 1_024

export const openLane = (
  place: { upstream: string; product: string; carrier: Carrier; ceiling: number },
  onBreaker: (state: BreakerState) => void,
): Lane => ({
  upstream: place.upstream,
  product: place.product,
  carrier: place.carrier,
  gradient: openGradient({ start: START, floor: FLOOR, ceiling: place.ceiling }),
  breaker: openBreaker(onBreaker),
  retries: openRetryBudget(),
  queue: openFairQueue<InLine>(CLASSES),
  seats: new Set(),
  present: new Map(),
  meanMs: 0,
})

export const presentIn = ({ present }: Lane, partnerId: string): Present => {
  const found = present.get(partnerId)
  if (found) return found
  if (present.size >= PRESENT_MAX)
    for (const { id, seats } of present.values()) if (seats === 0) present.delete(id)
  const fresh: Present = { id: partnerId, seats: 0 }
  present.set(partnerId, fresh)
  return fresh
}

export const partnerMax = (lane: Lane): number =>
  Math.max(PARTNER_MIN, Math.ceil(lane.gradient.limit() * PARTNER_SHARE))

export const hasRoom = (lane: Lane): boolean => lane.seats.size < lane.gradient.limit()

export const mayGo = (lane: Lane, partnerId: string): boolean =>
  (lane.present.get(partnerId)?.seats ?? 0) < partnerMax(lane)

/** How long a call that comes now would wait: behind the higher classes, and in turns with its own. */
export const waitMs = (lane: Lane, { partnerId, priority }: Asking): number => {
  const { queue } = lane
  let ahead = 0
  for (let c = 0; c < priority; c++) ahead += queue.waiting(c)
  const own = queue.ofPartner(partnerId) + 1
  ahead += Math.min(own * Math.max(1, queue.partnersIn(priority)), queue.waiting(priority) + 1)
  const all = ahead / Math.max(1, lane.gradient.limit())
  return Math.max(all, own / partnerMax(lane)) * lane.meanMs
}

const HANGS_TIMES_USUAL = 8
const HANGS_MS_MIN = 1_000
const HANGS_MS_MAX = 10_000
const HANGS_MS_UNKNOWN = 1_500

/** From when on a call without an answer counts against the upstream, long before its deadline. */
export const hangsAfterMs = (lane: Lane, operation: string): number => {
  const usual = lane.gradient.usualMs(operation)
  if (usual === undefined) return HANGS_MS_UNKNOWN
  return Math.min(HANGS_MS_MAX, Math.max(HANGS_MS_MIN, usual * HANGS_TIMES_USUAL))
}
