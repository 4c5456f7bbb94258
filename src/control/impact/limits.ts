/**
 * Calls of the last days under two sets of limits, by the rules of the gateways: all policies of a call must have room, and
 * a call that is refused takes none. Two things are not in the rows of calls: which customer it was, so policies of each
 * customer are not judged; and waiting, so calls at a time are those that overlapped as they were answered.
 */
import { type Limited, type LimitPolicy, type Limits, policiesOf } from '#gateway/snapshot.ts'
import type { TimedCall } from '#control/usage/index.ts'

interface Count {
  /** Whether a call of so many has room at a moment. */
  hasRoom(atMs: number, count: number): boolean
  take(atMs: number, count: number, endsAtMs: number): void
}

const bucket = (perSecond: number, burst: number): Count => {
  let [left, lastMs] = [burst, Number.NEGATIVE_INFINITY]
  const refill = (atMs: number) => {
    if (atMs > lastMs) left = Math.min(burst, left + ((atMs - lastMs) / 1000) * perSecond)
    lastMs = Math.max(lastMs, atMs)
  }
  return {
    hasRoom: (atMs, count) => {
      refill(atMs)
      return left >= count
    },
    take: (_, count) => {
      left -= count
    },
  }
}

const periodOf = (atMs: number, period: 'day' | 'month', zone: string): string => {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone)
  return at
    .toPlainDate()
    .toString()
    .slice(0, period === 'day' ? 10 : 7)
}

const window = ({
  period,
  zone,
  limit,
}: Extract<LimitPolicy['shape'], { kind: 'window' }>): Count => {
  const taken = new Map<string, number>()
  return {
    hasRoom: (atMs, count) => (taken.get(periodOf(atMs, period, zone)) ?? 0) + count <= limit,
    take: (atMs, count) => {
      const key = periodOf(atMs, period, zone)
      taken.set(key, (taken.get(key) ?? 0) + count)
    },
  }
}

const atATime = (limit: number): Count => {
  let ends: number[] = []
  return {
    hasRoom: (atMs) => {
      ends = ends.filter((end) => end > atMs)
      return ends.length < limit
    },
    take: (_, __, endsAtMs) => void ends.push(endsAtMs),
  }
}

const countOf = ({ shape }: LimitPolicy): Count => {
  switch (shape.kind) {
    case 'rate':
      return bucket(shape.perSecond, shape.burst)
    case 'window':
      return window(shape)
    case 'concurrent':
      return atATime(shape.limit)
  }
}

/** Apart for what the policy names; undefined where the rows of calls do not say it. */
const keyOf = ({ name, per }: LimitPolicy, call: TimedCall): string | undefined => {
  if (per.includes('customer')) return undefined
  const parts = {
    application: call.applicationId,
    product: call.product,
    operation: call.operation,
    consent: call.consentId ?? '-',
    customer: '',
  }
  return [name, ...per.map((dimension) => parts[dimension])].join(' ')
}

/** How many of the calls, in order of time, each policy refuses: the first that has no room is the one that is named. */
export const refusedByLimits = (
  limits: Limits,
  calls: readonly TimedCall[],
  operations: ReadonlyMap<string, Limited>,
): Map<string, number> => {
  const refused = new Map<string, number>()
  const counts = new Map<string, Count>()
  const policies = new Map(
    [...operations].map(([id, operation]) => [id, policiesOf(limits, operation)]),
  )
  for (const call of calls) {
    const judged = (policies.get(call.operation) ?? []).flatMap((policy) => {
      const key = keyOf(policy, call)
      if (key === undefined) return []
      const count = counts.get(key) ?? countOf(policy)
      counts.set(key, count)
      return [{ policy, count, asks: policy.counts === 'units' ? call.units : 1 }]
    })
    const full = judged.find(({ count, asks }) => !count.hasRoom(call.atMs, asks))
    if (full) refused.set(full.policy.name, (refused.get(full.policy.name) ?? 0) + 1)
    else
      for (const { count, asks } of judged) count.take(call.atMs, asks, call.atMs + call.latencyMs)
  }
  return refused
}
