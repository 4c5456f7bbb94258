/** What is no usage: a sum that is shared out, a credit for a broken promise, a credit for a line that was invoiced. */
import { allocate } from '#kernel/money.ts'
import { quantityOf } from './events.ts'
import {
  decimal,
  type Fraction,
  fraction,
  isAbove,
  isBelow,
  minus,
  negated,
  ofMinor,
  over,
  percentOf,
  plus,
  rounded,
  times,
  zero,
} from './fraction.ts'
import type { Line } from './invoice.ts'
import { RatingRefused } from './refusal.ts'
import type { CreditNoteInput, ServiceCreditInput, SplitInput } from './terms.ts'

const hundred = fraction(100n)

/** Minor units of an amount that is money already; refuses one that is finer than the currency. */
const exactMinor = (text: string, exponent: number, pointer: string): bigint => {
  const { numerator, denominator } = decimal(text)
  const scaled = numerator * 10n ** BigInt(exponent)
  if (scaled % denominator !== 0n)
    throw new RatingRefused('invalid_amount', pointer, 'is finer than the currency')
  return scaled / denominator
}

/** By largest remainder, the earlier share where two are equal: the parts are the whole, always (B18). */
export const splitLines = ({ split }: SplitInput, exponent: number): Line[] => {
  const weights = split.weights.map(decimal)
  if (weights.some((w) => isBelow(w, zero)))
    throw new RatingRefused('invalid_weights', '/split/weights', 'one is negative')
  if (!weights.some((w) => isAbove(w, zero)))
    throw new RatingRefused('invalid_weights', '/split/weights', 'none is above zero')
  const minor = exactMinor(split.amount, exponent, '/split/amount')
  const scale = weights.reduce((a, w) => (w.denominator > a ? w.denominator : a), 1n)
  const parts = allocate(
    minor,
    weights.map((w) => (w.numerator * scale) / w.denominator),
  )
  return parts.map((part, i) => ({ kind: 'share', minor: part, of: String(i) }))
}

/** The worst band that any objective broke; objectives never add up (L12, L13). Compared exactly, never as rounded figures. */
export const serviceCreditLines = (
  { sla, rounding }: ServiceCreditInput,
  exponent: number,
): Line[] => {
  let percent = zero
  sla.slos.forEach(({ good, total, bands }, i) => {
    const goods = quantityOf(good, `/sla/slos/${i}/good`)
    const all = quantityOf(total, `/sla/slos/${i}/total`)
    if (isAbove(goods, all))
      throw new RatingRefused('invalid_quantity', `/sla/slos/${i}/good`, 'is more than there were')
    if (all.numerator === 0n) return
    const reached = over(times(goods, hundred), all)
    for (const band of bands)
      if (isBelow(reached, decimal(band.below)) && isAbove(decimal(band.percent), percent))
        percent = decimal(band.percent)
  })
  const cap = sla.capPercent === undefined ? percent : decimal(sla.capPercent)
  const due = isBelow(cap, percent) ? cap : percent
  if (due.numerator === 0n) return []
  const exact = negated(percentOf(decimal(sla.base), due))
  return [
    { kind: 'service_credit', quantity: due, exact, minor: rounded(exact, exponent, rounding) },
  ]
}

/** Cumulative, so that the last unit leaves nothing behind, and never more than the line had (B19). */
export const creditNoteLines = (
  { creditNote: note, rounding }: CreditNoteInput,
  exponent: number,
): Line[] => {
  const toMinor = (value: Fraction) => rounded(value, exponent, rounding)
  const line = decimal(note.line)
  const credited = toMinor(decimal(note.credited ?? '0'))
  const exceeds = () => {
    throw new RatingRefused('credit_exceeds_line', '/creditNote', 'the line has no more left')
  }
  const byUnits = (quantity: string, creditQuantity: string): bigint => {
    const all = quantityOf(quantity, '/creditNote/quantity')
    const before = quantityOf(note.creditedQuantity ?? '0', '/creditNote/creditedQuantity')
    const units = plus(before, quantityOf(creditQuantity, '/creditNote/creditQuantity'))
    if (isAbove(units, all) || all.numerator === 0n) exceeds()
    return toMinor(over(times(line, units), all)) - credited
  }
  const byMoney = (amount: string): bigint => {
    const minor = exactMinor(amount, exponent, '/creditNote/creditAmount')
    if (minor < 0n)
      throw new RatingRefused('invalid_amount', '/creditNote/creditAmount', 'is negative')
    return minor
  }
  const net =
    note.creditAmount === undefined
      ? byUnits(note.quantity ?? '0', note.creditQuantity ?? '0')
      : byMoney(note.creditAmount)
  if (isAbove(ofMinor(credited + net, exponent), line)) exceeds()
  const taxOn = (minor: bigint) =>
    toMinor(percentOf(ofMinor(minor, exponent), decimal(note.taxPercent ?? '0')))
  const tax = taxOn(credited + net) - taxOn(credited)
  return [
    { kind: 'credit_note', minor: -net, exact: minus(zero, ofMinor(net, exponent)) },
    ...(note.taxPercent === undefined
      ? []
      : [{ kind: 'tax' as const, minor: -tax, taxPercent: note.taxPercent }]),
  ]
}
