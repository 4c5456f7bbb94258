/** The callers of a town, what they may say after a fault, and the judge who holds it against what the platform counted. */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { probeQuestion, readProbeSubject } from '../../src/supervisor/probe.ts'
import { casts } from '../journeys/people.ts'
import { readWellKnown } from '../journeys/web.ts'
import { type Caller, copyOf, type Ledger, since, startCaller } from './callers.ts'
import { type Town, until } from './town.ts'

const cardConsent = [
  {
    type: 'urn:bank:card-issue:v1',
    cardType: 'virtual',
    currency: 'UZS',
    purpose: { code: 'card-programme', text: 'A consent that ends before a fault begins' },
  },
]

/** What is wrong after all; nothing is what is hoped for. */
export interface Books {
  /** Calls that were answered with success and are not in the usage. */
  readonly lost: number
  /** Billable calls above those that were answered or may have been. */
  readonly doubled: number
  /** Writes that were answered as done and are not there. */
  readonly writesLost: number
  /** Writes that are there more than once. */
  readonly writesTwice: number
}

export const noneWrong = (books: Books): boolean => Object.values(books).every((n) => n === 0)

const Page = z.object({
  data: z.array(z.object({ legalName: z.string() })),
  next: z.string().nullish(),
})

const SETTLE_MS = 240_000
const nothing = { rows: 0, billable: 0, calls: 0 }

/** Names of all writes that the bank did for a caller, as it says itself. */
const writesOf = async (caller: Caller): Promise<string[]> => {
  const names: string[] = []
  let cursor: string | null | undefined
  do {
    const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''
    const path = `/payments/v1/sub-merchants${query}`
    const answer = await caller.application.call(await caller.token(), 'GET', path)
    if (answer.status === 429 || answer.status >= 500) {
      await sleep(500)
      continue
    }
    // The judge's own questions are calls, too.
    caller.ledger.sent++
    caller.ledger.taken++
    const page = Page.parse(answer.body)
    names.push(...page.data.map(({ legalName }) => legalName))
    cursor = page.next
  } while (cursor)
  return names
}

export const openStreet = async (
  town: Town,
  callers: number,
  pauseMs: number,
  told: (there: number) => void = () => {},
) => {
  const wellKnown = await readWellKnown(town.portal)
  const verification = probeQuestion(readProbeSubject(town.layout, 'sandbox'))
  const all: Caller[] = []
  const LANES = 4
  let left = callers
  await Promise.all(
    Array.from({ length: Math.min(LANES, callers) }, async () => {
      while (left-- > 0) {
        const start = () => startCaller(wellKnown, pauseMs, verification)
        // Among hundreds on a busy machine one waits too long, and begins anew.
        all.push(await start().catch(start))
        told(all.length)
      }
    }),
  )
  const [first] = all
  if (!first) throw new Error('nobody calls')

  let last: Books = { lost: 0, doubled: 0, writesLost: 0, writesTwice: 0 }
  /** Everybody rests, spools are shipped, and what control counted is held against what was answered. */
  const settle = async (): Promise<Books> => {
    await Promise.all(all.map((caller) => caller.pause()))
    const lists = new Map<Caller, string[]>()
    for (const caller of all) lists.set(caller, await writesOf(caller))
    const sum = async () => {
      const counted = await town.countedOf(all.map(({ application }) => application.id))
      const each = all.map(({ application, ledger: { taken, unheard } }) => {
        const { billable, rows, calls } = counted.get(application.id) ?? nothing
        return {
          lost: Math.max(0, taken - billable),
          doubled: Math.max(0, billable - taken - unheard) + (rows - calls),
        }
      })
      return {
        lost: each.reduce((n, one) => n + one.lost, 0),
        doubled: each.reduce((n, one) => n + one.doubled, 0),
      }
    }
    await until('usage has arrived', SETTLE_MS, async () => (await sum()).lost === 0).catch(() => 0)
    // What is still on its way could be too much.
    await sleep(1_500)
    const { lost, doubled } = await sum()
    const missed = all.map(({ ledger }, n) => {
      const caller = all[n]
      const names = new Set(caller ? lists.get(caller) : [])
      return [...ledger.done].filter((name) => !names.has(name)).length
    })
    const twice = [...lists.values()].map((names) => names.length - new Set(names).size)
    for (const caller of all) caller.resume()
    const books: Books = {
      lost,
      doubled,
      writesLost: missed.reduce((a, b) => a + b, 0),
      writesTwice: twice.reduce((a, b) => a + b, 0),
    }
    // What an earlier fault did is that one's.
    const more = (name: keyof Books) => Math.max(0, books[name] - last[name])
    const news: Books = {
      lost: more('lost'),
      doubled: more('doubled'),
      writesLost: more('writesLost'),
      writesTwice: more('writesTwice'),
    }
    last = books
    return news
  }

  /** A customer's consent to a card: to use it, and to end it as the partner may (RFC 7009). */
  const consent = async ({ application, ledger }: Caller = first) => {
    const held = await application.askCustomer({
      scope: 'cards:issue cards:read',
      details: cardConsent,
      customer: casts.sandbox.cardholder,
      decide: () => ({ approve: true }),
    })
    const body = { cardType: 'virtual', currency: 'UZS' }
    /** Every use is a call of the partner's, and stands in its ledger. */
    const use = async (): Promise<'taken' | 'refused' | 'unheard'> => {
      ledger.sent++
      try {
        const { status } = await application.call(held, 'POST', '/cards/v1/cards', { body })
        if (status < 400) ledger.taken++
        // A part that is away says nothing about the consent.
        return status < 400 ? 'taken' : status < 500 && status !== 429 ? 'refused' : 'unheard'
      } catch {
        ledger.unheard++
        return 'unheard'
      }
    }
    return { use, end: () => application.endConsent(held) }
  }

  return {
    town,
    wellKnown,
    callers: all,
    settle,
    /** All ledgers as one. */
    sum: (): Ledger => {
      const [head, ...rest] = all.map(({ ledger }) => copyOf(ledger))
      if (!head) throw new Error('nobody calls')
      for (const one of rest) {
        head.sent += one.sent
        head.taken += one.taken
        head.replayed += one.replayed
        head.unheard += one.unheard
        for (const [code, n] of one.refused)
          head.refused.set(code, (head.refused.get(code) ?? 0) + n)
        head.longestGapMs = Math.max(head.longestGapMs, one.longestGapMs)
      }
      return head
    },
    since,
    forgetGaps: () => {
      for (const { ledger } of all) ledger.longestGapMs = 0
    },
    consent,
    /** A customer's consent that has ended, and was refused once: what takes it later ignores the customer. */
    endedConsent: async () => {
      const { use, end } = await consent()
      await end()
      await until('the consent’s end is known', 60_000, async () => (await use()) === 'refused')
      return use
    },
    close: async () => {
      await Promise.all(all.map((caller) => caller.stop()))
    },
  }
}
export type Street = Awaited<ReturnType<typeof openStreet>>
