/** Months of the bank: half-open, in its zone. */
import { monthInvalid } from './invoice.ts'
import type { Month } from './content.ts'

/** `2026-11` as the period that it names. */
export const monthNamed = (month: string, zone: string): Month => {
  const start = Temporal.PlainDate.from(`${month}-01`)
  return { zone, start: start.toString(), end: start.add({ months: 1 }).toString() }
}

/** The last month that is over. */
export const monthBefore = (now: Temporal.Instant, zone: string): string =>
  now
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .with({ day: 1 })
    .subtract({ days: 1 })
    .toString()
    .slice(0, 7)

/** The month that is under way. */
export const monthOf = (now: Temporal.Instant, zone: string): string =>
  now.toZonedDateTimeISO(zone).toPlainDate().toString().slice(0, 7)

export const bounds = ({
  zone,
  start,
  end,
}: Month): { from: Temporal.Instant; to: Temporal.Instant } => {
  const [from, to] = [start, end].map((day) =>
    Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone }).startOfDay().toInstant(),
  )
  if (!from || !to) throw monthInvalid('a month has two ends')
  // Tallies are kept by the hour of UTC: a day that begins in the middle of one cannot be cut out of them.
  if (from.epochMilliseconds % 3_600_000 !== 0 || to.epochMilliseconds % 3_600_000 !== 0)
    throw monthInvalid(`days of ${zone} do not begin at a whole hour of UTC`)
  return { from, to }
}
