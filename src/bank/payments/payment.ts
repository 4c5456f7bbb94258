/** A payment that a customer approved: its states, what may be asked, and how it is told. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, type Money, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { PlainDate } from '#kernel/time.ts'
import { reasonJson } from './reason.ts'

export const PaymentId = idOf('payment')
export type PaymentId = z.output<typeof PaymentId>

/** ISO 20022 payment statuses. */
export const PaymentStatus = z.enum([
  'RCVD',
  'PDNG',
  'ACTC',
  'PATC',
  'ACCP',
  'ACFC',
  'ACSP',
  'ACWC',
  'ACWP',
  'ACSC',
  'ACCC',
  'RJCT',
  'BLCK',
  'CANC',
])
export type PaymentStatus = z.output<typeof PaymentStatus>

const ahead = ['ACTC', 'PATC', 'ACCP', 'ACFC', 'ACSP', 'ACWC', 'ACWP', 'ACSC', 'ACCC'] as const
/** From this one on. */
const from = (status: (typeof ahead)[number]) => ahead.slice(ahead.indexOf(status))
const refused = ['RJCT', 'BLCK'] as const

/** The published table: a status never goes back, and money that has settled is not rejected any more. */
export const paymentTransitions: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  RCVD: ['PDNG', ...ahead, ...refused, 'CANC'],
  PDNG: [...ahead, ...refused, 'CANC'],
  ACTC: [...from('PATC'), ...refused, 'CANC'],
  PATC: [...from('ACCP'), ...refused, 'CANC'],
  ACCP: [...from('ACFC'), ...refused, 'CANC'],
  ACFC: [...from('ACSP'), ...refused, 'CANC'],
  ACSP: [...from('ACWC'), ...refused],
  ACWC: [...from('ACSC'), ...refused],
  ACWP: [...from('ACSC'), ...refused],
  ACSC: ['ACCC'],
  ACCC: [],
  RJCT: [],
  BLCK: [],
  CANC: [],
}

/** What has a status of this kind: payments and refunds. */
interface Moving {
  readonly status: PaymentStatus
  readonly reasonCode: string | null
  readonly updatedAt: Temporal.Instant
}

/** The only way from one status to another. Asking for the status that is there changes nothing. */
export const moved = <T extends Moving>(
  moving: T,
  to: { status: PaymentStatus; reasonCode?: string },
  now: Temporal.Instant,
): T => {
  if (moving.status === to.status) return moving
  assert(
    paymentTransitions[moving.status].includes(to.status),
    `a payment does not go from ${moving.status} to ${to.status}`,
  )
  return { ...moving, status: to.status, reasonCode: to.reasonCode ?? null, updatedAt: now }
}

/** The outcome is not known yet. Only what has no status from the core can be waiting for one. */
export const awaitingOutcome = <T extends Moving>(moving: T, now: Temporal.Instant): T =>
  moving.status === 'RCVD' ? moved(moving, { status: 'PDNG' }, now) : moving

/** What waits for its day is cancelled; what has set out is not (ISO 20022 camt.055). */
export const cancelled = (payment: Payment, reasonCode: string, now: Temporal.Instant): Payment => {
  if (payment.status !== 'ACCP')
    throw notCancellable(`it is ${payment.status}; only what waits for its day is cancelled`, {
      hint: 'Ask for money that was paid with a recall.',
    })
  return moved(payment, { status: 'CANC', reasonCode }, now)
}

/** ISO 20022 cancellation reasons: the customer asked, paid twice, fraud, technical. */
export const CancellationReason = z.enum(['CUST', 'DUPL', 'FRAD', 'TECH'])
export const CancellationRequest = z.strictObject({ reason: CancellationReason })

export const isSettled = ({ status }: Pick<Moving, 'status'>) =>
  status === 'ACSC' || status === 'ACCC'

const Instant = z.instanceof(Temporal.Instant)

