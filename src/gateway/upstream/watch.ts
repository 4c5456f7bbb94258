/** What is seen of a lane from outside of its calls: what is late or hangs in it, and how it stands. */
import { hangsAfterMs, CLASSES, type Lane } from './lane.ts'
import type { Upstream } from './scheduler.ts'

/** A lane as those see it who watch the house. */
export interface LaneState {
  readonly upstream: string
  readonly product: string
  /** Calls at once that it takes now. */
  readonly limit: number
  readonly ceiling: number
  readonly underWay: number
  /** By class, the most urgent first. */
  readonly waiting: readonly number[]
  readonly breaker: 'closed' | 'open' | 'half-open'
  /** Epoch milliseconds until which the bank's day leaves less room. */
  readonly quietUntilMs: number | null
}

/** Ends what is late, and tells the breaker what hangs. */
export const watch = (lane: Lane, nowMs: number, inTime: boolean): void => {
  let hanging = 0
  let of: string | null | undefined
  for (const seat of lane.seats) {
    const { asking, exchange } = seat
    if (!exchange) continue
    if (nowMs >= asking.untilMs) {
      exchange.giveUp('late')
      continue
    }
    // After a stall of our own, answers that are there have not been read yet.
    if (!inTime || nowMs - seat.sentMs < hangsAfterMs(lane, asking.operation.id)) continue
    if (seat.probe) {
      seat.probe = false
      lane.breaker.probeLost(nowMs, !asking.played)
    }
    if (asking.played) continue
    hanging++
    of = of === undefined || of === asking.partnerId ? asking.partnerId : null
  }
  if (of !== undefined) lane.breaker.hanging(hanging, of, nowMs)
}

export const stateOf = (upstream: Upstream, lane: Lane): LaneState => ({
  upstream: lane.upstream,
  product: lane.product,
  limit: lane.gradient.limit(),
  ceiling: upstream.day.ceiling,
  underWay: lane.seats.size,
  waiting: Array.from({ length: CLASSES }, (_, c) => lane.queue.waiting(c)),
  breaker: lane.breaker.state(),
  quietUntilMs: upstream.day.quietUntilMs,
})
