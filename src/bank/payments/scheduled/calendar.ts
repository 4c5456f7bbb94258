/** On which days the bank settles, until when on each, and when an order for a day is executed. */
import { problem } from '#kernel/problem.ts'

/** Orders for the same day are taken until the cut-off; orders for a later day are executed when it opens. */
export const OPENS = Temporal.PlainTime.from('09:00')
export const CUT_OFF = Temporal.PlainTime.from('16:00')
/** So far ahead an order may be given. */
const AHEAD = Temporal.Duration.from({ years: 1 })

/** Labour Code of Uzbekistan, art. 208: the holidays that return each year on their date. */
const yearly: ReadonlySet<string> = new Set([
  '01-01',
  '03-08',
  '03-21',
  '05-09',
  '09-01',
  '10-01',
  '12-08',
])

/** What the bank's calendar says beyond weekends and the yearly holidays. */
export interface Calendar {
  readonly zone: string
  /** Holidays that follow the moon, and days off that were announced. */
  readonly holidays: ReadonlySet<string>
}

export const executionDateUnusable = problem(
  'payments/execution-date-unusable',
  400,
  'The bank cannot execute on that day',
)

export const isBusinessDay = ({ holidays }: Calendar, day: Temporal.PlainDate): boolean =>
  day.dayOfWeek <= 5 && !yearly.has(day.toString().slice(5)) && !holidays.has(day.toString())

/** The day itself, or the next one on which the bank settles. */
export const businessDayFrom = (calendar: Calendar, day: Temporal.PlainDate): Temporal.PlainDate =>
  isBusinessDay(calendar, day) ? day : businessDayFrom(calendar, day.add({ days: 1 }))

/** So many business days later. */
export const businessDaysAfter = (
  calendar: Calendar,
  day: Temporal.PlainDate,
  days: number,
): Temporal.PlainDate => {
  let at = day
  for (let left = days; left > 0; left--) at = businessDayFrom(calendar, at.add({ days: 1 }))
  return at
}

export const dayOf = ({ zone }: Pick<Calendar, 'zone'>, at: Temporal.Instant) =>
  at.toZonedDateTimeISO(zone).toPlainDate()

/** When an order for this day is executed: at once, at the opening of the day, or of the next business day. */
export interface Execution {
  readonly on: Temporal.PlainDate
  readonly at: Temporal.Instant
}
export const executionOf = (
  calendar: Calendar,
  wanted: Temporal.PlainDate,
  now: Temporal.Instant,
): Execution => {
  const local = now.toZonedDateTimeISO(calendar.zone)
  const today = local.toPlainDate()
  const missed =
    Temporal.PlainDate.compare(wanted, today) <= 0 &&
    Temporal.PlainTime.compare(local.toPlainTime(), CUT_OFF) >= 0
  const earliest = missed ? today.add({ days: 1 }) : today
  const on = businessDayFrom(
    calendar,
    Temporal.PlainDate.compare(wanted, earliest) < 0 ? earliest : wanted,
  )
  const opens = on.toZonedDateTime({ timeZone: calendar.zone, plainTime: OPENS }).toInstant()
  return { on, at: Temporal.Instant.compare(opens, now) < 0 ? now : opens }
}

/** An order is for today or a later day, at most a year ahead. */
export const checkExecutionDate = (
  calendar: Calendar,
  wanted: Temporal.PlainDate,
  now: Temporal.Instant,
): void => {
  const today = dayOf(calendar, now)
  if (Temporal.PlainDate.compare(wanted, today) < 0)
    throw executionDateUnusable(`${wanted.toString()} is over`, { reasonCode: 'DT01' })
  if (Temporal.PlainDate.compare(wanted, today.add(AHEAD)) > 0)
    throw executionDateUnusable('it is more than a year ahead', { reasonCode: 'DT01' })
}
