/** An exchange that a customer approved: their money goes to the bank's position, and the other currency comes from there. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { type Money, Money as MoneyCodec, money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import type { TransferOrder } from '../cores/core.ts'
import { buyOf, convertedOf, type Quote, QuoteId, sellOf } from './quote.ts'
import { bpsOf, exchanged, FxCurrency, type MidRate, pairs } from './rate.ts'

export const ConversionId = idOf('conversion')
export type ConversionId = z.output<typeof ConversionId>

export const differsFromQuote = problem(
  'fx/differs-from-quote',
  400,
  'The exchange is not the one that was quoted',
)
export const noAccountToCredit = problem(
  'fx/no-account',
  409,
  'The customer has no open account in the currency that is bought',
)
export const unwindingImpossible = problem(
  'fx/unwinding-impossible',
  409,
  'The exchange can no longer be unwound',
)
export const unwindingDearer = problem(
  'fx/unwinding-dearer',
  409,
  'Unwinding costs more than was accepted',
)

export const ConversionStatus = z.enum([
  'PENDING',
  'FUNDS_RESERVED',
  'SETTLED',
  'FAILED',
  'UNWOUND',
])
export type ConversionStatus = z.output<typeof ConversionStatus>

/** The published table. An exchange that paid out is final; until then its money is on one side, never on both. */
export const conversionTransitions: Readonly<
  Record<ConversionStatus, readonly ConversionStatus[]>
> = {
  PENDING: ['FUNDS_RESERVED', 'FAILED'],
  FUNDS_RESERVED: ['SETTLED', 'FAILED', 'UNWOUND'],
  SETTLED: [],
  FAILED: [],
  UNWOUND: [],
}

/** From the customer to the bank's position, from there in the other currency, or back to where it came from. */
export const LegKind = z.enum(['sell', 'buy', 'return'])
export type LegKind = z.output<typeof LegKind>

const Instant = z.instanceof(Temporal.Instant)

export const Conversion = z.object({
  id: ConversionId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  quoteId: QuoteId,
  sellAccountId: z.string(),
  sellRef: z.string(),
  sellNumber: z.string(),
  sellBank: z.string(),
  buyAccountId: z.string(),
  buyNumber: z.string(),
  buyBank: z.string(),
  customerName: z.string(),
  status: ConversionStatus,
  carrying: LegKind.nullable(),
  reasonCode: z.string().nullable(),
  costMinor: z.bigint().nullable(),
  unwindingKey: z.string().nullable(),
  unwindingSha256: z.string().nullable(),
  settlesAt: Instant,
  tries: z.number(),
  nextAt: Instant,
  createdAt: Instant,
  updatedAt: Instant,
})
export type Conversion = z.output<typeof Conversion>

export const Leg = z.object({
  reference: z.string(),
  conversionId: ConversionId,
  kind: LegKind,
  debtorRef: z.string(),
  creditorNumber: z.string(),
  creditorBank: z.string(),
  creditorName: z.string(),
  amountMinor: z.bigint(),
  currency: FxCurrency,
  text: z.string(),
  outcome: z.enum(['booked', 'rejected']).nullable(),
  reasonCode: z.string().nullable(),
  createdAt: Instant,
})
export type Leg = z.output<typeof Leg>

export const orderOf = (leg: Leg): TransferOrder => ({
  reference: leg.reference,
  debtor: leg.debtorRef,
  creditor: {
    number: leg.creditorNumber,
    bankCode: leg.creditorBank,
    name: leg.creditorName,
  },
  amount: { minor: leg.amountMinor, currency: leg.currency },
  text: leg.text,
})

/** What can happen to an exchange: an outcome of the leg on its way, its day, or the wish to undo it. */
export type Happening =
  | { readonly is: 'booked' }
  | { readonly is: 'rejected'; readonly reasonCode: string }
  | { readonly is: 'value-date-came' }
  | { readonly is: 'unwinding-asked'; readonly costMinor: bigint }

type Moving = Pick<Conversion, 'status' | 'carrying' | 'reasonCode' | 'costMinor'>

/**
 * The only way on. Money that is reserved is on its way to one side only: what pays out is not unwound any more, what
 * goes back does not pay out. Undefined where a happening has no meaning in this state.
 */
