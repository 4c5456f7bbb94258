/** What a period would cost under other prices: the same engine over the same usage, so that preview and invoice agree. Pure. */
import { assert } from '#kernel/assert.ts'
import type { PriceVersion } from '#control/catalogue/index.ts'
import { inputOf, type PeriodFacts, type Terms, type Used } from '#control/billing/index.ts'
import {
  amountText,
  chargeFaults,
  chargeOver,
  exponentOf,
  rate,
  RatingRefused,
} from '#control/rating/index.ts'

export interface Plan {
  readonly prices: PriceVersion
  readonly tier: string
}

/** The usage as it would have been priced: what the law opens stays free, whatever the plan (B37). */
const usedUnder = (used: readonly Used[], { prices }: Plan, contractId: string): Used[] => {
  const units = new Map<string, bigint>()
  const kept: Used[] = []
  for (const row of used)
    if (row.basis === 'regulated') kept.push(row)
    else units.set(row.operation, (units.get(row.operation) ?? 0n) + row.units)
  const priced = [...units].map(([operation, total]): Used => ({
    contractId,
    operation,
    priceVersion: prices.id,
    basis: operation in prices.unitPrices ? 'contract' : 'unpriced',
    unitPrice: prices.unitPrices[operation] ?? '0',
    units: total,
  }))
  return [...kept, ...priced]
}

/** Without tax, in minor units, with its lines; undefined where the usage has no price (beyond the last band). */
export interface Cost {
  readonly minor: bigint
  readonly lines: readonly { readonly title: string; readonly minor: bigint }[]
}

/** What facts come to under the contracts that they were made under, in one currency. */
export const costAsAgreed = (facts: PeriodFacts, currency: string): Cost => {
  const contracts = facts.contracts.filter((c) => c.prices.currency === currency)
  const costs = contracts.map((contract) =>
    costOf(
      facts,
      contract,
      facts.used.filter((u) => u.contractId === contract.contractId),
      currency,
    ),
  )
  return {
    minor: costs.reduce((sum, c) => sum + c.minor, 0n),
    lines: costs.flatMap((c) => c.lines),
  }
}

/** What the same usage would come to under a plan that had ruled for the whole period. */
export const costUnder = (facts: Omit<PeriodFacts, 'booked'>, plan: Plan): Cost => {
  const [first] = facts.contracts
  const contractId = first?.contractId ?? 'contract'
  const contract: Terms = {
    contractId,
    tier: plan.tier,
    prices: plan.prices,
    activeFrom: first?.activeFrom ?? startOf(facts.period),
    endsAt: facts.contracts.length === 1 ? (first?.endsAt ?? null) : null,
  }
  return costOf(facts, contract, usedUnder(facts.used, plan, contractId), plan.prices.currency)
}

const startOf = ({ start, zone }: PeriodFacts['period']): Temporal.Instant =>
  Temporal.PlainDate.from(start).toZonedDateTime({ timeZone: zone }).toInstant()

const costOf = (
  facts: Pick<PeriodFacts, 'period' | 'values'>,
  contract: Terms,
  used: readonly Used[],
  currency: string,
): Cost => {
  const { input, titles } = inputOf(facts, contract, used, currency)
  const lines = rate(input).lines.filter((l) => l.kind !== 'tax')
  return {
    minor: lines.reduce((sum, l) => sum + l.minor, 0n),
    lines: lines.map((l) => ({ title: titles[l.of ?? ''] ?? l.of ?? l.kind, minor: l.minor })),
  }
}

/** A place at which one unit more costs less: what a partner could be told, and would find out. */
export interface Cliff {
  readonly charge: string
  readonly at: string
  readonly before: string
  readonly after: string
}

/** Every edge of tiers at which one unit more is cheaper (B4). */
export const cliffsOf = ({
  terms,
  currency,
}: Pick<PriceVersion, 'terms' | 'currency'>): Cliff[] => {
  const exponent = exponentOf(currency)
  assert(exponent !== undefined, 'a price version has a currency of ISO 4217')
  return terms.charges.flatMap((plan) => {
    if (plan.values !== undefined) return []
    const probe = chargeOver(plan, '0')
    if (!('tiers' in probe) || chargeFaults(probe, '').length > 0) return []
    const amountAt = (quantity: bigint): bigint => {
      const charges = [chargeOver(plan, quantity.toString())]
      return rate({ currency, rounding: 'half_up', basis: 'day', final: true, charges }).minor
    }
    return probe.tiers.flatMap(({ upTo }) => {
      if (upTo === null || upTo.includes('.')) return []
      const edge = BigInt(upTo)
      try {
        const [before, after] = [amountAt(edge), amountAt(edge + 1n)]
        if (after >= before) return []
        const text = (minor: bigint) => amountText(minor, exponent)
        return [{ charge: plan.id, at: upTo, before: text(before), after: text(after) }]
      } catch (error) {
        // Beyond the last finite band nothing has a price: that is no cliff.
        if (error instanceof RatingRefused) return []
        throw error
      }
    })
  })
}
