/** Metered calls as the server answers them, and what pages make of them. Amounts are decimal text, never a float. */
import type { z } from 'zod'
import type { CallRow, HourRow } from '#control/usage/index.ts'
import type { Wire } from './wire.ts'

/** Counts are whole numbers on the wire; what is text stays text. */
type Counted<Row, Names extends keyof Row> = Omit<Wire<Row>, Names> & {
  readonly [Name in Names]: number
}

export type UsageHour = Counted<z.output<typeof HourRow>, 'calls' | 'billableCalls' | 'units'>
export type UsageCall = Counted<z.output<typeof CallRow>, 'units'>

export interface UsageAnswer {
  readonly currency: string | null
  readonly data: readonly UsageHour[]
}

/** Exact sum of decimal texts. */
export const sumOf = (amounts: readonly string[]): string => {
  const places = Math.max(0, ...amounts.map((amount) => (amount.split('.')[1] ?? '').length))
  const total = amounts.reduce((sum, amount) => {
    const [whole = '0', fraction = ''] = amount.split('.')
    return sum + BigInt(whole + fraction.padEnd(places, '0'))
  }, 0n)
  if (places === 0) return String(total)
  const digits = String(total < 0n ? -total : total).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  const whole = `${total < 0n ? '-' : ''}${digits.slice(0, -places)}`
  return fraction === '' ? whole : `${whole}.${fraction}`
}

export interface Bar {
  readonly hour: string
  readonly calls: number
}

/** The last hours up to now, also those without a call. */
export const barsOf = (hours: readonly UsageHour[], now: Date, length: number): Bar[] => {
  const hourMs = 3_600_000
  const last = Math.floor(now.getTime() / hourMs) * hourMs
  const calls = new Map<number, number>()
  for (const row of hours) {
    const at = Date.parse(row.hour)
    calls.set(at, (calls.get(at) ?? 0) + row.calls)
  }
  return Array.from({ length }, (_, back) => {
    const at = last - (length - 1 - back) * hourMs
    return { hour: new Date(at).toISOString(), calls: calls.get(at) ?? 0 }
  })
}

/** One line an operation, the dearest first. */
export const byOperation = (hours: readonly UsageHour[]) =>
  [...Map.groupBy(hours, (row) => row.operation)]
    .map(([operation, rows]) => ({
      operation,
      calls: rows.reduce((sum, row) => sum + row.calls, 0),
      billable: rows.reduce((sum, row) => sum + row.billableCalls, 0),
      unitPrices: [...new Set(rows.map((row) => row.unitPrice))],
      amount: sumOf(rows.map((row) => row.amount)),
    }))
    .toSorted((a, b) => Number(b.amount) - Number(a.amount) || b.calls - a.calls)
