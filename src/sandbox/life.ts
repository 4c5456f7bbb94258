/** What a day does to somebody's money: each persona in its own way. */
import type { SeedAccount } from '#bank/cores/synthetic/seed.ts'
import type { Books, Side } from './books.ts'
import type { Chance } from './chance.ts'
import { merchants, outsiders, type Phrase, phrases } from './merchants.ts'
import { organisations, people, type Person, type Persona } from './people.ts'

export interface Day {
  readonly on: Temporal.PlainDate
  readonly books: Books
  readonly chance: Chance
}

/** Minor units of so many hundreds of soʻm: prices in shops end in 00. */
const about = (chance: Chance, low: number, high: number): bigint =>
  BigInt(chance.between(Math.round(low / 100), Math.round(high / 100))) * 10_000n

export const liveOneDay = (day: Day): void => {
  trade(day)
  for (const person of people) ways[person.persona](day, person)
}

type Way = (day: Day, person: Person) => void

const main = organisations.anorTelekom.coreRef
const employers = [main, organisations.toshkentEnergo.coreRef, organisations.bozorMarket.coreRef]

/** Every person of a kind has days and sums of their own, the same in every month. */
const turnOf = ({ coreRef }: Person) => Number(coreRef.slice(-2)) - 1

const salaried: Way = (day, person) => {
  const { books, chance } = day
  const turn = turnOf(person)
  const account = books.find(person.coreRef, 'current')
  const card = books.find(person.coreRef, 'card')
  const employer = books.find(employers[turn % employers.length] ?? main, 'current')
  if (!account || !employer) return
  const base = 6_200_000 + turn * 540_000
  onDay(day, 5, employer, account, about(chance, base, base * 1.08), 'salary', person)
  if (card) onDay(day, 10, account, card, about(chance, base * 0.45, base * 0.6), 'topUp', person)
  const savings = books.find(person.coreRef, 'savings')
  if (savings)
    onDay(day, 12, account, savings, about(chance, base * 0.05, base * 0.15), 'savings', person)
  payBills(day, person, account)
  shop(day, person, card ?? account, 0.4)
  if (chance.next() < 0.03) payFriend(day, person, account)
}

const student: Way = (day, person) => {
  const card = day.books.find(person.coreRef, 'card')
  if (!card) return
  onDay(
    day,
    7,
    outsiders.university,
    card,
    about(day.chance, 1_150_000, 1_150_000),
    'scholarship',
    person,
  )
  shop(day, person, card, 0.3, 0.35)
}

const soleTrader: Way = (day, person) => {
  const { books, chance, on } = day
  const [account, business] = books.accounts.filter(
    (a) => a.owner === person.coreRef && a.kind === 'current' && a.currency === 'UZS',
  )
  const programme = books.find(organisations.bozorMarket.coreRef, 'settlement')
  const treasury = books.find(organisations.taxTreasury.coreRef, 'settlement')
  if (!account || !business || !programme || !treasury) return
  if (on.dayOfWeek === 5)
    give(day, programme, business, about(chance, 2_100_000, 4_900_000), 'sales', person)
  if (on.dayOfWeek === 2)
    give(day, business, outsiders.supplier, about(chance, 900_000, 2_600_000), 'stock', person)
  onDay(day, 15, business, treasury, about(chance, 380_000, 640_000), 'tax', person)
  onDay(day, 25, business, account, about(chance, 2_500_000, 4_000_000), 'drawings', person)
  payBills(day, person, account)
  shop(day, person, books.find(person.coreRef, 'card') ?? account, 0.25)
  const card = books.find(person.coreRef, 'card')
  if (card) onDay(day, 26, account, card, about(chance, 1_200_000, 1_900_000), 'topUp', person)
}

