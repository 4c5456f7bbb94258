/** Periods and the parts of them in which something was in force: half-open, in a zone, counted from their anchor. */
import { type Fraction, fraction, one, zero } from './fraction.ts'
import { RatingRefused } from './refusal.ts'
import type { Period } from './terms.ts'

export type Basis = 'day' | 'second'

/** Half-open, of whole calendar days of the zone. */
export interface Span {
  readonly zone: string
  readonly start: Temporal.PlainDate
  readonly end: Temporal.PlainDate
  /** The first instants of both days. */
  readonly startNs: bigint
  readonly endNs: bigint
}

const REMEMBERED_MAX = 10_000

/** What is the same for the same words for ever: where days of a zone begin costs more than all else in a line. */
const remembered = <Given, Value>(
  wordsOf: (given: Given) => string,
  read: (given: Given) => Value,
): ((given: Given) => Value) => {
  const known = new Map<string, Value>()
  return (given) => {
    const words = wordsOf(given)
    const before = known.get(words)
    if (before !== undefined) return before
    if (known.size >= REMEMBERED_MAX) known.clear()
    const value = read(given)
    known.set(words, value)
    return value
  }
}

export interface InForce {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const readSpan = (period: Period): Span => {
  const refuse = (detail: string): never => {
    throw new RatingRefused('invalid_period', '/period', detail)
  }
  try {
    startOfDay(Temporal.PlainDate.from('2026-01-01'), period.zone)
  } catch {
    refuse(`${period.zone} is no time zone`)
  }
  const date = (text: string): Temporal.PlainDate => {
    try {
      return Temporal.PlainDate.from(text, { overflow: 'reject' })
    } catch {
      return refuse(`${text} is no day`)
    }
  }
  const { zone } = period
  // Always from the anchor: counted from the last period, the 31st would become the 28th for ever.
  const [start, end] =
    'anchor' in period
      ? [period.nth, period.nth + 1].map((n) =>
          date(period.anchor).add({ months: n * period.months }, { overflow: 'constrain' }),
        )
      : [date(period.start), date(period.end)]
  if (!start || !end || Temporal.PlainDate.compare(start, end) >= 0)
    return refuse('it ends before it has begun')
  return { zone, start, end, startNs: startOfDay(start, zone), endNs: startOfDay(end, zone) }
}

export const spanOf = remembered((period: Period) => JSON.stringify(period), readSpan)

/** The first instant of a day: where midnight does not exist, the day begins later. */
const startOfDay = (day: Temporal.PlainDate, zone: string): bigint =>
  day.toZonedDateTime({ timeZone: zone }).startOfDay().epochNanoseconds

const isDate = (moment: string) => !moment.includes('T')

interface Said {
  readonly moment: string
  readonly zone: string
  readonly basis: Basis
}

const readMoment = remembered(
  ({ moment, zone, basis }: Said) => `${basis} ${zone} ${moment}`,
  ({ moment, zone, basis }) => {
    if (isDate(moment))
      return startOfDay(Temporal.PlainDate.from(moment, { overflow: 'reject' }), zone)
    const instant = Temporal.Instant.from(moment)
    if (basis === 'second') return instant.epochNanoseconds
    return startOfDay(instant.toZonedDateTimeISO(zone).toPlainDate(), zone)
  },
)

const momentNs = (moment: string, { zone }: Span, basis: Basis, pointer: string): bigint => {
  try {
    return readMoment({ moment, zone, basis })
  } catch {
    throw new RatingRefused('invalid_period', pointer, `${moment} is no moment`)
  }
}

/** Half-open, in nanoseconds since the epoch. */
export interface Bounds {
  readonly fromNs: bigint
  readonly toNs: bigint
}

/** Where the period and the time in force overlap; empty where they do not. */
export const boundsOf = (span: Span, force: InForce, basis: Basis, pointer: string): Bounds => {
  const { startNs, endNs } = span
  const fromNs =
    force.from === undefined ? startNs : momentNs(force.from, span, basis, `${pointer}/from`)
  const toNs = force.to === undefined ? endNs : momentNs(force.to, span, basis, `${pointer}/to`)
  return { fromNs: fromNs > startNs ? fromNs : startNs, toNs: toNs < endNs ? toNs : endNs }
}

/** How much of the whole period something was in force: by calendar days, or by elapsed time. */
export const partInForce = (
  span: Span,
  force: InForce,
  basis: Basis,
  pointer: string,
): Fraction => {
  if (force.from === undefined && force.to === undefined) return one
  const { fromNs, toNs } = boundsOf(span, force, basis, pointer)
  if (toNs <= fromNs) return zero
  if (fromNs === span.startNs && toNs === span.endNs) return one
  if (basis === 'day')
    return fraction(
      daysBetween(dayAt(fromNs, span.zone), dayAt(toNs, span.zone)),
      daysBetween(span.start, span.end),
    )
  return fraction(toNs - fromNs, span.endNs - span.startNs)
}

const dayAt = (ns: bigint, zone: string): Temporal.PlainDate =>
  new Temporal.Instant(ns).toZonedDateTimeISO(zone).toPlainDate()

/** Days are counted, never hours: a day has 23 of them, or 25. */
const daysBetween = (a: Temporal.PlainDate, b: Temporal.PlainDate): bigint =>
  BigInt(a.until(b, { largestUnit: 'days' }).days)
