/** Until when a first answer is promised: so many minutes, counted only while support is open. Pure and exact. */
import type { Support, Urgency } from '#control/contracts/index.ts'

const MINUTE_NS = 60_000_000_000n
const SATURDAY = 6

type Hours = NonNullable<Support['hours']>

/** The instants between which support is open on a day; undefined at weekends, and where a clock that is put forward leaves nothing. */
const openOn = (
  day: Temporal.PlainDate,
  { from, to, zone }: Hours,
): { fromNs: bigint; toNs: bigint } | undefined => {
  if (day.dayOfWeek >= SATURDAY) return undefined
  const nsAt = (time: string) =>
    day.toZonedDateTime({ timeZone: zone, plainTime: time }).epochNanoseconds
  const [fromNs, toNs] = [nsAt(from), nsAt(to)]
  return fromNs < toNs ? { fromNs, toNs } : undefined
}

/**
 * The last instant that keeps the promise. What counts is time that passes, not what a wall clock shows: on the day on which
 * clocks change, an office that is open over the change is open an hour more or less.
 */
export const dueAt = (
  { hours, firstAnswerMinutes }: Support,
  urgency: Urgency,
  openedAt: Temporal.Instant,
): Temporal.Instant => {
  const promisedNs = BigInt(firstAnswerMinutes[urgency]) * MINUTE_NS
  if (hours === null) return new Temporal.Instant(openedAt.epochNanoseconds + promisedNs)
  let leftNs = promisedNs
  for (
    let day = openedAt.toZonedDateTimeISO(hours.zone).toPlainDate();
    ;
    day = day.add({ days: 1 })
  ) {
    const open = openOn(day, hours)
    if (!open) continue
    const startNs =
      open.fromNs > openedAt.epochNanoseconds ? open.fromNs : openedAt.epochNanoseconds
    const passedNs = open.toNs - startNs
    if (passedNs <= 0n) continue
    if (leftNs <= passedNs) return new Temporal.Instant(startNs + leftNs)
    leftNs -= passedNs
  }
}
