/** What is counted of every call: additions to numbers that stand ready, nothing is made or awaited (G72). */
import { type Histogram, openHistogram } from '#platform/telemetry.ts'
import type { Call } from '../call.ts'
import type { Rule } from '../limits/plan.ts'
import type { Operation } from '../documents/operation.ts'
import { openUnanswered, type Unanswered } from './unanswered.ts'

/** Seconds. Around what we promise: 1 ms at the middle, 5 ms at the hundredth call, and where a queue begins to show. */
export const GATEWAY_BOUNDS = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
] as const
/** Seconds. From a cache’s answer to the deadline of a call. */
export const UPSTREAM_BOUNDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25,
] as const

/** Names come from the bank's documents and contracts; beyond these a mistake there must not fill anybody's memory. */
const OPERATIONS_MAX = 500
const OUTCOMES_MAX = 2_000
const LIMITS_MAX = 200
const OTHER = 'other'

export interface OperationTally {
  readonly operation: string
  readonly product: string
  /** By reason (the code of a refusal, empty for an answer), then by status. */
  readonly outcomes: Map<string, Map<number, { calls: number }>>
  readonly gateway: Histogram
  readonly upstream: Histogram
  readonly unanswered: Unanswered
}

export interface Tally {
  readonly operations: ReadonlyMap<string, OperationTally>
  readonly products: ReadonlyMap<string, Unanswered>
  /** Calls by the name of the limit that admitted them. */
  readonly admitted: ReadonlyMap<string, { calls: number }>
  /** Refusals before an operation was known, by code. */
  readonly unrouted: ReadonlyMap<string, { calls: number }>
  /** Answers that were not let out, by what was found in them. */
  readonly withheld: Record<Finding, number>
  call(call: Call, tookMs: number, endedMs: number): void
  /** A call of a known operation that was turned away at once. */
  turnedAway(operation: Operation, status: number, code: string, endedMs: number): void
  refused(code: string): void
}

/** Limits that are about a customer or a consent are met only by calls that have one. */
interface Counters {
  readonly all: readonly { calls: number }[]
  readonly withoutConsent: readonly { calls: number }[]
}

/** Why an answer was withheld, in words that a label may have. */
export type Finding = 'card-number' | 'secret' | 'undeclared' | 'caller-unproven'

export const openTally = (): Tally => {
  const operations = new Map<string, OperationTally>()
  const products = new Map<string, Unanswered>()
  const admitted = new Map<string, { calls: number }>()
  const unrouted = new Map<string, { calls: number }>()
  let outcomes = 0

  const productOf = (product: string): Unanswered => {
    const found = products.get(product)
    if (found) return found
    if (products.size >= OPERATIONS_MAX && product !== OTHER) return productOf(OTHER)
    const fresh = openUnanswered()
    products.set(product, fresh)
    return fresh
  }
  const tallyOf = (operation: string, product: string): OperationTally => {
    const found = operations.get(operation)
    if (found) return found
    if (operations.size >= OPERATIONS_MAX && operation !== OTHER) return tallyOf(OTHER, OTHER)
    const fresh = {
      operation,
      product,
      outcomes: new Map(),
      gateway: openHistogram(GATEWAY_BOUNDS),
      upstream: openHistogram(UPSTREAM_BOUNDS),
      unanswered: productOf(product),
    }
    operations.set(operation, fresh)
    return fresh
  }
  const outcome = (tally: OperationTally, reason: string, status: number) => {
    const byStatus = tally.outcomes.get(reason)
    const known = byStatus?.get(status)
    if (known) return known
    // A bank's own codes are its words, and nobody counted them before.
    if (outcomes >= OUTCOMES_MAX && reason !== OTHER) return outcome(tally, OTHER, status)
    outcomes++
    const fresh = { calls: 0 }
    if (byStatus) byStatus.set(status, fresh)
    else tally.outcomes.set(reason, new Map([[status, fresh]]))
    return fresh
  }
  /** The counters of a plan's rules, found once: a snapshot brings new plans, and the old ones go with it. */
  const countersOf = new WeakMap<readonly Rule[], Counters>()
  const counterOf = ({ name }: Rule) => {
    const found = admitted.get(name) ?? { calls: 0 }
    if (admitted.size < LIMITS_MAX) admitted.set(name, found)
    return found
  }
  const admittedBy = (rules: readonly Rule[], hasConsent: boolean) => {
    let counters = countersOf.get(rules)
    if (counters === undefined) {
      const plain = rules.filter(({ per }) => !per.includes('customer') && !per.includes('consent'))
      counters = { all: rules.map(counterOf), withoutConsent: plain.map(counterOf) }
      countersOf.set(rules, counters)
    }
    for (const counter of hasConsent ? counters.all : counters.withoutConsent) counter.calls++
  }
  const ended = (
    { unanswered }: OperationTally,
    status: number,
    code: string | undefined,
    endedMs: number,
  ) => {
    // What the bank says itself, such as that it is closed tonight, is an answer. That we have none is none.
    if (status >= 500 && code?.startsWith('gateway/')) unanswered.missed(endedMs)
    else if (code !== 'gateway/caller-gone') unanswered.answered(endedMs)
  }

  const withheld = { 'card-number': 0, secret: 0, undeclared: 0, 'caller-unproven': 0 }
  return {
    operations,
    products,
    admitted,
    unrouted,
    withheld,
    call: ({ operation, answer, upstreamMs, admission, identity }, tookMs, endedMs) => {
      const tally = tallyOf(operation.id, operation.product)
      const status = answer?.status ?? 500
      const code = answer?.refusal?.code
      outcome(tally, code ?? '', status).calls++
      tally.gateway.observe((tookMs - (upstreamMs ?? 0)) / 1000)
      if (upstreamMs !== null) tally.upstream.observe(upstreamMs / 1000)
      if (admission) admittedBy(admission.rules, identity?.token.consentId != null)
      ended(tally, status, code, endedMs)
    },
    turnedAway: (operation, status, code, endedMs) => {
      const tally = tallyOf(operation.id, operation.product)
      outcome(tally, code, status).calls++
      ended(tally, status, code, endedMs)
    },
    refused: (code) => {
      const found = unrouted.get(code)
      if (found) found.calls++
      else unrouted.set(code, { calls: 1 })
    },
  }
}
