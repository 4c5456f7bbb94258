/** A core banking system that speaks fixed-width records over a few TCP sessions, behind the port of `core.ts`. */
import { assert } from '#kernel/assert.ts'
import type { Currency } from '#kernel/money.ts'
import type { Secret } from '#platform/secret.ts'
import type { CoreArrangement } from '../arrangement.ts'
import {
  type Core,
  type CoreAccount,
  type CoreEntry,
  type TransferOrder,
  coreRefused,
} from '../core.ts'
import { type Wire, all, ask, askAgain, isGarbled, one, read } from './asking.ts'
import { garbled, pack } from './codec.ts'
import { holdsOver } from './holds.ts'
import { identitiesOver } from './identity.ts'
import { operations } from './layouts.ts'
import * as history from './history.ts'
import * as mapping from './mapping.ts'
import { AnswerLost, openSession } from './session.ts'
import { type Log, openSessions } from './sessions.ts'
import { statementsIn } from './statement.ts'
import { type Sender, type Sent, sendOnce } from './transfer.ts'

export interface LegacyCoreOptions {
  readonly host: string
  readonly port: number
  readonly signOn: { readonly operator: string; readonly password: Secret<string> }
  /** The bank's own number among its customers. */
  readonly bankItself?: string
  /** As many as the core gives us. */
  readonly sessionsMax?: number
  /** Where the core puts down the files of its days. */
  readonly statements?: string
  readonly now: () => Temporal.Instant
  readonly log: Log
  readonly timeouts?: Partial<Timeouts>
}

export interface Timeouts {
  readonly connectMs: number
  readonly answerMs: number
  /** How long a caller waits for a session. */
  readonly waitMs: number
  /** How long the core may be away before callers are refused at once. */
  readonly graceMs: number
  /** A session unused for so long is asked whether it still lives. */
  readonly idleMs: number
  /** Between inquiries after an order whose answer was lost; after the last one it stays unclear. */
  readonly inquiryPausesMs: readonly number[]
}

const defaults: Timeouts = {
  connectMs: 2000,
  answerMs: 3000,
  waitMs: 5000,
  graceMs: 1500,
  idleMs: 30_000,
  inquiryPausesMs: [200, 600, 1500],
}

export interface LegacyCore extends Core {
  /** The same core, whose calls take turns under this key: a partner's id, so that no partner starves another. */
  behalfOf(key: string): Core
}

/** Nothing is connected until the first call; `close` ends all sessions, for the views of `behalfOf` too. */
export const openLegacyCore = (options: LegacyCoreOptions): LegacyCore => {
  const { host, port, signOn, bankItself, now, log, sessionsMax = 8 } = options
  const timeouts = { ...defaults, ...options.timeouts }
  const today = calendarOf(now)
  const { code, request } = operations.echo
  const { exchange, close } = openSessions({
    ...timeouts,
    sessionsMax,
    waitingMax: 256,
    log,
    open: (onEnd) => openSession({ ...timeouts, host, port, signOn, today }, onEnd),
    probe: { operation: code, line: pack(request, mapping.echoRequest(greeting), today()) },
  })
  const wire = { exchange, now, today, log }
  const currencies = new Map<string, Currency>()
  const statements = options.statements && statementsIn(options.statements, today)
  const over = (key: string | undefined) => ({
    ...reading(wire, key, currencies),
    ...identitiesOver(wire, key),
    ...changing(wire, key, timeouts),
    holds: holdsOver(wire, key),
    ...(statements && { statements }),
    ...(bankItself !== undefined && { bankItself }),
    close: async () => close(),
  })
  return { ...over(undefined), behalfOf: over }
}

/** The bank's day, which is asked for with every record: worked out once, until it ends or the clock is turned. */
const calendarOf = (now: () => Temporal.Instant): (() => Temporal.PlainDate) => {
  let [from, to] = [0, 0]
  let day = new Temporal.PlainDate(1970, 1, 1)
  return () => {
    const instant = now()
    const ms = instant.epochMilliseconds
    if (ms >= from && ms < to) return day
    const begins = instant.toZonedDateTimeISO(mapping.zone).startOfDay()
    day = begins.toPlainDate()
    from = begins.epochMilliseconds
    to = begins.add({ days: 1 }).epochMilliseconds
    return day
  }
}

const greeting = 'PORTICO'
const currenciesMax = 10_000

