/** Price terms: what stands in a price version beside the prices of single calls. Checked when it is written, never later. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { chargeFaults, commitmentFaults, feeFaults } from './prices.ts'
import { Charge, Decimal, Fee, type RatedEvent } from './terms.ts'

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is a word such as bulk-reads')
/** Of which tiers it is; without it of all. */
const tiers = z.array(z.string()).min(1).optional()

/** What has a value that a price can be a share of: as the cells' journals tell it. */
export const ValueKind = z.enum([
  'payment',
  'card-clearing',
  'fx-markup',
  'loan',
  'account-fee',
  'reported',
])
export type ValueKind = z.output<typeof ValueKind>

/**
 * A price over the calls of several operations, or over the values of what happened: `price` is a charge of the rating
 * engine without its usage.
 */
export const PlanCharge = z.strictObject({
  id: Id,
  title: z.string().min(1).max(80),
  /** Operations whose units it counts. */
  counts: z.array(z.string()).default([]),
  /** Or what it takes a share of; then it counts no calls. */
  values: z.array(ValueKind).min(1).optional(),
  price: z.looseObject({ model: z.string() }),
  tiers,
})
export type PlanCharge = z.output<typeof PlanCharge>

/** A fee of each month, prorated by the days of the contract in it. */
export const PlanFee = z.strictObject({
  id: Id,
  title: z.string().min(1).max(80),
  amount: Decimal,
  tiers,
})
export type PlanFee = z.output<typeof PlanFee>

/**
 * What a partner promises to spend on calls in a month, prorated by the days of the contract in it. What exceeds it costs so
 * many times its price; where less was used, the rest is billed too.
 */
export const PlanCommitment = z.strictObject({
  title: z.string().min(1).max(80),
  amount: Decimal,
  overageFactor: Decimal.default('1'),
  trueUp: z.boolean().default(true),
  tiers,
})
export type PlanCommitment = z.output<typeof PlanCommitment>

export const PriceTerms = z.strictObject({
  rounding: z.enum(['half_up', 'half_even']).default('half_up'),
  /** Where the months of its contracts begin and end, if not where the bank is. */
  zone: z.string().optional(),
  /** Value added tax on everything, in per cent. */
  taxPercent: Decimal.optional(),
  charges: z.array(PlanCharge).max(200).default([]),
  fees: z.array(PlanFee).max(50).default([]),
  /** One for a tier. */
  commitments: z.array(PlanCommitment).max(20).optional(),
})
export type PriceTerms = z.output<typeof PriceTerms>

export const noTerms: PriceTerms = { rounding: 'half_up', charges: [], fees: [] }

