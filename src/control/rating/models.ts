/** The exact amount of a quantity or of transactions by each model of price, with the parts that it is made of. */
import { assert } from '#kernel/assert.ts'
import type { Counted } from './events.ts'
import {
  decimal,
  type Fraction,
  fraction,
  greatest,
  isAbove,
  isBelow,
  least,
  minus,
  over,
  percentOf,
  plus,
  sum,
  times,
  whole,
  zero,
} from './fraction.ts'
import { RatingRefused } from './refusal.ts'
import type { ChargeOf, Tier } from './terms.ts'

/** What an amount is made of: so much at such a price. */
export interface Part {
  readonly quantity: Fraction
  readonly price: Fraction
  readonly amount: Fraction
  /** Of a tier: its upper edge, null where it is open. */
  readonly upTo?: string | null
  readonly what: 'units' | 'blocks' | 'flat' | 'value' | 'transactions' | 'paired'
}

export interface Rated {
  readonly amount: Fraction
  readonly parts: readonly Part[]
}

const ratedOf = (parts: readonly Part[]): Rated => ({
  amount: sum(parts.map((p) => p.amount)),
  // A flat that is not asked for explains nothing; units that cost nothing do.
  parts: parts.filter(
    (p) => p.amount.numerator !== 0n || (p.what !== 'flat' && p.quantity.numerator !== 0n),
  ),
})

const part = (
  what: Part['what'],
  quantity: Fraction,
  price: Fraction,
  upTo?: string | null,
): Part => ({
  what,
  quantity,
  price,
  amount: times(quantity, price),
  ...(upTo !== undefined && { upTo }),
})

const flatOf = (tier: Tier): Part =>
  part('flat', fraction(1n), decimal(tier.flat ?? '0'), tier.upTo)

const unitsOf = (tier: Tier, units: Fraction): Part => {
  const unit = decimal(tier.unit ?? '0')
  return tier.size === undefined
    ? part('units', units, unit, tier.upTo)
    : part('blocks', whole(over(units, decimal(tier.size)), tier.round), unit, tier.upTo)
}

export const perUnit = (charge: ChargeOf<'per_unit'>, quantity: Fraction): Rated =>
  ratedOf([part('units', quantity, decimal(charge.unit))])

/** Each trigger takes the oldest event of every paired type that is not taken and not too old; it costs less. */
export const paired = (charge: ChargeOf<'per_unit'>, events: readonly Counted[]): Rated => {
  const { pairing } = charge
  assert(pairing, 'a charge with pairing')
  const unit = decimal(charge.unit)
  const withinNs = BigInt(pairing.withinSeconds) * 1_000_000_000n
  const taken = new Set<Counted>()
  for (const [i, { type, atNs }] of events.entries()) {
    if (type !== pairing.trigger || atNs === undefined) continue
    for (const wanted of Object.keys(pairing.prices)) {
      const found = events
        .slice(0, i)
        .find(
          (before) =>
            before.type === wanted &&
            !taken.has(before) &&
            before.atNs !== undefined &&
            atNs - before.atNs <= withinNs,
        )
      if (found) taken.add(found)
    }
  }
  return ratedOf(
    events.map((event) => {
      const price = taken.has(event) ? pairing.prices[event.type ?? ''] : undefined
      return price === undefined
        ? part('units', event.quantity, unit)
        : part('paired', event.quantity, decimal(price))
    }),
  )
}

/** Tiers that the quantity reaches, with what of it lies inside each. The first is always reached: its flat is due at zero too. */
const reached = (
  tiers: readonly Tier[],
  quantity: Fraction,
): { tier: Tier; inside: Fraction }[] => {
  const found: { tier: Tier; inside: Fraction }[] = []
  let edge = zero
  for (const [i, tier] of tiers.entries()) {
    if (i > 0 && !isAbove(quantity, edge)) break
    const upTo = tier.upTo === null ? quantity : decimal(tier.upTo)
    found.push({ tier, inside: minus(least(quantity, greatest(upTo, edge)), edge) })
    edge = upTo
  }
  return found
}