export const Payment = z.object({
  id: PaymentId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  debtorRef: z.string(),
  debtorAccountId: z.string(),
  amountMinor: z.bigint(),
  currency: Currency,
  creditorNumber: z.string(),
  creditorBank: z.string(),
  creditorBankGiven: z.boolean(),
  creditorName: z.string(),
  instructionId: z.string().nullable(),
  endToEndId: z.string().nullable(),
  remittance: z.string().nullable(),
  /** An order of its own, or one of many: the standing payment, mandate or bulk that it belongs to, and its place. */
  origin: z.enum(['single', 'standing', 'mandate', 'bulk']),
  orderId: z.string().nullable(),
  orderPosition: z.number().nullable(),
  /** The day that was asked for; null: at once. */
  requestedOn: z.instanceof(Temporal.PlainDate).nullable(),
  /** The day of the bank on which it counts. */
  executesOn: z.instanceof(Temporal.PlainDate),
  executeAt: Instant.nullable(),
  status: PaymentStatus,
  reasonCode: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Payment = z.output<typeof Payment>

export const differsFromConsent = problem(
  'payments/differs-from-consent',
  400,
  'The payment is not the one that the customer approved',
)
export const notCancellable = problem(
  'payments/not-cancellable',
  409,
  'The order can no longer be cancelled',
)
export const amountInvalid = problem('payments/amount-invalid', 400, 'The amount cannot be paid')

/** Text that a person wrote and another will read: no control characters. */
export const Text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}+$/u, 'holds control characters')

export const CreditorAccount = z.strictObject({
  schemeName: z.literal('UZ.AccountNumber'),
  identification: z.string().regex(/^\d{20}$/),
  bankCode: z
    .string()
    .regex(/^\d{5}$/)
    .optional(),
})
export type CreditorAccount = z.output<typeof CreditorAccount>

export const PaymentRequest = z.strictObject({
  instructionIdentification: Text(35).optional(),
  endToEndIdentification: Text(35).optional(),
  instructedAmount: MoneyCodec,
  creditorAccount: CreditorAccount,
  creditorName: Text(140),
  remittanceInformation: Text(140).optional(),
  requestedExecutionDate: PlainDate.optional(),
})
export type PaymentRequest = z.output<typeof PaymentRequest>

/** What the customer approved (RFC 9396), with the account that they picked. */
export const PaymentDetail = z.looseObject({
  type: z.literal('urn:bank:payment:v1'),
  instructedAmount: MoneyCodec,
  creditorAccount: CreditorAccount,
  creditorName: z.string(),
  endToEndIdentification: z.string().optional(),
  requestedExecutionDate: PlainDate.optional(),
  // A consent to a standing payment or to a file is none to a single payment.
  standing: z.undefined().optional(),
  bulk: z.undefined().optional(),
  accounts: z.tuple([z.string()]),
})
export type PaymentDetail = z.output<typeof PaymentDetail>

/** Dynamic linking (PSD2 RTS Art. 5): amount, payee, day and, where the customer saw it, the reference. */
export const isApproved = (request: PaymentRequest, detail: PaymentDetail): boolean =>
  isSameMoney(request.instructedAmount, detail.instructedAmount) &&
  request.creditorAccount.identification === detail.creditorAccount.identification &&
  request.creditorAccount.bankCode === detail.creditorAccount.bankCode &&
  request.creditorName === detail.creditorName &&
  request.requestedExecutionDate?.toString() === detail.requestedExecutionDate?.toString() &&
  (detail.endToEndIdentification === undefined ||
    request.endToEndIdentification === detail.endToEndIdentification)

export const isSameMoney = (a: Money, b: Money) => a.minor === b.minor && a.currency === b.currency

/** An amount as it can be paid. */
export const positive = (amount: Money): Money => {
  if (amount.minor > 0n) return amount
  throw amountInvalid('an amount is more than nothing')
}

export const creditorJson = (
  number: string,
  bankCode: string,
  given: boolean,
): CreditorAccount => ({
  schemeName: 'UZ.AccountNumber',
  identification: number,
  ...(given && { bankCode }),
})

export const paymentJson = (p: Payment) => ({
  paymentId: p.id,
  consentId: p.consentId,
  status: p.status,
  ...reasonJson(p.reasonCode),
  creationDateTime: p.createdAt.toString(),
  statusUpdateDateTime: p.updatedAt.toString(),
  instructedAmount: moneyJson({ minor: p.amountMinor, currency: p.currency }),
  creditorAccount: creditorJson(p.creditorNumber, p.creditorBank, p.creditorBankGiven),
  creditorName: p.creditorName,
  debtorAccount: { accountId: p.debtorAccountId },
  ...(p.orderId !== null && { orderId: p.orderId }),
  ...(p.requestedOn !== null && { requestedExecutionDate: p.requestedOn.toString() }),
  ...(p.executeAt !== null && { expectedExecutionDateTime: p.executeAt.toString() }),
  ...(p.instructionId !== null && { instructionIdentification: p.instructionId }),
  ...(p.endToEndId !== null && { endToEndIdentification: p.endToEndId }),
  ...(p.remittance !== null && { remittanceInformation: p.remittance }),
})
