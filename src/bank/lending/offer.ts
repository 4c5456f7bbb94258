/** What the bank offers after it approved: one offer for each way of repaying, of which one can be taken. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { annualPercentageRate, percentOfPpm, percentText } from './annual-percentage-rate.ts'
import { type LoanApplication, LoanApplicationId } from './application.ts'
import { DayCount } from './day-count.ts'
import { type Product, ROUNDING, shareOf } from './product.ts'
import { dueDates, RepaymentMethod, type Scheduled, scheduleOf } from './schedule.ts'

export const OfferId = idOf('offer')
export type OfferId = z.output<typeof OfferId>

const Instant = z.instanceof(Temporal.Instant)

export const Offer = z.object({
  id: OfferId,
  application: LoanApplicationId,
  partnerId: z.string(),
  method: RepaymentMethod,
  amountMinor: z.bigint(),
  currency: Currency,
  months: z.int(),
  ratePpm: z.bigint(),
  penaltyPpm: z.bigint(),
  dayCount: DayCount,
  feeMinor: z.bigint(),
  interestMinor: z.bigint(),
  firstMinor: z.bigint(),
  lastMinor: z.bigint(),
  apr: z.int(),
  offeredOn: z.instanceof(Temporal.PlainDate),
  validUntil: Instant,
  status: z.enum(['open', 'accepted', 'lapsed']),
  createdAt: Instant,
})
export type Offer = z.output<typeof Offer>

export const offerClosed = problem(
  'lending/offer-closed',
  409,
  'The offer cannot be taken any more',
)
export const offerExpired = problem('lending/offer-expired', 409, 'The offer has expired')

/** Shorter than the shortest month: what is paid out on the last day still has its first instalment ahead. */
const VALID_DAYS = 14
const HOURS_A_DAY = 24

export type OfferedTerms = Pick<
  Offer,
  'amountMinor' | 'ratePpm' | 'method' | 'dayCount' | 'offeredOn' | 'months'
>

/** Due dates are those of the offer; interest is counted from the day on which the money is paid out. */
export const scheduleOfOffer = (
  { amountMinor: principalMinor, offeredOn, months, ratePpm, method, dayCount }: OfferedTerms,
  from = offeredOn,
): Scheduled[] => {
  const asOffered = dueDates(offeredOn, months)
  const [first] = asOffered
  // Money that was so long on its way is repaid from when it came.
  const isLate = first !== undefined && Temporal.PlainDate.compare(first, from) <= 0
  const due = isLate ? dueDates(from, months) : asOffered
  return scheduleOf({ principalMinor, ratePpm, method, dayCount, from, due })
}

export const offerOf = (
  { id: application, partnerId, amountMinor, currency, months }: LoanApplication,
  product: Product,
  method: RepaymentMethod,
  { now, today }: { now: Temporal.Instant; today: Temporal.PlainDate },
): Offer => {
  const { ratePpm, penaltyPpm, dayCount } = product
  const terms: OfferedTerms = { amountMinor, ratePpm, method, dayCount, offeredOn: today, months }
  const rows = scheduleOfOffer(terms)
  const feeMinor = shareOf(amountMinor, product.feePpm)
  const totals = rows.map(
    (row, at) => row.interestMinor + row.principalMinor + (at === 0 ? feeMinor : 0n),
  )
  const first = totals.at(0)
  const last = totals.at(-1)
  assert(first !== undefined && last !== undefined, 'a loan has instalments')
  const flows = rows.map(({ dueOn }, at) => ({
    days: today.until(dueOn).days,
    minor: -(totals[at] ?? 0n),
  }))
  return {
    id: OfferId.next(),
    application,
    partnerId,
    ...terms,
    currency,
    penaltyPpm,
    feeMinor,
    interestMinor: rows.reduce((sum, row) => sum + row.interestMinor, 0n),
    firstMinor: first,
    lastMinor: last,
    apr: annualPercentageRate([{ days: 0, minor: amountMinor }, ...flows]),
    validUntil: now.add({ hours: HOURS_A_DAY * VALID_DAYS }),
    status: 'open',
    createdAt: now,
  }
}