export const after = <T extends Moving>(c: T, happening: Happening): T | undefined => {
  const waits = c.status === 'FUNDS_RESERVED' && c.carrying === null
  switch (happening.is) {
    case 'value-date-came':
      return waits ? { ...c, carrying: 'buy' } : undefined
    case 'unwinding-asked':
      return waits ? { ...c, carrying: 'return', costMinor: happening.costMinor } : undefined
    case 'booked':
      return c.carrying === null ? undefined : booked(c, c.carrying)
    case 'rejected':
      return c.carrying === null ? undefined : rejected(c, c.carrying, happening.reasonCode)
  }
}

const booked = <T extends Moving>(c: T, leg: LegKind): T => {
  switch (leg) {
    case 'sell':
      return moved(c, 'FUNDS_RESERVED', null)
    case 'buy':
      return moved(c, 'SETTLED', null)
    case 'return':
      return moved(c, c.costMinor === null ? 'FAILED' : 'UNWOUND', null)
  }
}

const rejected = <T extends Moving>(c: T, leg: LegKind, reasonCode: string): T => {
  switch (leg) {
    case 'sell':
      return { ...moved(c, 'FAILED', null), reasonCode }
    case 'buy':
      return { ...c, carrying: 'return', reasonCode }
    // The customer's money has to go somewhere: it is tried again, and people are told.
    case 'return':
      return c
  }
}

const moved = <T extends Moving>(c: T, status: ConversionStatus, carrying: LegKind | null): T => {
  assert(
    conversionTransitions[c.status].includes(status),
    `an exchange does not go from ${c.status} to ${status}`,
  )
  return { ...c, status, carrying }
}

export const isOpen = ({ status }: Pick<Conversion, 'status'>) =>
  status === 'PENDING' || status === 'FUNDS_RESERVED'

/** What the bank takes for undoing, of what was exchanged. */
const UNWINDING_BPS = 25

/**
 * What the partner pays for undoing: a part of what was exchanged, and what the market has moved since against the bank,
 * which had bought for the customer and sells again. What it moved in its favour is not paid out.
 */
export const unwindingCost = (quote: Quote, mid: Pick<MidRate, 'micros'>): Money => {
  const pair = pairs[quote.pair]
  const then = exchanged(buyOf(quote), pair, quote.midMicros).minor
  const now = exchanged(buyOf(quote), pair, mid.micros).minor
  const lost = then > now ? then - now : 0n
  return money(bpsOf(convertedOf(quote).minor, UNWINDING_BPS) + lost, quote.sellCurrency)
}

const Account = z.strictObject({ accountId: z.string().regex(/^acc_[0-9a-f]{32}$/) })

export const ConversionRequest = z.strictObject({
  quoteId: QuoteId,
  sell: MoneyCodec,
  buy: MoneyCodec,
  creditAccount: Account.optional(),
})
export type ConversionRequest = z.output<typeof ConversionRequest>

export const ConversionsQuery = z.object({
  status: ConversionStatus.optional(),
  cursor: z.string().min(1).max(512).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
export type ConversionsQuery = z.output<typeof ConversionsQuery>

export const UnwindingRequest = z.strictObject({ acceptedCost: MoneyCodec })
export type UnwindingRequest = z.output<typeof UnwindingRequest>

/** What the customer approved (RFC 9396), with the account that they picked. */
export const FxConvertDetail = z.looseObject({
  type: z.literal('urn:bank:fx-convert:v1'),
  quoteId: z.string(),
  sell: MoneyCodec,
  buy: MoneyCodec,
  accounts: z.tuple([z.string()]),
})
export type FxConvertDetail = z.output<typeof FxConvertDetail>

export const isSameMoney = (a: Money, b: Money) => a.minor === b.minor && a.currency === b.currency

export interface Unwinding {
  readonly cost: Money
  readonly until: Temporal.Instant
}

export const conversionJson = (c: Conversion, quote: Quote, unwinding?: Unwinding) => ({
  conversionId: c.id,
  quoteId: c.quoteId,
  consentId: c.consentId,
  status: c.status,
  ...(c.reasonCode !== null && { statusReason: c.reasonCode }),
  sell: moneyJson(sellOf(quote)),
  buy: moneyJson(buyOf(quote)),
  debtorAccount: { accountId: c.sellAccountId },
  creditAccount: { accountId: c.buyAccountId },
  valueDate: quote.valueDate.toString(),
  creationDateTime: c.createdAt.toString(),
  statusUpdateDateTime: c.updatedAt.toString(),
  ...(unwinding && {
    unwinding: { cost: moneyJson(unwinding.cost), until: unwinding.until.toString() },
  }),
  ...(c.costMinor !== null && {
    unwindingCost: moneyJson(money(c.costMinor, quote.sellCurrency)),
  }),
})
