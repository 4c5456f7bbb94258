/** Money given back to the payer of a split payment: from which legs it comes, and never more than is left of them. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { allocate, Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { requestInvalid } from '#platform/http.ts'
import { type PaymentId, PaymentStatus } from './payment.ts'
import { type Leg, LegId, leftOf, legInFlight, SplitId } from './split.ts'
import { reasonJson } from './reason.ts'

export const RefundId = idOf('refund')
export type RefundId = z.output<typeof RefundId>

const Policy = z.enum(['PRO_RATA', 'BY_LEG', 'PLATFORM_BEARS'])
/** ISO 20022: the customer asked, paid twice, fraud, technical. */
const Reason = z.enum(['CUST', 'DUPL', 'FRAD', 'TECH'])
const Instant = z.instanceof(Temporal.Instant)

export const Refund = z.object({
  id: RefundId,
  splitId: SplitId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  amountMinor: z.bigint(),
  currency: Currency,
  policy: Policy,
  reason: Reason,
  payerNumber: z.string(),
  payerBank: z.string(),
  payerName: z.string(),
  status: PaymentStatus,
  reasonCode: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Refund = z.output<typeof Refund>

/** What a refund takes of one leg: of what it holds, and of what it was paid. */
export const RefundLeg = z.object({
  refundId: RefundId,
  legId: z.string(),
  heldMinor: z.bigint(),
  paidMinor: z.bigint(),
  /** What was paid is back with the programme. */
  returned: z.boolean(),
})
export type RefundLeg = z.output<typeof RefundLeg>

export const refundExceeds = problem(
  'payments/refund-exceeds',
  409,
  'More than what is left to refund',
)
export const reversalImpossible = problem(
  'payments/reversal-impossible',
  409,
  'What a leg was paid cannot be taken back',
)

export const RefundRequest = z.strictObject({
  amount: MoneyCodec,
  policy: Policy,
  reason: Reason,
  legs: z
    .array(z.strictObject({ legId: LegId, amount: MoneyCodec }))
    .min(1)
    .max(50)
    .optional(),
})
export type RefundRequest = z.output<typeof RefundRequest>

export interface Part {
  readonly leg: Leg
  readonly heldMinor: bigint
  readonly paidMinor: bigint
}

/** From which legs a refund comes. Σ is the amount, and no leg gives more than is left of it. */
export const partsOf = (
  request: RefundRequest,
  legs: readonly Leg[],
  currency: Currency,
): Part[] => {
  if (request.amount.currency !== currency)
    throw wrong('/amount/currency', 'currency', `is not ${currency}`)
  const amounts = sharesOf(request, legs, currency)
  return legs.flatMap((leg, at) => {
    const minor = amounts[at] ?? 0n
    if (minor === 0n) return []
    if (minor > leftOf(leg)) throw refundExceeds(`less than that is left of the leg ${leg.legId}`)
    if (leg.releasing !== null) throw legInFlight(`the leg ${leg.legId} is being paid out`)
    const heldMinor = leg.heldMinor < minor ? leg.heldMinor : minor
    return [{ leg, heldMinor, paidMinor: minor - heldMinor }]
  })
}

const sharesOf = (request: RefundRequest, legs: readonly Leg[], currency: Currency): bigint[] => {
  const { policy, amount } = request
  if (policy !== 'BY_LEG' && request.legs !== undefined)
    throw wrong('/legs', 'policy', 'goes with BY_LEG only')
  switch (policy) {
    case 'PRO_RATA':
      return byWhatIsLeft(amount.minor, legs.map(leftOf), 'of this split payment')
    case 'PLATFORM_BEARS':
      return byWhatIsLeft(
        amount.minor,
        legs.map((leg) => (leg.role === 'platform_fee' ? leftOf(leg) : 0n)),
        'of the platform’s fee',
      )
    case 'BY_LEG':
      return asAsked(request, legs, currency)
  }
}

const byWhatIsLeft = (minor: bigint, left: readonly bigint[], of: string): bigint[] => {
  if (minor > left.reduce((a, b) => a + b, 0n)) throw refundExceeds(`less than that is left ${of}`)
  return allocate(minor, left)
}

const asAsked = (
  { amount, legs: asked = [] }: RefundRequest,
  legs: readonly Leg[],
  currency: Currency,
): bigint[] => {
  for (const [at, part] of asked.entries()) {
    if (!legs.some(({ legId }) => legId === part.legId))
      throw wrong(`/legs/${at}/legId`, 'unknown', 'names no leg of this split payment')
    if (asked.findIndex(({ legId }) => legId === part.legId) !== at)
      throw wrong(`/legs/${at}/legId`, 'twice', 'is there twice')
    if (part.amount.currency !== currency)
      throw wrong(`/legs/${at}/amount/currency`, 'currency', `is not ${currency}`)
    if (part.amount.minor <= 0n)
      throw wrong(`/legs/${at}/amount/amount`, 'positive', 'is not more than nothing')
  }
  if (asked.reduce((sum, part) => sum + part.amount.minor, 0n) !== amount.minor)
    throw wrong('/legs', 'sum', 'do not add up to the amount')
  return legs.map(({ legId }) => asked.find((part) => part.legId === legId)?.amount.minor ?? 0n)
}

const wrong = (pointer: string, code: string, detail: string) =>
  requestInvalid('1 field is wrong', { errors: [{ pointer, code, detail }] })

export const refundJson = (refund: Refund, legs: readonly RefundLeg[], paymentId: PaymentId) => ({
  refundId: refund.id,
  splitPaymentId: refund.splitId,
  originalPaymentId: paymentId,
  status: refund.status,
  ...reasonJson(refund.reasonCode),
  creationDateTime: refund.createdAt.toString(),
  statusUpdateDateTime: refund.updatedAt.toString(),
  amount: moneyJson({ minor: refund.amountMinor, currency: refund.currency }),
  policy: refund.policy,
  reason: refund.reason,
  legs: legs.map(({ legId, heldMinor, paidMinor }) => ({
    legId,
    amount: moneyJson({ minor: heldMinor + paidMinor, currency: refund.currency }),
  })),
})
