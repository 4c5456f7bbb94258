/** A call's place in its limits, and what is left of them as the partner reads it. */
import type { Crowd, Holding } from './holdings.ts'
import type { OperationPlan, Rule } from './plan.ts'

/** Of each rule of the plan what this gateway holds; undefined where the rule is not about this call. */
export type Holdings = readonly (Holding | undefined)[]

export class Admission {
  /** `RateLimit-Policy`, and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11). */
  readonly policy: string
  readonly remaining: string
  readonly rules: readonly Rule[]
  readonly #holdings: Holdings
  /** Windows that it took from: what is given back after midnight is of yesterday. */
  readonly #starts: readonly string[] | undefined
  readonly #spends: boolean
  #given = false
  #left = false

  constructor(plan: OperationPlan, holdings: Holdings, crowd: Crowd, nowMs: number) {
    this.policy = plan.header
    this.remaining = remainingOf(plan.rules, holdings, crowd, nowMs)
    this.rules = plan.rules
    this.#holdings = holdings
    this.#starts = plan.hasWindows ? startsOf(holdings) : undefined
    this.#spends = plan.hasSpend
  }

  /** The call never reached the bank: what it took of quotas and budgets is given back, its rate is not (G30). */
  giveBack(): void {
    if (this.#given) return
    this.#given = true
    this.#holdings.forEach((holding, i) => {
      const rule = this.rules[i]
      if (!rule?.givesBack) return
      if (holding?.kind === 'window') holding.giveBack(rule.takes, this.#starts?.[i] ?? '')
      else if (holding?.kind === 'rate') holding.giveBack(rule.takes)
    })
  }

  /** The call was answered, and nothing is charged for it: what it reserved of money is given back (B38). */
  spendNothing(): void {
    if (this.#given || !this.#spends) return
    this.#given = true
    this.#holdings.forEach((holding, i) => {
      const rule = this.rules[i]
      if (rule?.isSpend && holding?.kind === 'window')
        holding.giveBack(rule.takes, this.#starts?.[i] ?? '')
    })
  }

  /** The call is over. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    for (const holding of this.#holdings) if (holding?.kind === 'concurrent') holding.inFlight--
  }
}

const startsOf = (holdings: Holdings): string[] => {
  const starts: string[] = []
  for (const holding of holdings) starts.push(holding?.kind === 'window' ? holding.starts : '')
  return starts
}

/** One item for each limit that the call met. Calls at once have none: their place is free before the answer is read. */
export const remainingOf = (
  rules: readonly Rule[],
  holdings: Holdings,
  crowd: Crowd,
  nowMs: number,
): string => {
  let text = ''
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]
    const holding = holdings[i]
    if (rule === undefined || holding === undefined || rule.kind === 'concurrent') continue
    if (rule.isSpend) continue
    if (text !== '') text += ', '
    if (rule.kind === 'rate' && holding.kind === 'rate') {
      const left = Math.min(rule.burst, holding.remaining(rule, crowd, nowMs))
      text += `"${rule.name}";r=${left};t=${Math.max(0, Math.ceil((rule.burst - left) / rule.perSecond))}`
    } else if (holding.kind === 'window') {
      const endsInS = Math.max(0, Math.ceil((holding.endsMs - nowMs) / 1_000))
      text += `"${rule.name}";r=${holding.remaining(crowd)};t=${endsInS}`
    }
  }
  return text
}
