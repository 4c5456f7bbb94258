/** A budget that stops calls, as gateways enforce it: money that is reserved with each call, in parts of a minor unit. */
import type { LimitPolicy } from '#gateway/snapshot.ts'
import type { Operation } from '#control/catalogue/index.ts'
import { exponentOf } from '#control/rating/index.ts'
import type { Budget } from './budget.ts'

/** Gateways count in whole numbers that arithmetic keeps exact (2^53), with room for what was used. */
const PARTS_MAX = 4_000_000_000_000_000n
const SCALE_MAX = 4

/** Digits behind the minor unit in which a cap is counted: by its amount alone, so that its count goes on under other prices. */
const scaleOf = (limitMinor: bigint): number => {
  let scale = SCALE_MAX
  while (scale > 0 && limitMinor * 10n ** BigInt(scale) > PARTS_MAX) scale--
  return scale
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** Whether a gateway can count to the amount. */
export const isCountable = (limitMinor: bigint): boolean => limitMinor <= PARTS_MAX

/** Decimal text in parts, what is finer rounded up: a cap is never exceeded by what was rounded. */
const partsOf = (price: string, digits: number): bigint => {
  const [whole = '0', fraction = ''] = price.split('.')
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
  return /[1-9]/.test(fraction.slice(digits)) ? kept + 1n : kept
}

/** Of the month that ends with what was used. */
const firstDayOf = ({ usedUntil, zone }: NonNullable<Budget['cap']>): string =>
  usedUntil.toZonedDateTimeISO(zone).toPlainDate().subtract({ months: 1 }).toString()

/**
 * What an application or a partner may spend, as a limit. Operations that cost nothing, and what the law opens, do not meet
 * it. Whatever stands in its rows, this is a limit that gateways take: all partners' limits are in one document.
 */
export const capPolicy = (
  budget: Budget,
  {
    unitPrices,
    operations,
    opened,
  }: {
    unitPrices: Readonly<Record<string, string>>
    operations: readonly Pick<Operation, 'id' | 'units'>[]
    /** By law. */
    opened: ReadonlySet<string>
  },
): LimitPolicy | undefined => {
  const { id, applicationId, currency, limitMinor, cap } = budget
  if (!cap) return undefined
  const scale = scaleOf(limitMinor)
  const parts = 10n ** BigInt(scale)
  const limit = least(limitMinor * parts, PARTS_MAX)
  const digits = (exponentOf(currency) ?? 2) + scale
  const costs = operations.flatMap(({ id: operation, units }): [string, number][] => {
    const cost = partsOf(unitPrices[operation] ?? '0', digits) * BigInt(units)
    // What costs more than all of it is refused whatever it costs.
    return cost === 0n || opened.has(operation)
      ? []
      : [[operation, Number(least(cost, limit + 1n))]]
  })
  if (costs.length === 0) return undefined
  return {
    name: `cap-${id.slice(-12)}`,
    per: [],
    counts: 'spend',
    costs: Object.fromEntries(costs),
    ...(applicationId !== null && { application: applicationId }),
    // More cannot be used up than there is.
    used: { permits: Number(least(cap.usedMinor * parts, limit)), starts: firstDayOf(cap) },
    shape: {
      kind: 'window',
      period: 'month',
      zone: cap.zone,
      limit: Number(limit),
    },
    appliesTo: {},
    whenAway: 'refuse',
  }
}
