/** The books of a first start: the same seed and the same day give the same customers and the same four months. */
import {
  type Account,
  type Books,
  type Event,
  accountNumber,
  accountOf,
  apply,
  emptyBooks,
  nostro,
  ownBank,
  spendable,
  transit,
} from './books.ts'
import { seededOrders } from './orders.ts'
import { type Opening, merchants, organisations, persons } from './people.ts'
import { type Chance, chance } from './random.ts'
import { keyed } from './records.ts'

const days = 120
/** Where what comes from outside stands, by currency. */
const nostros: Readonly<Record<string, string>> = {
  '000': nostro,
  '840': '9000090003',
  '978': '9000090007',
}
const nostroOf = (currency: string) => nostros[currency] ?? nostro
/** What exchanges pass through; unlike those of correspondents they are never below zero. */
const positions = [
  { id: '9000090004', currency: '000', start: 50_000_000_000 },
  { id: '9000090005', currency: '840', start: 4_000_000 },
] as const

/** What loans are paid out of and back to; it was given money to lend when the books began. */
const loanFund = '9000090006'
const loanFundStart = 80_000_000_000

export const seedEvents = (seed: number, today: Temporal.PlainDate): readonly Event[] => {
  const events: Event[] = []
  const books = emptyBooks()
  const add = (event: Event) => {
    apply(books, event)
    events.push(event)
  }
  const first = today.subtract({ days })

  openBank(add, first)
  for (const { number, name, born, accounts } of persons) {
    const pinfl = `9${born}100${number.slice(-3)}0`
    add({
      kind: 'customer',
      type: '1',
      number,
      name: keyed(name),
      inn: '000000000',
      pinfl,
      registered: yearsBefore(first, number),
    })
    openAccounts(add, number, accounts, first)
  }
  for (const { number, name, stir, accounts } of organisations) {
    add({
      kind: 'customer',
      type: '2',
      number,
      name: asKeyed(name),
      inn: stir,
      pinfl: '00000000000000',
      registered: yearsBefore(first, number),
    })
    openAccounts(add, number, accounts, first)
  }

  const random = chance(seed)
  for (let day = first; Temporal.PlainDate.compare(day, today) < 0; day = day.add({ days: 1 })) {
    liveOneDay({ add, books, random, day })
  }
  closeBooks(add, books, today)
  for (const order of seededOrders(books, today, asKeyed)) add(order)
  return events
}

type Add = (event: Event) => void

const asKeyed = (text: string) => keyed(text).replace(/[«»]/g, '"')

/** Three to eighteen years before, always the same for the same customer. */
const yearsBefore = (day: Temporal.PlainDate, number: string) =>
  day
    .subtract({ years: 3 + (Number(number.slice(-2)) % 16), days: Number(number.slice(-1)) * 9 })
    .toString()

const openBank = (add: Add, first: Temporal.PlainDate) => {
  const number = '90000900'
  const opened = first.subtract({ years: 20 }).toString()
  add({
    kind: 'customer',
    type: '2',
    number,
    name: '"НАМУНА БАНК" АТБ',
    inn: '900000900',
    pinfl: '00000000000000',
    registered: opened,
  })
  const own = [
    [nostro, '80301', '000', 'ВАКИЛЛИК ХИСОБИ'],
    [transit, '89801', '000', 'КЛИРИНГ ЙЎЛДА'],
    [nostroOf('840'), '80301', '840', 'ВАКИЛЛИК ХИСОБИ, ДОЛЛАР'],
    ['9000090004', '81710', '000', 'ВАЛЮТА ПОЗИЦИЯСИ, СЎМ'],
    ['9000090005', '81710', '840', 'ВАЛЮТА ПОЗИЦИЯСИ, ДОЛЛАР'],
    [loanFund, '81501', '000', 'КРЕДИТ ФОНДИ, СЎМ'],
    [nostroOf('978'), '80301', '978', 'ВАКИЛЛИК ХИСОБИ, ЕВРО'],
  ] as const
  for (const [index, [id, balanceAccount, currency, title]] of own.entries()) {
    const serial = index + 1
    add({
      kind: 'account',
      id,
      customer: number,
      number: accountNumber(balanceAccount, currency, number, serial),
      currency,
      title,
      state: '1',
      opened,
    })
  }
  add({
    kind: 'posting',
    debit: nostro,
    credit: loanFund,
    amount: String(loanFundStart * 100),
    day: first.toString(),
    purpose: 'КРЕДИТ ФОНДИ ОЧИЛДИ',
  })
  for (const { id, currency, start } of positions)
    add({
      kind: 'posting',
      debit: nostroOf(currency),
      credit: id,
      amount: String(start * 100),
      day: first.toString(),
      purpose: 'ВАЛЮТА ПОЗИЦИЯСИ ОЧИЛДИ',
    })
}

