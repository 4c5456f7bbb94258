/** What a day does to somebody's money: each persona in its own way. */
import type { SeedAccount } from '#bank/cores/synthetic/seed.ts'
import type { Day, Side } from './books.ts'
import { about } from './chance.ts'
import { merchants, outsiders, type Phrase, phrases } from './merchants.ts'
import type { Opening } from './opening.ts'
import { organisations } from './organisations.ts'
import { people, type Person, type Persona } from './people.ts'
import { trade } from './trade.ts'

export const liveOneDay = (day: Day): void => {
  trade(day)
  for (const person of people) ways[person.persona](lifeOf(day, person))
}

/** A day as one person lives it. */
interface Life extends Day {
  readonly person: Person
  /** The first enabled account of theirs that is of this sort. */
  readonly mine: (
    kind: Opening['kind'],
    currency?: SeedAccount['currency'],
  ) => SeedAccount | undefined
  /** Moves money, said in their language; answers whether the debtor had it. */
  readonly give: (from: Side, to: Side, minor: bigint, phrase: Phrase) => boolean
}

type Way = (life: Life) => void

const lifeOf = (day: Day, person: Person): Life => ({
  ...day,
  person,
  mine: (kind, currency) => day.books.find(person.coreRef, kind, currency),
  give: (from, to, minor, phrase) =>
    day.books.pay({ on: day.on, from, to, minor, text: phrases[person.language][phrase] }),
})

const telecom = organisations.anorTelekom.coreRef
const energy = organisations.toshkentEnergo.coreRef
const marketplace = organisations.bozorMarket.coreRef
const employers = [telecom, energy, marketplace]

/** Every person has sums of their own, the same in every month. */
const wageOf = (person: Person) => 6_200_000 + turnOf(person) * 540_000

export const RENT_DAY = 2
/** A quarter of the wage, in tiyin. */
export const rentOf = (person: Person): bigint =>
  BigInt(Math.round(wageOf(person) / 4_000)) * 100_000n
export const POCKET_MONEY = 60_000_00n
export const SUBSCRIPTION = 39_900_00n

const turnOf = ({ coreRef }: Person) => Number(coreRef.slice(-2)) - 1

const salaried: Way = (life) => {
  const { on, books, chance, person, mine, give } = life
  const [account, card, savings] = [mine('current'), mine('card'), mine('savings')]
  const turn = turnOf(person)
  const employer = books.find(employers[turn % employers.length] ?? telecom, 'current')
  if (!account || !employer) return
  const wage = wageOf(person)
  if (on.day === 5) give(employer, account, about(chance, wage, wage * 1.08), 'salary')
  // Before New Year and before Navroʻz.
  if ((on.month === 12 && on.day === 25) || (on.month === 3 && on.day === 18))
    give(employer, account, about(chance, wage * 0.4, wage * 0.6), 'bonus')
  if (on.day === RENT_DAY) give(account, outsiders.landlord, rentOf(person), 'rent')
  if (on.day === 10 && card) give(account, card, about(chance, wage * 0.45, wage * 0.6), 'topUp')
  if (on.day === 12 && savings)
    give(account, savings, about(chance, wage * 0.05, wage * 0.15), 'savings')
  payBills(life, account)
  shop(life, card ?? account, 0.4)
  if (chance.next() < 0.03) payFriend(life, account)
}

const student: Way = (life) => {
  const card = life.mine('card')
  if (!card) return
  if (life.on.day === 7) life.give(outsiders.university, card, 115_000_000n, 'scholarship')
  shop(life, card, 0.3, 0.35)
}

const soleTrader: Way = (life) => {
  const { on, books, chance, person, mine, give } = life
  const [account, business] = books.accounts.filter(
    (a) => a.owner === person.coreRef && a.kind === 'current' && a.currency === 'UZS',
  )
  const card = mine('card')
  const programme = books.find(marketplace, 'settlement')
  const treasury = books.find(organisations.taxTreasury.coreRef, 'settlement')
  if (!account || !business || !card || !programme || !treasury) return
  if (on.dayOfWeek === 5) give(programme, business, about(chance, 2_100_000, 4_900_000), 'sales')
  if (on.dayOfWeek === 2)
    give(business, outsiders.supplier, about(chance, 900_000, 2_600_000), 'stock')
  if (on.day === 15) give(business, treasury, about(chance, 380_000, 640_000), 'tax')
  if (on.day === 25) give(business, account, about(chance, 2_500_000, 4_000_000), 'drawings')
  if (on.day === 26) give(account, card, about(chance, 1_200_000, 1_900_000), 'topUp')
  payBills(life, account)
  shop(life, card, 0.25)
}

/** Soʻm for one unit in this year. */
const rates = {
  USD: { lowest: 12_480, highest: 12_760 },
  EUR: { lowest: 13_540, highest: 13_980 },
} as const

