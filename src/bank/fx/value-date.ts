/** On which day money changes hands: a day on which both currencies are open, soon enough and not too soon. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { FxCurrency } from './rate.ts'

export const valueDateInvalid = problem(
  'fx/value-date-invalid',
  400,
  'Nothing is exchanged on this day',
)

/** Why money does not change hands today. */
export const Flag = z.enum(['WEEKEND', 'HOLIDAY', 'AFTER_CUT_OFF'])
export type Flag = z.output<typeof Flag>

/** In the bank's zone: until then today is a value date; from the second on, money changes hands on the day. */
const CUT_OFF = Temporal.PlainTime.from('16:00')
const OPENING = Temporal.PlainTime.from('09:00')
/** So many business days after the first that is possible. */
const DAYS_AHEAD_MAX = 2

export const isWeekend = (day: Temporal.PlainDate) => day.dayOfWeek > 5

/** Gregorian Easter, by Meeus, Jones and Butcher. */
export const easter = (year: number): Temporal.PlainDate => {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = b - Math.floor(b / 4) - Math.floor((8 * b + 13) / 25)
  const h = (19 * a + d + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return new Temporal.PlainDate(year, Math.floor(n / 31), (n % 31) + 1)
}

/** The nth of a weekday in a month; −1 is its last. */
const nth = (day: Temporal.PlainDate, weekday: number, which: number): boolean =>
  day.dayOfWeek === weekday &&
  (which > 0 ? Math.ceil(day.day / 7) === which : day.day + 7 > day.daysInMonth)

const on = (day: Temporal.PlainDate, ...days: readonly string[]) =>
  days.includes(day.toString().slice(5))

/** Days on which the payment system of a currency rests, as far as they follow a rule. Decrees are the bank's table. */
const rests: Readonly<Record<FxCurrency, (day: Temporal.PlainDate) => boolean>> = {
  // Labour Code of Uzbekistan, Article 208; the two hayits follow the moon and are decreed.
  UZS: (day) => on(day, '01-01', '03-08', '03-21', '05-09', '09-01', '10-01', '12-08'),
  // 5 U.S.C. § 6103. The Federal Reserve does not make up on Friday for a Saturday, but on Monday for a Sunday.
  USD: (day) => {
    const observed = day.dayOfWeek === 1 ? [day, day.subtract({ days: 1 })] : [day]
    const { month } = day
    return (
      observed.some((d) => on(d, '01-01', '06-19', '07-04', '11-11', '12-25')) ||
      ((month === 1 || month === 2) && nth(day, 1, 3)) ||
      (month === 5 && nth(day, 1, -1)) ||
      (month === 9 && nth(day, 1, 1)) ||
      (month === 10 && nth(day, 1, 2)) ||
      (month === 11 && nth(day, 4, 4))
    )
  },
  // T2, the Eurosystem's calendar of closing days.
  EUR: (day) => {
    const sunday = easter(day.year)
    return (
      on(day, '01-01', '05-01', '12-25', '12-26') ||
      day.equals(sunday.subtract({ days: 2 })) ||
      day.equals(sunday.add({ days: 1 }))
    )
  },
}

/** Days that were decreed for a currency. */
export interface ClosedDay {
  readonly currency: FxCurrency
  readonly day: Temporal.PlainDate
}

export interface Calendar {
  readonly zone: string
  readonly closed: readonly ClosedDay[]
}

const closedBecause = (
  day: Temporal.PlainDate,
  currencies: readonly FxCurrency[],
  { closed }: Calendar,
): Flag | undefined => {
  if (isWeekend(day)) return 'WEEKEND'
  const rest = currencies.some(
    (currency) =>
      rests[currency](day) || closed.some((c) => c.currency === currency && c.day.equals(day)),
  )
  return rest ? 'HOLIDAY' : undefined
}

const nextOpen = (
  after: Temporal.PlainDate,
  currencies: readonly FxCurrency[],
  calendar: Calendar,
): Temporal.PlainDate => {
  let day = after.add({ days: 1 })
  while (closedBecause(day, currencies, calendar)) day = day.add({ days: 1 })
  return day
}

const at = (day: Temporal.PlainDate, plainTime: Temporal.PlainTime, { zone }: Calendar) =>
  day.toZonedDateTime({ timeZone: zone, plainTime }).toInstant()

/** The first day that is possible now, the last, and why it is not today. */
export const valueDates = (
  currencies: readonly FxCurrency[],
  now: Temporal.Instant,
  calendar: Calendar,
): { first: Temporal.PlainDate; last: Temporal.PlainDate; flags: readonly Flag[] } => {
  const here = now.toZonedDateTimeISO(calendar.zone)
  const today = here.toPlainDate()
  const closed = closedBecause(today, currencies, calendar)
  const late = Temporal.PlainTime.compare(here.toPlainTime(), CUT_OFF) >= 0
  const flags: Flag[] = closed ? [closed] : late ? ['AFTER_CUT_OFF'] : []
  const first = flags.length === 0 ? today : nextOpen(today, currencies, calendar)
  let last = first
  for (let days = 0; days < DAYS_AHEAD_MAX; days++) last = nextOpen(last, currencies, calendar)
  return { first, last, flags }
}

/** The value date that was asked for, where it is possible; the first one, where none was asked for. */
export const valueDateFor = (
  asked: Temporal.PlainDate | undefined,
  currencies: readonly FxCurrency[],
  now: Temporal.Instant,
  calendar: Calendar,
): { day: Temporal.PlainDate; flags: readonly Flag[] } => {
  const { first, last, flags } = valueDates(currencies, now, calendar)
  const day = asked ?? first
  const { PlainDate } = Temporal
  if (PlainDate.compare(day, first) < 0 || PlainDate.compare(day, last) > 0)
    throw valueDateInvalid(`the value date is from ${first.toString()} to ${last.toString()}`)
  if (closedBecause(day, currencies, calendar))
    throw valueDateInvalid(`${day.toString()} is no business day of ${currencies.join(' and ')}`)
  return { day, flags }
}

/** A quote for a day is good until the cut-off of that day, and never longer. */
export const cutOffOf = (day: Temporal.PlainDate, calendar: Calendar): Temporal.Instant =>
  at(day, CUT_OFF, calendar)

/** When the bank pays out on a day. Until then an exchange can be unwound. */
export const openingOf = (day: Temporal.PlainDate, calendar: Calendar): Temporal.Instant =>
  at(day, OPENING, calendar)
