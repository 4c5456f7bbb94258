/** The make-believe core as one partner has it: over the books of its world, in the weather that it asked for. */
import { setTimeout as sleep } from 'node:timers/promises'
import { assert } from '#kernel/assert.ts'
import type { Postgres } from '#platform/db.ts'
import { answerLate } from '../../place.ts'
import type { Core } from '../core.ts'
import { booksIn } from './books.ts'
import { readingAmounts } from './magic.ts'
import { underScenario } from './scenario.ts'
import { coreOver } from './synthetic-core.ts'
import { wishTwice } from './wishes.ts'
import { placeOf } from './worlds.ts'

interface Behalf {
  readonly db: Postgres
  /** Real time: how far a world is ahead is known here. */
  readonly now: () => Temporal.Instant
  readonly zone: string
  /** Over the books that all share. */
  readonly shared: Core
}

/** Where the partner is is asked anew with every question: whoever goes elsewhere is there with the next one. */
export const onBehalf = (behalf: Behalf, partnerId: string): Core => {
  const { db, now, zone, shared } = behalf
  const here = async (): Promise<Core> => {
    const { world, aheadMs, play, delayMs } = await placeOf(db, partnerId, now())
    if (delayMs) await sleep(delayMs)
    const there = () => now().add({ milliseconds: aheadMs })
    const books = world === null ? shared : coreOver({ db: booksIn(db, world), now: there, zone })
    const around = {
      twice: (reference: string) => wishTwice(db, { reference, partnerId, now: now() }),
      late: async () => answerLate(),
    }
    return underScenario(readingAmounts(books, around), play ?? undefined)
  }
  return {
    ...shared,
    holds: {
      place: async (order) => (await holdsOf(here)).place(order),
      capture: async (use) => (await holdsOf(here)).capture(use),
      release: async (use) => (await holdsOf(here)).release(use),
      cancel: async (hold) => (await holdsOf(here)).cancel(hold),
      credit: async (order) => (await holdsOf(here)).credit(order),
    },
    outside: {
      pay: async (order) => (await outsideOf(here)).pay(order),
      collect: async (order) => (await outsideOf(here)).collect(order),
      send: async (order, ending) => (await outsideOf(here)).send(order, ending),
      find: async (nationalId, finding) => (await outsideOf(here)).find(nationalId, finding),
      moveRate: async (pair, ppm) => (await outsideOf(here)).moveRate(pair, ppm),
    },
    customer: async (ref) => (await here()).customer(ref),
    identity: async (ref) => (await here()).identity(ref),
    examine: async (subject) => (await here()).examine(subject),
    accountsOf: async (ref) => (await here()).accountsOf(ref),
    account: async (ref) => (await here()).account(ref),
    accountByNumber: async (number) => (await here()).accountByNumber(number),
    balances: async (ref) => (await here()).balances(ref),
    entries: async (ref, filter) => (await here()).entries(ref, filter),
    bookedAt: async (ref, day) => (await here()).bookedAt(ref, day),
    arrangements: async (ref, filter) => (await here()).arrangements(ref, filter),
    transfer: async (order) => (await here()).transfer(order),
    transferByReference: async (reference) => (await here()).transferByReference(reference),
    openCardAccount: async (order) => (await here()).openCardAccount(order),
    ping: async () => (await here()).ping(),
  }
}

const holdsOf = async (here: () => Promise<Core>) => {
  const { holds } = await here()
  assert(holds, 'the make-believe core holds money for cards')
  return holds
}

const outsideOf = async (here: () => Promise<Core>) => {
  const { outside } = await here()
  assert(outside, 'the make-believe core has other banks around it')
  return outside
}
