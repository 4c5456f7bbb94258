/** From what a form holds to an instant: browsers have no `Temporal` yet, so the zone is asked of `Intl`. */

const parts = (zone: string) =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
const aheadMs = (instantMs: number, zone: string): number => {
  const found = parts(zone).formatToParts(new Date(instantMs))
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(found.find((one) => one.type === type)?.value ?? 0)
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return wall - Math.floor(instantMs / 1000) * 1000
}

/** `2026-11-23T14:06` on the zone's clocks; of a wall time that comes twice, the first. */
export const instantAt = (wallTime: string, zone: string): string => {
  const wall = Date.parse(`${wallTime.length === 16 ? `${wallTime}:00` : wallTime}Z`)
  const guess = wall - aheadMs(wall, zone)
  return new Date(wall - aheadMs(guess, zone)).toISOString()
}

/** The first instant of a calendar day in a zone. */
export const startOfDay = (day: string, zone: string): string => instantAt(`${day}T00:00`, zone)

/** The first instant after a calendar day: where a period ends that holds the day. */
export const endOfDay = (day: string, zone: string): string => startOfDay(dayAfter(day, 1), zone)

/** The last instant before another: of the end of a period, the one that still reads as its last day. */
export const justBefore = (instant: string): string =>
  new Date(Date.parse(instant) - 1).toISOString()

/** The last instant of a calendar day: by when what is due that day is done, and listed under it. */
export const lastOfDay = (day: string, zone: string): string => justBefore(endOfDay(day, zone))

/** Whether a text is a day as a form's field of days writes it. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/** A calendar day so many days later. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** What the zone's clocks show now, as a field of day and time wants it. */
export const wallTimeNow = (zone: string, now = Date.now()): string =>
  new Date(now + aheadMs(now, zone)).toISOString().slice(0, 16)

export const today = (zone: string, now = Date.now()): string => wallTimeNow(zone, now).slice(0, 10)

/** `2026-11` and so many months on or back. */
export const monthAfter = (month: string, months: number): string => {
  const [year = 0, of = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, of - 1 + months, 1)).toISOString().slice(0, 7)
}

export const thisMonth = (zone: string): string => today(zone).slice(0, 7)
