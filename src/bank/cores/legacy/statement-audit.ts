/** Whether the records of a day's file agree with one another: numbers, order, running total, turnovers, counts and sums. */
import type { Vypiska } from './statement.ts'

/** What is wrong with a file, and in which line. Says where, never what stood there. */
export class Wrong extends Error {
  override readonly name = 'Wrong'
  readonly line: number
  constructor(line: number, because: string) {
    super(because)
    this.line = line
  }
}

interface Turnover {
  readonly line: number
  readonly currency: string
  readonly debits: bigint
  readonly credits: bigint
  readonly entries: number
  seen: { debits: bigint; credits: bigint; entries: number }
}

const order = ['H', 'S', 'P', 'B', 'T'] as const

/** Takes one record after another and throws `Wrong` at the first that does not belong; `end` when no more come. */
export const audit = () => {
  const accounts = new Map<string, Turnover>()
  let line = 0
  let kind = 0
  let day: Temporal.PlainDate | undefined
  let total = 0n
  let blocked = 0n
  let blocks = 0
  let lastEntry = ''
  let over = false

  const wrong = (because: string) => new Wrong(line, because)

  const takeAccount = (record: Extract<Vypiska, { VID: 'S' }>) => {
    if (accounts.has(record.IDSCH)) throw wrong('the account stands there twice')
    if (record.VHOST - record.OBDEB + record.OBKR !== record.ISHOST)
      throw wrong('the closing balance is not the opening one and its turnovers')
    accounts.set(record.IDSCH, {
      line,
      currency: record.VAL,
      debits: record.OBDEB,
      credits: record.OBKR,
      entries: record.KOLPR,
      seen: { debits: 0n, credits: 0n, entries: 0 },
    })
  }

  const accountOf = (record: Extract<Vypiska, { IDSCH: string }>) => {
    const account = accounts.get(record.IDSCH)
    if (!account) throw wrong('no balance was stated for the account')
    if (account.currency !== record.VAL) throw wrong('the currency is not the account’s')
    return account
  }

  const takeEntry = (record: Extract<Vypiska, { VID: 'P' }>) => {
    const { seen } = accountOf(record)
    if (!day?.equals(record.DATAPROV)) throw wrong('it was booked on another day')
    if (record.NPROV < lastEntry) throw wrong('it stands behind a later one')
    if (record.SUMMA === 0n) throw wrong('it moves nothing')
    lastEntry = record.NPROV
    total += record.SUMMA < 0n ? -record.SUMMA : record.SUMMA
    if (record.ITOG !== total) throw wrong('the running total is another')
    if (record.SUMMA < 0n) seen.debits -= record.SUMMA
    else seen.credits += record.SUMMA
    seen.entries += 1
  }

  const takeBlock = (record: Extract<Vypiska, { VID: 'B' }>) => {
    accountOf(record)
    if (record.SUMMA <= 0n || record.REFER === '') throw wrong('it blocks nothing')
    blocked += record.SUMMA
    blocks += 1
  }

  const takeTail = (record: Extract<Vypiska, { VID: 'T' }>) => {
    const sums = { debits: 0n, credits: 0n, entries: 0 }
    for (const { seen, ...stated } of accounts.values()) {
      if (
        seen.debits !== stated.debits ||
        seen.credits !== stated.credits ||
        seen.entries !== stated.entries
      )
        throw new Wrong(stated.line, 'the turnover of the account is not the sum of its entries')
      sums.debits += seen.debits
      sums.credits += seen.credits
      sums.entries += seen.entries
    }
    if (record.KOLSCH !== accounts.size || record.KOLPR !== sums.entries || record.KOLBL !== blocks)
      throw wrong('the counts are others')
    if (
      record.SUMDEB !== sums.debits ||
      record.SUMKR !== sums.credits ||
      record.SUMBL !== blocked ||
      record.ITOG !== total
    )
      throw wrong('the sums are others')
    over = true
  }

  return {
    take: (record: Vypiska): void => {
      line += 1
      if (over) throw wrong('it stands behind the end')
      if (record.NSTR !== line) throw wrong('it has the number of another line')
      const now = order.indexOf(record.VID)
      if (line === 1 && record.VID !== 'H') throw wrong('the file does not begin with its head')
      if (line > 1 && (record.VID === 'H' || now < kind)) throw wrong('it stands in the wrong part')
      kind = now
      switch (record.VID) {
        case 'H':
          day = record.DATA
          return
        case 'S':
          return takeAccount(record)
        case 'P':
          return takeEntry(record)
        case 'B':
          return takeBlock(record)
        case 'T':
          return takeTail(record)
      }
    },
    end: (): void => {
      if (!over) throw new Wrong(line + 1, 'the file ends before its end')
    },
    sound: () => {
      if (!day) throw new Wrong(1, 'the file does not begin with its head')
      return { day, lines: line }
    },
  }
}
