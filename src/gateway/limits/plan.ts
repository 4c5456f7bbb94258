/** A partner's limits, compiled: for each operation the few rules that a call of it meets, in their order. */
import {
  type Limited,
  type LimitPolicy,
  type Limits,
  type Per,
  policiesOf,
  type Stance,
} from './policy.ts'

/** A permit is a million of these: levels are whole numbers, in the store and here (G28). */
export const MICRO = 1_000_000

/**
 * A rate as it is leased. The store's bucket has rate `microPerSecond` and depth `capacity` = B − rτ, so that permits
 * which live for τ never add up to more than B + rT (G25).
 */
export interface RateTerms {
  readonly microPerSecond: number
  /** Of the store's bucket, in micro-permits. */
  readonly capacity: number
  /** τ. Zero: the store is asked for each call, and what it grants is used at once. */
  readonly leaseMs: number
  /**
   * What was kept back from the store's bucket, for all gateways together: each admits its part of it without asking.
   * Zero where the whole rate is leased.
   */
  readonly standing: Flow
  /**
   * Permits that all gateways together may keep beyond τ, each its part: a partner that calls seldom need not lease for
   * each call. They are taken off the depth of the store's bucket: what is kept at any moment is at most this, so
   * what is admitted in T is at most this, and what was granted in T + τ (G25).
   */
  readonly kept: number
}

export interface Flow {
  readonly perSecond: number
  readonly burst: number
}

interface RuleBase {
  readonly name: string
  readonly per: readonly Per[]
  /** What a call takes of it. */
  readonly takes: number
  readonly whenAway: Stance
  /** Whether a call that never reached the bank gives back what it took (G30). Of a plain rate it does not. */
  readonly givesBack: boolean
  /** Its item of RateLimit-Policy; empty where it counts money, which is nobody's rate. */
  readonly item: string
  /** Only calls of this application meet it; undefined: those of all. */
  readonly application: string | undefined
  /** Whether it counts money: then a call that is not charged gives it back. */
  readonly isSpend: boolean
}

export type Rule = RuleBase &
  (
    | { readonly kind: 'concurrent'; readonly limit: number }
    | {
        readonly kind: 'rate'
        readonly perSecond: number
        readonly burst: number
        readonly terms: RateTerms
      }
    | {
        readonly kind: 'window'
        readonly period: 'day' | 'month'
        readonly zone: string
        readonly limit: number
        /** Spent before it counted, of the window that begins on this day. */
        readonly used: { readonly permits: number; readonly starts: string } | undefined
      }
  )

export interface OperationPlan {
  readonly rules: readonly Rule[]
  /** RateLimit-Policy of every call of the operation (draft-ietf-httpapi-ratelimit-headers-11). */
  readonly header: string
  readonly hasWindows: boolean
  readonly hasSpend: boolean
  /** The budget that the operation asks for and the limits lack: it is refused. */
  readonly missingBudget: string | null
}

/** By operation id. Plans of equal limits are one object, so that partners of a tier share it. */
export type Plan = ReadonlyMap<string, OperationPlan>

/** Rates below this are asked for call by call: they cost the store little, and not a permit of theirs is lost. */
const LEASED_FROM_PER_SECOND = 5
/** τ is so much of the time in which the burst fills, within bounds: a tenth of the burst is what leasing costs. */
const LEASE_PART = 0.1
const LEASE_MS = { min: 50, max: 2_000 }
/** Of the burst, what may be kept. */
const KEPT_PART = 0.1
/** Limits with very many keys keep half back, so that a key with little traffic never needs the store. */
const STANDING_PART = 0.5

const micro = (permits: number) => Math.floor(permits * MICRO)

export const rateTerms = ({ perSecond, burst }: Flow, hasManyKeys = false): RateTerms => {
  const part = hasManyKeys ? STANDING_PART : 0
  const leased = { perSecond: perSecond * (1 - part), burst: burst * (1 - part) }
  const fillMs = (1_000 * leased.burst) / leased.perSecond
  const leaseMs = Math.min(LEASE_MS.max, Math.max(LEASE_MS.min, Math.floor(fillMs * LEASE_PART)))
  const kept = Math.floor(leased.burst * KEPT_PART)
  const capacity = micro(leased.burst - (leased.perSecond * leaseMs) / 1_000 - kept)
  // A bucket that would be nearly all lease is asked call by call too (B′ < 1).
  if (perSecond < LEASED_FROM_PER_SECOND || capacity < MICRO)
    return {
      microPerSecond: micro(perSecond),
      capacity: burst * MICRO,
      leaseMs: 0,
      standing: { perSecond: 0, burst: 0 },
      kept: 0,
    }
  return {
    microPerSecond: micro(leased.perSecond),
    capacity,
    leaseMs,
    standing: { perSecond: perSecond * part, burst: burst * part },
    kept,
  }
}

const manyKeys = new Set<Per>(['customer', 'consent'])

const seconds = { day: 86_400, month: 31 * 86_400 }

const itemOf = ({ name, shape }: LimitPolicy): string => {
  switch (shape.kind) {
    case 'rate':
      return `"${name}";q=${shape.burst};w=${Math.max(1, Math.ceil(shape.burst / shape.perSecond))}`
    case 'window':
      return `"${name}";q=${shape.limit};w=${seconds[shape.period]}`
    case 'concurrent':
      return `"${name}";q=${shape.limit};qu="concurrent-requests"`
  }
}

const ruleOf = (policy: LimitPolicy, operation: Limited): Rule => {
  const { name, per, counts, shape, whenAway, costs, application } = policy
  const isSpend = counts === 'spend'
  const base = {
    name,
    per,
    takes: isSpend ? (costs?.[operation.id] ?? 0) : counts === 'units' ? operation.units : 1,
    application,
    isSpend,
    whenAway,
    givesBack: shape.kind === 'window' || name === operation.budget,
    item: isSpend ? '' : itemOf(policy),
  }
  switch (shape.kind) {
    case 'rate': {
      const { perSecond, burst } = shape
      const many = per.some((p) => manyKeys.has(p))
      return { ...base, kind: 'rate', perSecond, burst, terms: rateTerms(shape, many) }
    }
    case 'window':
      return {
        ...base,
        kind: 'window',
        period: shape.period,
        zone: shape.zone,
        limit: shape.limit,
        used: policy.used,
      }
    case 'concurrent':
      return { ...base, kind: 'concurrent', limit: shape.limit }
  }
}

const planOf = (limits: Limits, operations: readonly Limited[]): Plan =>
  new Map(
    operations.map((operation) => {
      const rules = policiesOf(limits, operation).map((p) => ruleOf(p, operation))
      const { budget } = operation
      return [
        operation.id,
        {
          rules,
          header: rules.flatMap((r) => (r.item === '' ? [] : [r.item])).join(', '),
          hasWindows: rules.some((r) => r.kind === 'window'),
          hasSpend: rules.some((r) => r.isSpend),
          missingBudget: budget !== null && !Object.hasOwn(limits.budgets, budget) ? budget : null,
        },
      ]
    }),
  )

/** Compiles limits for one set of operations; equal limits give the same plan. */
export const openPlans = (operations: readonly Limited[]) => {
  const plans = new Map<string, Plan>()
  return (limits: Limits): Plan => {
    const text = JSON.stringify(limits)
    const found = plans.get(text)
    if (found) return found
    const plan = planOf(limits, operations)
    plans.set(text, plan)
    return plan
  }
}