export const graduated = ({ tiers }: ChargeOf<'graduated'>, quantity: Fraction): Rated =>
  ratedOf(
    reached(tiers, quantity).flatMap(({ tier, inside }) => [unitsOf(tier, inside), flatOf(tier)]),
  )

export const graduatedPercentage = (
  { tiers }: ChargeOf<'graduated_percentage'>,
  value: Fraction,
): Rated =>
  ratedOf(
    reached(tiers, value).flatMap(({ tier, inside }) => {
      const percent = decimal(tier.percent ?? '0')
      return [
        { ...part('value', inside, percent, tier.upTo), amount: percentOf(inside, percent) },
        flatOf(tier),
      ]
    }),
  )

/** The tier that holds the whole quantity; undefined beyond the last finite one. */
const holding = (tiers: readonly Tier[], quantity: Fraction): Tier | undefined =>
  tiers.find(({ upTo }) => upTo === null || !isAbove(quantity, decimal(upTo)))

export const volume = ({ tiers }: ChargeOf<'volume'>, quantity: Fraction): Rated => {
  const tier = holding(tiers, quantity)
  assert(tier, 'the last tier is open')
  return ratedOf([unitsOf(tier, quantity), flatOf(tier)])
}

export const stairstep = (
  { tiers }: ChargeOf<'stairstep'>,
  quantity: Fraction,
  pointer: string,
): Rated => {
  const tier = holding(tiers, quantity)
  if (!tier)
    throw new RatingRefused('beyond_last_tier', `${pointer}/tiers`, 'no band holds the quantity')
  const before = tiers[tiers.indexOf(tier) - 1]
  const above = minus(quantity, decimal(before?.upTo ?? '0'))
  return ratedOf([...(tier.upTo === null ? [unitsOf(tier, above)] : []), flatOf(tier)])
}

export const packages = (
  { package: { size, price, round } }: ChargeOf<'package'>,
  quantity: Fraction,
  free: Fraction,
): Rated => {
  const above = minus(quantity, free)
  if (!isAbove(above, zero)) return ratedOf([])
  return ratedOf([part('blocks', whole(over(above, decimal(size)), round), decimal(price))])
}

/** Allowances as they stand for the time in force. */
export interface FreeTransactions {
  readonly count: Fraction | undefined
  readonly value: Fraction | undefined
}

/** Transaction by transaction; rounding waits for the line. Both allowances end with the one that ends first. */
export const percentage = (
  charge: ChargeOf<'percentage'>,
  events: readonly Counted[],
  free: FreeTransactions,
): Rated => {
  const percent = decimal(charge.percent)
  const fixed = decimal(charge.fixed ?? '0')
  let lasting = free.count !== undefined || free.value !== undefined
  let running = zero
  const parts: Part[] = []
  events.forEach((event, i) => {
    running = plus(running, event.value)
    let chargeable = event.value
    if (lasting) {
      const withinCount = free.count === undefined || !isAbove(fraction(BigInt(i + 1)), free.count)
      const withinValue = free.value === undefined || !isAbove(running, free.value)
      if (withinCount && withinValue) return
      lasting = false
      if (withinCount && free.value !== undefined) chargeable = minus(running, free.value)
    }
    const fee = bounded(charge, plus(percentOf(chargeable, percent), fixed), event.value)
    parts.push({ what: 'value', quantity: chargeable, price: percent, amount: fee })
  })
  return ratedOf(parts)
}

const bounded = (charge: ChargeOf<'percentage'>, fee: Fraction, value: Fraction): Fraction => {
  const { eventMinimum, eventMaximum, eventMaximumAbove } = charge
  const floored = eventMinimum === undefined ? fee : greatest(fee, decimal(eventMinimum))
  const holds = eventMaximumAbove === undefined || isBelow(decimal(eventMaximumAbove), value)
  return eventMaximum !== undefined && holds ? least(floored, decimal(eventMaximum)) : floored
}