/**
 * What is asked and changes nothing. Without a key, callers take turns by what they ask about. `currencies`
 * remembers the currency of accounts, which entries do not carry and which never changes.
 */
const reading = (wire: Wire, key: string | undefined, currencies: Map<string, Currency>) => {
  const account = async (ref: string): Promise<CoreAccount | undefined> => {
    if (!mapping.isAccountRef(ref)) return undefined
    const question = {
      operation: operations.account,
      request: mapping.accountRequest(ref),
      key: key ?? ref,
    }
    const record = one(await read(wire, question))
    const found = record && mapping.accountOf(record)
    if (found && found.ref !== ref) throw garbled('another account than the one asked for')
    return found
  }

  const currencyOf = async (ref: string): Promise<Currency> => {
    const remembered = currencies.get(ref)
    if (remembered) return remembered
    const found = await account(ref)
    if (!found) throw noSuchAccount()
    if (currencies.size >= currenciesMax) currencies.clear()
    currencies.set(ref, found.currency)
    return found.currency
  }

  return {
    name: 'legacy',
    account,

    customer: async (ref) => {
      if (!mapping.isCustomerRef(ref)) return undefined
      const question = {
        operation: operations.customer,
        request: mapping.customerRequest(ref),
        key: key ?? ref,
      }
      const record = one(await read(wire, question))
      const found = record && mapping.customerOf(record)
      if (found && found.ref !== ref) throw garbled('another customer than the one asked for')
      return found
    },

    accountsOf: async (ref) => {
      if (!mapping.isCustomerRef(ref)) return []
      const accounts: CoreAccount[] = []
      for (let last: string | undefined; ;) {
        const request = mapping.accountsRequest(ref, last)
        const told = await read(wire, { operation: operations.accounts, request, key: key ?? ref })
        for (const found of all(told).map(mapping.accountOf)) {
          if (found.owner !== ref) throw garbled('an account of another customer')
          if (last !== undefined && found.ref <= last) throw garbled('accounts are out of order')
          accounts.push(found)
          last = found.ref
        }
        if (isLastPage(told)) return accounts
      }
    },

    accountByNumber: async (number) => {
      if (!mapping.isAccountNumber(number)) return undefined
      const request = mapping.accountByNumberRequest(number)
      const record = one(
        await read(wire, { operation: operations.accountByNumber, request, key: key ?? number }),
      )
      const found = record && mapping.accountOf(record)
      if (found && found.number !== number) throw garbled('another account than the one asked for')
      return found
    },

    balances: async (ref) => {
      if (!mapping.isAccountRef(ref)) throw noSuchAccount()
      const question = {
        operation: operations.balance,
        request: mapping.balanceRequest(ref),
        key: key ?? ref,
      }
      const record = one(await read(wire, question))
      if (!record) throw noSuchAccount()
      const { ref: answered, ...balances } = mapping.balancesOf(record)
      if (answered !== ref) throw garbled('the balance of another account')
      return balances
    },

    entries: async (ref, { from, to, before, limit }) => {
      assert(limit >= 1 && limit <= 100, 'a page holds 1 to 100 entries')
      const currency = await currencyOf(ref)
      // Nothing stands before an entry that cannot exist.
      if (before !== undefined && !mapping.isEntryRef(before)) return []
      const entries: CoreEntry[] = []
      const days = { ...(from && { from }), ...(to && { to }) }
      for (let last = before; ;) {
        const request = mapping.entriesRequest(ref, days, last, wire.today())
        const told = await read(wire, { operation: operations.entries, request, key: key ?? ref })
        for (const record of all(told)) {
          const entry = mapping.entryOf(record, ref, currency)
          if (last !== undefined && entry.ref >= last) throw garbled('entries are out of order')
          last = entry.ref
          entries.push(entry)
          if (entries.length === limit) return entries
        }
        if (isLastPage(told)) return entries
      }
    },

    bookedAt: async (ref, day) => {
      if (!mapping.isAccountRef(ref)) throw noSuchAccount()
      const request = history.dayEndRequest(ref, day, wire.today())
      const record = one(
        await read(wire, { operation: operations.dayEnd, request, key: key ?? ref }),
      )
      if (!record) throw noSuchAccount()
      return history.dayEndOf(record, request)
    },

    arrangements: async (ref, { kind, after, limit }) => {
      if (!mapping.isAccountRef(ref)) throw noSuchAccount()
      if (after !== undefined && !history.isArrangementRef(after)) return []
      const found: CoreArrangement[] = []
      for (let last = after; ;) {
        const request = history.arrangementsRequest(ref, kind, last)
        const question = { operation: operations.arrangements, request, key: key ?? ref }
        const told = await read(wire, question)
        if (told.is === 'unknown') throw noSuchAccount()
        for (const record of all(told)) {
          const one = history.arrangementOf(record, request)
          if (last !== undefined && one.ref <= last) throw garbled('arrangements are out of order')
          last = one.ref
          found.push(one)
          if (found.length === limit) return found
        }
        if (isLastPage(told)) return found
      }
    },

    transferByReference: async (reference) => {
      if (!mapping.isReference(reference)) return { status: 'unknown' }
      const document = await inquire(wire, reference, key ?? reference)
      return document?.outcome ?? { status: 'unknown' }
    },

    ping: async () => {
      const request = mapping.echoRequest(greeting)
      const record = one(
        await read(wire, { operation: operations.echo, request, key: key ?? 'ping' }),
      )
      if (!record || mapping.echoOf(record) !== greeting)
        throw garbled('the echo is not what was called')
    },
  } satisfies Partial<Core>
}

