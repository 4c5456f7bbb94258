/** The make-believe bank as a whole: a seed and a day make it; the same two make the same bytes. */
import type { SeedWorld } from '#bank/cores/synthetic/seed.ts'
import { arranged } from './arranged.ts'
import { openBooks } from './books.ts'
import { chance } from './chance.ts'
import { incomesOf } from './income.ts'
import { keepHouse, pairs } from './joint.ts'
import { liveOneDay } from './life.ts'
import { merchants, phrases } from './merchants.ts'
import { organisations } from './organisations.ts'
import { customers, identities, people } from './people.ts'

const MONTHS = 12

/** Twelve months of life until `today`, ready for `seedSynthetic`. */
export const sandboxWorld = ({
  seed = 1,
  today,
}: {
  seed?: number
  today: Temporal.PlainDate
}): SeedWorld => {
  const first = today.subtract({ months: MONTHS })
  const books = openBooks([...people, ...pairs, ...Object.values(organisations)], first)
  const day = { books, chance: chance(seed) }
  for (let on = first; Temporal.PlainDate.compare(on, today) < 0; on = on.add({ days: 1 })) {
    liveOneDay({ ...day, on })
    keepHouse({ ...day, on }, seed)
  }
  const yesterday = today.subtract({ days: 1 })
  goBelowZero(books, yesterday)
  holdCardPayments(books, yesterday)
  const { accounts, happenings } = books
  const arrangements = arranged(books, today)
  const incomes = incomesOf(books)
  return { customers, identities, accounts, happenings, arrangements, incomes }
}

type EndOfBooks = (books: ReturnType<typeof openBooks>, on: Temporal.PlainDate) => void

const personOf = (login: string) => people.find((person) => person.login === login)

/** However the months went, the overdrawn one ends a little below zero. */
const goBelowZero: EndOfBooks = (books, on) => {
  const person = personOf('rustam')
  const card = person && books.find(person.coreRef, 'card')
  if (!card) return
  const minor = books.balance(card) + 412_300_00n
  books.pay({ on, from: card, to: merchants[0], minor, text: phrases.uz.purchase })
}

/** Paid by card and not yet booked: available is less than booked. */
const holdCardPayments: EndOfBooks = (books, on) => {
  const held = [
    ['dilnoza', 0, 186_400_00n],
    ['dilnoza', 3, 24_500_00n],
    ['malika', 8, 412_000_00n],
    ['james', 2, 96_000_00n],
  ] as const
  for (const [login, at, minor] of held) {
    const person = personOf(login)
    const card = person && books.find(person.coreRef, 'card')
    const merchant = merchants[at] ?? merchants[0]
    if (!person || !card) continue
    const { held: text, topUp } = phrases[person.language]
    const account = books.find(person.coreRef, 'current')
    if (account && books.balance(card) < minor)
      books.pay({ on, from: account, to: card, minor: minor * 2n, text: topUp })
    books.pay({ on, from: card, to: merchant, minor, text, pending: true })
  }
}
