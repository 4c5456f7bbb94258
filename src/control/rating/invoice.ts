/**
 * The lines of an invoice: charges, commitment, fees, credits, tax, in this order. Each usage line is the rounded amount
 * of the whole period so far, less what was booked: so late usage, a correction and an interim invoice are one act (B12).
 */
import { type Ground, partOf, proratedMoney, rateCharge } from './charge.ts'
import { amountText } from './currency.ts'
import { quantityOf } from './events.ts'
import {
  compare,
  decimal,
  type Fraction,
  ofMinor,
  one,
  percentOf,
  rounded,
  times,
  told,
} from './fraction.ts'
import type { Part } from './models.ts'
import { spanOf } from './period.ts'
import { commitmentFaults, feeFaults } from './prices.ts'
import { RatingRefused } from './refusal.ts'
import type { Charge, Commitment, Credit, Fee, InvoiceInput } from './terms.ts'

export type LineKind =
  | 'usage'
  | 'overage'
  | 'minimum'
  | 'commitment'
  | 'fee'
  | 'credit'
  | 'tax'
  | 'share'
  | 'service_credit'
  | 'credit_note'

/** One line, and how it came about. */
export interface Line {
  readonly kind: LineKind
  readonly minor: bigint
  /** Of the charge, fee or credit. */
  readonly of?: string | undefined
  readonly taxPercent?: string | undefined
  readonly quantity?: Fraction | undefined
  /** Before rounding. */
  readonly exact?: Fraction | undefined
  readonly parts?: readonly Part[] | undefined
  /** What was booked of it before, in minor units. */
  readonly bookedMinor?: bigint | undefined
}

export const invoiceLines = (input: InvoiceInput, exponent: number): Line[] => {
  const ground: Ground = {
    exponent,
    rounding: input.rounding,
    span: input.period && spanOf(input.period),
    basis: input.basis,
  }
  const charged = chargeLines(input, ground)
  const fees = (input.fees ?? []).map((fee, i) => feeLine(fee, ground, `/fees/${i}`))
  const lines = [...charged, ...fees]
  const { credits, onLines } = creditLines(input.credits ?? [], lines, input.at, ground)
  return [...lines, ...credits, ...taxLines(lines, onLines, ground)]
}

const chargeLines = (input: InvoiceInput, ground: Ground): Line[] => {
  const { commitment, final } = input
  let left = commitment && committed(commitment, ground)
  const lines: Line[] = []
  for (const [i, charge] of (input.charges ?? []).entries()) {
    const pointer = `/charges/${i}`
    const rated = rateCharge(charge, ground, pointer)
    // What prices all units by how many there are is known only at the end.
    if (charge.model === 'volume' && !final) continue
    const told: Partial<Line> = {
      of: charge.id,
      taxPercent: charge.taxPercent,
      quantity: rated.quantity,
      exact: rated.exact,
      parts: rated.parts,
    }
    if (commitment && left !== undefined) {
      const held = rated.minor < left ? rated.minor : left
      left -= held
      lines.push({ ...told, kind: 'usage', minor: held })
      if (rated.minor > held)
        lines.push({
          kind: 'overage',
          of: charge.id,
          taxPercent: charge.taxPercent,
          minor: overageOf(rated.minor - held, commitment, ground),
        })
    } else {
      const bookedMinor = bookedOf(charge, ground)
      lines.push({ ...told, kind: 'usage', minor: rated.minor - bookedMinor, bookedMinor })
    }
    if (final && rated.lackingMinor > 0n)
      lines.push({
        kind: 'minimum',
        of: charge.id,
        taxPercent: charge.taxPercent,
        minor: rated.lackingMinor,
      })
  }
  if (commitment?.trueUp && final && left !== undefined && left > 0n)
    lines.push({ kind: 'commitment', minor: left, taxPercent: commitment.taxPercent })
  return lines
}

const committed = (commitment: Commitment, ground: Ground): bigint => {
  const [fault] = commitmentFaults(commitment)
  if (fault) throw fault
  return rounded(
    proratedMoney(commitment.amount, ground, commitment, '/commitment'),
    ground.exponent,
    ground.rounding,
  )
}

const overageOf = (minor: bigint, { overageFactor }: Commitment, ground: Ground): bigint =>
  rounded(
    times(ofMinor(minor, ground.exponent), decimal(overageFactor)),
    ground.exponent,
    ground.rounding,
  )

const bookedOf = ({ booked }: Charge | Fee, { exponent, rounding }: Ground): bigint =>
  booked === undefined ? 0n : rounded(decimal(booked), exponent, rounding)

