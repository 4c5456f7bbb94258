/** A price that the bank stands by until a moment: what is given, what is got, and what of it the bank keeps. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { type Money, Money as MoneyCodec, money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { PlainDate } from '#kernel/time.ts'
import {
  bpsOf,
  exchanged,
  FxCurrency,
  markedUp,
  type MidRate,
  type Pair,
  PairName,
  pairOf,
  pairs,
  rateText,
  reciprocalText,
  withoutBps,
} from './rate.ts'
import { Flag } from './value-date.ts'

export const QuoteId = idOf('quote')
export type QuoteId = z.output<typeof QuoteId>

export const pairNotOffered = problem(
  'fx/pair-not-offered',
  400,
  'These currencies are not exchanged',
)
export const fxAmountInvalid = problem('fx/amount-invalid', 400, 'The amount cannot be exchanged')
export const rateStale = problem('fx/rate-stale', 503, 'The bank has no fresh rate')
export const exposureExceeded = problem(
  'fx/exposure-exceeded',
  409,
  'More than may be open at one time',
)
export const quoteRatioExceeded = problem(
  'fx/quote-ratio-exceeded',
  429,
  'Too many quotes for so few exchanges',
)
export const quoteUsed = problem('fx/quote-used', 409, 'The quote was used')
export const quoteExpired = problem('fx/quote-expired', 409, 'The quote has expired')
export const quoteCancelled = problem('fx/quote-cancelled', 409, 'The quote was cancelled')

export const FixedSide = z.enum(['SELL', 'BUY'])
export type FixedSide = z.output<typeof FixedSide>
export const LockPeriod = z.enum(['PT1M', 'PT15M', 'PT1H', 'PT24H'])
export type LockPeriod = z.output<typeof LockPeriod>

/** Who holds a rate for longer pays for what may happen meanwhile: hundredths of a per cent of what is exchanged. */
export const lockFeeBps: Readonly<Record<LockPeriod, number>> = {
  PT1M: 0,
  PT15M: 2,
  PT1H: 5,
  PT24H: 20,
}

/** What is kept. `EXPIRED` is no event but the clock: whoever reads compares. */
const KeptStatus = z.enum(['ACTIVE', 'ACCEPTED', 'CANCELLED'])
export type QuoteStatus = z.output<typeof KeptStatus> | 'EXPIRED'

/** The published table: only an active quote can become something else. */
export const quoteTransitions: Readonly<Record<QuoteStatus, readonly QuoteStatus[]>> = {
  ACTIVE: ['ACCEPTED', 'CANCELLED', 'EXPIRED'],
  ACCEPTED: [],
  CANCELLED: [],
  EXPIRED: [],
}

const Instant = z.instanceof(Temporal.Instant)

export const Quote = z.object({
  id: QuoteId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  pair: PairName,
  fixedSide: FixedSide,
  lockPeriod: LockPeriod,
  valueDate: z.instanceof(Temporal.PlainDate),
  flags: z.array(Flag),
  midMicros: z.bigint(),
  rateMicros: z.bigint(),
  rateAsOf: Instant,
  rateSource: z.string(),
  markupBps: z.number(),
  sellMinor: z.bigint(),
  sellCurrency: FxCurrency,
  feeMinor: z.bigint(),
  buyMinor: z.bigint(),
  buyCurrency: FxCurrency,
  markupMinor: z.bigint(),
  notionalMinor: z.bigint(),
  status: KeptStatus,
  createdAt: Instant,
  expiresAt: Instant,
})
export type Quote = z.output<typeof Quote>

export const QuoteRequest = z.strictObject({
  sellCurrency: FxCurrency,
  buyCurrency: FxCurrency,
  fixedSide: FixedSide,
  amount: MoneyCodec,
  lockPeriod: LockPeriod,
  valueDate: PlainDate.optional(),
})
export type QuoteRequest = z.output<typeof QuoteRequest>

/** The pair that a request is about; its amount is above nothing, and in the currency of the side that is fixed. */
export const pairAsked = ({ sellCurrency, buyCurrency, fixedSide, amount }: QuoteRequest): Pair => {
  const pair = pairOf(sellCurrency, buyCurrency)
  if (!pair) throw pairNotOffered(`nobody exchanges ${sellCurrency} for ${buyCurrency}`)
  const fixed = fixedSide === 'SELL' ? sellCurrency : buyCurrency
  if (amount.currency !== fixed)
    throw fxAmountInvalid(`the amount is in ${fixed}, the currency of the side that is fixed`)
  if (amount.minor <= 0n) throw fxAmountInvalid('an amount is more than nothing')
  return pair
}

