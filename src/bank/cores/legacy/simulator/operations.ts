/** What the system does for a signed-on session: one function for each operation of its manual. */
import {
  type Account,
  type Books,
  type Customer,
  type Entry,
  type Transfer,
  accountNumber,
  banks,
  ownBank,
  spendable,
} from './books.ts'
import { checkOf, fileOf } from './customer-file.ts'
import type { Ledger } from './ledger-file.ts'
import { orderRecord, ordersOf } from './orders.ts'
import { holdOperations } from './holds.ts'
import * as record from './records.ts'
import { type Refused, type Reply, done, hhmmss, refusal } from './reply.ts'

export type Operation = (ledger: Ledger, line: string, now: Temporal.ZonedDateTime) => Reply

/** By the operation's number in the manual. */
export const operations: Readonly<Record<string, Operation>> = {
  '0900': (_, line) => {
    const request = record.read(record.EHO, line)
    return request ? done(record.write(record.EHO, request)) : refusal('0910')
  },
  '0210': ({ books }, line) => {
    const request = record.read(record.KLZAP, line)
    if (!request) return refusal('0910')
    const customer = books.customers.get(request.NKL)
    return customer ? done(customerRecord(customer)) : refusal('0201')
  },
  '0220': ({ books }, line) => {
    const request = record.read(record.SCHZAP, line)
    if (!request) return refusal('0910')
    if (!books.customers.has(request.NKL)) return refusal('0201')
    const after = accountsOf(books, request.NKL).filter(({ id }) => id > request.POSLE)
    return page(after.map(accountRecord), accountsOnPage)
  },
  '0230': ({ books }, line) => {
    const request = record.read(record.KLZAP, line)
    if (!request) return refusal('0910')
    const customer = books.customers.get(request.NKL)
    if (!customer) return refusal('0201')
    return customer.type === '1'
      ? done(record.write(record.ANKETA, fileOf(customer)))
      : refusal('0202')
  },
  '0240': ({ books }, line) => {
    const request = record.read(record.PROVZAP, line)
    return request ? done(record.write(record.PROVREZ, checkOf(books, request))) : refusal('0910')
  },
  '0310': ({ books }, line) => {
    const request = record.read(record.SCHPOID, line)
    if (!request) return refusal('0910')
    const account = books.accounts.get(request.IDSCH)
    return account ? done(accountRecord(account)) : refusal('0301')
  },
  '0320': ({ books }, line) => {
    const request = record.read(record.SCHPONOM, line)
    if (!request) return refusal('0910')
    const account = books.byNumber.get(request.NOMSCH)
    return account ? done(accountRecord(account)) : refusal('0301')
  },
  '0330': ({ books }, line, now) => {
    const request = record.read(record.SCHPOID, line)
    if (!request) return refusal('0910')
    const account = books.accounts.get(request.IDSCH)
    return account ? done(balanceRecord(account, now)) : refusal('0301')
  },
  '0335': ({ books }, line, now) => {
    const request = record.read(record.OSTDZAP, line)
    if (!request) return refusal('0910')
    const account = books.accounts.get(request.IDSCH)
    return account ? done(dayEndRecord(account, request.DATA, today(now))) : refusal('0301')
  },
  '0350': ({ books }, line, now) => {
    const request = record.read(record.PORZAP, line)
    if (!request) return refusal('0910')
    const account = books.accounts.get(request.IDSCH)
    if (!account) return refusal('0301')
    const day = today(now)
    const lines = ordersOf(account, request, day).map((order) => orderRecord(account, order, day))
    return page(lines, ordersOnPage)
  },
  '0340': ({ books }, line) => {
    const request = record.read(record.VYPZAP, line)
    if (!request) return refusal('0910')
    const account = books.accounts.get(request.IDSCH)
    if (!account) return refusal('0301')
    const lines = newestFirst(account.entries, request)
      .take(entriesOnPage + 1)
      .map((entry) => entryRecord(account, entry))
    return page([...lines], entriesOnPage)
  },
  '0410': (ledger, line, now) => {
    const order = record.read(record.PEREVOD, line)
    return order ? transfer(ledger, order, today(now)) : refusal('0910')
  },
  '0420': ({ books }, line) => {
    const request = record.read(record.PERZAP, line)
    if (!request) return refusal('0910')
    const found = books.transfers.get(request.REFER)
    return found ? done(transferRecord(found)) : refusal('0421')
  },
  '0510': (ledger, line, now) => {
    const order = record.read(record.OTKKART, line)
    return order ? openCardAccount(ledger, order, today(now)) : refusal('0910')
  },
  ...holdOperations,
}

