/** Accepting a quote: once, by the customer whom it was shown to, between two accounts of theirs. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { accountInConsent, type Alias, nameAccounts } from '../accounts/index.ts'
import type { Core, CoreAccount } from '../cores/core.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
  notFound,
} from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  type Conversion,
  ConversionId,
  type ConversionRequest,
  type ConversionsQuery,
  differsFromQuote,
  FxConvertDetail,
  isSameMoney,
  noAccountToCredit,
  type Unwinding,
  unwindingCost,
} from './conversion.ts'
import * as conversions from './conversion-store.ts'
import { buyOf, type Quote, sellOf, turned } from './quote.ts'
import { freshRates } from './quoting.ts'
import { type FxCurrency, PairName } from './rate.ts'
import { LEASE_SECONDS, legOf, type Settler } from './settling.ts'
import * as store from './store.ts'
import { openingOf } from './value-date.ts'

export interface ConversionState {
  readonly conversion: Conversion
  readonly quote: Quote
  /** What undoing would cost now, where it can be undone. */
  readonly unwinding?: Unwinding
}

export const createConversion = async (
  bank: BankWorld,
  settler: Settler,
  caller: Caller,
  request: ConversionRequest,
): Promise<ConversionState> => {
  const held = await sameAgain(bank.db, caller)
  if (held) return stateOf(bank, held)
  const quote = await store.findQuote(bank.db, caller.partnerId, request.quoteId)
  if (!quote) throw notFound()
  const { detail, consentId } = approved(caller, request, quote)
  // Whoever comes too late is told so before the core is asked anything.
  turned(quote, 'ACCEPTED', bank.now())
  const accounts = await accountsFor(bank, caller, detail.accounts[0], { request, quote })

  const conversion = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    await store.lockPartner(w, caller.partnerId)
    await store.lockPair(w, quote.pair)
    const locked = await store.lockQuote(w, caller.partnerId, quote.id)
    assert(locked, 'a quote stays where it is')
    const again = await sameAgain(w, caller)
    if (again) return again
    // The clock is read while all is held: who waited for the lock until the end of the quote was too late.
    const now = bank.now()
    await store.saveQuote(w, turned(locked, 'ACCEPTED', now), now)
    return keep(w, bank, caller, { quote, consentId, accounts, now })
  })
  await settler.carry(conversion.id)
  return getConversion(bank, caller, conversion.id)
}

/** What the customer approved is this quote, and the quote is what they saw. */
const approved = (caller: Caller, request: ConversionRequest, quote: Quote) => {
  const details = caller.details.flatMap((detail) => FxConvertDetail.safeParse(detail).data ?? [])
  if (caller.consentId === null || details.length === 0)
    throw consentMissing('the token carries no consent to an exchange', { gate: 'partner' })
  const detail = details.find(
    (d) =>
      d.quoteId === request.quoteId &&
      isSameMoney(d.sell, request.sell) &&
      isSameMoney(d.buy, request.buy),
  )
  if (!detail)
    throw consentExceeded('quote and both amounts must be those that the customer approved', {
      gate: 'customer',
    })
  if (!isSameMoney(request.sell, sellOf(quote)) || !isSameMoney(request.buy, buyOf(quote)))
    throw differsFromQuote('both amounts must be those of the quote', { gate: 'partner' })
  return { detail, consentId: caller.consentId }
}

interface Accounts {
  readonly sell: { readonly alias: Alias; readonly account: CoreAccount }
  readonly buy: CoreAccount
  readonly customerName: string
}

/** Both accounts are one customer's and open: the one that they picked, and one of theirs in the other currency. */
const accountsFor = async (
  bank: BankWorld,
  caller: Caller,
  picked: string,
  { request, quote }: { request: ConversionRequest; quote: Quote },
): Promise<Accounts> => {
  const core = bank.coreFor(caller.partnerId)
  const alias = await accountInConsent(bank, caller, picked)
  const account = alias && (await core.account(alias.accountRef))
  if (!alias || account?.owner !== alias.customerRef || account.currency !== quote.sellCurrency)
    throw consentExceeded('the account that is sold from is not in the consent')
  const [owner, buy] = await Promise.all([
    core.customer(alias.customerRef),
    request.creditAccount
      ? namedAccount(bank, caller, { accountId: request.creditAccount.accountId, alias })
      : usualAccount(core, alias.customerRef, quote.buyCurrency),
  ])
  if (!owner || buy?.currency !== quote.buyCurrency || buy.status !== 'enabled')
    throw noAccountToCredit(`an open account in ${quote.buyCurrency} is needed`, {
      gate: 'customer',
    })
  return { sell: { alias, account }, buy, customerName: owner.name }
}

const namedAccount = async (
  bank: BankWorld,
  caller: Caller,
  { accountId, alias }: { accountId: string; alias: Alias },
): Promise<CoreAccount | undefined> => {
  const named = await accountInConsent(bank, caller, accountId)
  if (named?.customerRef !== alias.customerRef) return undefined
  const account = await bank.coreFor(caller.partnerId).account(named.accountRef)
  return account?.owner === alias.customerRef ? account : undefined
}

