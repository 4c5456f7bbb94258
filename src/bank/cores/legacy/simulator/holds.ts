/** Money that is blocked for cards: placed, taken, given back and credited, each once by its reference. */
import {
  type Block,
  type BlockUse,
  type Books,
  accountNumber,
  accountOf,
  spendable,
} from './books.ts'
import type { Ledger } from './ledger-file.ts'
import type { Operation } from './operations.ts'
import * as record from './records.ts'
import { type Refused, type Reply, done, refusal } from './reply.ts'

const today = (now: Temporal.ZonedDateTime) => now.toPlainDate().toString()

export const holdOperations: Readonly<Record<string, Operation>> = {
  '0610': (ledger, line, now) => {
    const order = record.read(record.BLOKZAP, line)
    return order ? place(ledger, order, today(now)) : refusal('0910')
  },
  '0620': (ledger, line, now) => {
    const order = record.read(record.DVBLOK, line)
    return order ? use(ledger, '1', order, today(now)) : refusal('0910')
  },
  '0630': (ledger, line, now) => {
    const order = record.read(record.DVBLOK, line)
    return order ? use(ledger, '2', order, today(now)) : refusal('0910')
  },
  '0640': (ledger, line, now) => {
    const order = record.read(record.PERZAP, line)
    if (!order) return refusal('0910')
    const block = ledger.books.blocks.get(order.REFER)
    if (!block || block.left > 0n)
      ledger.append({ kind: 'block-annulled', reference: order.REFER, day: today(now) })
    return done(record.write(record.PERZAP, order))
  },
  '0650': (ledger, line, now) => {
    const order = record.read(record.BLOKZAP, line)
    return order ? credit(ledger, order, today(now)) : refusal('0910')
  },
}

type Order = record.Values<typeof record.BLOKZAP>

const place = (ledger: Ledger, order: Order, day: string): Reply => {
  const { books } = ledger
  const amount = record.unsigned(order.SUMMA)
  const known = books.blocks.get(order.REFER)
  if (known) return placedBefore(known, order)
  if (books.uses.has(order.REFER)) return refusal('0609')
  if (amount <= 0n) return refusal('0407')
  const reason = objection(books, order, amount)
  ledger.append({
    kind: 'blocked',
    reference: order.REFER,
    account: order.IDSCH,
    currency: order.VAL,
    amount: amount.toString(),
    purpose: order.NAZN,
    reason: reason ?? '0000',
    day,
  })
  const placed = books.blocks.get(order.REFER)
  return reason || !placed ? refusal(reason ?? '0621') : blocked(placed)
}

/** The same order again is told what became of it; another one under its reference is not taken. */
const placedBefore = (known: Block, order: Order): Reply => {
  if (known.annulled !== undefined) return refusal('0608')
  const same =
    known.account === order.IDSCH &&
    known.currency === order.VAL &&
    BigInt(known.amount) === record.unsigned(order.SUMMA)
  if (!same) return refusal('0609')
  const reason = objections.find((status) => status === known.reason)
  return reason ? refusal(reason) : blocked(known)
}

const objections = ['0401', '0403', '0404', '0405', '0406', '0408'] as const

const objection = (books: Books, order: Order, amount: bigint): Refused | undefined => {
  const account = books.accounts.get(order.IDSCH)
  if (!account) return '0401'
  if (account.state === '2') return '0403'
  if (account.state === '3') return '0404'
  if (account.state === '4') return '0408'
  if (account.currency !== order.VAL) return '0406'
  return spendable(account) < amount ? '0405' : undefined
}

const use = (
  ledger: Ledger,
  kind: '1' | '2',
  order: record.Values<typeof record.DVBLOK>,
  day: string,
): Reply => {
  const { books } = ledger
  const amount = record.unsigned(order.SUMMA)
  const block = books.blocks.get(order.REFBLOK)
  if (!block || block.reason !== '0000') return refusal('0621')
  const asked = {
    reference: order.REFER,
    use: kind,
    block: order.REFBLOK,
    account: block.account,
    currency: order.VAL,
    amount: amount.toString(),
    day,
  }
  if (isTaken(books, order.REFER)) return again(books, asked)
  if (amount <= 0n) return refusal('0407')
  if (order.VAL !== block.currency) return refusal('0406')
  if (amount > block.left) return refusal('0605')
  const scheme = schemeAccount(ledger, order.VAL, day)
  ledger.append({ kind: 'block-used', ...asked, scheme, purpose: block.purpose })
  return moved(asked)
}

const credit = (ledger: Ledger, order: Order, day: string): Reply => {
  const { books } = ledger
  const amount = record.unsigned(order.SUMMA)
  const asked = {
    reference: order.REFER,
    use: '3',
    account: order.IDSCH,
    currency: order.VAL,
    amount: amount.toString(),
    day,
  } as const
  if (isTaken(books, order.REFER)) return again(books, asked)
  const account = books.accounts.get(order.IDSCH)
  if (!account) return refusal('0301')
  if (account.state === '2') return refusal('0403')
  if (account.currency !== order.VAL) return refusal('0406')
  if (amount <= 0n) return refusal('0407')
  const scheme = schemeAccount(ledger, order.VAL, day)
  ledger.append({ kind: 'block-used', ...asked, scheme, purpose: order.NAZN })
  return moved(asked)
}

const isTaken = ({ blocks, uses }: Books, reference: string) =>
  blocks.has(reference) || uses.has(reference)

const again = ({ uses }: Books, asked: BlockUse): Reply => {
  const known = uses.get(asked.reference)
  const same =
    known?.use === asked.use &&
    known.block === asked.block &&
    known.account === asked.account &&
    known.currency === asked.currency &&
    known.amount === asked.amount
  return same ? moved(asked) : refusal('0609')
}

const blocked = (block: Block) =>
  done(
    record.write(record.BLOKSOST, {
      REFER: block.reference,
      IDSCH: block.account,
      VAL: block.currency,
      SUMMA: record.signed(BigInt(block.amount)),
      OSTBLOK: record.signed(block.left),
      SOSTBL: block.left > 0n ? '1' : '2',
    }),
  )

const moved = ({ reference, use: kind, account, currency, amount }: BlockUse) =>
  done(
    record.write(record.DVSOST, {
      REFER: reference,
      VIDDV: kind,
      IDSCH: account,
      VAL: currency,
      SUMMA: record.signed(BigInt(amount)),
    }),
  )

const bank = '90000900'
const serials: Readonly<Record<string, number>> = { '000': 11, '840': 12, '978': 13 }

/** What the bank owes the card scheme. It is opened by the first money that goes there, in books of any age. */
const schemeAccount = (ledger: Ledger, currency: string, day: string): string => {
  const serial = serials[currency]
  if (serial === undefined) throw new Error(`no card settles in ${currency}`)
  const id = `${bank}${serial}`
  if (!ledger.books.accounts.has(id))
    ledger.append({
      kind: 'account',
      id,
      customer: bank,
      number: accountNumber('89803', currency, bank, serial),
      currency,
      title: 'КАРТА ТИЗИМИ БИЛАН ХИСОБ',
      state: '1',
      opened: day,
    })
  return accountOf(ledger.books, id).id
}