/** Takes an order once: its reference is used up by the answer, whether money moved or not. */
const transfer = (
  ledger: Ledger,
  order: record.Values<typeof record.PEREVOD>,
  day: string,
): Reply => {
  if (ledger.books.transfers.has(order.REFER)) return refusal('0409')
  const reason = objection(ledger.books, order)
  const home = order.MFOKR === ownBank
  const taken: Transfer = {
    reference: order.REFER,
    state: reason ? '90' : home ? '10' : '20',
    reason: reason ?? '0000',
    debtor: order.IDDEB,
    creditor: { name: order.NAIMKR, account: order.SCHKR, bank: order.MFOKR },
    currency: order.VAL,
    amount: record.unsigned(order.SUMMA).toString(),
    purpose: order.NAZN,
    day,
  }
  ledger.append({ kind: 'transfer', ...taken })
  if (reason) return refusal(reason)
  return { status: home ? '0000' : '0020', records: [transferRecord(taken)], more: false }
}

/** The first thing that is wrong with an order, in the order in which the manual checks them. */
const objection = (
  books: Books,
  order: record.Values<typeof record.PEREVOD>,
): Refused | undefined => {
  const amount = record.unsigned(order.SUMMA)
  const debtor = books.accounts.get(order.IDDEB)
  if (amount <= 0n) return '0407'
  if (!debtor) return '0401'
  if (debtor.state === '2') return '0403'
  if (debtor.state === '3') return '0404'
  if (debtor.state === '4') return '0408'
  if (!banks.includes(order.MFOKR)) return '0412'
  if (order.VAL !== debtor.currency) return '0406'
  if (order.MFOKR === ownBank) {
    const creditor = books.byNumber.get(order.SCHKR)
    if (!creditor) return '0402'
    if (creditor === debtor) return '0411'
    if (creditor.state === '2') return '0403'
    if (creditor.state === '3') return '0404'
    if (creditor.currency !== order.VAL) return '0406'
  }
  return spendable(debtor) < amount ? '0405' : undefined
}

/** Opens once: a reference that is known answers with its account, and says so by its status. */
const openCardAccount = (
  ledger: Ledger,
  order: record.Values<typeof record.OTKKART>,
  day: string,
): Reply => {
  const { books } = ledger
  const known = books.opened.get(order.REFER)
  if (known)
    return known.customer === order.NKL
      ? { status: '0002', records: [accountRecord(known)], more: false }
      : refusal('0511')
  if (!books.customers.has(order.NKL)) return refusal('0201')
  if (!['000', '840', '978'].includes(order.VAL)) return refusal('0406')
  const serial = accountsOf(books, order.NKL).length + 1
  if (serial > 99) return refusal('0512')
  const id = `${order.NKL}${String(serial).padStart(2, '0')}`
  ledger.append({
    kind: 'account',
    reference: order.REFER,
    id,
    customer: order.NKL,
    number: accountNumber('82618', order.VAL, order.NKL, serial),
    currency: order.VAL,
    title: 'КАРТА ХИСОБИ',
    state: '1',
    opened: day,
  })
  const account = books.accounts.get(id)
  return account ? done(accountRecord(account)) : refusal('0301')
}

/** Entries before a number, of the days asked for; zeros are no bound. */
function* newestFirst(
  entries: readonly Entry[],
  { DATAS, DATAPO, DONOM }: record.Values<typeof record.VYPZAP>,
): Generator<Entry> {
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries[at]
    if (!entry || entry.number >= Number(DONOM)) continue
    const day = yymmdd(record.ddmmyy(entry.booked))
    if (Number(DATAPO) && day > yymmdd(DATAPO)) continue
    if (Number(DATAS) && day < yymmdd(DATAS)) return
    yield entry
  }
}