/** Paid from abroad in whole units of another currency; sells a part of it for what life here costs. */
const paidAbroad =
  (job: { payer: Side; currency: 'USD' | 'EUR'; low: number; high: number }): Way =>
  (life) => {
    const { on, chance, person, mine, give } = life
    const { payer, currency, low, high } = job
    const [foreign, account, card] = [mine('current', currency), mine('current'), mine('card')]
    if (!foreign || !account || !card) return
    if (on.day === 3) give(payer, foreign, BigInt(chance.between(low, high)) * 100n, 'invoice')
    if (on.day === 4) {
      const sold = BigInt(chance.between(Math.round(low * 0.4), Math.round(low * 0.5))) * 100n
      const { lowest, highest } = rates[currency]
      if (give(foreign, outsiders.exchange, sold, 'exchange'))
        give(
          outsiders.exchange,
          account,
          sold * BigInt(chance.between(lowest, highest)),
          'exchange',
        )
    }
    if (on.day === 6) give(account, card, about(chance, 5_000_000, 7_000_000), 'topUp')
    if (on.day === RENT_DAY) give(account, outsiders.landlord, rentOf(person), 'rent')
    if (on.day === 11) give(card, outsiders.stream, SUBSCRIPTION, 'subscription')
    payBills(life, account)
    shop(life, card, person.login === 'james' ? 0.85 : 0.45)
  }

const pensioner: Way = ({ on, books, chance, mine, give }) => {
  const card = mine('card')
  if (!card || on.day !== 4) return
  give(outsiders.pensionFund, card, 131_000_000n, 'pension')
  give(card, outsiders.cashDesk, books.balance(card) - about(chance, 20_000, 90_000), 'cash')
}

const saver: Way = ({ on, books, mine, give }) => {
  const savings = mine('savings')
  if (!savings || on.day !== on.daysInMonth) return
  // 21 % a year, in twelfths.
  give(outsiders.treasury, savings, (books.balance(savings) * 21n) / 1200n, 'interest')
}

const overdrawn: Way = (life) => {
  const { on, chance, mine, give } = life
  const [account, card] = [mine('current'), mine('card')]
  if (!account || !card) return
  if (on.day === 8) give(outsiders.cashDesk, account, about(chance, 2_400_000, 3_100_000), 'salary')
  if (on.day === 9) give(account, card, about(chance, 1_200_000, 2_000_000), 'topUp')
  payBills(life, account)
  shop(life, card, 0.6)
}

const minor: Way = (life) => {
  const { on, books, mine, give } = life
  const parent = people.find((p) => p.login === 'dilnoza')
  const [card, purse] = [mine('card'), parent && books.find(parent.coreRef, 'card')]
  if (!card || !purse) return
  if (on.dayOfWeek === 1) give(purse, card, POCKET_MONEY, 'pocketMoney')
  shop(life, card, 0.3, 0.15)
}

const nothing: Way = () => {}

const ways: Readonly<Record<Persona, Way>> = {
  salaried,
  student,
  'sole-trader': soleTrader,
  contractor: paidAbroad({
    payer: outsiders.clientAbroad,
    currency: 'USD',
    low: 1_900,
    high: 2_600,
  }),
  pensioner,
  expatriate: paidAbroad({
    payer: outsiders.employerAbroad,
    currency: 'EUR',
    low: 2_200,
    high: 2_900,
  }),
  saver,
  overdrawn,
  minor,
  dormant: nothing,
  blocked: nothing,
  // Nothing moves by itself on accounts that tests count on.
  scripted: nothing,
}

/** Electricity costs twice as much while it is cold; a bill has tiyin. */
const payBills = ({ on, books, chance, give }: Life, account: SeedAccount) => {
  const [power, phone] = [books.find(energy, 'current'), books.find(telecom, 'current')]
  const cold = on.month >= 11 || on.month <= 3 ? 2 : 1
  const bill = about(chance, 90_000 * cold, 210_000 * cold) + BigInt(chance.between(0, 99))
  if (on.day === 16 && power) give(account, power, bill, 'electricity')
  if (on.day === 20 && phone) give(account, phone, about(chance, 45_000, 95_000), 'phone')
}

/** New Year, Navroʻz and the first day of school cost more. */
const season = (month: number) => (month === 12 ? 1.5 : month === 3 ? 1.25 : month === 8 ? 1.2 : 1)

const shop = ({ on, chance, give }: Life, card: SeedAccount, often: number, scale = 1) => {
  const weekend = on.dayOfWeek >= 6 ? 1.3 : 1
  if (chance.next() >= often * weekend) return
  // The square of chance prefers the merchants at the head of the list.
  const merchant = merchants[Math.floor(chance.next() ** 2 * merchants.length)] ?? merchants[0]
  const factor = season(on.month) * scale
  const price = about(chance, merchant.from * factor, merchant.to * factor)
  if (!give(card, merchant, price, 'purchase')) return
  if (chance.next() < 0.03) give(merchant, card, price, 'refund')
}

const payFriend = ({ books, chance, person, give }: Life, account: SeedAccount) => {
  const friends = people.filter((p) => p.persona === 'salaried' && p !== person)
  const friend = friends[chance.between(0, friends.length - 1)]
  const theirs = friend && books.find(friend.coreRef, 'current')
  if (theirs) give(account, theirs, about(chance, 50_000, 900_000), 'toFriend')
}
