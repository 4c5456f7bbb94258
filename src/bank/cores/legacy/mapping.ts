/** What the demonstration bank's records and codes mean in the words of `core.ts`, and the reverse. */
import { assert } from '#kernel/assert.ts'
import { type Currency, type Money, exponents, money } from '#kernel/money.ts'
import type {
  CoreAccount,
  CoreBalances,
  CoreCustomer,
  CoreEntry,
  TransferOrder,
  TransferOutcome,
} from '../core.ts'
import { century } from './century.ts'
import { type RecordOf, garbledIn } from './codec.ts'
import type { operations, otkaz, otvet, zapros } from './layouts.ts'
import { carried, properName, sentence } from './names.ts'

/** The bank's own time zone: its records hold local time. */
export const zone = 'Asia/Tashkent'

/** What a status code means for whoever asked. */
export type Meaning =
  | { readonly is: 'done' }
  /** Nothing by that name. */
  | { readonly is: 'unknown' }
  /** The reference was used before. */
  | { readonly is: 'duplicate' }
  | { readonly is: 'rejected'; readonly reasonCode: string }
  | { readonly is: 'closed' }
  | { readonly is: 'full' }
  /** Not about the order: `why` is for our log. */
  | { readonly is: 'refused'; readonly why: string }

const rejected = (reasonCode: string): Meaning => ({ is: 'rejected', reasonCode })
const refused = (why: string): Meaning => ({ is: 'refused', why })

/** Reasons are ISO 20022 external status reason codes. A code that is missing here is not guessed at. */
export const meanings: Readonly<Record<string, Meaning>> = {
  '0000': { is: 'done' },
  // The card account was opened by this reference before, and is told again.
  '0002': { is: 'done' },
  // Taken for the clearing; the record itself says so too.
  '0020': { is: 'done' },
  '0201': { is: 'unknown' },
  // A company has no file of a person.
  '0202': { is: 'unknown' },
  '0301': { is: 'unknown' },
  '0401': rejected('AC01'),
  '0402': rejected('AC01'),
  '0403': rejected('AC04'),
  '0404': rejected('AG01'),
  '0405': rejected('AM04'),
  '0406': rejected('AG01'),
  '0407': refused('the amount is not positive'),
  // Whether somebody is under control is not told: that would be tipping off.
  '0408': rejected('MS03'),
  '0409': { is: 'duplicate' },
  '0411': rejected('AG01'),
  '0412': rejected('AC01'),
  '0421': { is: 'unknown' },
  '0511': refused('the reference opened another customer’s account'),
  '0512': refused('the customer has no account number left'),
  '0605': refused('more is used of a hold than is held'),
  // Cancelled before it came.
  '0608': rejected('MS03'),
  '0609': refused('the reference stands for something else'),
  '0621': refused('the hold that is used was never placed'),
  '0801': { is: 'closed' },
  '0901': { is: 'full' },
  '0902': refused('the sign-on is not accepted'),
  '0903': refused('the session is not signed on'),
  '0910': refused('it could not read our record'),
  '0911': refused('it does not have this operation'),
}

export type Reply<Name extends keyof typeof operations> = RecordOf<
  (typeof operations)[Name]['reply']
>
export type Request<Name extends keyof typeof operations> = RecordOf<
  (typeof operations)[Name]['request']
>

/** Every request is one record behind its header. */
export const requestHeader = (operation: string, number: number): RecordOf<typeof zapros> => ({
  VID: 'Z',
  OP: operation,
  NOM: number,
  KOL: 1,
})

export const replyHeader = ({ OP, NOM, KOL, SOST, EST }: RecordOf<typeof otvet>) => ({
  operation: OP,
  number: NOM,
  records: KOL,
  status: SOST,
  more: EST === '1',
})

export const signOnRequest = (
  operator: string,
  password: string,
  today: Temporal.PlainDate,
): Request<'signOn'> => ({
  OPER: operator,
  PAROL: password,
  DATA: today,
})

export const echoRequest = (text: string): Request<'echo'> => ({ TEKST: text })
export const echoOf = (record: Reply<'echo'>): string => record.TEKST

