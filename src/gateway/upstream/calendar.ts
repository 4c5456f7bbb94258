/** The bank's day, as far as it changes what its core can take: end of day, maintenance (G37). */
export interface Quiet {
  /** Calls of one product at once; 0: none. */
  readonly ceiling: number
  readonly untilMs: number
}

/** Answers the quiet time that an instant (epoch milliseconds) lies in. */
export type Calendar = (atMs: number) => Quiet | null

export interface Window {
  readonly from: Temporal.PlainTime
  readonly to: Temporal.PlainTime
  readonly ceiling: number
}

/** Reads `23:30-00:45=8,03:00-03:20=0`: times of the bank's day, and how many calls of a product at once then. */
export const windowsOf = (text = ''): Window[] =>
  text
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const [, from = '', to = '', ceiling = ''] =
        /^(\d\d:\d\d)-(\d\d:\d\d)=(\d{1,3})$/.exec(part) ?? []
      return {
        from: Temporal.PlainTime.from(from),
        to: Temporal.PlainTime.from(to),
        ceiling: Number(ceiling),
      }
    })

const compare = (a: Temporal.PlainTime, b: Temporal.PlainTime) => Temporal.PlainTime.compare(a, b)

export const calendarOf =
  (windows: readonly Window[], zone: string): Calendar =>
  (atMs) => {
    const now = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone)
    const time = now.toPlainTime()
    let quiet: Quiet | null = null
    for (const { from, to, ceiling } of windows) {
      const overnight = compare(from, to) > 0
      const begun = compare(time, from) >= 0
      const lasts = compare(time, to) < 0
      if (overnight ? !begun && !lasts : !begun || !lasts) continue
      if (quiet && quiet.ceiling <= ceiling) continue
      const day = overnight && begun ? now.toPlainDate().add({ days: 1 }) : now.toPlainDate()
      const end = day.toZonedDateTime({ timeZone: zone, plainTime: to })
      quiet = { ceiling, untilMs: end.epochMilliseconds }
    }
    return quiet
  }
