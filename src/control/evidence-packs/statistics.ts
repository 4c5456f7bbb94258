/**
 * Availability and performance of the dedicated interface, day by day, in the shape in which they are published (Delegated
 * Regulation (EU) 2018/389, article 32(4); EBA/GL/2018/07, guidelines 2 and 3). Pure: sums in, lines out.
 */
import { isBefore } from '#kernel/time.ts'

export interface Answers {
  readonly day: Temporal.PlainDate
  readonly product: string
  readonly operation: string
  readonly calls: number
  readonly errors: number
  readonly totalMs: number
}
export interface Downtime {
  readonly since: Temporal.Instant
  readonly until: Temporal.Instant
}

export const statisticsColumns = [
  'day',
  'uptimePercent',
  'downtimePercent',
  'downtimeSeconds',
  'requests',
  'accountInformationMs',
  'paymentInitiationMs',
  'fundsConfirmationMs',
  'errorPercent',
] as const

/** Which of the three services of the directive a request belongs to; what belongs to none is counted with all. */
const serviceOf = ({ product, operation }: Answers) =>
  operation === 'confirmFunds'
    ? 'fundsConfirmationMs'
    : product === 'accounts'
      ? 'accountInformationMs'
      : product === 'payments'
        ? 'paymentInitiationMs'
        : undefined

const sum = (rows: readonly Answers[], what: 'calls' | 'errors' | 'totalMs') =>
  rows.reduce((total, row) => total + row[what], 0)

const mean = (rows: readonly Answers[]): number | null =>
  rows.length === 0 ? null : Number((sum(rows, 'totalMs') / sum(rows, 'calls')).toFixed(3))

const percent = (part: number, whole: number) => Number(((100 * part) / whole).toFixed(4))

const secondsIn = (
  { since, until }: Downtime,
  from: Temporal.Instant,
  to: Temporal.Instant,
): number => {
  const begin = isBefore(since, from) ? from : since
  const end = isBefore(to, until) ? to : until
  return isBefore(begin, end) ? end.since(begin).total('seconds') : 0
}

/** A line for every day of the bank's calendar that the period touches, also those on which nobody called. */
export const statistics = (
  answers: readonly Answers[],
  downtimes: readonly Downtime[],
  { from, to, zone }: { from: Temporal.Instant; to: Temporal.Instant; zone: string },
): Record<(typeof statisticsColumns)[number], string | number | null>[] => {
  const byDay = Map.groupBy(answers, ({ day }) => day.toString())
  const last = to.subtract({ nanoseconds: 1 }).toZonedDateTimeISO(zone).toPlainDate()
  const lines = []
  for (
    let day = from.toZonedDateTimeISO(zone).toPlainDate();
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    const begin = day.toZonedDateTime(zone).toInstant()
    const end = day.add({ days: 1 }).toZonedDateTime(zone).toInstant()
    const seconds = downtimes.reduce((total, down) => total + secondsIn(down, begin, end), 0)
    const down = percent(seconds, end.since(begin).total('seconds'))
    const rows = byDay.get(day.toString()) ?? []
    const of = Map.groupBy(rows, serviceOf)
    const requests = sum(rows, 'calls')
    lines.push({
      day: day.toString(),
      uptimePercent: Number((100 - down).toFixed(4)),
      downtimePercent: down,
      downtimeSeconds: Number(seconds.toFixed(3)),
      requests,
      accountInformationMs: mean(of.get('accountInformationMs') ?? []),
      paymentInitiationMs: mean(of.get('paymentInitiationMs') ?? []),
      fundsConfirmationMs: mean(of.get('fundsConfirmationMs') ?? []),
      errorPercent: requests === 0 ? null : percent(sum(rows, 'errors'), requests),
    })
  }
  return lines
}