/** Paid in another currency from abroad; sells a part of it for what life here costs. */
const paidAbroad =
  (
    payer: Side,
    currency: 'USD' | 'EUR',
    wage: readonly [number, number],
    shopping: (p: Person) => number,
  ): Way =>
  (day, person) => {
    const { books, chance, on } = day
    const foreign = books.find(person.coreRef, 'current', currency)
    const account = books.find(person.coreRef, 'current')
    const card = books.find(person.coreRef, 'card')
    if (!foreign || !account || !card) return
    const [low, high] = wage
    onDay(day, 3, payer, foreign, BigInt(chance.between(low, high)) * 100n, 'invoice', person)
    if (on.day === 4) {
      const sold = BigInt(chance.between(Math.round(low * 0.4), Math.round(low * 0.5))) * 100n
      const { lowest, highest } = rates[currency]
      const rate = BigInt(chance.between(lowest, highest))
      if (give(day, foreign, outsiders.exchange, sold, 'exchange', person))
        give(day, outsiders.exchange, account, sold * rate, 'exchange', person)
    }
    onDay(day, 6, account, card, about(chance, 5_000_000, 7_000_000), 'topUp', person)
    payBills(day, person, account)
    shop(day, person, card, shopping(person))
  }

/** Soʻm for one unit in this half-year. */
const rates = {
  USD: { lowest: 12_480, highest: 12_760 },
  EUR: { lowest: 13_540, highest: 13_980 },
} as const

const pensioner: Way = (day, person) => {
  const card = day.books.find(person.coreRef, 'card')
  if (!card) return
  onDay(
    day,
    4,
    outsiders.pensionFund,
    card,
    about(day.chance, 1_310_000, 1_310_000),
    'pension',
    person,
  )
  const left = about(day.chance, 20_000, 90_000)
  onDay(day, 4, card, outsiders.cashDesk, day.books.balance(card) - left, 'cash', person)
}

const saver: Way = (day, person) => {
  const { books, on } = day
  const savings = books.find(person.coreRef, 'savings')
  if (!savings || on.day !== on.daysInMonth) return
  // 21 % a year, in twelfths.
  give(day, outsiders.treasury, savings, (books.balance(savings) * 21n) / 1200n, 'interest', person)
}

const overdrawn: Way = (day, person) => {
  const card = day.books.find(person.coreRef, 'card')
  const account = day.books.find(person.coreRef, 'current')
  if (!card || !account) return
  onDay(
    day,
    8,
    outsiders.cashDesk,
    account,
    about(day.chance, 2_400_000, 3_100_000),
    'salary',
    person,
  )
  onDay(day, 9, account, card, about(day.chance, 1_200_000, 2_000_000), 'topUp', person)
  payBills(day, person, account)
  shop(day, person, card, 0.6)
}

const minor: Way = (day, person) => {
  const card = day.books.find(person.coreRef, 'card')
  const parent = people.find((p) => p.login === 'dilnoza')
  const purse = parent && day.books.find(parent.coreRef, 'card')
  if (!card || !purse) return
  if (day.on.dayOfWeek === 1)
    give(day, purse, card, about(day.chance, 50_000, 80_000), 'pocketMoney', parent)
  shop(day, person, card, 0.3, 0.15)
}

const nothing: Way = () => {}

const ways: Readonly<Record<Persona, Way>> = {
  salaried,
  student,
  'sole-trader': soleTrader,
  contractor: paidAbroad(outsiders.clientAbroad, 'USD', [1_900, 2_600], () => 0.4),
  pensioner,
  expatriate: paidAbroad(outsiders.employerAbroad, 'EUR', [2_200, 2_900], (p) =>
    p.login === 'james' ? 0.85 : 0.5,
  ),
  saver,
  overdrawn,
  minor,
  dormant: nothing,
  // Nothing moves by itself on accounts that tests count on.
  scripted: nothing,
}

const give = (day: Day, from: Side, to: Side, minor: bigint, phrase: Phrase, person: Person) =>
  day.books.pay({ on: day.on, from, to, minor, text: phrases[person.language][phrase] })

const onDay = (
  day: Day,
  of: number,
  from: Side,
  to: Side,
  minor: bigint,
  phrase: Phrase,
  person: Person,
) => {
  if (day.on.day === of) give(day, from, to, minor, phrase, person)
}

