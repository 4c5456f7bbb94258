/** Access that the law opens is throttled and capped by no plan: what a contract limits is what it sells. */
import type { LimitPolicy, Limits } from '#gateway/snapshot.ts'
import type { Operation } from '#control/catalogue/index.ts'
import type { Facts, Matrix } from '#control/licences/index.ts'
import { isBefore } from '#kernel/time.ts'

/** Operations that the law opens to a partner now, by the statuses that it holds: as usage is priced, so it is limited. */
export const openedByLaw = (
  { held }: Pick<Facts, 'held'>,
  { statuses }: Pick<Matrix, 'statuses'>,
  operations: readonly Operation[],
  now: Temporal.Instant,
): ReadonlySet<string> => {
  const ruling = held.filter(
    (h) => !isBefore(now, h.since) && (h.until === null || isBefore(now, h.until)),
  )
  const permissions = new Set(
    ruling.flatMap((h) => statuses.find((s) => s.id === h.status)?.regulatedAccess ?? []),
  )
  return new Set(
    operations.filter((o) => o.permissions.some((p) => permissions.has(p))).map((o) => o.id),
  )
}

/**
 * The contract's limits for what it sells, and those of access by law for what the law opens, whichever is wider. What
 * protects a customer in both stays as it is.
 */
export const unthrottled = (
  contract: Limits,
  byLaw: Limits,
  opened: ReadonlySet<string>,
  operations: readonly Operation[],
): Limits => {
  const sold = operations.filter((o) => !opened.has(o.id)).map((o) => o.id)
  if (opened.size === 0) return contract
  const inBoth = new Set((byLaw.policies ?? []).map((p) => JSON.stringify(p)))
  const policies = [...(contract.policies ?? []), ...wordsOf(contract, byLaw)].flatMap((policy) => {
    if (inBoth.has(JSON.stringify(policy))) return [policy]
    const left = (policy.appliesTo.operations ?? sold).filter((o) => !opened.has(o))
    return left.length === 0
      ? []
      : [{ ...policy, appliesTo: { ...policy.appliesTo, operations: left } }]
  })
  return {
    rate: wider(contract.rate, byLaw.rate),
    concurrency: Math.max(contract.concurrency, byLaw.concurrency),
    dailyQuota:
      contract.dailyQuota === null || byLaw.dailyQuota === null
        ? null
        : Math.max(contract.dailyQuota, byLaw.dailyQuota),
    budgets: {
      ...byLaw.budgets,
      ...Object.fromEntries(
        Object.entries(contract.budgets).map(([name, budget]) => [
          name,
          wider(budget, byLaw.budgets[name] ?? budget),
        ]),
      ),
    },
    policies,
  }
}

type Flow = Limits['rate']
const wider = (a: Flow, b: Flow): Flow => ({
  perSecond: Math.max(a.perSecond, b.perSecond),
  burst: Math.max(a.burst, b.burst),
})

/** The three words of the contract that are narrower than those of the law, as policies of their own. */
const wordsOf = (contract: Limits, byLaw: Limits): LimitPolicy[] => {
  const { rate, concurrency, dailyQuota } = contract
  const whole = { per: [], appliesTo: {} }
  const policies: LimitPolicy[] = []
  if (rate.perSecond < byLaw.rate.perSecond || rate.burst < byLaw.rate.burst)
    policies.push({
      ...whole,
      name: 'contract-rate',
      counts: 'units',
      shape: { kind: 'rate', ...rate },
      whenAway: 'share',
    })
  if (concurrency < byLaw.concurrency)
    policies.push({
      ...whole,
      name: 'contract-concurrency',
      counts: 'calls',
      shape: { kind: 'concurrent', limit: concurrency },
      whenAway: 'share',
    })
  if (dailyQuota !== null && (byLaw.dailyQuota === null || dailyQuota < byLaw.dailyQuota))
    policies.push({
      ...whole,
      name: 'contract-day',
      counts: 'units',
      shape: { kind: 'window', period: 'day', zone: 'UTC', limit: dailyQuota },
      whenAway: 'refuse',
    })
  return policies
}