export interface TermsFault {
  /** A JSON pointer into the terms. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Models that count units of calls, and those that take a share of values. */
const countable = new Set(['per_unit', 'graduated', 'volume', 'stairstep', 'package'])
const ofValues = new Set(['percentage', 'graduated_percentage'])
const usageMembers = [
  'quantity',
  'events',
  'booked',
  'from',
  'to',
  'taxPercent',
  'id',
  'pairing',
] as const

/** A price is read once, however many partners it is rated for. */
const read = new WeakMap<PlanCharge, Charge>()
const readOnce = (plan: PlanCharge): Charge => {
  const before = read.get(plan)
  if (before) return before
  const usage = plan.values ? { events: [] } : { quantity: '0' }
  const charge = Charge.parse({ ...plan.price, id: plan.id, ...usage })
  read.set(plan, charge)
  return charge
}

/** The charge as the engine takes it, over a quantity. */
export const chargeOver = (plan: PlanCharge, quantity: string): Charge => {
  const charge = readOnce(plan)
  assert(charge.model !== 'percentage', 'what takes a share of values counts no units')
  return { ...charge, quantity }
}

/** The charge as the engine takes it, over the values of what happened. */
export const chargeOverValues = (plan: PlanCharge, events: RatedEvent[]): Charge => ({
  ...readOnce(plan),
  events,
})

/**
 * Every mistake of terms, with its place. `unitPrices`: an operation that a charge counts costs nothing by itself, or it
 * would be billed twice.
 */
export const termsFaults = (
  { charges, fees, commitments = [], taxPercent, zone }: PriceTerms,
  unitPrices: Readonly<Record<string, string>>,
): TermsFault[] => {
  const faults: TermsFault[] = []
  const add = (pointer: string, code: string, detail: string) =>
    void faults.push({ pointer, code, detail })
  const ids = new Set<string>()
  const named = (id: string, pointer: string) => {
    if (ids.has(id)) add(`${pointer}/id`, 'duplicate', `another is called ${id}`)
    ids.add(id)
  }
  const counted = new Set<string>()
  charges.forEach((charge, i) => {
    const at = `/charges/${i}`
    named(charge.id, at)
    const isOfValues = charge.values !== undefined
    if (isOfValues === charge.counts.length > 0)
      add(`${at}/counts`, 'shape', 'counts operations, or has values; one of the two')
    for (const operation of charge.counts) {
      const price = unitPrices[operation]
      if (price === undefined) add(`${at}/counts`, 'unknown', `no product has ${operation}`)
      else if (!/^0(\.0+)?$/.test(price))
        add(
          `${at}/counts`,
          'priced-twice',
          `${operation} has a unit price of ${price} already: it must be 0`,
        )
      const mark = `${operation} ${[...(charge.tiers ?? ['*'])].join()}`
      if (counted.has(mark))
        add(`${at}/counts`, 'priced-twice', `another charge counts ${operation}`)
      counted.add(mark)
    }
    for (const member of usageMembers)
      if (member in charge.price)
        add(`${at}/price/${member}`, 'unknown', 'comes with the usage, or is not for calls')
    const models = isOfValues ? ofValues : countable
    if (!models.has(charge.price.model))
      return add(`${at}/price/model`, 'unknown', `is one of ${[...models].join(', ')}`)
    const read = Charge.safeParse({
      ...charge.price,
      ...(isOfValues ? { events: [] } : { quantity: '0' }),
    })
    if (!read.success)
      for (const issue of read.error.issues)
        add(`${at}/price/${issue.path.join('/')}`, 'shape', issue.message)
    else
      for (const { pointer, fault, detail } of chargeFaults(read.data, `${at}/price`))
        add(pointer, fault, detail)
  })
  fees.forEach((fee, i) => {
    named(fee.id, `/fees/${i}`)
    for (const { pointer, fault, detail } of feeFaults(
      Fee.parse({ amount: fee.amount }),
      `/fees/${i}`,
    ))
      add(pointer, fault, detail)
  })
  const committed = new Set<string>()
  commitments.forEach((commitment, i) => {
    const at = `/commitments/${i}`
    for (const tier of commitment.tiers ?? ['*']) {
      if (committed.has(tier) || committed.has('*') || (tier === '*' && committed.size > 0))
        add(`${at}/tiers`, 'duplicate', 'another commitment is of the same tier')
      committed.add(tier)
    }
    for (const { pointer, fault, detail } of commitmentFaults(commitment))
      add(pointer.replace('/commitment', at), fault, detail)
  })
  const cut = zone === undefined ? undefined : zoneFault(zone)
  if (cut !== undefined) add('/zone', 'unknown', cut)
  if (taxPercent !== undefined && taxPercent.startsWith('-'))
    add('/taxPercent', 'invalid_price', 'is negative')
  return faults
}

/** Usage is tallied by the hour of UTC: a month that began in the middle of one could not be cut out of it. */
const zoneFault = (zone: string): string | undefined => {
  try {
    const day = Temporal.PlainDate.from('2026-01-01')
    const starts = Array.from({ length: 24 }, (_, n) =>
      day.add({ months: n }).toZonedDateTime({ timeZone: zone }).startOfDay(),
    )
    return starts.every((start) => start.epochMilliseconds % 3_600_000 === 0)
      ? undefined
      : `months of ${zone} do not begin at a whole hour of UTC`
  } catch {
    return `${zone} is no zone of the IANA database`
  }
}