/** Electricity costs twice as much while it is cold; a bill has tiyin. */
const payBills = (day: Day, person: Person, account: SeedAccount) => {
  const { books, chance, on } = day
  const energy = books.find(organisations.toshkentEnergo.coreRef, 'current')
  const phone = books.find(main, 'current')
  const cold = on.month >= 11 || on.month <= 3 ? 2 : 1
  const bill = about(chance, 90_000 * cold, 210_000 * cold) + BigInt(chance.between(0, 99))
  if (energy) onDay(day, 16, account, energy, bill, 'electricity', person)
  if (phone) onDay(day, 20, account, phone, about(chance, 45_000, 95_000), 'phone', person)
}

/** New Year, Navroʻz and the first day of school cost more. */
const season = (month: number) => (month === 12 ? 1.5 : month === 3 ? 1.25 : month === 8 ? 1.2 : 1)

const shop = (day: Day, person: Person, card: SeedAccount, often: number, scale = 1) => {
  const { on, chance } = day
  const weekend = on.dayOfWeek >= 6 ? 1.3 : 1
  if (chance.next() >= often * weekend) return
  // The square of chance prefers the merchants at the head of the list.
  const merchant = merchants[Math.floor(chance.next() ** 2 * merchants.length)] ?? merchants[0]
  const factor = season(on.month) * scale
  const price = about(chance, merchant.from * factor, merchant.to * factor)
  if (!give(day, card, merchant, price, 'purchase', person)) return
  if (chance.next() < 0.03) give(day, merchant, card, price, 'refund', person)
}

const payFriend = (day: Day, person: Person, account: SeedAccount) => {
  const friends = people.filter((p) => p.persona === 'salaried' && p !== person)
  const friend = friends[day.chance.between(0, friends.length - 1)]
  const theirs = friend && day.books.find(friend.coreRef, 'current')
  if (theirs) give(day, account, theirs, about(day.chance, 50_000, 900_000), 'toFriend', person)
}

/** A day of the marketplace, the telecom and the energy company. */
const trade = (day: Day) => {
  const { books, chance, on } = day
  const { bozorMarket, chorsuTekstil, samarqandNon, fargonaChinni } = organisations
  const { anorTelekom, taxTreasury, tezkorYetkazish, toshkentEnergo } = organisations
  const programme = books.find(bozorMarket.coreRef, 'settlement')
  const fees = books.accounts.find((a) => a.owner === bozorMarket.coreRef && a.serial === 3)
  if (!programme || !fees) return
  const orders = on.toString().slice(5)
  const collect = (owner: string, from: Side, low: number, high: number, text: string) => {
    const account = books.find(owner, 'current')
    if (account) books.pay({ on, from, to: account, minor: about(chance, low, high), text })
  }
  books.pay({
    on,
    from: outsiders.buyers,
    to: programme,
    minor: about(chance, 11_000_000, 24_000_000),
    text: `Xaridorlar toʻlovi, buyurtmalar ${orders}`,
  })
  if (on.dayOfWeek > 5) return
  for (const seller of [chorsuTekstil, samarqandNon, fargonaChinni])
    collect(seller.coreRef, programme, 2_600_000, 6_800_000, `Sotuvchiga toʻlov, ${orders}`)
  const treasury = books.find(taxTreasury.coreRef, 'settlement')
  const taxed = about(chance, 600_000, 1_500_000)
  if (treasury)
    books.pay({ on, from: programme, to: treasury, minor: taxed, text: `QQS, ${orders}` })
  books.pay({
    on,
    from: programme,
    to: fees,
    minor: about(chance, 300_000, 900_000),
    text: `Platforma haqi, ${orders}`,
  })
  collect(tezkorYetkazish.coreRef, programme, 250_000, 800_000, `Yetkazib berish, ${orders}`)
  if (on.dayOfWeek !== 5) return
  collect(anorTelekom.coreRef, outsiders.subscribers, 40_000_000, 95_000_000, 'Abonentlar toʻlovi')
  collect(
    toshkentEnergo.coreRef,
    outsiders.households,
    30_000_000,
    60_000_000,
    'Isteʼmolchilar toʻlovi',
  )
}
