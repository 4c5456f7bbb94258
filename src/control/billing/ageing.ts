/** What is owed since when: open amounts of invoices by the days that they are overdue, with what is disputed apart. */
import type { Db } from '#platform/db.ts'
import { frozenByInvoice } from './dispute-store.ts'
import { openInvoices } from './store.ts'

/** Days overdue at which an amount moves on: not due yet, up to 30, 60, 90, and longer. */
export const AGES = ['notDue', 'to30', 'to60', 'to90', 'over90'] as const
export type Age = (typeof AGES)[number]

export interface AgeingRow {
  readonly partnerId: string
  readonly currency: string
  readonly exponent: number
  /** In minor units, without what is disputed. */
  readonly minor: Readonly<Record<Age, bigint>>
  readonly disputedMinor: bigint
}

export const ageOf = (dueOn: Temporal.PlainDate, today: Temporal.PlainDate): Age => {
  const days = dueOn.until(today, { largestUnit: 'days' }).days
  if (days <= 0) return 'notDue'
  if (days <= 30) return 'to30'
  if (days <= 60) return 'to60'
  return days <= 90 ? 'to90' : 'over90'
}

export const ageingOf = async (
  db: Db,
  today: Temporal.PlainDate,
  partnerId?: string,
): Promise<AgeingRow[]> => {
  const frozen = await frozenByInvoice(db, partnerId)
  const rows = new Map<string, AgeingRow>()
  for (const invoice of await openInvoices(db, partnerId)) {
    const { currency, exponent } = invoice
    const key = `${invoice.partnerId} ${currency}`
    const before = rows.get(key) ?? {
      partnerId: invoice.partnerId,
      currency,
      exponent,
      minor: { notDue: 0n, to30: 0n, to60: 0n, to90: 0n, over90: 0n },
      disputedMinor: 0n,
    }
    const held = frozen.get(invoice.id) ?? 0n
    const disputed = held < invoice.openMinor ? held : invoice.openMinor
    const age = ageOf(invoice.dueOn, today)
    rows.set(key, {
      ...before,
      minor: { ...before.minor, [age]: before.minor[age] + invoice.openMinor - disputed },
      disputedMinor: before.disputedMinor + disputed,
    })
  }
  return [...rows.values()]
}
