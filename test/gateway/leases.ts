/** A store of leases in memory, with a clock of its own: the arithmetic of the real ones, written a third time. */
import type {
  Desk,
  RateAsk,
  RateGrant,
  RateStore,
  WindowAsk,
  WindowGrant,
  WindowReturn,
} from '#gateway/limits/store.ts'
import { type LimitsOptions, openLimits } from '#gateway/limits/limits.ts'
import { MICRO, openPlans } from '#gateway/limits/plan.ts'
import { LimitPolicy } from '#gateway/limits/policy.ts'
import type { Limited, Limits } from '#gateway/snapshot.ts'

export interface ModelRates extends RateStore {
  grant(ask: RateAsk): RateGrant
  /** A new primary: it knows the buckets of `since` or none, and starts them empty (G27). */
  failOver(keep: 'stale' | 'nothing'): void
}

interface ModelBucket {
  level: number
  atMs: number
}

export const modelRates = (clock: () => number): ModelRates => {
  let buckets = new Map<string, ModelBucket>()
  let replica = new Map<string, ModelBucket>()
  let epochMs = Number.NEGATIVE_INFINITY
  const grant = ({ key, terms, least, want, owed }: RateAsk): RateGrant => {
    const nowMs = clock()
    const perMs = terms.microPerSecond / 1_000
    const held = buckets.get(key) ?? { level: terms.capacity, atMs: nowMs }
    const most = Math.min(terms.capacity, Math.floor((nowMs - epochMs) * perMs))
    const gained = held.level + Math.floor((nowMs - held.atMs) * perMs)
    let level = Math.min(most, Math.max(Math.min(most, gained) - owed, -terms.capacity))
    const granted = level >= least * MICRO ? Math.min(want, Math.floor(level / MICRO)) : 0
    level -= granted * MICRO
    // The replica hears of every second grant only.
    if (Math.random() < 0.5) replica.set(key, { ...held })
    buckets.set(key, { level, atMs: nowMs })
    return { granted, level }
  }
  return {
    grant,
    lease: async (asks) => asks.map(grant),
    failOver: (keep) => {
      buckets = keep === 'stale' ? new Map(replica) : new Map()
      replica = new Map()
      epochMs = clock()
    },
  }
}

/** Days of 24 hours from zero; nothing is lost and nothing returned twice. */
export const modelWindows = (clock: () => number) => {
  const granted = new Map<string, number>()
  return {
    granted,
    lease: async (asks: readonly WindowAsk[]): Promise<WindowGrant[]> =>
      asks.map(({ key, limit, least, want, live }) => {
        const day = Math.floor(clock() / 86_400_000)
        const starts = `day-${day}`
        const used = granted.get(`${key} ${starts}`) ?? 0
        const left = Math.max(0, limit - used)
        const given =
          left < least ? 0 : Math.min(want, Math.max(least, Math.floor(left / (2 * live))))
        granted.set(`${key} ${starts}`, used + given)
        const endsInMs = (day + 1) * 86_400_000 - clock()
        return { granted: given, left: left - given, starts, endsInMs, returns: 0 }
      }),
    giveBack: async (returns: readonly WindowReturn[]) => {
      for (const { key, starts, permits } of returns)
        granted.set(`${key} ${starts}`, (granted.get(`${key} ${starts}`) ?? 0) - permits)
    },
  }
}

/** A desk without a turn's delay, and whose store can be taken away. */
export const modelDesk = <Ask, Grant>(
  lease: (asks: readonly Ask[]) => Promise<readonly Grant[]>,
  clock: () => number,
): Desk<Ask, Grant> & { setAway(away: boolean): void; asked(): number } => {
  let isAway = false
  let heardAtMs = clock()
  let asked = 0
  return {
    setAway: (away) => (isAway = away),
    asked: () => asked,
    away: () => isAway,
    heardAtMs: () => heardAtMs,
    ask: async (make) => {
      asked++
      if (isAway) throw new Error('the store is away')
      const [grant] = await lease([make()])
      if (grant === undefined) throw new Error('the store has no answer')
      heardAtMs = clock()
      return grant
    },
  }
}

/** Limits over stores in memory, at a time that the test turns. */
export const modelLimits = (change: Partial<LimitsOptions> = {}) => {
  const time = { nowMs: 1_000 }
  const clock = () => time.nowMs
  const rates = modelRates(clock)
  const windows = modelWindows(clock)
  const rateDesk = modelDesk<RateAsk, RateGrant>(rates.lease, clock)
  const windowDesk = modelDesk<WindowAsk, WindowGrant>(windows.lease, clock)
  const limits = openLimits({
    clock,
    crowd: () => ({ most: 4, live: 1 }),
    rates: rateDesk,
    slowRates: rateDesk,
    windows: windowDesk,
    giveBack: windows.giveBack,
    windowsHeld: () => true,
    ...change,
  })
  return { time, clock, limits, rates, windows, rateDesk, windowDesk }
}

export const limited = (change: Partial<Limited> = {}): Limited => ({
  id: 'x',
  product: 'x',
  scope: 'x',
  priority: 'accounts',
  risk: 'personal',
  units: 1,
  budget: null,
  ...change,
})

export const limitsOf = (change: Partial<Limits> = {}): Limits => ({
  rate: { perSecond: 100, burst: 200 },
  concurrency: 1_000_000,
  dailyQuota: null,
  budgets: { small: { perSecond: 0.5, burst: 3 } },
  ...change,
})

export const planFor = (limits: Limits, ...operations: Limited[]) =>
  openPlans(operations.length > 0 ? operations : [limited()])(limits)

export const callerOf = (
  change: Partial<{
    partnerId: string
    applicationId: string
    consentId: string | null
    subject: string
  }> = {},
) => ({
  partnerId: 'partner_1',
  applicationId: 'application_1',
  consentId: null,
  subject: 'application_1',
  ...change,
})

/** So many customers call once each, 500 a second: how many keys were held at once, how many are left, and the heap. */
export const manyCustomers = async (count: number) => {
  const { limits, time } = modelLimits()
  const customer = LimitPolicy.parse({
    name: 'customer',
    per: ['customer'],
    shape: { kind: 'rate', perSecond: 10, burst: 20 },
  })
  const rate = { perSecond: 1_000_000, burst: 1_000_000 }
  const plan = planFor(limitsOf({ rate, policies: [customer] }))
  const before = process.memoryUsage().heapUsed
  let most = 0
  let heap = 0
  for (let i = 0; i < count; i++) {
    if (i % 10_000 === 0) {
      time.nowMs += 20_000
      await limits.sweep()
      heap = Math.max(heap, process.memoryUsage().heapUsed - before)
    }
    const caller = callerOf({ consentId: 'c', subject: `sub_${i}` })
    const admission = limits.admit(plan, caller, limited())
    ;(admission instanceof Promise ? await admission : admission).leave()
    most = Math.max(most, limits.state().keys)
  }
  time.nowMs += 100_000
  await new Promise(setImmediate)
  await limits.sweep()
  return { most, left: limits.state().keys, grownMiB: heap / 1_048_576 }
}