/** When a closed core says that it opens; undefined where it does not say. */
export const opensAt = (refusal: RecordOf<typeof otkaz>): Temporal.Instant | undefined =>
  refusal.DATAOTK?.toZonedDateTime({ timeZone: zone, plainTime: refusal.VREMOTK }).toInstant()

export const currencies = { '000': 'UZS', '840': 'USD', '978': 'EUR' } as const
type CurrencyCode = keyof typeof currencies

/** The core's code of a currency; undefined where it keeps no books in it. */
export const currencyCodeOf = (currency: Currency): CurrencyCode | undefined =>
  (['000', '840', '978'] as const).find((code) => currencies[code] === currency)

/** Two decimals are implied in every amount; a currency with others has no place in these records. */
export const moneyOf = (minor: bigint, currency: Currency): Money => {
  assert(
    exponents[currency] === 2,
    `${currency} does not have the two decimals that the layouts imply`,
  )
  return money(minor, currency)
}

export const isCustomerRef = (ref: string) => /^[0-9]{8}$/.test(ref)
export const isAccountRef = (ref: string) => /^[0-9]{10}$/.test(ref)
export const isAccountNumber = (number: string) => /^[0-9]{20}$/.test(number)
export const isEntryRef = (ref: string) => /^[0-9]{10}$/.test(ref)
export const isReference = (reference: string) => /^[A-Z0-9]{1,20}$/.test(reference)
const isBankCode = (code: string) => /^[0-9]{5}$/.test(code)

export const customerRequest = (ref: string): Request<'customer'> => ({ NKL: ref })

export const customerOf = (record: Reply<'customer'>): CoreCustomer => {
  const person = record.TIPKL === '1'
  const nationalId = person ? record.PINFL : record.INN
  if (/^0+$/.test(nationalId)) throw garbledIn('KLIENT', person ? 'PINFL' : 'INN')
  if (record.NAIM === '') throw garbledIn('KLIENT', 'NAIM')
  return {
    ref: record.NKL,
    kind: person ? 'person' : 'organisation',
    name: properName(record.NAIM),
    nationalId,
  }
}

/** A customer's accounts behind `after`, an account's ref, or from the first on. */
export const accountsRequest = (
  customer: string,
  after: string | undefined,
): Request<'accounts'> => ({
  NKL: customer,
  POSLE: after ?? '0000000000',
})
export const accountRequest = (ref: string): Request<'account'> => ({ IDSCH: ref })
export const accountByNumberRequest = (number: string): Request<'accountByNumber'> => ({
  NOMSCH: number,
})

/** The chart's balance account, in the first five digits. What is not listed is the bank's own business. */
const kinds: Readonly<Record<string, CoreAccount['kind']>> = {
  '80206': 'current',
  '80208': 'current',
  '80606': 'savings',
  '82618': 'card',
}

/** `4` is under special control. It looks like any other account: to show it would be tipping off. */
const accountStatuses = { '1': 'enabled', '2': 'closed', '3': 'disabled', '4': 'enabled' } as const

export const accountOf = (record: Reply<'account'>): CoreAccount => ({
  ref: record.IDSCH,
  owner: record.NKL,
  kind: kinds[record.NOMSCH.slice(0, 5)] ?? 'settlement',
  number: record.NOMSCH,
  bankCode: record.MFO,
  currency: currencies[record.VAL],
  nickname: sentence(record.NAIMSCH),
  status: accountStatuses[record.SOSTSCH],
  openedOn: record.DATAOTKR,
})

export const balanceRequest = (ref: string): Request<'balance'> => ({ IDSCH: ref })

export const balancesOf = (record: Reply<'balance'>): CoreBalances & { readonly ref: string } => ({
  ref: record.IDSCH,
  available: moneyOf(record.DOSTUP, currencies[record.VAL]),
  booked: moneyOf(record.OSTATOK, currencies[record.VAL]),
  at: record.DATA.toZonedDateTime({ timeZone: zone, plainTime: record.VREMYA }).toInstant(),
})

