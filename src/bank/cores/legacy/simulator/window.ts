/** When the system works: always, except in its end-of-day window, or while an operator holds it shut or open. */
export interface Window {
  /** When it opens again; undefined while it is open. */
  opensAt(now: Temporal.ZonedDateTime): Temporal.ZonedDateTime | undefined
  /** Shuts it for so many seconds, whatever the time of day. */
  shut(now: Temporal.ZonedDateTime, seconds: number): void
  /** Keeps it open through the night. */
  open(): void
  /** Back to the timetable. */
  automatic(): void
}

/** `23:55-00:05`, in the bank's local time; `never` has no window. */
export const openWindow = (timetable: string): Window => {
  const [from, to] =
    timetable === 'never' ? [] : timetable.split('-').map((text) => Temporal.PlainTime.from(text))
  let held: { readonly until: Temporal.ZonedDateTime } | 'open' | undefined

  const byTimetable = (now: Temporal.ZonedDateTime) => {
    if (!from || !to) return undefined
    const opening = now.withPlainTime(to)
    const opens =
      Temporal.ZonedDateTime.compare(now, opening) < 0 ? opening : opening.add({ days: 1 })
    const overnight = Temporal.PlainTime.compare(from, to) > 0
    const began = (overnight ? opens.subtract({ days: 1 }) : opens).withPlainTime(from)
    return Temporal.ZonedDateTime.compare(now, began) < 0 ? undefined : opens
  }

  return {
    opensAt: (now) => {
      if (held === 'open') return undefined
      if (held && Temporal.ZonedDateTime.compare(now, held.until) < 0) return held.until
      return byTimetable(now)
    },
    shut: (now, seconds) => {
      held = { until: now.add({ seconds }) }
    },
    open: () => {
      held = 'open'
    },
    automatic: () => {
      held = undefined
    },
  }
}