/** Account ids are the customer's eight digits and a serial of two. */
const openAccounts = (
  add: Add,
  customer: string,
  accounts: readonly Opening[],
  first: Temporal.PlainDate,
) => {
  for (const [index, { balanceAccount, currency, title, start, state }] of accounts.entries()) {
    const serial = index + 1
    const id = `${customer}${String(serial).padStart(2, '0')}`
    add({
      kind: 'account',
      id,
      customer,
      number: accountNumber(balanceAccount, currency, customer, serial),
      currency,
      title: keyed(title),
      state: state ?? '1',
      opened: yearsBefore(first, customer),
      ...(state === '2' && { closed: first.subtract({ days: 30 }).toString() }),
    })
    if (start === 0) continue
    add({
      kind: 'posting',
      debit: nostroOf(currency),
      credit: id,
      amount: String(start * 100),
      day: first.toString(),
      purpose: 'КОЛДИК КЎЧИРИЛДИ',
    })
  }
}

interface Day {
  readonly add: Add
  readonly books: Books
  readonly random: Chance
  readonly day: Temporal.PlainDate
}

/** So'm with some tiyin, so that nobody mistakes them for whole so'm. */
const about = (random: Chance, low: number, high: number) =>
  BigInt(random.between(low, high)) * 100n + BigInt(random.pick([0, 0, 25, 50, 75, 99]))

/** Posts only what the debtor can pay. */
const pay = (
  { add, books, day }: Day,
  debit: string,
  credit: string,
  tiyin: bigint,
  purpose: string,
  outside?: (typeof merchants)[number],
) => {
  const from = accountOf(books, debit)
  if (debit !== nostro && spendable(from) < tiyin) return
  add({
    kind: 'posting',
    debit,
    credit,
    amount: tiyin.toString(),
    day: day.toString(),
    purpose: asKeyed(purpose),
    ...(outside && { outside: { ...outside, name: asKeyed(outside.name) } }),
  })
}

const employers = ['9000010102', '9000010501', '9000010801']

const liveOneDay = (life: Day) => {
  for (const { number } of persons) livePerson(life, number)
  trade(life)
}

const ofKind = (books: Books, customer: string, balanceAccount: string): Account | undefined =>
  books.accounts
    .values()
    .filter((a) => a.customer === customer && a.state === '1' && a.currency === '000')
    .find((a) => a.number.startsWith(balanceAccount))

const livePerson = (life: Day, customer: string) => {
  const { books, random, day } = life
  const card = ofKind(books, customer, '82618')
  const salary = ofKind(books, customer, '80206') ?? card
  const savings = ofKind(books, customer, '80606')
  if (!salary) return
  // The pensioner's card is kept poor: transfers from it are refused for want of money.
  const poor = customer === '90000012'
  const turn = Number(customer.slice(-2)) % 5

  if (day.day === 3 + turn) {
    const employer = employers[turn % employers.length] ?? nostro
    pay(
      life,
      employer,
      salary.id,
      about(random, 4_800_000, 13_600_000),
      `${monthOf(day)} ойи учун иш ҳақи`,
    )
  }
  if (day.day === 9 + turn) {
    if (card && card !== salary && !poor)
      pay(life, salary.id, card.id, about(random, 900_000, 2_400_000), 'Картани тўлдириш')
    if (savings)
      pay(life, salary.id, savings.id, about(random, 500_000, 1_500_000), 'Жамғармага ўтказма')
  }
  if (day.day === 15 + turn) {
    pay(
      life,
      salary.id,
      '9000010801',
      about(random, 120_000, 480_000),
      'Электр энергияси учун тўлов',
    )
    pay(life, salary.id, '9000010501', about(random, 35_000, 90_000), 'Мобил алоқа учун тўлов')
  }
  if (random.next() < 0.3 && !poor) {
    const merchant = random.pick(merchants)
    const purchase = about(random, 14_000, 460_000)
    pay(
      life,
      (card ?? salary).id,
      nostro,
      purchase,
      `Харид, чек ${random.between(1000, 9999)}`,
      merchant,
    )
  }
  if (random.next() < 0.04) {
    const friend = random.pick(persons).number
    const theirs = ofKind(books, friend, '80206')
    if (theirs && friend !== customer)
      pay(life, salary.id, theirs.id, about(random, 50_000, 900_000), 'Қарз қайтарилди')
  }
}

