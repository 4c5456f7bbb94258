/** What is earned in a month, and by whom. Pure: a statement can be computed again from what stands in it. */
import { z } from 'zod'
import { allocate } from '#kernel/money.ts'
import { assert } from '#kernel/assert.ts'
import { amountText, Decimal, minorText, taxLines } from '#control/rating/index.ts'
import type { Agreement } from './agreement.ts'

export const EarnedEvent = z.strictObject({
  id: z.string(),
  at: z.string(),
  /** Decimal text; below zero where it takes back. */
  value: Decimal,
})
export type EarnedEvent = z.output<typeof EarnedEvent>

export const ShareLine = z.strictObject({
  agreementId: z.string(),
  title: z.string(),
  basis: z.string(),
  /** First day of the month that it is about. */
  month: z.iso.date(),
  incomePercent: z.string(),
  sharePercent: z.string(),
  perEvent: z.string(),
  events: z.array(EarnedEvent),
  /** What all parties earn together, rounded once. */
  shared: Decimal,
  weights: z.array(z.int()),
  /** Which of the parties this one is. */
  position: z.int(),
  whole: Decimal,
  booked: Decimal,
  amount: Decimal,
  taxPercent: Decimal.nullable(),
})
export type ShareLine = z.output<typeof ShareLine>

export const StatementContent = z.strictObject({
  format: z.literal('portico.share-statement/1'),
  engine: z.string(),
  bank: z.strictObject({ name: z.string() }),
  partner: z.strictObject({ id: z.string(), legalName: z.string(), country: z.string() }),
  currency: z.string(),
  exponent: z.int(),
  period: z.strictObject({ zone: z.string(), start: z.string(), end: z.string() }),
  lines: z.array(ShareLine),
  tax: z.array(z.strictObject({ percent: Decimal, base: Decimal, amount: Decimal })),
  totals: z.strictObject({ net: Decimal, tax: Decimal, gross: Decimal }),
})
export type StatementContent = z.output<typeof StatementContent>

/** Something with a value, and when what it takes back was counted. */
export interface Happened {
  readonly id: string
  readonly at: Temporal.Instant
  readonly minor: bigint
  readonly takesBack: { readonly at: Temporal.Instant } | null
}

/** What counts: what was earned; and what was taken back, where that came in time (the mirror of what it takes back). */
export const countedEvents = (
  happened: readonly Happened[],
  { clawbackDays }: Pick<Agreement, 'clawbackDays'>,
  exponent: number,
): EarnedEvent[] =>
  happened
    .filter(({ at, minor, takesBack }) => {
      if (minor > 0n) return true
      if (takesBack === null) return false
      const ends = takesBack.at.add({ hours: clawbackDays * 24 })
      return Temporal.Instant.compare(at, ends) <= 0
    })
    .map(({ id, at, minor }) => ({ id, at: at.toString(), value: amountText(minor, exponent) }))

type Terms = Pick<ShareLine, 'incomePercent' | 'sharePercent' | 'perEvent'>

/** What all parties earn together: exact until it is rounded, once. Below zero where more was taken back than earned. */
export const sharedMinor = (
  events: readonly EarnedEvent[],
  { incomePercent, sharePercent, perEvent }: Terms,
  exponent: number,
): bigint => {
  const minorOf = (value: string) => minorText(value, exponent)
  const total = events.reduce((sum, e) => sum + minorOf(e.value), 0n)
  const count = events.reduce((sum, e) => sum + (e.value.startsWith('-') ? -1n : 1n), 0n)
  const [income, incomeScale] = scaled(incomePercent)
  const [share, shareScale] = scaled(sharePercent)
  const [each, eachScale] = scaled(perEvent)
  const scale = incomeScale * shareScale * 10_000n
  // total × income % × share % + count × each, over one denominator: rounded half away from zero.
  const numerator =
    total * income * share * eachScale + count * each * 10n ** BigInt(exponent) * scale
  return roundedHalfUp(numerator, scale * eachScale)
}

const scaled = (text: string): [bigint, bigint] => {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  assert(whole !== '', 'a share was read by its schema before')
  return [BigInt(`${sign}${whole}${part}`), 10n ** BigInt(part.length)]
}

const roundedHalfUp = (numerator: bigint, denominator: bigint): bigint => {
  const magnitude = numerator < 0n ? -numerator : numerator
  const rounded = (2n * magnitude + denominator) / (2n * denominator)
  return numerator < 0n ? -rounded : rounded
}

/** What one party gets of it: by largest remainder, so that all parts together are the whole (B18). */
export const partOf = (shared: bigint, weights: readonly number[], position: number): bigint => {
  const part = allocate(
    shared,
    weights.map((w) => BigInt(w)),
  )[position]
  assert(part !== undefined, 'a party has its place among the parties')
  return part
}

/** Tax of each rate on the sum of its lines, and the totals. */
export const summed = (
  lines: readonly Pick<ShareLine, 'amount' | 'taxPercent'>[],
  exponent: number,
): Pick<StatementContent, 'tax' | 'totals'> => {
  const rated = lines.map((l) => ({
    kind: 'share' as const,
    minor: minorText(l.amount, exponent),
    taxPercent: l.taxPercent ?? undefined,
  }))
  const taxes = taxLines(rated, [], { exponent, rounding: 'half_up' })
  const text = (minor: bigint) => amountText(minor, exponent)
  const net = rated.reduce((sum, l) => sum + l.minor, 0n)
  const tax = taxes.reduce((sum, l) => sum + l.minor, 0n)
  return {
    tax: taxes.map((t) => ({
      percent: t.taxPercent ?? '0',
      base: text(
        rated.filter((l) => l.taxPercent === t.taxPercent).reduce((sum, l) => sum + l.minor, 0n),
      ),
      amount: text(t.minor),
    })),
    totals: { net: text(net), tax: text(tax), gross: text(net + tax) },
  }
}

/** Figures of a statement that another sum gives; empty where all are right. */
export const differencesIn = (content: StatementContent): string[] => {
  const { exponent } = content
  const wrong: string[] = []
  content.lines.forEach((line, i) => {
    const shared = sharedMinor(line.events, line, exponent)
    const whole = partOf(shared, line.weights, line.position)
    const own = {
      shared: amountText(shared, exponent),
      whole: amountText(whole, exponent),
      amount: amountText(whole - minorText(line.booked, exponent), exponent),
    }
    for (const [name, is] of Object.entries(own))
      if (line[name as keyof typeof own] !== is) wrong.push(`/lines/${i}/${name}: ${is}`)
  })
  const { tax, totals } = summed(content.lines, exponent)
  if (JSON.stringify(tax) !== JSON.stringify(content.tax)) wrong.push('/tax')
  if (JSON.stringify(totals) !== JSON.stringify(content.totals)) wrong.push('/totals')
  return wrong
}
