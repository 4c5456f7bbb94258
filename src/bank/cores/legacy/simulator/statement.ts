/** The file of a day: what stood on every account, what was booked, what is blocked, and the sums of it. */
import { type Account, type Block, type Books, type Entry, ownBank } from './books.ts'
import * as record from './records.ts'

/** The records of a finished day, each with its control sum. */
export const statementOf = (
  books: Books,
  day: Temporal.PlainDate,
  writtenAt: Temporal.ZonedDateTime,
): string[] => {
  const on = day.toString()
  const accounts = [...books.accounts.values()]
    .filter(({ opened }) => opened <= on)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((account) => ({ account, ...turnoverOf(account, on) }))
  const blocks = [...books.blocks.values()]
    .map((block) => ({ block, left: leftOf(books, block, on) }))
    .filter(({ left }) => left > 0n)
  const lines: string[] = []
  const add = (write: (number: string) => string) =>
    lines.push(sealed(write(String(lines.length + 1))))

  add((NSTR) =>
    record.write(record.VYPZAG, {
      VID: 'H',
      NSTR,
      MFO: ownBank,
      DATA: record.ddmmyy(on),
      NOMF: String(firstFile.until(day).days),
      DATASOZD: record.ddmmyy(writtenAt.toPlainDate().toString()),
      VREMSOZD: writtenAt.toPlainTime().toString({ smallestUnit: 'second' }).replaceAll(':', ''),
      REZERV: '',
      KS: '0',
    }),
  )
  for (const { account, opening, debits, credits, entries } of accounts)
    add((NSTR) =>
      record.write(record.VYPSCH, {
        VID: 'S',
        NSTR,
        IDSCH: account.id,
        VAL: account.currency,
        VHOST: record.signed(opening),
        OBDEB: record.signed(debits),
        OBKR: record.signed(credits),
        ISHOST: record.signed(opening - debits + credits),
        KOLPR: String(entries.length),
        REZERV: '',
        KS: '0',
      }),
    )
  const booked = accounts
    .flatMap(({ account, entries }) => entries.map((entry) => ({ account, entry })))
    .toSorted((a, b) => a.entry.number - b.entry.number)
  let total = 0n
  for (const { account, entry } of booked) {
    total += magnitude(entry.amount)
    add((NSTR) => entryRecord(NSTR, account, entry, total))
  }
  for (const { block, left } of blocks)
    add((NSTR) =>
      record.write(record.VYPBLOK, {
        VID: 'B',
        NSTR,
        REFER: block.reference,
        IDSCH: block.account,
        VAL: block.currency,
        SUMMA: record.signed(left),
        REZERV: '',
        KS: '0',
      }),
    )
  add((NSTR) =>
    record.write(record.VYPITOG, {
      VID: 'T',
      NSTR,
      KOLSCH: String(accounts.length),
      KOLPR: String(booked.length),
      KOLBL: String(blocks.length),
      SUMDEB: record.signed(sum(accounts.map(({ debits }) => debits))),
      SUMKR: record.signed(sum(accounts.map(({ credits }) => credits))),
      SUMBL: record.signed(sum(blocks.map(({ left }) => left))),
      ITOG: record.signed(total),
      REZERV: '',
      KS: '0',
    }),
  )
  return lines
}

/** The day of file number nought. */
const firstFile = new Temporal.PlainDate(2020, 1, 1)

const magnitude = (amount: bigint) => (amount < 0n ? -amount : amount)
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, one) => total + one, 0n)

const turnoverOf = ({ balance, entries }: Account, day: string) => {
  const booked = entries.filter(({ state }) => state === 'booked')
  const onDay = booked.filter((entry) => entry.booked === day)
  const since = sum(booked.filter((entry) => entry.booked >= day).map(({ amount }) => amount))
  const debits = sum(onDay.filter(({ amount }) => amount < 0n).map(({ amount }) => -amount))
  const credits = sum(onDay.filter(({ amount }) => amount > 0n).map(({ amount }) => amount))
  return { opening: balance - since, debits, credits, entries: onDay }
}

/** What of a block stood when the day ended. */
const leftOf = (books: Books, block: Block, day: string): bigint => {
  const { reference, annulled, reason, amount } = block
  if (reason !== '0000' || block.day > day) return 0n
  if (annulled !== undefined && annulled <= day) return 0n
  const used = [...books.uses.values()].filter((use) => use.block === reference && use.day <= day)
  return BigInt(amount) - sum(used.map((use) => BigInt(use.amount)))
}

const entryRecord = (NSTR: string, account: Account, entry: Entry, total: bigint) =>
  record.write(record.VYPPROV, {
    VID: 'P',
    NSTR,
    NPROV: String(entry.number),
    IDSCH: account.id,
    VAL: account.currency,
    DATAPROV: record.ddmmyy(entry.booked),
    DATAVAL: record.ddmmyy(entry.value),
    SUMMA: record.signed(entry.amount),
    ITOG: record.signed(total),
    REFER: entry.reference ?? '',
    SCHKOR: entry.other.account,
    MFOKOR: entry.other.bank,
    NAIMKOR: entry.other.name,
    NAZN: entry.purpose,
    KS: '0',
  })

const controlWidth = 5
const controlModulus = 99_991

/** The control sum counts every byte by its place: a byte that changes, or two that change places, change it. */
const sealed = (line: string): string => {
  const body = line.slice(0, -controlWidth)
  const bytes = record.bytesOf(body).subarray(0, -2)
  const control = bytes.reduce((total, byte, at) => (total + byte * (at + 1)) % controlModulus, 0)
  return `${body}${String(control).padStart(controlWidth, '0')}`
}
