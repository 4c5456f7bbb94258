/** Where gateways lease what they may admit: two stores with one meaning, and the desk that sends many asks as one. */
import type { RateTerms } from './plan.ts'

export interface RateAsk {
  readonly key: string
  readonly terms: RateTerms
  /** Permits without which a grant is of no use. */
  readonly least: number
  /** Permits that it would take, at most. */
  readonly want: number
  /** Micro-permits that it admitted while the store was away: the bucket is charged for them first. */
  readonly owed: number
}

export interface RateGrant {
  readonly granted: number
  /** Micro-permits in the store's bucket afterwards; below zero while a debt is paid off. */
  readonly level: number
}

/** Buckets with the store's own time (G28). A key asks once at a time. */
export interface RateStore {
  readonly lease: (asks: readonly RateAsk[]) => Promise<readonly RateGrant[]>
}

export interface WindowAsk {
  readonly key: string
  readonly period: 'day' | 'month'
  readonly zone: string
  readonly limit: number
  readonly least: number
  readonly want: number
  /** Gateways that live: nobody takes more than its half of what is left. */
  readonly live: number
}

export interface WindowGrant {
  readonly granted: number
  /** What nobody holds of the window. */
  readonly left: number
  /** The window's first day, by its zone. */
  readonly starts: string
  readonly endsInMs: number
  /** How often this boot has returned permits of this window: the number of its next return. */
  readonly returns: number
}

export interface WindowReturn {
  readonly key: string
  readonly starts: string
  readonly returns: number
  readonly permits: number
}

/** Counters of calendar windows. Σ granted ≤ limit, whatever happens (G26). */
export interface WindowStore {
  readonly lease: (asks: readonly WindowAsk[]) => Promise<readonly WindowGrant[]>
  /** Each return is credited once: its number is used up with it. */
  readonly giveBack: (returns: readonly WindowReturn[]) => Promise<void>
}

/** Longest that a call waits for leases where nothing else is said: late is better than refused. */
export const PATIENCE_MS = 1_000
/** Longest that a lease may be on its way, in times of that: a store that is slow is not away, and what it grants late still helps. */
const ON_ITS_WAY = 1.5
/** Failures in a row after which the store counts as away, and how soon it is tried again. */
const FAILURES_MAX = 3
const RETRY_MS = 200
const BATCH_MAX = 200

export interface Desk<Ask, Grant> {
  /** One ask, made and sent with all others at the end of this turn. Rejects when the store does not answer in time. */
  ask(make: () => Ask): Promise<Grant>
  /** Whether the store is away: nobody waits for it then. */
  away(): boolean
  /** By the clock: when it last answered. */
  heardAtMs(): number
}

interface Waiting<Ask, Grant> {
  readonly make: () => Ask
  readonly resolve: (grant: Grant) => void
  readonly reject: (cause: unknown) => void
}

/** Batches asks, and is the breaker before the store: where it failed too often, one try in a while is let through. */
export const openDesk = <Ask, Grant>(
  lease: (asks: readonly Ask[]) => Promise<readonly Grant[]>,
  clock: () => number,
  patienceMs = PATIENCE_MS,
): Desk<Ask, Grant> => {
  let waiting: Waiting<Ask, Grant>[] = []
  let failures = 0
  let retryAtMs = 0
  let heardAtMs = clock()
  const away = () => failures >= FAILURES_MAX && clock() < retryAtMs

  const send = async (batch: readonly Waiting<Ask, Grant>[]) => {
    try {
      const grants = await within(ON_ITS_WAY * patienceMs, lease(batch.map((w) => w.make())))
      failures = 0
      heardAtMs = clock()
      batch.forEach(({ resolve, reject }, i) => {
        const grant = grants[i]
        if (grant === undefined) reject(new Error('the store answered less than it was asked'))
        else resolve(grant)
      })
    } catch (cause) {
      failures++
      retryAtMs = clock() + RETRY_MS
      for (const { reject } of batch) reject(cause)
    }
  }
  const flush = () => {
    const all = waiting
    waiting = []
    for (let i = 0; i < all.length; i += BATCH_MAX) void send(all.slice(i, i + BATCH_MAX))
  }

  return {
    away,
    heardAtMs: () => heardAtMs,
    ask: (make) => {
      const { promise, resolve, reject } = Promise.withResolvers<Grant>()
      // Of those who would try a store that is away, one does.
      if (failures >= FAILURES_MAX) retryAtMs = clock() + RETRY_MS
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ make, resolve, reject })
      return promise
    },
  }
}

const within = async <T>(ms: number, work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const tooLate = () => reject(new Error('the store did not answer in time'))
  // An answer that came while this process was busy is read before it is given up.
  const timer = setTimeout(() => setImmediate(tooLate), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
