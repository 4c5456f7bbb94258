/**
 * Very many customers and what they did in a year, as rows for COPY: for measuring, and for a sandbox that is as full
 * as a bank. Nobody is overdrawn, every posting has two sides, and the same seed gives the same bytes.
 */
import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { accountNumber, accountRef, ownBankCode } from '#bank/cores/synthetic/account-number.ts'
import type { Lines } from '#bank/cores/synthetic/load.ts'
import { cashAccount } from '#bank/cores/synthetic/own-accounts.ts'
import { dayNumber, openRows, textColumns } from '#platform/binary-rows.ts'
import { type Chance, chance } from './chance.ts'
import { merchants, outsiders, type Outsider } from './merchants.ts'
import { nameBy } from './names.ts'

export interface Multitude {
  readonly customers: number
  readonly transactions: number
  readonly today: Temporal.PlainDate
  readonly seed: number
}

/** Theirs begin behind those of the sandbox's people. */
const FIRST_CUSTOMER = 81_000_000
/** Eight digits begin with 81 or above. */
export const CUSTOMERS_MAX = 18_000_000

const CHUNK_LINES = 2_000

const refOf = (customer: number) => String(FIRST_CUSTOMER + customer)

const line = (...values: readonly (string | number)[]) => `${values.join('\t')}\n`

/** Everybody has a current account and a card; every tenth has dollars. */
const holdings = [
  { serial: 1, kind: 'current', currency: 'UZS', nickname: 'Main account' },
  { serial: 2, kind: 'card', currency: 'UZS', nickname: 'Card' },
  { serial: 3, kind: 'current', currency: 'USD', nickname: 'Dollar account' },
] as const

const holdingsOf = (customer: number) => (customer % 10 === 0 ? holdings : holdings.slice(0, 2))

const numberOf = (customer: number, { kind, currency, serial }: (typeof holdings)[number]) =>
  accountNumber({ kind, ownerKind: 'person', currency, owner: refOf(customer), serial })

/** All of it, for `loadBooks`. */
export const linesOf = (multitude: Multitude): Lines => ({
  customers: customerLines(multitude),
  accounts: accountLines(multitude),
  year: yearOf(multitude),
})

/** ref, kind, name, national_id. The PINFL begins with 9 and ends with who they are. */
export const customerLines = function* ({ customers, seed }: Multitude): Generator<string> {
  const names = chance(seed)
  yield* chunked(customers, (customer) => {
    const born = `${two(1 + (customer % 28))}${two(1 + (customer % 12))}${two(50 + (customer % 50))}`
    const pinfl = `9${born}${String(customer).padStart(7, '0')}`
    return line(refOf(customer), 'person', nameBy(names), pinfl)
  })
}

const two = (n: number) => String(n).padStart(2, '0')

/** ref, owner, serial, kind, number, bank_code, currency, nickname, status, opened_on, limit_minor. */
export const accountLines = function* ({ customers, today }: Multitude): Generator<string> {
  const opened = today.subtract({ years: 3 }).toString()
  yield* chunked(customers, (customer) =>
    holdingsOf(customer)
      .map((held) => {
        const { serial, kind, currency, nickname } = held
        const owner = refOf(customer)
        const number = numberOf(customer, held)
        const ref = accountRef(owner, serial)
        return line(
          ref,
          owner,
          serial,
          kind,
          number,
          ownBankCode,
          currency,
          nickname,
          'enabled',
          opened,
          0,
        )
      })
      .join(''),
  )
}

const chunked = function* (count: number, lineOf: (n: number) => string): Generator<string> {
  for (let from = 0; from < count; from += CHUNK_LINES) {
    let text = ''
    for (let n = from; n < Math.min(count, from + CHUNK_LINES); n++) text += lineOf(n)
    yield text
  }
}

/** Rows of postings (id, booked_on, text) and of their entries, as far as `done` transactions. */
export interface Stretch {
  readonly postings: Uint8Array<ArrayBuffer>
  readonly entries: Uint8Array<ArrayBuffer>
  readonly done: number
}

/** What the rows of so many transactions take. */
const [POSTING_BYTES, ENTRY_BYTES] = [64, 160]

/** A year until today, in order of time. */
export const yearOf = function* (multitude: Multitude): Generator<Stretch> {
  const { customers, transactions, today, seed } = multitude
  const luck = chance(seed ^ 0x5eed)
  const purses = { current: new Float64Array(customers), card: new Float64Array(customers) }
  const own = ownSides(customers)
  const first = today.subtract({ years: 1 })
  const days = first.until(today).total('days')
  const from2000 = dayNumber(first)
  const postings = openRows(CHUNK_LINES * POSTING_BYTES)
  const entries = openRows(CHUNK_LINES * 2 * ENTRY_BYTES)
  for (let at = 0; at < transactions; at++) {
    const on = Math.floor((at * days) / transactions)
    const day = from2000 + on
    // A stride that shares no factor with the number of customers comes by everybody.
    const customer = (at * 7_919 + on) % customers
    const { from, to, minor, text } = deedOf({ customer, customers, purses, luck, own })
    const posting = at + 1
    postings.row(3)
    postings.int8(posting)
    postings.date(day)
    postings.columns(texts[text])
    const entry = (id: number, side: Side, amount: number, other: Side) => {
      entries.row(7)
      entries.int8(id)
      entries.int8(posting)
      entries.columns(side.ref)
      entries.int8(amount)
      entries.date(day)
      entries.columns(other.named)
    }
    entry(2 * at + 1, from, -minor, to)
    entry(2 * at + 2, to, minor, from)
    if (posting % CHUNK_LINES === 0 || posting === transactions)
      yield { postings: postings.take(), entries: entries.take(), done: posting }
  }
}

