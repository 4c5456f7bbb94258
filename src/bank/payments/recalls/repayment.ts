/** Money that a payment gives back: a refund that the payee pays, or the return (pacs.004) of a recall. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { CancellationReason, PaymentId, PaymentStatus } from '../payment.ts'
import { RecallId } from './recall.ts'
import { reasonJson } from '../reason.ts'

export const RefundId = idOf('refund')
export const ReturnId = idOf('return')

const Instant = z.instanceof(Temporal.Instant)

export const Repayment = z.object({
  id: z.union([RefundId, ReturnId]),
  kind: z.enum(['refund', 'return']),
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  paymentId: PaymentId,
  recallId: RecallId.nullable(),
  amountMinor: z.bigint(),
  currency: Currency,
  reason: z.string(),
  status: PaymentStatus,
  reasonCode: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Repayment = z.output<typeof Repayment>

export const PaymentRefundRequest = z.strictObject({
  amount: MoneyCodec,
  reason: CancellationReason,
})
export type PaymentRefundRequest = z.output<typeof PaymentRefundRequest>

export const refundImpossible = problem(
  'payments/refund-impossible',
  409,
  'You cannot refund this payment',
)

const common = (r: Repayment) => ({
  originalPaymentId: r.paymentId,
  status: r.status,
  ...reasonJson(r.reasonCode),
  creationDateTime: r.createdAt.toString(),
  statusUpdateDateTime: r.updatedAt.toString(),
  amount: moneyJson({ minor: r.amountMinor, currency: r.currency }),
  reason: r.reason,
})

export const paymentRefundJson = (r: Repayment) => ({ refundId: r.id, ...common(r) })

export const returnJson = (r: Repayment) => ({
  returnId: r.id,
  ...(r.recallId !== null && { recallId: r.recallId }),
  ...common(r),
})
