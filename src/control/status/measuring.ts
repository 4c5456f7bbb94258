/** What calls and looks come to by the minute: the rows that promises are judged by, of all partners together. */
import type { Cell } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import type { Postgres } from '#platform/db.ts'
import { maintenanceIn } from '#control/service-levels/index.ts'
import { answeredByProduct, answeredDays } from '#control/usage/index.ts'
import { isUnderWork, type Maintenance } from '../../status/facts.ts'
import * as store from './store.ts'

const MINUTE_MS = 60_000
/** Usage of a moment ago is still on its way from the gateways. */
const LATE_MINUTES = 10
/**
 * A gateway that was cut off tells later: what it may have told since is counted again, by the hour and by the night, a window
 * of so many minutes in each round.
 */
const WINDOW_MINUTES = 15
const LATE_HOURS = 3
const LATE_DAYS = 7
/** A control that starts for the first time measures so far back, a day at a time. */
const HISTORY_DAYS = 90

interface Called {
  readonly cell: Cell
  readonly part: string
  readonly minute: Temporal.Instant
  readonly calls: number
  readonly bad: number
}
type Looked = Awaited<ReturnType<typeof store.looks>>[number]

/**
 * In production calls decide, and a look of ours where nobody called. In the sandbox partners have failures played to
 * them, so that a call in vain proves nothing there: answers and our own looks count.
 */
export const minutesOf = (
  called: readonly Called[],
  looked: readonly Looked[],
  maintenance: readonly Maintenance[],
): store.MeasuredMinute[] => {
  const minutes = new Map<string, store.MeasuredMinute>()
  const add = (
    at: { cell: Cell; part: string; minute: Temporal.Instant },
    { good, total }: { good: number; total: number },
  ) => {
    if (total === 0) return
    const { cell, part, minute } = at
    const key = `${cell} ${part} ${minute.epochMilliseconds}`
    const held = minutes.get(key)
    const planned = held?.planned ?? isUnderWork({ maintenance: [...maintenance] }, at, minute)
    minutes.set(key, {
      cell,
      part,
      minute,
      planned,
      good: (held?.good ?? 0) + good,
      total: (held?.total ?? 0) + total,
    })
  }
  for (const { calls, bad, ...at } of called)
    add(at, { good: calls - bad, total: at.cell === 'sandbox' ? calls - bad : calls })
  const spoken = new Set(minutes.keys())
  for (const { tries, answered, ...at } of looked) {
    const key = `${at.cell} ${at.part} ${at.minute.epochMilliseconds}`
    if (at.cell === 'production' && spoken.has(key)) continue
    add(at, { good: answered, total: tries })
  }
  return [...minutes.values()]
}

export interface MeasuringWorld {
  readonly now: () => Temporal.Instant
  readonly zone: string
}

/** Measures a span anew, and the days that it touches. */
export const measureSpan = async (
  db: Postgres,
  span: { readonly from: Temporal.Instant; readonly to: Temporal.Instant },
  zone: string,
): Promise<void> => {
  const [sandbox, production, looked, announced] = await Promise.all([
    answeredByProduct(db, { cell: 'sandbox', ...span }),
    answeredByProduct(db, { cell: 'production', ...span }),
    store.looks(db, span),
    maintenanceIn(db, undefined, span),
  ])
  const inCell = (cell: Cell, rows: typeof sandbox) =>
    rows.map(({ product, ...m }) => ({ ...m, cell, part: product }))
  const minutes = minutesOf(
    [...inCell('sandbox', sandbox), ...inCell('production', production)],
    looked,
    announced.map(({ product, ...m }) => ({ ...m, part: product })),
  )
  if (minutes.length === 0) return
  await db.transaction(async (tx) => {
    await store.keepMinutes(tx, minutes)
    await store.sumDays(tx, span, zone)
  })
}

const floored = (at: Temporal.Instant) =>
  at.round({ smallestUnit: 'minute', roundingMode: 'floor' })

