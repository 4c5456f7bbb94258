/** One charge of an invoice: quantity, conversion, allowance, model, discount, rounding, maximum and minimum, in this order (B8). */
import { countedEvents, type Counted, quantityOf } from './events.ts'
import {
  decimal,
  type Fraction,
  fraction,
  greatest,
  minus,
  ofMinor,
  over,
  percentOf,
  rounded,
  type Rounding,
  sum,
  times,
  whole,
  zero,
} from './fraction.ts'
import * as models from './models.ts'
import { type Basis, boundsOf, type InForce, partInForce, type Span } from './period.ts'
import { chargeFaults } from './prices.ts'
import { RatingRefused } from './refusal.ts'
import type { Charge } from './terms.ts'

/** What all lines of an invoice share. */
export interface Ground {
  readonly exponent: number
  readonly rounding: Rounding
  readonly span: Span | undefined
  readonly basis: Basis
}

/** The part of the period in which something was in force. Who says a time needs a period that it is a part of. */
export const partOf = ({ span, basis }: Ground, force: InForce, pointer: string): Fraction => {
  if (force.from === undefined && force.to === undefined) return fraction(1n)
  if (!span)
    throw new RatingRefused(
      'invalid_period',
      pointer,
      'it is in force for a time, and there is no period',
    )
  return partInForce(span, force, basis, pointer)
}

export const isForATime = ({ from, to }: InForce): boolean => from !== undefined || to !== undefined

/** Money that is prorated is rounded first, as money (B21); a whole period is not touched. */
export const proratedMoney = (
  text: string,
  ground: Ground,
  force: InForce,
  pointer: string,
): Fraction => {
  const full = decimal(text)
  if (!isForATime(force)) return full
  const part = partOf(ground, force, pointer)
  return ofMinor(rounded(times(full, part), ground.exponent, ground.rounding), ground.exponent)
}

/** An allowance that is prorated is rounded up to a whole unit (B28). */
const proratedAllowance = (
  full: Fraction,
  ground: Ground,
  force: InForce,
  pointer: string,
): Fraction => (isForATime(force) ? whole(times(full, partOf(ground, force, pointer)), 'up') : full)

export interface RatedCharge {
  /** Of the whole period so far: rounded once, and not above the maximum. */
  readonly minor: bigint
  /** Before rounding and maximum. */
  readonly exact: Fraction
  readonly quantity: Fraction
  readonly parts: readonly models.Part[]
  /** What the minimum lacks; zero where it is reached. */
  readonly lackingMinor: bigint
}

export const rateCharge = (charge: Charge, ground: Ground, pointer: string): RatedCharge => {
  const [fault] = chargeFaults(charge, pointer)
  if (fault) throw fault
  const bounds = ground.span
    ? boundsOf(ground.span, charge, ground.basis, pointer)
    : (partOf(ground, charge, pointer), undefined)
  const events = charge.events && countedEvents(charge.events, bounds, `${pointer}/events`)
  const quantity = billedQuantity(charge, events, ground, pointer)
  const { amount, parts } = byModel(charge, quantity, events ?? [], ground, pointer)
  const discount = decimal(charge.discountPercent ?? '0')
  const exact = minus(amount, percentOf(amount, discount))
  const money = (text: string) => proratedMoney(text, ground, charge, pointer)
  const toMinor = (value: Fraction) => rounded(value, ground.exponent, ground.rounding)
  const full = toMinor(exact)
  const most = charge.maximum === undefined ? undefined : toMinor(money(charge.maximum))
  const minor = most !== undefined && most < full ? most : full
  const least = charge.minimum === undefined ? 0n : toMinor(money(charge.minimum))
  return { minor, exact, quantity, parts, lackingMinor: least > minor ? least - minor : 0n }
}

const billedQuantity = (
  charge: Charge,
  events: readonly Counted[] | undefined,
  ground: Ground,
  pointer: string,
): Fraction => {
  const { convert } = charge
  const values = charge.model === 'percentage' || charge.model === 'graduated_percentage'
  const each = events?.map((e) => (values ? e.value : e.quantity))
  const said = 'quantity' in charge ? charge.quantity : undefined
  const total = each ? sum(each) : quantityOf(said ?? '0', `${pointer}/quantity`)
  const converted = (quantity: Fraction) => {
    if (!convert) return quantity
    const divided = over(quantity, decimal(convert.divide))
    return convert.round === 'none' ? divided : whole(divided, convert.round)
  }
  const quantity = convert?.per === 'event' && each ? sum(each.map(converted)) : converted(total)
  if (charge.freeUnits === undefined) return quantity
  const free = proratedAllowance(decimal(charge.freeUnits), ground, charge, pointer)
  return greatest(minus(quantity, free), zero)
}

const byModel = (
  charge: Charge,
  quantity: Fraction,
  events: readonly Counted[],
  ground: Ground,
  pointer: string,
): models.Rated => {
  const allowance = (full: Fraction) => proratedAllowance(full, ground, charge, pointer)
  switch (charge.model) {
    case 'per_unit':
      return charge.pairing ? models.paired(charge, events) : models.perUnit(charge, quantity)
    case 'graduated':
      return models.graduated(charge, quantity)
    case 'volume':
      return models.volume(charge, quantity)
    case 'stairstep':
      return models.stairstep(charge, quantity, pointer)
    case 'graduated_percentage':
      return models.graduatedPercentage(charge, quantity)
    case 'package':
      return models.packages(charge, quantity, allowance(decimal(charge.package.free ?? '0')))
    case 'percentage':
      return models.percentage(charge, events, {
        count:
          charge.freeEvents === undefined
            ? undefined
            : allowance(fraction(BigInt(charge.freeEvents))),
        value:
          charge.freeValue === undefined
            ? undefined
            : proratedMoney(charge.freeValue, ground, charge, pointer),
      })
  }
}
