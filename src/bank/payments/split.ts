/** A payment shared out: every leg's money is paid, held or reversed, and the legs are the gross to the last minor unit. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { allocate, Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { requestInvalid } from '#platform/http.ts'
import { SubMerchantId } from './merchants/sub-merchant.ts'
import { CreditorAccount, creditorJson, PaymentId, Text } from './payment.ts'
import { reasonJson } from './reason.ts'

export const SplitId = idOf('split')
export type SplitId = z.output<typeof SplitId>

export const Split = z.object({
  id: SplitId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  paymentId: PaymentId,
  grossMinor: z.bigint(),
  currency: Currency,
  remainderTo: z.string().nullable(),
  createdAt: z.instanceof(Temporal.Instant),
})
export type Split = z.output<typeof Split>

const Role = z.enum(['seller', 'platform_fee', 'tax', 'delivery'])
const ReleaseCondition = z.enum(['immediate', 'manual'])

export const Leg = z.object({
  splitId: SplitId,
  legId: z.string(),
  position: z.number(),
  role: Role,
  releaseCondition: ReleaseCondition,
  number: z.string(),
  bankCode: z.string(),
  bankGiven: z.boolean(),
  name: z.string(),
  /** Whom the bank has to have verified before the leg is paid. */
  subMerchantId: SubMerchantId.nullable(),
  amountMinor: z.bigint(),
  paidMinor: z.bigint(),
  heldMinor: z.bigint(),
  reversedMinor: z.bigint(),
  /** Part of what was paid that is on its way back. */
  reversingMinor: z.bigint(),
  /** Reference of the transfer that is paying out what is held. */
  releasing: z.string().nullable(),
  reasonCode: z.string().nullable(),
})
export type Leg = z.output<typeof Leg>

export const splitUnbalanced = problem(
  'payments/split-unbalanced',
  400,
  'The legs do not add up to the gross amount',
)
export const sourceUnusable = problem(
  'payments/source-unusable',
  409,
  'The payment cannot be split',
)
export const sourceExceeded = problem(
  'payments/source-exceeded',
  409,
  'The payment is already split',
)
export const destinationUnusable = problem(
  'payments/destination-unusable',
  400,
  'A leg cannot be paid there',
)
export const legNotHeld = problem('payments/leg-not-held', 409, 'Nothing of this leg is held')
export const legInFlight = problem('payments/leg-in-flight', 409, 'The leg is on its way')

export const LegId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/)

const LegRequest = z.strictObject({
  legId: LegId,
  destination: z.strictObject({ ...CreditorAccount.shape, name: Text(140) }).optional(),
  subMerchantId: SubMerchantId.optional(),
  role: Role,
  amount: MoneyCodec.optional(),
  sharePpm: z.number().int().min(1).max(1_000_000).optional(),
  releaseCondition: ReleaseCondition.default('immediate'),
})
export type LegRequest = z.output<typeof LegRequest>

export const SplitRequest = z.strictObject({
  paymentId: PaymentId,
  grossAmount: MoneyCodec,
  legs: z.array(LegRequest).min(1).max(50),
  remainderTo: LegId.optional(),
})
export type SplitRequest = z.output<typeof SplitRequest>

export const ReleaseRequest = z.strictObject({
  reason: z.enum(['DELIVERED', 'PAYEE_VERIFIED', 'AGREED']),
})

const MILLION = 1_000_000n

/**
 * What each leg gets. Shares are of the gross, rounded by largest remainder; what amounts and shares leave goes to
 * `remainderTo`. Σ of the answer is the gross, and no leg gets nothing.
 */
export const sharedOut = ({ grossAmount, legs, remainderTo }: SplitRequest): bigint[] => {
  checkLegs(legs, remainderTo, grossAmount.currency)
  const gross = grossAmount.minor
  const shares = legs.map((leg) => BigInt(leg.sharePpm ?? 0))
  const unshared = MILLION - sum(shares)
  if (unshared < 0n) throw splitUnbalanced('the shares are more than the gross')
  // What nobody has a share in is weighed too, so that every share is rounded as a share of the gross.
  const byShare = allocate(gross, [...shares, unshared]).slice(0, -1)
  const fixed = legs.map((leg) => leg.amount?.minor ?? 0n)
  const rest = gross - sum(byShare) - sum(fixed)
  if (rest < 0n) throw splitUnbalanced('amounts and shares are more than the gross')
  if (rest > 0n && remainderTo === undefined)
    throw splitUnbalanced('amounts and shares are less than the gross, and no leg takes the rest')

  const parts = legs.map(
    (leg, at) => (fixed[at] ?? 0n) + (byShare[at] ?? 0n) + (leg.legId === remainderTo ? rest : 0n),
  )
  const empty = legs.find((_, at) => (parts[at] ?? 0n) <= 0n)
  if (empty) throw splitUnbalanced(`the leg ${empty.legId} would get nothing`)
  return parts
}

const sum = (minors: readonly bigint[]) => minors.reduce((a, b) => a + b, 0n)