const usually: Readonly<Record<CoreAccount['kind'], number>> = {
  current: 0,
  savings: 1,
  card: 2,
  settlement: 3,
}

/** Where nothing is named: a current account before the others, the oldest first. */
const usualAccount = async (core: Core, customerRef: string, currency: FxCurrency) =>
  (await core.accountsOf(customerRef))
    .filter((account) => account.currency === currency && account.status === 'enabled')
    .toSorted(
      (a, b) =>
        usually[a.kind] - usually[b.kind] ||
        Temporal.PlainDate.compare(a.openedOn, b.openedOn) ||
        (a.ref < b.ref ? -1 : 1),
    )[0]

const keep = async (
  w: Work,
  bank: BankWorld,
  caller: Caller,
  by: { quote: Quote; consentId: string; accounts: Accounts; now: Temporal.Instant },
): Promise<Conversion> => {
  const { quote, consentId, accounts, now } = by
  const { sell, buy, customerName } = accounts
  const { partnerId, subject } = sell.alias
  const named = await nameAccounts(w, bank.keys, { partnerId, subject }, [buy])
  const credited = named.get(buy)
  assert(credited, 'an account that was named has a name')
  const conversion: Conversion = {
    id: ConversionId.next(),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    consentId,
    quoteId: quote.id,
    sellAccountId: sell.alias.accountId,
    sellRef: sell.account.ref,
    sellNumber: sell.account.number,
    sellBank: sell.account.bankCode,
    buyAccountId: credited.accountId,
    buyNumber: buy.number,
    buyBank: buy.bankCode,
    customerName,
    status: 'PENDING',
    carrying: 'sell',
    reasonCode: null,
    costMinor: null,
    unwindingKey: null,
    unwindingSha256: null,
    settlesAt: settlesAt(quote, now, bank.zone),
    tries: 0,
    nextAt: now.add({ seconds: LEASE_SECONDS }),
    createdAt: now,
    updatedAt: now,
  }
  await conversions.add(w, conversion)
  await conversions.addLeg(w, legOf('sell', conversion, quote, await store.positions(w), now))
  await w.record('fx.conversion-created', conversion.id, {
    partnerId: conversion.partnerId,
    applicationId: conversion.applicationId,
    consentId,
    quoteId: quote.id,
  })
  return conversion
}

/** On the day itself at once; on a later day when the bank opens. */
const settlesAt = ({ valueDate }: Quote, now: Temporal.Instant, zone: string) => {
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  return valueDate.equals(today) ? now : openingOf(valueDate, { zone, closed: [] })
}

const sameAgain = async (
  db: Parameters<typeof conversions.findByKey>[0],
  caller: Caller,
): Promise<Conversion | undefined> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await conversions.findByKey(db, caller.partnerId, idempotencyKey)
  if (held && held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new exchange')
  return held
}

export const getConversion = async (
  bank: BankWorld,
  caller: Caller,
  id: ConversionId,
): Promise<ConversionState> => {
  const conversion = await conversions.find(bank.db, caller.partnerId, id)
  if (!conversion) throw notFound()
  return stateOf(bank, conversion)
}

/** A page of a partner's exchanges. What undoing one would cost is told where it is looked at alone. */
export const listConversions = async (
  { db, keys }: Pick<BankWorld, 'db' | 'keys'>,
  { partnerId }: Caller,
  { status, cursor, limit }: ConversionsQuery,
): Promise<{ data: ConversionState[]; next: string | null }> => {
  const place = ['conversions', partnerId, status ?? null]
  const found = await conversions.page(db, {
    partnerId,
    limit: limit + 1,
    ...(status !== undefined && { status }),
    ...(cursor !== undefined && { before: openCursor(keys, place, cursor) }),
  })
  const shown = found.slice(0, limit)
  const quotes = await store.quotesOf(
    db,
    shown.map(({ quoteId }) => quoteId),
  )
  const byId = new Map(quotes.map((quote) => [quote.id, quote]))
  const last = shown.at(-1)
  return {
    data: shown.map((conversion) => {
      const quote = byId.get(conversion.quoteId)
      assert(quote, 'an exchange has its quote')
      return { conversion, quote }
    }),
    next: found.length > limit && last ? sealCursor(keys, place, last.id) : null,
  }
}

const stateOf = async (bank: BankWorld, conversion: Conversion): Promise<ConversionState> => {
  const quote = await store.findQuote(bank.db, conversion.partnerId, conversion.quoteId)
  assert(quote, 'an exchange has its quote')
  if (conversion.status !== 'FUNDS_RESERVED' || conversion.carrying !== null)
    return { conversion, quote }
  const mid = (await freshRates(bank, bank.now())).get(PairName.parse(quote.pair))
  if (!mid) return { conversion, quote }
  return {
    conversion,
    quote,
    unwinding: { cost: unwindingCost(quote, mid), until: conversion.settlesAt },
  }
}