/** What may move money or open something: never done twice, whatever gets lost on the way. */
const changing = (wire: Wire, key: string | undefined, { inquiryPausesMs }: Timeouts) =>
  ({
    transfer: async (order) => {
      assert(mapping.isReference(order.reference), 'a reference is 1 to 20 of A–Z and 0–9')
      assert(order.amount.minor > 0n, 'what is sent is more than nothing')
      const request = mapping.transferRequest(order, wire.today())
      if (!request) return mapping.unsendable(order)

      const send = async (): Promise<Sent> => {
        try {
          const told = await ask(wire, {
            operation: operations.transfer,
            request,
            key: key ?? order.debtor,
          })
          if (told.is === 'rejected') return { status: 'rejected', reasonCode: told.reasonCode }
          if (told.is === 'duplicate') return { status: 'duplicate' }
          const record = one(told)
          const document = record && mapping.documentOf(record)
          if (!document || !isSame(document, order))
            throw garbled('the answer is about another order')
          return document.outcome
        } catch (cause) {
          if (cause instanceof AnswerLost || isGarbled(cause)) return { status: 'lost', cause }
          throw cause
        }
      }
      const found: Sender['inquire'] = async () => {
        const document = await inquire(wire, order.reference, key ?? order.debtor)
        if (!document) return { status: 'unknown' }
        return isSame(document, order) ? document.outcome : { status: 'different' }
      }
      return sendOnce({ send, inquire: found, pausesMs: inquiryPausesMs })
    },

    openCardAccount: async (order) => {
      assert(mapping.isReference(order.reference), 'a reference is 1 to 20 of A–Z and 0–9')
      const request = mapping.cardAccountRequest(order, wire.today())
      if (!request) throw coreRefused('It opens no card account for this customer in this currency')
      const question = {
        operation: operations.openCardAccount,
        request,
        key: key ?? order.customer,
      }
      // A reference that opened an account answers with that account, so asking again opens no second one.
      return askAgain(async () => {
        const record = one(await ask(wire, question))
        if (!record) throw coreRefused('It has no such customer')
        const opened = mapping.accountOf(record)
        if (opened.owner !== order.customer) throw garbled('the account of another customer')
        return opened
      })
    },
  }) satisfies Partial<Core>

/** What became of a reference: before all others in the queue, because money hangs on it. */
const inquire = async (wire: Wire, reference: string, key: string) => {
  const request = mapping.inquiryRequest(reference)
  const record = one(
    await read(wire, { operation: operations.transferInquiry, request, key, urgent: true }),
  )
  const document = record && mapping.documentOf(record)
  if (document && document.reference !== reference)
    throw garbled('another order than the one asked for')
  return document
}

const isSame = (
  document: mapping.Document,
  { reference, debtor, creditor, amount }: TransferOrder,
) =>
  document.reference === reference &&
  document.debtor === debtor &&
  document.creditor.number === creditor.number &&
  document.creditor.bankCode === creditor.bankCode &&
  document.amount.currency === amount.currency &&
  document.amount.minor === amount.minor

const isLastPage = (told: Awaited<ReturnType<typeof read>>) =>
  told.is !== 'done' || !told.more || told.records.length === 0

const noSuchAccount = () => coreRefused('It has no such account')
