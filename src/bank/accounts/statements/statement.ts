/** A month of an account: what stood on it before, what was booked, what stood on it then. The three always agree. */
import { add, type Money, money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import type { CoreEntry } from '../../cores/core.ts'

/** Its entries do not yet make the difference of its balances: nothing is told rather than something wrong. */
export const statementUnsettled = problem(
  'accounts/statement-unsettled',
  503,
  'The books of this month are still being settled',
)
export const statementTooLong = problem(
  'accounts/statement-too-long',
  422,
  'The statement is too long to be drawn',
)

/** More is read in pages of transactions; a document of it would help nobody. */
export const STATEMENT_ENTRIES_MAX = 5_000

export type Month = Temporal.PlainYearMonth

export interface Statement {
  readonly month: Month
  readonly opening: Money
  readonly closing: Money
  readonly credits: Side
  readonly debits: Side
  /** In the order in which they were booked. */
  readonly entries: readonly CoreEntry[]
}

interface Side {
  readonly count: number
  readonly sum: Money
}

export const firstDayOf = (month: Month) => month.toPlainDate({ day: 1 })
export const lastDayOf = (month: Month) => month.toPlainDate({ day: month.daysInMonth })

/** The months that have statements, newest first: from the first entry to the last month that is over. */
export const monthsOf = (
  since: Temporal.PlainDate | undefined,
  today: Temporal.PlainDate,
): Month[] => {
  if (!since) return []
  const first = since.toPlainYearMonth()
  const months: Month[] = []
  let month = today.toPlainYearMonth().subtract({ months: 1 })
  for (; Temporal.PlainYearMonth.compare(month, first) >= 0; month = month.subtract({ months: 1 }))
    months.push(month)
  return months
}

/** Throws `accounts/statement-unsettled` where opening balance and entries do not make the closing balance. */
export const statementOf = (
  month: Month,
  { opening, closing }: { opening: Money; closing: Money },
  entries: readonly CoreEntry[],
): Statement => {
  const side = (direction: CoreEntry['direction']): Side => {
    const amounts = entries.filter((e) => e.direction === direction).map(({ amount }) => amount)
    return { count: amounts.length, sum: amounts.reduce(add, money(0n, opening.currency)) }
  }
  const [credits, debits] = [side('credit'), side('debit')]
  if (opening.minor + credits.sum.minor - debits.sum.minor !== closing.minor)
    throw statementUnsettled(`${month.toString()} is not settled; try again later`, {
      headers: { 'Retry-After': '60' },
    })
  return { month, opening, closing, credits, debits, entries }
}

/** Only the months that lie whole between the times that a consent opens. */
export const monthsWithin = (
  months: readonly Month[],
  { from, to }: { from?: Temporal.Instant | undefined; to?: Temporal.Instant | undefined },
  zone: string,
): Month[] => {
  const instantOf = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).toInstant()
  return months.filter(
    (month) =>
      (!from || Temporal.Instant.compare(instantOf(firstDayOf(month)), from) >= 0) &&
      (!to || Temporal.Instant.compare(instantOf(lastDayOf(month).add({ days: 1 })), to) <= 0),
  )
}