const checkLegs = (
  legs: readonly LegRequest[],
  remainderTo: string | undefined,
  currency: string,
) => {
  const wrong = (pointer: string, code: string, detail: string) =>
    requestInvalid('1 field is wrong', { errors: [{ pointer, code, detail }] })
  const ids = legs.map(({ legId }) => legId)
  if (remainderTo !== undefined && !ids.includes(remainderTo))
    throw wrong('/remainderTo', 'unknown', 'names no leg')
  for (const [at, leg] of legs.entries()) {
    if (ids.indexOf(leg.legId) !== at) throw wrong(`/legs/${at}/legId`, 'twice', 'is there twice')
    if ((leg.destination === undefined) === (leg.subMerchantId === undefined))
      throw wrong(`/legs/${at}`, 'destination', 'has one destination, or one sub-merchant')
    if (leg.amount !== undefined && leg.sharePpm !== undefined)
      throw wrong(`/legs/${at}`, 'both', 'has an amount and a share; one of them is enough')
    if (leg.amount && leg.amount.currency !== currency)
      throw wrong(`/legs/${at}/amount/currency`, 'currency', `is not ${currency}`)
    if (leg.amount && leg.amount.minor <= 0n)
      throw wrong(`/legs/${at}/amount/amount`, 'positive', 'is not more than nothing')
    if (leg.amount === undefined && leg.sharePpm === undefined && leg.legId !== remainderTo)
      throw wrong(`/legs/${at}`, 'neither', 'has neither amount nor share, and takes no remainder')
  }
}

const rebalanced = (leg: Leg): Leg => {
  assert(
    leg.paidMinor + leg.heldMinor + leg.reversedMinor === leg.amountMinor &&
      [leg.paidMinor, leg.heldMinor, leg.reversedMinor, leg.reversingMinor].every((m) => m >= 0n),
    'a leg is paid, held and reversed to its last minor unit',
  )
  return leg
}

/** All that is held sets out. Once: what is on its way is no longer there to be released. */
export const released = (leg: Leg, reference: string): Leg => {
  if (leg.releasing !== null) throw legNotHeld(`${leg.legId} is on its way`)
  if (leg.heldMinor === 0n) throw legNotHeld(`${leg.legId} holds nothing`)
  return { ...leg, releasing: reference, reasonCode: null }
}

export const paidOut = (leg: Leg, minor: bigint): Leg =>
  rebalanced({
    ...leg,
    paidMinor: leg.paidMinor + minor,
    heldMinor: leg.heldMinor - minor,
    releasing: null,
  })

/** The destination did not take it: it is held again. */
export const refusedByDestination = (leg: Leg, reasonCode: string): Leg => ({
  ...leg,
  releasing: null,
  reasonCode,
})

/** What a refund can still take of a leg. */
export const leftOf = (leg: Leg): bigint => leg.amountMinor - leg.reversedMinor - leg.reversingMinor

/** A refund takes what is held at once, and sets out to take back what was paid. */
export const taken = (leg: Leg, part: { heldMinor: bigint; paidMinor: bigint }): Leg =>
  rebalanced({
    ...leg,
    heldMinor: leg.heldMinor - part.heldMinor,
    reversedMinor: leg.reversedMinor + part.heldMinor,
    reversingMinor: leg.reversingMinor + part.paidMinor,
  })

/** What was paid is back with the programme: for the refund, or held again where the refund has failed meanwhile. */
export const cameBack = (leg: Leg, minor: bigint, to: 'refund' | 'leg'): Leg =>
  rebalanced({
    ...leg,
    paidMinor: leg.paidMinor - minor,
    reversingMinor: leg.reversingMinor - minor,
    reversedMinor: leg.reversedMinor + (to === 'refund' ? minor : 0n),
    heldMinor: leg.heldMinor + (to === 'leg' ? minor : 0n),
  })

export const didNotComeBack = (leg: Leg, minor: bigint): Leg => ({
  ...leg,
  reversingMinor: leg.reversingMinor - minor,
})

/** A refund that failed gives back what it had taken. */
export const givenBack = (leg: Leg, minor: bigint): Leg =>
  rebalanced({
    ...leg,
    reversedMinor: leg.reversedMinor - minor,
    heldMinor: leg.heldMinor + minor,
  })

const statusOf = (leg: Leg) => {
  if (leg.releasing !== null) return 'RELEASING'
  if (leg.heldMinor > 0n) return 'HELD'
  return leg.paidMinor > 0n ? 'PAID' : 'REVERSED'
}

export const legJson = (leg: Leg, currency: Split['currency']) => ({
  legId: leg.legId,
  ...(leg.subMerchantId !== null && { subMerchantId: leg.subMerchantId }),
  destination: { ...creditorJson(leg.number, leg.bankCode, leg.bankGiven), name: leg.name },
  role: leg.role,
  releaseCondition: leg.releaseCondition,
  status: statusOf(leg),
  ...reasonJson(leg.reasonCode),
  amount: moneyJson({ minor: leg.amountMinor, currency }),
  paidAmount: moneyJson({ minor: leg.paidMinor, currency }),
  heldAmount: moneyJson({ minor: leg.heldMinor, currency }),
  reversedAmount: moneyJson({ minor: leg.reversedMinor, currency }),
})