/** Entries before `before`, or from the newest on; days are kept within what two digits can say. */
export const entriesRequest = (
  ref: string,
  days: { readonly from?: Temporal.PlainDate; readonly to?: Temporal.PlainDate },
  before: string | undefined,
  today: Temporal.PlainDate,
): Request<'entries'> => ({
  IDSCH: ref,
  DATAS: days.from && within(days.from, today),
  DATAPO: days.to && within(days.to, today),
  DONOM: before ?? '9999999999',
})

export const within = (day: Temporal.PlainDate, today: Temporal.PlainDate) => {
  const { first, last } = century(today)
  if (Temporal.PlainDate.compare(day, first) < 0) return first
  return Temporal.PlainDate.compare(day, last) > 0 ? last : day
}

export const entryOf = (record: Reply<'entries'>, ref: string, currency: Currency): CoreEntry => {
  if (record.IDSCH !== ref) throw garbledIn('PROVOD', 'IDSCH')
  if (record.SUMMA === 0n) throw garbledIn('PROVOD', 'SUMMA')
  const anonymous = record.NAIMKOR === '' || /^0+$/.test(record.SCHKOR)
  return {
    ref: record.NPROV,
    bookedOn: record.DATAPROV,
    valueOn: record.DATAVAL,
    direction: record.SUMMA < 0n ? 'debit' : 'credit',
    amount: moneyOf(record.SUMMA < 0n ? -record.SUMMA : record.SUMMA, currency),
    status: record.SOSTPR === '1' ? 'booked' : 'pending',
    text: sentence(record.NAZN),
    ...(!anonymous && {
      counterparty: { name: properName(record.NAIMKOR), account: record.SCHKOR },
    }),
  }
}

/** The order as a record; undefined where it names something that this core cannot have. */
export const transferRequest = (
  order: TransferOrder,
  today: Temporal.PlainDate,
): Request<'transfer'> | undefined => {
  const currency = currencyCodeOf(order.amount.currency)
  const { number, bankCode, name } = order.creditor
  if (!currency || !isAccountRef(order.debtor) || !isAccountNumber(number) || !isBankCode(bankCode))
    return undefined
  return {
    REFER: order.reference,
    IDDEB: order.debtor,
    SCHKR: number,
    MFOKR: bankCode,
    NAIMKR: carried(name, 40).toUpperCase(),
    VAL: currency,
    SUMMA: order.amount.minor,
    NAZN: carried(order.text, 80),
    DATADOK: today,
  }
}

/** Why an order that cannot be written as a record is refused: no such account, or no such currency here. */
export const unsendable = (order: TransferOrder): TransferOutcome => ({
  status: 'rejected',
  reasonCode: currencyCodeOf(order.amount.currency) ? 'AC01' : 'AG01',
})

export const inquiryRequest = (reference: string): Request<'transferInquiry'> => ({
  REFER: reference,
})

/** An order as the core has it, and what became of it. */
export interface Document {
  readonly reference: string
  readonly debtor: string
  readonly creditor: { readonly number: string; readonly bankCode: string }
  readonly amount: Money
  readonly outcome: TransferOutcome
}

export const documentOf = (record: Reply<'transferInquiry'>): Document => ({
  reference: record.REFER,
  debtor: record.IDDEB,
  creditor: { number: record.SCHKR, bankCode: record.MFOKR },
  amount: moneyOf(record.SUMMA, currencies[record.VAL]),
  outcome: outcomeOf(record),
})

const outcomeOf = (record: Reply<'transferInquiry'>): TransferOutcome => {
  switch (record.SOSTPER) {
    case '10':
      return { status: 'booked' }
    case '20':
      return { status: 'accepted' }
    case '90': {
      const reason = meanings[record.PRICH]
      if (reason?.is === 'rejected') return { status: 'rejected', reasonCode: reason.reasonCode }
      throw garbledIn('PERSOST', 'PRICH')
    }
  }
}

/** Asks for a card account; undefined where this core cannot have such a customer or such a currency. */
export const cardAccountRequest = (
  order: { readonly reference: string; readonly customer: string; readonly currency: Currency },
  today: Temporal.PlainDate,
): Request<'openCardAccount'> | undefined => {
  const currency = currencyCodeOf(order.currency)
  if (!currency || !isCustomerRef(order.customer)) return undefined
  return { REFER: order.reference, NKL: order.customer, VAL: currency, DATADOK: today }
}
