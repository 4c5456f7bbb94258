/** A recall (ISO 20022 camt.056): the payer's side asks for money that has settled, and whoever was paid answers. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { isSettled, type Payment, PaymentId, Text } from '../payment.ts'
import { businessDaysAfter, type Calendar, dayOf, OPENS } from '../scheduled/calendar.ts'

export const RecallId = idOf('recall')
export type RecallId = z.output<typeof RecallId>

const Instant = z.instanceof(Temporal.Instant)

export const RecallStatus = z.enum(['PENDING', 'ACCEPTED', 'REJECTED'])
export type RecallStatus = z.output<typeof RecallStatus>

export const recallTransitions: Readonly<Record<RecallStatus, readonly RecallStatus[]>> = {
  PENDING: ['ACCEPTED', 'REJECTED'],
  ACCEPTED: [],
  REJECTED: [],
}

/** ISO 20022 external cancellation reasons: paid twice, technical, fraud, the customer asks. */
const Reason = z.enum(['DUPL', 'TECH', 'FRAD', 'CUST'])
/** Of camt.029: account closed, no funds, returned already, the payee declines, legal grounds, never received. */
const Rejection = z.enum(['AC04', 'AM04', 'ARDT', 'CUST', 'LEGL', 'NOOR'])

export const Recall = z.object({
  id: RecallId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  paymentId: PaymentId,
  answeringPartnerId: z.string().nullable(),
  reason: Reason,
  information: z.string().nullable(),
  status: RecallStatus,
  /** No answer in time is one too. */
  rejection: z.enum([...Rejection.options, 'NOAS']).nullable(),
  answerBy: Instant,
  createdAt: Instant,
  updatedAt: Instant,
})
export type Recall = z.output<typeof Recall>

export const RecallRequest = z.strictObject({
  reason: Reason,
  additionalInformation: Text(105).optional(),
})
export type RecallRequest = z.output<typeof RecallRequest>

export const RecallAnswer = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('ACCEPT') }),
  z.strictObject({ decision: z.literal('REJECT'), reason: Rejection }),
])
export type RecallAnswer = z.output<typeof RecallAnswer>

export const recallImpossible = problem(
  'payments/recall-impossible',
  409,
  'The payment cannot be recalled',
)
export const recallOpen = problem('payments/recall-open', 409, 'The payment is recalled already')
export const recallAnswered = problem('payments/recall-answered', 409, 'The recall was answered')

/** So long whoever was paid has to answer. */
const ANSWER_DAYS = 10
export const answerBy = (calendar: Calendar, now: Temporal.Instant): Temporal.Instant =>
  businessDaysAfter(calendar, dayOf(calendar, now), ANSWER_DAYS)
    .toZonedDateTime({ timeZone: calendar.zone, plainTime: OPENS })
    .toInstant()

/** Ten business days after it settled; thirteen months where it was fraud or the customer asks. */
export const checkRecallable = (
  payment: Payment,
  reason: Recall['reason'],
  calendar: Calendar,
  now: Temporal.Instant,
): void => {
  if (!isSettled(payment))
    throw recallImpossible(`it is ${payment.status}; only what has settled is recalled`, {
      hint: 'Cancel what still waits for its day.',
    })
  const settledOn = dayOf(calendar, payment.updatedAt)
  const slip = reason === 'DUPL' || reason === 'TECH'
  const last = slip ? businessDaysAfter(calendar, settledOn, 10) : settledOn.add({ months: 13 })
  if (Temporal.PlainDate.compare(dayOf(calendar, now), last) > 0)
    throw recallImpossible(`a recall for ${reason} was possible until ${last.toString()}`)
}

/** The only way from one state to another. */
export const answered = (
  recall: Recall,
  to: { status: 'ACCEPTED' } | { status: 'REJECTED'; rejection: NonNullable<Recall['rejection']> },
  now: Temporal.Instant,
): Recall => {
  if (!recallTransitions[recall.status].includes(to.status))
    throw recallAnswered(`it is ${recall.status}`)
  return {
    ...recall,
    status: to.status,
    rejection: to.status === 'REJECTED' ? to.rejection : null,
    updatedAt: now,
  }
}

/** As one of its two sides sees it: the payment's id is its own partner's alone. */
export const recallJson = (
  recall: Recall,
  payment: Pick<Payment, 'amountMinor' | 'currency' | 'endToEndId'>,
  reader: string,
) => ({
  recallId: recall.id,
  ...(reader === recall.partnerId && { paymentId: recall.paymentId }),
  ...(payment.endToEndId !== null && { endToEndIdentification: payment.endToEndId }),
  amount: moneyJson({ minor: payment.amountMinor, currency: payment.currency }),
  reason: recall.reason,
  ...(recall.information !== null && { additionalInformation: recall.information }),
  status: recall.status,
  ...(recall.rejection !== null && { rejectionReason: recall.rejection }),
  toBeAnsweredBy: reader === recall.answeringPartnerId ? 'you' : 'payee',
  answerByDateTime: recall.answerBy.toString(),
  creationDateTime: recall.createdAt.toString(),
  statusUpdateDateTime: recall.updatedAt.toString(),
})
