/** Whether prices are whole and sound. What is broken is refused when it is written, with the place named (B36). */
import { decimal, type Fraction, fraction, isAbove, isBelow, one, zero } from './fraction.ts'
import { type RatingFault, RatingRefused } from './refusal.ts'
import type { Charge, Commitment, Fee, Tier } from './terms.ts'

const PRICE_DECIMALS_MAX = 12
const hundred = fraction(100n)

/** Every mistake of a price, in the order in which it is read. */
export const chargeFaults = (charge: Charge, pointer: string): RatingRefused[] => {
  const faults = openFaults(pointer)
  if ('tiers' in charge) checkTiers(charge, faults)
  switch (charge.model) {
    case 'per_unit':
      faults.price('/unit', charge.unit)
      for (const [type, price] of Object.entries(charge.pairing?.prices ?? {}))
        faults.price(`/pairing/prices/${type}`, price)
      if (charge.pairing && charge.events === undefined)
        faults.add('invalid_price', '/pairing', 'pairs events, and there are none')
      if (charge.pairing && (charge.convert || charge.freeUnits !== undefined))
        faults.add('invalid_price', '/pairing', 'does not go with convert or freeUnits')
      break
    case 'package':
      faults.price('/package/price', charge.package.price)
      faults.price('/package/free', charge.package.free)
      faults.size('/package/size', charge.package.size)
      break
    case 'percentage':
      for (const name of [
        'percent',
        'fixed',
        'freeValue',
        'eventMinimum',
        'eventMaximum',
        'eventMaximumAbove',
      ] as const)
        faults.price(`/${name}`, charge[name])
      faults.order('/eventMinimum', charge.eventMinimum, charge.eventMaximum)
      if (charge.convert)
        faults.add('invalid_price', '/convert', 'converts quantities; this rates values')
      break
    case 'graduated':
    case 'volume':
    case 'stairstep':
    case 'graduated_percentage':
  }
  const ownAllowance =
    charge.model === 'package' ||
    charge.model === 'percentage' ||
    charge.model === 'graduated_percentage'
  if (charge.freeUnits !== undefined && ownAllowance)
    faults.add('invalid_price', '/freeUnits', `${charge.model} has an allowance of its own`)
  if (charge.convert) faults.size('/convert/divide', charge.convert.divide)
  for (const name of ['freeUnits', 'minimum', 'maximum', 'taxPercent'] as const)
    faults.price(`/${name}`, charge[name])
  faults.price('/discountPercent', charge.discountPercent)
  if (charge.discountPercent !== undefined && isAbove(decimal(charge.discountPercent), hundred))
    faults.add('invalid_price', '/discountPercent', 'takes off more than all')
  faults.order('/minimum', charge.minimum, charge.maximum)
  return faults.all
}

export const feeFaults = (fee: Fee, pointer: string): RatingRefused[] => {
  const faults = openFaults(pointer)
  faults.price('/amount', fee.amount)
  faults.price('/taxPercent', fee.taxPercent)
  return faults.all
}

export const commitmentFaults = ({
  amount,
  overageFactor,
}: Pick<Commitment, 'amount' | 'overageFactor'>): RatingRefused[] => {
  const faults = openFaults('/commitment')
  faults.price('/amount', amount)
  faults.price('/overageFactor', overageFactor)
  if (isBelow(decimal(overageFactor), one))
    faults.add(
      'invalid_price',
      '/overageFactor',
      'is below 1: what exceeds the commitment is not cheaper',
    )
  return faults.all
}

/** Edges ascend, and the last is open: so every fraction of a unit falls into exactly one tier. */
const checkTiers = ({ model, tiers }: Extract<Charge, { tiers: Tier[] }>, faults: Faults): void => {
  let edge: Fraction | undefined
  tiers.forEach((tier, i) => {
    const last = i === tiers.length - 1
    if (tier.upTo === null) {
      if (!last) faults.add('invalid_tiers', `/tiers/${i}/upTo`, 'an open tier is the last one')
    } else {
      const upTo = decimal(tier.upTo)
      if (isBelow(upTo, zero)) faults.add('invalid_tiers', `/tiers/${i}/upTo`, 'is negative')
      if (edge && !isAbove(upTo, edge))
        faults.add('invalid_tiers', `/tiers/${i}/upTo`, 'is not above the edge before it')
      if (last && model !== 'stairstep')
        faults.add('invalid_tiers', `/tiers/${i}/upTo`, 'the last tier is open: its upTo is null')
      edge = upTo
    }
    for (const name of ['unit', 'flat', 'percent'] as const)
      faults.price(`/tiers/${i}/${name}`, tier[name])
    if (tier.size !== undefined) faults.size(`/tiers/${i}/size`, tier.size)
    if (tier.unit !== undefined && model === 'stairstep' && tier.upTo !== null)
      faults.add(
        'invalid_price',
        `/tiers/${i}/unit`,
        'a band has one price; only an open last one has a unit price',
      )
    if (tier.percent !== undefined && model !== 'graduated_percentage')
      faults.add('invalid_price', `/tiers/${i}/percent`, `${model} prices units, not values`)
    if (tier.unit !== undefined && model === 'graduated_percentage')
      faults.add(
        'invalid_price',
        `/tiers/${i}/unit`,
        'graduated_percentage prices values, not units',
      )
  })
}

interface Faults {
  readonly all: RatingRefused[]
  add(fault: RatingFault, at: string, detail: string): void
  /** Not negative, and not finer than a price may be. */
  price(at: string, text: string | undefined): void
  /** A price that something is divided by. */
  size(at: string, text: string): void
  order(at: string, low: string | undefined, high: string | undefined): void
}

const openFaults = (pointer: string): Faults => {
  const all: RatingRefused[] = []
  const add: Faults['add'] = (fault, at, detail) =>
    void all.push(new RatingRefused(fault, `${pointer}${at}`, detail))
  const price: Faults['price'] = (at, text) => {
    if (text === undefined) return
    if (isBelow(decimal(text), zero)) add('invalid_price', at, 'is negative')
    if ((text.split('.')[1]?.length ?? 0) > PRICE_DECIMALS_MAX)
      add('invalid_price', at, `has more than ${PRICE_DECIMALS_MAX} decimals`)
  }
  return {
    all,
    add,
    price,
    size: (at, text) => {
      price(at, text)
      if (decimal(text).numerator === 0n) add('invalid_price', at, 'is zero')
    },
    order: (at, low, high) => {
      if (low !== undefined && high !== undefined && isAbove(decimal(low), decimal(high)))
        add('invalid_price', at, 'is above the maximum')
    },
  }
}
