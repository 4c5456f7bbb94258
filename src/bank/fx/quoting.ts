/** Indicative rates, and quotes that the bank stands by: made within limits, and ended by use, by wish or by the clock. */
import { type Work, work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  exposureExceeded,
  type LockPeriod,
  pairAsked,
  pairNotOffered,
  priced,
  type Quote,
  QuoteId,
  quoteRatioExceeded,
  type QuoteRequest,
  rateStale,
  statusAt,
  turned,
} from './quote.ts'
import {
  exchanged,
  type FxCurrency,
  markedUp,
  type MidRate,
  type Pair,
  type PairName,
  pairOf,
  pairs,
  rateText,
} from './rate.ts'
import * as store from './store.ts'
import { type Calendar, cutOffOf, type Flag, valueDateFor, valueDates } from './value-date.ts'

/** What exposure is counted in. */
const COUNTED_IN = 'UZS'
/** Quotes of a day that one exchange, and none, stand for. */
export const QUOTES_PER_EXCHANGE = 100
const HABIT_HOURS = 24
const RATE_RETRY_SECONDS = 60

export const calendarOf = async (
  { db, zone }: Pick<BankWorld, 'db' | 'zone'>,
  now: Temporal.Instant,
): Promise<Calendar> => ({
  zone,
  closed: await store.closedDays(db, now.toZonedDateTimeISO(zone).toPlainDate()),
})

type Rates = ReadonlyMap<PairName, MidRate>

/** The rates that still hold. */
export const freshRates = async (
  { db, rates }: Pick<BankWorld, 'db' | 'rates'>,
  now: Temporal.Instant,
): Promise<Rates> =>
  new Map(
    (await rates.midRates(db, now))
      .filter(({ goodUntil }) => Temporal.Instant.compare(now, goodUntil) < 0)
      .map((rate) => [rate.pair, rate]),
  )

const staleNow = (what: string) =>
  rateStale(what, { headers: { 'Retry-After': String(RATE_RETRY_SECONDS) }, gate: 'bank' })

export const rateIn = (rates: Rates, pair: PairName): MidRate => {
  const rate = rates.get(pair)
  if (!rate) throw staleNow(`the last rate of ${pair} is too old to deal on`)
  return rate
}

/** A market that rests is dearer: nobody knows where it opens. */
const markupAt = (
  { markupBps, closedBps }: Pick<store.PairTerms, 'markupBps' | 'closedBps'>,
  flags: readonly Flag[],
): number => markupBps + (flags.some((flag) => flag !== 'AFTER_CUT_OFF') ? closedBps : 0)

export const listRates = async (bank: BankWorld, only?: PairName) => {
  const now = bank.now()
  const [rates, terms, calendar] = await Promise.all([
    freshRates(bank, now),
    store.terms(bank.db),
    calendarOf(bank, now),
  ])
  const asked = terms.filter(({ name }) => only === undefined || name === only)
  const data = asked.flatMap((offered) => {
    const rate = rates.get(offered.name)
    if (!rate) return []
    const { base, counter } = pairs[offered.name]
    const { first, flags } = valueDates([base, counter], now, calendar)
    const markupBps = markupAt(offered, flags)
    return [
      {
        pair: offered.name,
        midRate: rateText(rate.micros),
        bidRate: rateText(markedUp(rate.micros, markupBps, false)),
        askRate: rateText(markedUp(rate.micros, markupBps, true)),
        markupBps,
        asOf: rate.asOf.toString(),
        source: rate.source,
        firstValueDate: first.toString(),
        flags,
      },
    ]
  })
  if (data.length === 0) throw staleNow('the last rates are too old to show')
  return { dealable: false, data, next: null }
}

export const createQuote = async (
  bank: BankWorld,
  caller: Caller,
  request: QuoteRequest,
): Promise<Quote> => {
  const pair = pairAsked(request)
  const now = bank.now()
  const [rates, calendar, positions] = await Promise.all([
    freshRates(bank, now),
    calendarOf(bank, now),
    store.positions(bank.db),
  ])
  const missing = [pair.base, pair.counter].find(
    (currency) => !positions.some((position) => position.currency === currency),
  )
  if (missing !== undefined) throw pairNotOffered(`the bank holds no position in ${missing}`)
  return work(bank.db, actorOf(caller), now, async (w) => {
    const partner = await store.lockPartner(w, caller.partnerId)
    const held = await sameQuoteAgain(w, caller)
    if (held) return held
    await admitHabit(w, caller.partnerId)
    const terms = await store.lockPair(w, pair.name)
    const quote = quoted(caller, request, { pair, terms, rates, calendar, now })
    await admitExposure(w, quote, { partner: partner.exposureMinor, pair: terms.exposureMinor })
    await store.addQuote(w, quote)
    await w.record('fx.quoted', quote.id, {
      partnerId: quote.partnerId,
      applicationId: quote.applicationId,
      pair: quote.pair,
      notionalMinor: quote.notionalMinor.toString(),
      lockPeriod: quote.lockPeriod,
      markupBps: quote.markupBps,
    })
    return quote
  })
}