/** A day of the marketplace: buyers pay into the programme, sellers, tax, delivery and the platform are paid. */
const trade = (life: Day) => {
  const { random, day } = life
  const programme = '9000010101'
  const merchant = random.pick(merchants)
  const orders = `буюртмалар ${day.toString().slice(5)}`
  pay(
    life,
    nostro,
    programme,
    about(random, 9_000_000, 26_000_000),
    `Харидорлар тўлови, ${orders}`,
    merchant,
  )
  if (day.dayOfWeek > 5) return
  for (const seller of ['9000010201', '9000010301', '9000010401']) {
    pay(life, programme, seller, about(random, 1_400_000, 4_800_000), `Сотувчига тўлов, ${orders}`)
  }
  pay(life, programme, '9000010601', about(random, 300_000, 900_000), `ҚҚС, ${orders}`)
  pay(life, programme, '9000010103', about(random, 200_000, 700_000), `Платформа ҳақи, ${orders}`)
  pay(life, programme, '9000010701', about(random, 250_000, 800_000), `Етказиб бериш, ${orders}`)
  if (day.dayOfWeek !== 5) return
  pay(
    life,
    nostro,
    '9000010501',
    about(random, 40_000_000, 95_000_000),
    'Абонентлар тўлови',
    merchant,
  )
  pay(
    life,
    nostro,
    '9000010102',
    about(random, 20_000_000, 48_000_000),
    'Реклама учун тўлов',
    merchant,
  )
  pay(
    life,
    nostro,
    '9000010801',
    about(random, 30_000_000, 60_000_000),
    'Истеъмолчилар тўлови',
    merchant,
  )
}

const months = [
  'январь',
  'февраль',
  'март',
  'апрель',
  'май',
  'июнь',
  'июль',
  'август',
  'сентябрь',
  'октябрь',
  'ноябрь',
  'декабрь',
]
const monthOf = (day: Temporal.PlainDate) => months[day.month - 1] ?? ''

/** What the last evening leaves behind: card payments held, and a card a little below zero. */
const closeBooks = (add: Add, books: Books, today: Temporal.PlainDate) => {
  const day = today.subtract({ days: 1 }).toString()
  const held = [
    ['9000000102', 18_450_00, 0],
    ['9000000102', 96_000_00, 2],
    ['9000000302', 41_900_00, 3],
  ] as const
  for (const [account, tiyin, at] of held) {
    const merchant = merchants[at]
    add({
      kind: 'hold',
      account,
      amount: String(tiyin),
      day,
      purpose: 'КАРТА БЎЙИЧА ТЎЛОВ КУТИЛМОКДА',
      other: { ...merchant, name: asKeyed(merchant.name) },
    })
  }
  const overdrawn = accountOf(books, '9000001301')
  add({
    kind: 'posting',
    debit: overdrawn.id,
    credit: nostro,
    amount: (overdrawn.balance + 45_300_00n).toString(),
    day,
    purpose: 'КАРТА ХИЗМАТИ УЧУН ХАК',
    outside: { name: '"НАМУНА БАНК" АТБ', account: accountOf(books, nostro).number, bank: ownBank },
  })
}
