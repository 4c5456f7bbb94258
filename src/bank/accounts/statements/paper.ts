/** What stands on the paper of a statement, as plain text in its places: the drawing is `drawing.ts`'s. */
import { amountOf, type Money } from '#kernel/money.ts'
import type { Holder } from './camt053.ts'
import { firstDayOf, lastDayOf, type Statement } from './statement.ts'

/** Everything that is drawn. It goes to another thread, so it is made of texts. */
export interface Paper {
  readonly bankName: string
  readonly title: string
  readonly period: string
  /** Name and value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly sums: readonly (readonly [string, string])[]
  readonly lines: readonly PaperLine[]
  /** At the foot of every page. */
  readonly foot: string
  /** When it says that it was made: the end of its month, so that the same month is the same bytes. */
  readonly madeAtMs: number
}

export interface PaperLine {
  readonly day: string
  readonly text: string
  /** The other side, where there is one. */
  readonly party: string
  readonly amount: string
}

export const paperOf = (statement: Statement, holder: Holder): Paper => {
  const { month, opening, closing, credits, debits, entries } = statement
  const { account, ownerName, bankName, statementId, zone } = holder
  const [first, last] = [firstDayOf(month), lastDayOf(month)]
  return {
    bankName,
    title: 'Statement of account',
    period: `${dayOf(first)} – ${dayOf(last)}`,
    facts: [
      ['Account holder', ownerName],
      ['Account', grouped(account.number)],
      ['Bank code (MFO)', account.bankCode],
      ['Currency', account.currency],
    ],
    sums: [
      [`Balance before ${dayOf(first)}`, shown(opening)],
      [`Money in (${credits.count})`, shown(credits.sum)],
      [`Money out (${debits.count})`, shown({ ...debits.sum, minor: -debits.sum.minor })],
      [`Balance after ${dayOf(last)}`, shown(closing)],
    ],
    lines: entries.map(({ bookedOn, text, counterparty, direction, amount }) => ({
      day: dayOf(bookedOn),
      text,
      party: counterparty?.name ?? '',
      amount: shown(direction === 'credit' ? amount : { ...amount, minor: -amount.minor }),
    })),
    foot: `Statement ${statementId}`,
    madeAtMs: last.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds,
  }
}

const dayOf = (day: Temporal.PlainDate) =>
  `${String(day.day).padStart(2, '0')}.${String(day.month).padStart(2, '0')}.${day.year}`

/** Thousands apart, and a true minus sign. */
const shown = (of: Money) =>
  amountOf(of)
    .replace('-', '−')
    .replaceAll(/\B(?=(\d{3})+(?!\d)(?=.*\.))/g, ' ')

/** As the branches print it: balance account, currency, control digit, owner, serial. */
const grouped = (number: string) =>
  number.replace(/^(\d{5})(\d{3})(\d)(\d{8})(\d{3})$/, '$1 $2 $3 $4 $5')