const feeLine = (fee: Fee, ground: Ground, pointer: string): Line => {
  const [fault] = feeFaults(fee, pointer)
  if (fault) throw fault
  const quantity =
    fee.quantity === undefined ? one : quantityOf(fee.quantity, `${pointer}/quantity`)
  const exact = times(times(decimal(fee.amount), quantity), partOf(ground, fee, pointer))
  const bookedMinor = bookedOf(fee, ground)
  return {
    kind: 'fee',
    of: fee.id,
    taxPercent: fee.taxPercent,
    quantity,
    exact,
    bookedMinor,
    minor: rounded(exact, ground.exponent, ground.rounding) - bookedMinor,
  }
}

/** Prepaid credits on positive lines, in their order; what each takes off a line lowers that line's tax. */
const creditLines = (
  credits: readonly Credit[],
  lines: readonly Line[],
  at: string | undefined,
  { exponent }: Ground,
): { credits: Line[]; onLines: readonly bigint[] } => {
  const usable = credits
    .filter(
      ({ expires }) =>
        at === undefined || expires === undefined || instantNs(at) < instantNs(expires),
    )
    .toSorted((a, b) => a.priority - b.priority || expiryOrder(a, b))
  const owed = lines.map((line) => (line.minor > 0n ? line.minor : 0n))
  const used: Line[] = []
  for (const credit of usable) {
    // A grant is money: what is finer than the currency pays nothing.
    let left = toMinorDown(decimal(credit.amount), exponent)
    let taken = 0n
    for (const [i, open] of owed.entries()) {
      const piece = open < left ? open : left
      if (piece <= 0n) continue
      owed[i] = open - piece
      left -= piece
      taken += piece
    }
    if (taken > 0n) used.push({ kind: 'credit', of: credit.id, minor: -taken })
  }
  return {
    credits: used,
    onLines: lines.map((line, i) => (line.minor > 0n ? line.minor - (owed[i] ?? 0n) : 0n)),
  }
}

const toMinorDown = ({ numerator, denominator }: Fraction, exponent: number): bigint => {
  if (numerator < 0n) throw new RatingRefused('invalid_price', '/credits', 'a credit is negative')
  return (numerator * 10n ** BigInt(exponent)) / denominator
}

const instantNs = (text: string): bigint => Temporal.Instant.from(text).epochNanoseconds

/** Sooner expiry first, none last. */
const expiryOrder = (a: Credit, b: Credit): number => {
  if (a.expires === b.expires) return 0
  if (a.expires === undefined) return 1
  if (b.expires === undefined) return -1
  return Temporal.Instant.compare(a.expires, b.expires)
}

/** One for each rate, on the sum of its lines: never the sum of rounded taxes (EN 16931 BR-CO-14). */
export const taxLines = (
  lines: readonly Line[],
  credited: readonly bigint[],
  ground: Pick<Ground, 'exponent' | 'rounding'>,
): Line[] => {
  const bases: { percent: string; minor: bigint }[] = []
  lines.forEach(({ taxPercent, minor }, i) => {
    if (taxPercent === undefined) return
    const net = minor - (credited[i] ?? 0n)
    const base = bases.find(({ percent }) => compare(decimal(percent), decimal(taxPercent)) === 0)
    if (base) base.minor += net
    else bases.push({ percent: taxPercent, minor: net })
  })
  return bases.map(({ percent, minor }) => {
    const base = ofMinor(minor, ground.exponent)
    const exact = percentOf(base, decimal(percent))
    return {
      kind: 'tax',
      taxPercent: percent,
      quantity: base,
      exact,
      minor: rounded(exact, ground.exponent, ground.rounding),
    }
  })
}

/** A line as it is printed: decimal text only. */
export const lineJson = (line: Line, exponent: number) => ({
  kind: line.kind,
  amount: amountText(line.minor, exponent),
  ...(line.of !== undefined && { of: line.of }),
  ...(line.quantity && { quantity: told(line.quantity) }),
  ...(line.exact && { exact: told(line.exact) }),
  ...(line.bookedMinor !== undefined &&
    line.bookedMinor !== 0n && { booked: amountText(line.bookedMinor, exponent) }),
  ...(line.taxPercent !== undefined && { taxPercent: line.taxPercent }),
  ...(line.parts && { parts: line.parts.map(partJson) }),
})
export type LineJson = ReturnType<typeof lineJson>

const partJson = ({ what, quantity, price, amount, upTo }: Part) => ({
  what,
  quantity: told(quantity),
  price: told(price),
  amount: told(amount),
  ...(upTo !== undefined && { upTo }),
})
