/** What the sandbox's people have arranged on their accounts: what their statements show, said for the time to come. */
import { accountRef } from '#bank/cores/synthetic/account-number.ts'
import type { SeedAccount, SeedArrangement, SeedSide } from '#bank/cores/synthetic/seed.ts'
import type { Books } from './books.ts'
import { POCKET_MONEY, RENT_DAY, rentOf, SUBSCRIPTION } from './life.ts'
import { outsiders, type Outsider, phrases } from './merchants.ts'
import { organisations } from './organisations.ts'
import { people, type Persona, type Person } from './people.ts'

/** Those who pay bills of their own. */
const grownUp: readonly Persona[] = [
  'salaried',
  'contractor',
  'expatriate',
  'sole-trader',
  'overdrawn',
]

export const arranged = (books: Books, today: Temporal.PlainDate): SeedArrangement[] =>
  people
    .filter(({ persona }) => grownUp.includes(persona))
    .flatMap((person) => ofGrownUp(books, person, today))

const ofGrownUp = (books: Books, person: Person, today: Temporal.PlainDate): SeedArrangement[] => {
  const account = books.find(person.coreRef, 'current')
  const card = books.find(person.coreRef, 'card')
  if (!account) return []
  const say = phrases[person.language]
  const began = account.openedOn.add({ months: 2 })
  const on = refOf(account)
  const drawn = (company: { coreRef: string }, text: string): SeedArrangement[] => {
    const payee = sideOf(books.find(company.coreRef, 'current'))
    if (!payee) return []
    const last = books.happenings.findLast(
      (h) => 'account' in h.from && h.from.account === on && h.text === text,
    )
    return [
      {
        account: on,
        kind: 'direct-debit',
        payee,
        text,
        frequency: 'monthly',
        from: began,
        ...(last && { last: { on: last.on, minor: last.minor } }),
      },
    ]
  }
  const paysRent = person.persona !== 'sole-trader' && person.persona !== 'overdrawn'
  return [
    ...drawn(organisations.toshkentEnergo, say.electricity),
    ...drawn(organisations.anorTelekom, say.phone),
    ...(paysRent ? [rent(on, person, say.rent, began)] : []),
    ...(card && person.persona === 'expatriate'
      ? [subscription(refOf(card), say.subscription, began)]
      : []),
    ...ofDilnoza(books, person, today),
    ...friendsOf(books, person, on),
  ]
}

const rent = (
  account: string,
  person: Person,
  text: string,
  began: Temporal.PlainDate,
): SeedArrangement => ({
  account,
  kind: 'standing-order',
  payee: outsideOf(outsiders.landlord),
  text,
  minor: rentOf(person),
  frequency: 'monthly',
  from: began.with({ day: RENT_DAY }),
})

const subscription = (
  account: string,
  text: string,
  began: Temporal.PlainDate,
): SeedArrangement => ({
  account,
  kind: 'standing-order',
  payee: outsideOf(outsiders.stream),
  text,
  minor: SUBSCRIPTION,
  frequency: 'monthly',
  from: began.with({ day: 11 }),
})

/** The one to begin with has one of each kind, and one that has ended. */
const ofDilnoza = (books: Books, person: Person, today: Temporal.PlainDate): SeedArrangement[] => {
  const account = books.find(person.coreRef, 'current')
  const card = books.find(person.coreRef, 'card')
  const child = people.find(({ persona }) => persona === 'minor')
  const purse = sideOf(child && books.find(child.coreRef, 'card'))
  if (person.login !== 'dilnoza' || !account || !card || !purse) return []
  const say = phrases[person.language]
  const monday = today.subtract({ days: today.dayOfWeek - 1, years: 2 })
  return [
    {
      account: refOf(card),
      kind: 'standing-order',
      payee: purse,
      text: say.pocketMoney,
      minor: POCKET_MONEY,
      frequency: 'weekly',
      from: monday.subtract({ days: monday.dayOfWeek - 1 }),
    },
    {
      account: refOf(account),
      kind: 'standing-order',
      payee: outsideOf(outsiders.shopOnCredit),
      text: say.instalment,
      minor: 320_000_00n,
      frequency: 'monthly',
      from: today.subtract({ months: 30 }),
      until: today.subtract({ months: 18 }),
    },
    {
      account: refOf(account),
      kind: 'scheduled-payment',
      payee: outsideOf(outsiders.insurer),
      text: say.insurance,
      minor: 1_150_000_00n,
      on: today.add({ days: 40 }),
    },
  ]
}

/** Two friends who bank here, and the landlord: names to pay again. */
const friendsOf = (books: Books, person: Person, account: string): SeedArrangement[] => {
  const at = people.indexOf(person)
  const friends = people.filter(
    (p, place) => p.persona === 'salaried' && p !== person && (place + at) % 2 === 0,
  )
  return friends.slice(0, 2).flatMap((friend): SeedArrangement[] => {
    const payee = sideOf(books.find(friend.coreRef, 'current'))
    return payee ? [{ account, kind: 'beneficiary', payee, text: friend.displayName }] : []
  })
}

const refOf = ({ owner, serial }: SeedAccount) => accountRef(owner, serial)

const sideOf = (account: SeedAccount | undefined): SeedSide | undefined =>
  account && { account: refOf(account) }

const outsideOf = ({ name, account }: Outsider): SeedSide => ({ outside: { name, account } })