const accountsOnPage = 5
const ordersOnPage = 4
const entriesOnPage = 12

const page = (lines: readonly string[], size: number): Reply => ({
  status: '0000',
  records: lines.slice(0, size),
  more: lines.length > size,
})

const today = (now: Temporal.ZonedDateTime) => now.toPlainDate().toString()

/** DDMMYY turned round, so that days of one century compare as text. */
const yymmdd = (text: string) => `${text.slice(4)}${text.slice(2, 4)}${text.slice(0, 2)}`

/** Years up to twenty ahead are of this century, as in the branches. */
const fullDay = (text: string, todays: string) => {
  const year = Number(text.slice(4))
  const century = year > (Number(todays.slice(2, 4)) + 20) % 100 ? '19' : '20'
  return `${century}${text.slice(4)}-${text.slice(2, 4)}-${text.slice(0, 2)}`
}

const accountsOf = (books: Books, customer: string): Account[] =>
  [...books.accounts.values()]
    .filter((a) => a.customer === customer)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))

const customerRecord = (customer: Customer) =>
  record.write(record.KLIENT, {
    NKL: customer.number,
    TIPKL: customer.type,
    NAIM: customer.name,
    INN: customer.inn,
    PINFL: customer.pinfl,
    DATAREG: record.ddmmyy(customer.registered),
  })

const accountRecord = (account: Account) =>
  record.write(record.SCHET, {
    IDSCH: account.id,
    NKL: account.customer,
    NOMSCH: account.number,
    MFO: ownBank,
    VAL: account.currency,
    NAIMSCH: account.title,
    SOSTSCH: account.state,
    DATAOTKR: record.ddmmyy(account.opened),
    DATAZAKR: record.ddmmyy(account.closed),
  })

const balanceRecord = (account: Account, now: Temporal.ZonedDateTime) =>
  record.write(record.OSTATOK, {
    IDSCH: account.id,
    VAL: account.currency,
    OSTATOK: record.signed(account.balance),
    BLOK: record.signed(account.held),
    DOSTUP: record.signed(spendable(account)),
    DATA: record.ddmmyy(today(now)),
    VREMYA: hhmmss(now),
  })

/** The balance without what was booked since; a day of two digits is read as the terminals read it. */
const dayEndRecord = (account: Account, day: string, todays: string) => {
  const ended = fullDay(day, todays)
  const booked = account.entries.filter(({ state }) => state === 'booked')
  const since = booked.filter((entry) => entry.booked > ended)
  return record.write(record.OSTDEN, {
    IDSCH: account.id,
    VAL: account.currency,
    DATA: day,
    OSTATOK: record.signed(since.reduce((left, { amount }) => left - amount, account.balance)),
    DATANACH: record.ddmmyy(booked[0]?.booked),
  })
}

const entryRecord = (account: Account, entry: Entry) =>
  record.write(record.PROVOD, {
    IDSCH: account.id,
    NPROV: String(entry.number),
    DATAPROV: record.ddmmyy(entry.booked),
    DATAVAL: record.ddmmyy(entry.value),
    SUMMA: record.signed(entry.amount),
    SOSTPR: entry.state === 'booked' ? '1' : '0',
    NAIMKOR: entry.other.name,
    SCHKOR: entry.other.account,
    MFOKOR: entry.other.bank,
    NAZN: entry.purpose,
  })

const transferRecord = (found: Transfer) =>
  record.write(record.PERSOST, {
    REFER: found.reference,
    SOSTPER: found.state,
    PRICH: found.reason,
    IDDEB: found.debtor,
    SCHKR: found.creditor.account,
    MFOKR: found.creditor.bank,
    VAL: found.currency,
    SUMMA: record.signed(BigInt(found.amount)),
    DATA: record.ddmmyy(found.day),
  })
