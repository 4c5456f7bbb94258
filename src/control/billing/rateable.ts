/** What a contract's period is rated from: prices of calls, prices over many calls or values, and fees. Typed, so not parsed again. */
import { assert } from '#kernel/assert.ts'
import type { PriceVersion } from '#control/catalogue/index.ts'
import {
  amountText,
  type Charge,
  chargeOver,
  chargeOverValues,
  exponentOf,
  type Fee,
  type InvoiceInput,
  type PlanCommitment,
  type ServiceCreditInput,
  type ValueKind,
} from '#control/rating/index.ts'
import type { Month } from './content.ts'
import type { CreditFact } from './prepaid.ts'

/** What was used under one price in a period. */
export interface Used {
  /** null: what the law opens needs no contract. */
  readonly contractId: string | null
  readonly operation: string
  readonly priceVersion: string | null
  readonly basis: 'contract' | 'list' | 'regulated' | 'unpriced'
  readonly unitPrice: string
  readonly units: bigint
}

/** A contract as far as it was in force. */
export interface Terms {
  readonly contractId: string
  readonly tier: string
  readonly prices: PriceVersion
  readonly activeFrom: Temporal.Instant
  readonly endsAt: Temporal.Instant | null
}

/** Something that happened and has a value. */
export interface Valued {
  /** Unique for ever. */
  readonly id: string
  readonly kind: ValueKind
  readonly at: Temporal.Instant
  readonly amountMinor: bigint
  readonly currency: string
}

/** How a promise about one product was kept in a period, judged by its own room. */
export interface PromiseFact {
  readonly contractId: string
  readonly agreementId: string
  readonly title: string
  /** Fees of these operations are what a credit is a share of; of everything where it is `null`. */
  readonly operations: readonly string[] | null
  readonly slos: ServiceCreditInput['sla']['slos']
  readonly capPercent: string | undefined
  readonly reached: string
  readonly evaluation: string
}

export interface PeriodFacts {
  readonly period: Month
  readonly used: readonly Used[]
  readonly values: readonly Valued[]
  readonly promises: readonly PromiseFact[]
  readonly contracts: readonly Terms[]
  /** What was paid ahead and is good in it. */
  readonly credits?: readonly CreditFact[] | undefined
  /** By contract (empty where there is none), then by item. */
  readonly booked: ReadonlyMap<string, Readonly<Record<string, bigint>>>
}

const isOfTier = ({ tiers }: { readonly tiers?: readonly string[] | undefined }, tier: string) =>
  tiers === undefined || tiers.includes(tier)

export interface Rateable {
  readonly input: InvoiceInput
  /** By charge or fee. */
  readonly titles: Record<string, string>
}

/** One contract in one period, or what was used without any. */
export const inputOf = (
  facts: Pick<PeriodFacts, 'period' | 'values'>,
  contract: Terms | undefined,
  used: readonly Used[],
  currency: string,
): Rateable => {
  const terms = contract?.prices.terms
  const titles: Record<string, string> = {}
  const { taxPercent } = terms ?? {}
  const charges = used.map(({ operation, priceVersion, basis, unitPrice, units }): Charge => {
    const id = `${operation}@${priceVersion ?? 'none'}#${basis === 'contract' ? unitPrice : basis}`
    titles[id] = operation
    return { id, model: 'per_unit', unit: unitPrice, quantity: units.toString(), taxPercent }
  })
  const fees: Fee[] = []
  const force = contract && forceOf(contract)
  if (contract && terms) {
    for (const plan of terms.charges.filter((c) => isOfTier(c, contract.tier))) {
      const id = `${plan.id}@${contract.prices.id}`
      titles[id] = plan.title
      const charge = plan.values
        ? chargeOverValues(plan, valuesOf(facts.values, plan.values, currency))
        : chargeOver(plan, unitsOf(used, plan.counts).toString())
      charges.push({ ...charge, id, taxPercent, ...force })
    }
    for (const plan of terms.fees.filter((f) => isOfTier(f, contract.tier))) {
      const id = `${plan.id}@${contract.prices.id}`
      titles[id] = plan.title
      fees.push({ id, amount: plan.amount, taxPercent, ...force })
    }
  }
  const committed = terms?.commitments?.find((c) => contract && isOfTier(c, contract.tier))
  if (committed) titles[''] = committed.title
  const rounding = terms?.rounding ?? 'half_up'
  const period = { ...facts.period, ...(terms?.zone !== undefined && { zone: terms.zone }) }
  return {
    input: {
      currency,
      rounding,
      period,
      basis: 'day',
      final: true,
      charges,
      fees,
      ...(committed && { commitment: commitmentOf(committed, taxPercent, force) }),
    },
    titles,
  }
}

/** Units that a price over many calls counts: never those that the law opened, which cost nothing however many they are. */
const unitsOf = (used: readonly Used[], operations: readonly string[]): bigint =>
  used.reduce(
    (sum, u) => (u.basis !== 'regulated' && operations.includes(u.operation) ? sum + u.units : sum),
    0n,
  )

/** Values of these kinds in this currency; what took one back later leaves its price as it was. */
const valuesOf = (values: readonly Valued[], kinds: readonly ValueKind[], currency: string) => {
  const exponent = exponentOf(currency)
  assert(exponent !== undefined, 'a price version has a currency of ISO 4217')
  return values
    .filter((v) => kinds.includes(v.kind) && v.currency === currency && v.amountMinor > 0n)
    .map((v) => ({
      id: v.id,
      at: v.at.toString(),
      value: amountText(v.amountMinor, exponent),
    }))
}

const forceOf = ({ activeFrom, endsAt }: Terms) => ({
  from: instantText(activeFrom),
  ...(endsAt && { to: instantText(endsAt) }),
})

const commitmentOf = (
  { amount, overageFactor, trueUp }: PlanCommitment,
  taxPercent: string | undefined,
  force: { readonly from: string; readonly to?: string } | undefined,
): InvoiceInput['commitment'] => ({ amount, overageFactor, trueUp, taxPercent, ...force })

/** To whole seconds: a contract's first microsecond is nobody's business on an invoice. */
const instantText = (instant: Temporal.Instant): string =>
  instant.round({ smallestUnit: 'second', roundingMode: 'floor' }).toString()