const quoted = (
  caller: Caller,
  request: QuoteRequest,
  by: {
    pair: Pair
    terms: store.PairTerms
    rates: Rates
    calendar: Calendar
    now: Temporal.Instant
  },
): Quote => {
  const { pair, terms, rates, calendar, now } = by
  const mid = rateIn(rates, pair.name)
  const value = valueDateFor(request.valueDate, [pair.base, pair.counter], now, calendar)
  const markupBps = markupAt(terms, value.flags)
  const price = priced(request, pair, mid, markupBps)
  return {
    id: QuoteId.next(),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    pair: pair.name,
    fixedSide: request.fixedSide,
    lockPeriod: request.lockPeriod,
    valueDate: value.day,
    flags: [...value.flags],
    midMicros: mid.micros,
    rateMicros: price.rateMicros,
    rateAsOf: mid.asOf,
    rateSource: mid.source,
    markupBps,
    sellMinor: price.sell.minor,
    sellCurrency: request.sellCurrency,
    feeMinor: price.fee.minor,
    buyMinor: price.buy.minor,
    buyCurrency: request.buyCurrency,
    markupMinor: price.markup.minor,
    notionalMinor: notionalOf(price.sell.minor, request.sellCurrency, rates),
    status: 'ACTIVE',
    createdAt: now,
    expiresAt: endOf(request.lockPeriod, now, cutOffOf(value.day, calendar)),
  }
}

const endOf = (lock: LockPeriod, now: Temporal.Instant, cutOff: Temporal.Instant) => {
  const end = now.add(lock)
  return Temporal.Instant.compare(end, cutOff) < 0 ? end : cutOff
}

/** What is given, counted in so'm at the middle rate. */
const notionalOf = (minor: bigint, currency: FxCurrency, rates: Rates): bigint => {
  const pair = pairOf(currency, COUNTED_IN)
  return pair ? exchanged({ minor, currency }, pair, rateIn(rates, pair.name).micros).minor : minor
}

/** Whoever asks for many quotes and uses few is fishing for rates, or for our patience. */
const admitHabit = async (w: Work, partnerId: string) => {
  const since = w.now.subtract({ hours: HABIT_HOURS })
  const { quotes, exchanges } = await store.habitOf(w, partnerId, since)
  const allowed = BigInt(QUOTES_PER_EXCHANGE) * (1n + exchanges)
  if (quotes < allowed) return
  const { at } = await store.quoteTimeAt(w, partnerId, since, quotes - allowed)
  const seconds = at.add({ hours: HABIT_HOURS }).since(w.now).total('seconds')
  throw quoteRatioExceeded(
    `in ${HABIT_HOURS} hours there are ${allowed} quotes for ${exchanges} exchanges`,
    { headers: { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) }, gate: 'partner' },
  )
}

/** Counted while partner and pair are held: what is open never passes a limit, whoever asks at the same moment. */
const admitExposure = async (
  w: Work,
  { partnerId, pair, notionalMinor }: Quote,
  most: { partner: bigint; pair: bigint },
) => {
  const theirs = await store.openNotional(w, { partnerId }, w.now)
  if (theirs + notionalMinor > most.partner)
    throw exposureExceeded('your open quotes and exchanges would pass your limit', {
      gate: 'bank',
      hint: 'Cancel quotes that you do not need, wait for exchanges to settle, or ask the bank for more.',
    })
  const everybodys = await store.openNotional(w, { pair }, w.now)
  if (everybodys + notionalMinor > most.pair)
    throw exposureExceeded(`the bank has enough of ${pair} open for now`, {
      gate: 'bank',
      hint: 'Ask for less, or later.',
    })
}

const sameQuoteAgain = async (w: Work, caller: Caller): Promise<Quote | undefined> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await store.quoteByKey(w, caller.partnerId, idempotencyKey)
  if (held && held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new quote')
  return held
}

export const getQuote = async (bank: BankWorld, caller: Caller, id: QuoteId): Promise<Quote> => {
  const quote = await store.findQuote(bank.db, caller.partnerId, id)
  if (!quote) throw notFound()
  return quote
}

/** Ending what has been ended by this door changes nothing. */
export const cancelQuote = async (bank: BankWorld, caller: Caller, id: QuoteId): Promise<Quote> =>
  work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const quote = await store.lockQuote(w, caller.partnerId, id)
    if (!quote) throw notFound()
    if (statusAt(quote, w.now) === 'CANCELLED') return quote
    const cancelled = turned(quote, 'CANCELLED', w.now)
    await store.saveQuote(w, cancelled, w.now)
    await w.record('fx.quote-cancelled', quote.id, {
      partnerId: quote.partnerId,
      applicationId: quote.applicationId,
    })
    return cancelled
  })