export interface Price {
  /** What the market's rate became for this customer. */
  readonly rateMicros: bigint
  /** All that is given: what is exchanged, and the fee. */
  readonly sell: Money
  readonly fee: Money
  readonly buy: Money
  /** What the middle rate would have given more. */
  readonly markup: Money
}

/**
 * `sell` = what is exchanged + `fee`, and `buy` is what is exchanged at the rate. Each is rounded once, HALF_UP, to a
 * minor unit, so that whoever has the rate can do the sum again.
 */
export const priced = (
  { sellCurrency, buyCurrency, fixedSide, amount, lockPeriod }: QuoteRequest,
  pair: Pair,
  mid: Pick<MidRate, 'micros'>,
  markupBps: number,
): Price => {
  const rateMicros = markedUp(mid.micros, markupBps, buyCurrency === pair.base)
  const lockBps = lockFeeBps[lockPeriod]
  const given = (minor: bigint) => money(minor, sellCurrency)
  const converted =
    fixedSide === 'SELL'
      ? given(withoutBps(amount.minor, lockBps))
      : exchanged(amount, pair, rateMicros)
  const buy = fixedSide === 'SELL' ? exchanged(converted, pair, rateMicros) : amount
  if (converted.minor === 0n || buy.minor === 0n)
    throw fxAmountInvalid('so little of one currency is nothing of the other')
  const fee =
    fixedSide === 'SELL' ? amount.minor - converted.minor : bpsOf(converted.minor, lockBps)
  return {
    rateMicros,
    sell: given(converted.minor + fee),
    fee: given(fee),
    buy,
    markup: money(exchanged(converted, pair, mid.micros).minor - buy.minor, buyCurrency),
  }
}

/** What a quote is at a moment. */
export const statusAt = (
  { status, expiresAt }: Pick<Quote, 'status' | 'expiresAt'>,
  now: Temporal.Instant,
): QuoteStatus =>
  status === 'ACTIVE' && Temporal.Instant.compare(now, expiresAt) >= 0 ? 'EXPIRED' : status

/** The only way from one status to another; what stands in the way is named. */
export const turned = (
  quote: Quote,
  to: 'ACCEPTED' | 'CANCELLED',
  now: Temporal.Instant,
): Quote => {
  const is = statusAt(quote, now)
  switch (is) {
    case 'ACTIVE':
      return { ...quote, status: to }
    case 'ACCEPTED':
      throw quoteUsed('a quote is used once', { hint: 'Ask for a new quote.' })
    case 'EXPIRED':
      throw quoteExpired(`it was good until ${quote.expiresAt.toString()}`, {
        hint: 'Ask for a new quote.',
      })
    case 'CANCELLED':
      throw quoteCancelled('a cancelled quote stays cancelled', { hint: 'Ask for a new quote.' })
  }
}

export const sellOf = (q: Quote): Money => money(q.sellMinor, q.sellCurrency)
export const buyOf = (q: Quote): Money => money(q.buyMinor, q.buyCurrency)
export const convertedOf = (q: Quote): Money => money(q.sellMinor - q.feeMinor, q.sellCurrency)

/** The rate both ways round: the one that the market counts in is exact, the other is its reciprocal. */
export const ratesJson = (
  pair: Pair,
  rateMicros: bigint,
  sellCurrency: FxCurrency,
): { rate: string; inverseRate: string } => {
  const [exact, other] = [rateText(rateMicros), reciprocalText(rateMicros)]
  return sellCurrency === pair.base
    ? { rate: exact, inverseRate: other }
    : { rate: other, inverseRate: exact }
}

export const quoteJson = (q: Quote, now: Temporal.Instant) => ({
  quoteId: q.id,
  status: statusAt(q, now),
  pair: q.pair,
  fixedSide: q.fixedSide,
  lockPeriod: q.lockPeriod,
  valueDate: q.valueDate.toString(),
  flags: q.flags,
  dealtRate: rateText(q.rateMicros),
  ...ratesJson(pairs[q.pair], q.rateMicros, q.sellCurrency),
  midRate: rateText(q.midMicros),
  midRateAsOf: q.rateAsOf.toString(),
  source: q.rateSource,
  markupBps: q.markupBps,
  roundingMode: 'HALF_UP',
  sell: moneyJson(sellOf(q)),
  converted: moneyJson(convertedOf(q)),
  fee: moneyJson(money(q.feeMinor, q.sellCurrency)),
  buy: moneyJson(buyOf(q)),
  creationDateTime: q.createdAt.toString(),
  expiresAt: q.expiresAt.toString(),
})