const earlier = (a: Temporal.Instant, b: Temporal.Instant) => (isBefore(b, a) ? b : a)

/** From where to measure what is new, after a reading up to `before`. */
export const measuredFrom = (
  before: Temporal.Instant | undefined,
  now: Temporal.Instant,
): Temporal.Instant =>
  floored(
    before
      ? before.subtract({ minutes: LATE_MINUTES })
      : now.subtract({ hours: HISTORY_DAYS * 24 }),
  )

/** From where to count again: where that is under way it goes on, and an hour or a day that has ended begins further back. */
export const recountedFrom = (
  { upto, recountFrom }: store.Reading,
  now: Temporal.Instant,
): Temporal.Instant | null => {
  const day = (at: Temporal.Instant) => at.toString().slice(0, 10)
  const hour = (at: Temporal.Instant) => at.toString().slice(0, 13)
  if (hour(upto) === hour(now)) return recountFrom
  const back = day(upto) === day(now) ? LATE_HOURS : LATE_DAYS * 24
  const begins = floored(upto.subtract({ hours: back }))
  return recountFrom ? earlier(recountFrom, begins) : begins
}

/** Measures what is new since the last reading, a day at a time, says how far it came, and counts a window of the old again. */
export const measure = async (db: Postgres, { now, zone }: MeasuringWorld): Promise<void> => {
  const to = now()
  const reading = await store.reading(db)
  let from = measuredFrom(reading?.upto, to)
  while (isBefore(from, to)) {
    const until = earlier(from.add({ milliseconds: 1_440 * MINUTE_MS }), to)
    await measureSpan(db, { from, to: until }, zone)
    await store.saveReadUpTo(db, until)
    from = until
  }
  if (reading) await recount(db, recountedFrom(reading, to), { to, zone })
  await settleDays(db, { now: to, zone })
  await store.forgetMinutes(db, to.subtract({ hours: (LATE_DAYS + 2) * 24 }))
}

/** One window; what follows it is for the next round. */
const recount = async (
  db: Postgres,
  from: Temporal.Instant | null,
  { to, zone }: { to: Temporal.Instant; zone: string },
): Promise<void> => {
  if (!from) return
  const until = earlier(from.add({ minutes: WINDOW_MINUTES }), to)
  await measureSpan(db, { from, to: until }, zone)
  // What is newer than this is measured in every round anyway.
  const isDone = isBefore(to.subtract({ minutes: LATE_MINUTES }), until)
  await store.saveRecountFrom(db, isDone ? null : until)
}

/** The first day that a partner's own view is made of. */
export const ownSince = (now: Temporal.Instant, zone: string): Temporal.PlainDate =>
  now
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .subtract({ days: HISTORY_DAYS - 1 })

/** Adds up each partner's days that are over: once a day, the last ones again for what was told late. */
const settleDays = async (
  db: Postgres,
  { now, zone }: { now: Temporal.Instant; zone: string },
): Promise<void> => {
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  const settled = await store.settledDay(db)
  const yesterday = today.subtract({ days: 1 })
  if (settled && Temporal.PlainDate.compare(settled, yesterday) >= 0) return
  const first = ownSince(now, zone)
  const late = settled?.subtract({ days: LATE_DAYS - 1 }) ?? first
  let day = Temporal.PlainDate.compare(late, first) < 0 ? first : late
  while (Temporal.PlainDate.compare(day, today) < 0) {
    const next = day.add({ days: 1 })
    const span = { from: startOf(day, zone), to: startOf(next, zone) }
    const rows = await answeredDays(db, span, zone)
    if (rows.length > 0) await store.keepPartnerDays(db, rows)
    day = next
  }
  await store.saveSettled(db, yesterday)
  await store.forgetPartnerDays(db, first)
}

export const startOf = (day: Temporal.PlainDate, zone: string): Temporal.Instant =>
  day.toZonedDateTime(zone).toInstant()
