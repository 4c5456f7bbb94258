/** How much of a year lies between two days, by the convention that a loan names. Fractions are exact. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'

/** 2006 ISDA Definitions §4.16: (f) 30/360, (d) Actual/365 (Fixed), (e) Actual/360, (b) Actual/Actual (ISDA). */
export const DayCount = z.enum(['30/360', 'ACT/365F', 'ACT/360', 'ACT/ACT-ISDA'])
export type DayCount = z.output<typeof DayCount>

/** `parts / YEAR[convention]` of a year. */
export const YEAR: Readonly<Record<DayCount, bigint>> = {
  '30/360': 360n,
  'ACT/365F': 365n,
  'ACT/360': 360n,
  'ACT/ACT-ISDA': 365n * 366n,
}

/** Parts of a year between two days, the first of them counted and the last not. */
export const partsBetween = (
  convention: DayCount,
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
): bigint => {
  assert(Temporal.PlainDate.compare(from, to) <= 0, 'time is counted forwards')
  switch (convention) {
    case '30/360':
      return BigInt(bondBasis(from, to))
    case 'ACT/365F':
    case 'ACT/360':
      return BigInt(from.until(to).days)
    case 'ACT/ACT-ISDA':
      return byCalendarYear(from, to)
  }
}

/** Every month has 30 days; the 31st is the 30th, at the end only where the beginning is a 30th or a 31st too. */
const bondBasis = (from: Temporal.PlainDate, to: Temporal.PlainDate): number => {
  const first = Math.min(from.day, 30)
  const last = to.day === 31 && first === 30 ? 30 : to.day
  return 360 * (to.year - from.year) + 30 * (to.month - from.month) + last - first
}

/** Days in leap years are 366ths, all others 365ths. */
const byCalendarYear = (from: Temporal.PlainDate, to: Temporal.PlainDate): bigint => {
  let parts = 0n
  for (let at = from; Temporal.PlainDate.compare(at, to) < 0;) {
    const newYear = Temporal.PlainDate.from({ year: at.year + 1, month: 1, day: 1 })
    const end = Temporal.PlainDate.compare(newYear, to) < 0 ? newYear : to
    parts += BigInt(at.until(end).days) * (at.inLeapYear ? 365n : 366n)
    at = end
  }
  return parts
}