const Told = z.union([
  z.object({
    postings: z.instanceof(Uint8Array<ArrayBuffer>),
    entries: z.instanceof(Uint8Array<ArrayBuffer>),
    done: z.number(),
  }),
  z.null(),
])

/** So many stretches lie ready while PostgreSQL takes one. */
const READY = 4

/** The same year, made in a thread of its own beside whoever copies it. */
export const yearBeside = async function* (multitude: Multitude): AsyncGenerator<Stretch> {
  const today = multitude.today.toString()
  const worker = new Worker(new URL('multitude.worker.ts', import.meta.url), {
    workerData: { ...multitude, today },
  })
  try {
    // Listens before it asks, so that nothing is told to nobody.
    const told = on(worker, 'message', { close: ['exit'] })
    for (let asked = 0; asked < READY; asked++) worker.postMessage('next')
    for await (const [message] of told) {
      const stretch = Told.parse(message)
      if (stretch === null) return
      worker.postMessage('next')
      yield stretch
    }
    throw new Error('the year broke off before it was over')
  } finally {
    await worker.terminate()
  }
}

/** A side of a payment: its account, and how the other side reads it. Both are columns of a row. */
interface Side {
  readonly ref: Uint8Array
  readonly named: Uint8Array
}

const textsOf = <T extends string>(...all: readonly T[]) =>
  Object.fromEntries(all.map((text) => [text, textColumns(text)])) as Record<T, Uint8Array>

const texts = textsOf(
  'Ish haqi',
  'Kartani toʻldirish',
  'Qarz qaytarildi',
  'Kommunal toʻlov',
  'Karta orqali xarid',
)

interface Standing {
  readonly customer: number
  readonly customers: number
  readonly purses: Readonly<Record<'current' | 'card', Float64Array>>
  readonly luck: Chance
  readonly own: ReturnType<typeof ownSides>
}

interface Deed {
  readonly from: Side
  readonly to: Side
  readonly minor: number
  readonly text: keyof typeof texts
}

const cash = textColumns(cashAccount('UZS'))
const sidesOutside = new Map<Outsider, Side>()
const outside = (outsider: Outsider): Side => {
  const found = sidesOutside.get(outsider)
  if (found) return found
  const side = { ref: cash, named: textColumns(outsider.name, outsider.account) }
  sidesOutside.set(outsider, side)
  return side
}
const [current, card] = holdings

/** A customer's own account as a side of a payment; made once for each, because it is named ten million times. */
const ownSides = (customers: number) => {
  const made = holdings.map(() => Array.from<Side | undefined>({ length: customers }))
  return (customer: number, held: (typeof holdings)[number]): Side => {
    const sides = made[held.serial - 1]
    const found = sides?.[customer]
    if (found) return found
    const side = {
      ref: textColumns(accountRef(refOf(customer), held.serial)),
      named: textColumns('Namuna Bank mijozi', numberOf(customer, held)),
    }
    if (sides) sides[customer] = side
    return side
  }
}

/** Whole soʻm in tiyin. */
const sum = (luck: Chance, low: number, high: number) => luck.between(low, high) * 100

/** What a customer does next: is paid, tops a card up, pays a friend or a bill, or buys something. */
const deedOf = ({ customer, customers, purses, luck, own }: Standing): Deed => {
  const has = (purse: Float64Array) => purse[customer] ?? 0
  const move = (purse: Float64Array, whose: number, minor: number) => {
    purse[whose] = (purse[whose] ?? 0) + minor
  }
  if (has(purses.current) < 1_000_000_00) {
    const minor = sum(luck, 4_000_000, 12_000_000)
    move(purses.current, customer, minor)
    return {
      from: outside(outsiders.employerAbroad),
      to: own(customer, current),
      minor,
      text: 'Ish haqi',
    }
  }
  if (has(purses.card) < 500_000_00) {
    const minor = sum(luck, 600_000, 900_000)
    move(purses.current, customer, -minor)
    move(purses.card, customer, minor)
    return {
      from: own(customer, current),
      to: own(customer, card),
      minor,
      text: 'Kartani toʻldirish',
    }
  }
  const turn = luck.next()
  if (turn < 0.1 && customers > 1) {
    const friend = (customer + 7) % customers
    const minor = sum(luck, 50_000, 400_000)
    move(purses.current, customer, -minor)
    move(purses.current, friend, minor)
    return {
      from: own(customer, current),
      to: own(friend, current),
      minor,
      text: 'Qarz qaytarildi',
    }
  }
  if (turn < 0.2) {
    const minor = sum(luck, 40_000, 300_000)
    move(purses.current, customer, -minor)
    return {
      from: own(customer, current),
      to: outside(outsiders.households),
      minor,
      text: 'Kommunal toʻlov',
    }
  }
  const minor = sum(luck, 6_000, 420_000)
  move(purses.card, customer, -minor)
  return {
    from: own(customer, card),
    to: outside(luck.pick(merchants)),
    minor,
    text: 'Karta orqali xarid',
  }
}

/** Who a loaded bank is looked at as. */
export const sampleOf = ({ customers }: Multitude, at: number) => {
  const customer = (at * 104_729) % customers
  return { owner: refOf(customer), card: accountRef(refOf(customer), 2) }
}
