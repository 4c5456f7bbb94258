/**
 * What a partner may ask for in a time: concurrency, rate, daily quota, named budgets. Of this process alone: a second
 * gateway of the same cell would admit as much again, until limits are leased from a shared store (G24–G27).
 */
import { problem } from '#kernel/problem.ts'
import type { Operation } from './operation.ts'
import type { Bucket } from './snapshot.ts'
import type { Partner } from './table.ts'

export const rateLimited = problem('gateway/rate-limited', 429, 'Too many calls')
export const quotaExhausted = problem('contracts/quota-exhausted', 429, 'The quota is used up')
export const contractInactive = problem(
  'contracts/inactive',
  403,
  'The contract does not cover this',
)

const DAY_MS = 86_400_000

/** A token bucket's level. In every interval T it admits at most burst + perSecond × T. */
interface Level {
  tokens: number
  atMs: number
}

interface State {
  readonly rate: Level
  readonly budgets: Map<string, Level>
  inFlight: number
  day: number
  usedToday: number
}

/** A call's place in its partner's limits. */
export interface Admission {
  /** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11). */
  readonly policy: string
  readonly remaining: string
  /** The call never reached the bank: what it took of quota and budget is given back, its rate is not (G30). */
  giveBack(): void
  /** The call is over. */
  leave(): void
}

export interface Limits {
  /** `nowMs` is monotonic, `atMs` the wall's. Throws the refusal; a refused call is not charged. */
  admit(partner: Partner, operation: Operation, nowMs: number, atMs: number): Admission
  /** Forgets partners that are no longer published. */
  keepOnly(partners: { has(id: string): boolean }): void
  size(): number
}

const refill = (level: Level, bucket: Bucket, nowMs: number): void => {
  const gained = (Math.max(0, nowMs - level.atMs) / 1000) * bucket.perSecond
  level.tokens = Math.min(bucket.burst, level.tokens + gained)
  level.atMs = nowMs
}

const secondsUntil = (level: Level, bucket: Bucket, tokens: number) =>
  Math.max(1, Math.ceil((tokens - level.tokens) / bucket.perSecond))

/** RFC 9110 §10.2.3, spread a little: those who were refused together do not come back together (S59). */
const retryAfter = (seconds: number) => ({
  'retry-after': String(seconds + Math.floor(Math.random() * Math.min(3, seconds / 10 + 1))),
})

export const openLimits = (): Limits => {
  const states = new Map<string, State>()
  const stateOf = (partner: Partner, nowMs: number): State => {
    const found = states.get(partner.id)
    if (found) return found
    const fresh: State = {
      rate: { tokens: partner.rate.burst, atMs: nowMs },
      budgets: new Map(),
      inFlight: 0,
      day: 0,
      usedToday: 0,
    }
    states.set(partner.id, fresh)
    return fresh
  }

  return {
    size: () => states.size,
    keepOnly: (partners) => {
      for (const id of states.keys()) if (!partners.has(id)) states.delete(id)
    },
    admit: (partner, operation, nowMs, atMs) => {
      const { units } = operation
      const state = stateOf(partner, nowMs)
      const budget = budgetOf(partner, operation)
      const level = budget && levelOf(state, operation.budget ?? '', budget, nowMs)
      refill(state.rate, partner.rate, nowMs)
      if (budget && level) refill(level, budget, nowMs)
      const day = Math.floor(atMs / DAY_MS)
      if (state.day !== day) {
        state.day = day
        state.usedToday = 0
      }

      // All are asked before any is charged.
      if (state.inFlight >= partner.concurrency)
        throw rateLimited(`${partner.concurrency} calls at once are allowed`, {
          headers: retryAfter(1),
        })
      if (state.rate.tokens < units)
        throw rateLimited('the rate of the contract is used up', {
          headers: retryAfter(secondsUntil(state.rate, partner.rate, units)),
        })
      if (partner.dailyQuota !== null && state.usedToday + units > partner.dailyQuota)
        throw quotaExhausted('the quota of this day (UTC) is used up', {
          headers: retryAfter(Math.ceil((DAY_MS - (atMs % DAY_MS)) / 1000)),
          gate: 'bank',
        })
      if (budget && level && level.tokens < units)
        throw rateLimited(`the budget ${operation.budget} of the contract is used up`, {
          headers: retryAfter(secondsUntil(level, budget, units)),
        })

      state.inFlight++
      state.rate.tokens -= units
      state.usedToday += units
      if (level) level.tokens -= units
      let given = false
      let left = false
      return {
        policy: policyOf(partner, operation.budget),
        remaining: remainingOf(partner, state, operation.budget, budget, level, atMs),
        giveBack: () => {
          if (given) return
          given = true
          if (state.day === day) state.usedToday -= units
          if (level) level.tokens += units
        },
        leave: () => {
          if (!left) state.inFlight--
          left = true
        },
      }
    },
  }
}

const budgetOf = (partner: Partner, operation: Operation): Bucket | undefined => {
  if (operation.budget === null) return undefined
  const bucket = partner.budgets.get(operation.budget)
  if (!bucket) throw contractInactive(`it has no budget ${operation.budget}`, { gate: 'bank' })
  return bucket
}

const levelOf = (state: State, name: string, bucket: Bucket, nowMs: number): Level => {
  const found = state.budgets.get(name)
  if (found) return found
  const fresh: Level = { tokens: bucket.burst, atMs: nowMs }
  state.budgets.set(name, fresh)
  return fresh
}

const policies = new WeakMap<Partner, Map<string | null, string>>()

const item = (name: string, { burst, perSecond }: Bucket) =>
  `"${name}";q=${burst};w=${Math.max(1, Math.ceil(burst / perSecond))}`

/** One item for each named limit; the same for every call of a partner and budget, so it is written once. */
const policyOf = (partner: Partner, budget: string | null): string => {
  const written = policies.get(partner) ?? new Map<string | null, string>()
  policies.set(partner, written)
  const found = written.get(budget)
  if (found !== undefined) return found
  const bucket = budget === null ? undefined : partner.budgets.get(budget)
  const text = [
    item('rate', partner.rate),
    ...(partner.dailyQuota === null ? [] : [`"day";q=${partner.dailyQuota};w=86400`]),
    ...(bucket && budget !== null ? [item(budget, bucket)] : []),
    `"concurrency";q=${partner.concurrency};qu="concurrent-requests"`,
  ].join(', ')
  written.set(budget, text)
  return text
}

const left = (level: Level, { burst, perSecond }: Bucket) =>
  `r=${Math.floor(level.tokens)};t=${Math.max(0, Math.ceil((burst - level.tokens) / perSecond))}`

const remainingOf = (
  partner: Partner,
  state: State,
  name: string | null,
  budget: Bucket | undefined,
  level: Level | undefined,
  atMs: number,
): string => {
  let text = `"rate";${left(state.rate, partner.rate)}`
  if (partner.dailyQuota !== null)
    text += `, "day";r=${partner.dailyQuota - state.usedToday};t=${Math.ceil((DAY_MS - (atMs % DAY_MS)) / 1000)}`
  if (budget && level) text += `, "${name}";${left(level, budget)}`
  return text
}