export const isExpired = (offer: Offer, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(offer.validUntil, now) <= 0

/** The offer as it is taken: open, and by the bank's clock in time. */
export const taken = (offer: Offer, now: Temporal.Instant): Offer => {
  if (offer.status !== 'open') throw offerClosed('it was taken, or has lapsed since another was')
  if (isExpired(offer, now)) throw offerExpired(`it was valid until ${offer.validUntil.toString()}`)
  return { ...offer, status: 'accepted' }
}

/** What credit costs beside the money itself. */
export const totalCostOf = ({ interestMinor, feeMinor }: Offer): bigint => interestMinor + feeMinor

/** What is taken, in the customer's and the partner's words: the figures that the customer saw. */
const SeenOffer = z.strictObject({
  offerId: OfferId,
  apr: z.string(),
  totalCost: Money,
})
export const AcceptanceRequest = z.strictObject({ offer: SeenOffer })
export type AcceptanceRequest = z.output<typeof AcceptanceRequest>

export const AcceptDetail = z.looseObject({
  type: z.literal('urn:bank:lending-apply:v1'),
  productId: z.string(),
  amount: Money,
  term: z.int().optional(),
  offer: SeenOffer,
  accounts: z.tuple([z.string()]),
})
export type AcceptDetail = z.output<typeof AcceptDetail>

/** Whether a customer who saw these figures saw this offer. */
export const isOffered = (
  offer: Offer,
  productId: string,
  {
    amount,
    term,
    offer: seen,
    productId: seenProduct,
  }: Pick<AcceptDetail, 'amount' | 'term' | 'offer' | 'productId'>,
): boolean =>
  seen.offerId === offer.id &&
  seen.apr === percentText(offer.apr) &&
  seen.totalCost.minor === totalCostOf(offer) &&
  seen.totalCost.currency === offer.currency &&
  amount.minor === offer.amountMinor &&
  amount.currency === offer.currency &&
  term === offer.months &&
  seenProduct === productId

export const offerJson = (offer: Offer, now: Temporal.Instant) => {
  const amount = (minor: bigint) => moneyJson({ minor, currency: offer.currency })
  return {
    offerId: offer.id,
    loanApplicationId: offer.application,
    status: offer.status === 'open' && isExpired(offer, now) ? 'expired' : offer.status,
    amount: amount(offer.amountMinor),
    term: offer.months,
    repaymentMethod: offer.method,
    annualRate: percentOfPpm(offer.ratePpm),
    penaltyRate: percentOfPpm(offer.penaltyPpm),
    apr: percentText(offer.apr),
    dayCount: offer.dayCount,
    rounding: ROUNDING,
    fee: amount(offer.feeMinor),
    totalInterest: amount(offer.interestMinor),
    totalCost: amount(totalCostOf(offer)),
    totalPayable: amount(offer.amountMinor + totalCostOf(offer)),
    firstInstalment: amount(offer.firstMinor),
    lastInstalment: amount(offer.lastMinor),
    firstDueDate: offer.offeredOn.add({ months: 1 }).toString(),
    validUntil: offer.validUntil.toString(),
  }
}

/** The instalments as they would be, were the money paid out on the day of the offer. */
export const offeredInstalmentsJson = (offer: Offer) => {
  const amount = (minor: bigint) => moneyJson({ minor, currency: offer.currency })
  return scheduleOfOffer(offer).map((row, at) => {
    const fee = at === 0 ? offer.feeMinor : 0n
    return {
      number: at + 1,
      dueDate: row.dueOn.toString(),
      fee: amount(fee),
      interest: amount(row.interestMinor),
      principal: amount(row.principalMinor),
      total: amount(fee + row.interestMinor + row.principalMinor),
      balance: amount(row.balanceMinor),
    }
  })
}
