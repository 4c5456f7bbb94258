/** A standing payment: an order that comes round. Its frequency, its occurrences, its end. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { PlainDate } from '#kernel/time.ts'
import { requestInvalid } from '#platform/http.ts'
import { CreditorAccount, creditorJson, isSameMoney, notCancellable, Text } from '../payment.ts'
import { reasonJson } from '../reason.ts'

export const StandingId = idOf('standing')
export type StandingId = z.output<typeof StandingId>

/** ISO 20022 Frequency6Code, of those that have a period, as OBIE standing orders use it. */
const FrequencyType = z.enum(['DAIL', 'WEEK', 'FRTN', 'MNTH', 'QURT', 'MIAN', 'YEAR'])

/** `pointInTime` is the day of the week (01 is Monday) or of the month; without it the first payment's day holds. */
const Frequency = z.strictObject({
  type: FrequencyType,
  pointInTime: z
    .string()
    .regex(/^(0[1-9]|[12]\d|3[01])$/)
    .optional(),
})
export type Frequency = z.output<typeof Frequency>

const Round = z.strictObject({
  frequency: Frequency,
  firstPaymentDate: PlainDate,
  finalPaymentDate: PlainDate.optional(),
  numberOfPayments: z.int().min(1).max(1_000).optional(),
})
type Round = z.output<typeof Round>

const Instant = z.instanceof(Temporal.Instant)
const Day = z.instanceof(Temporal.PlainDate)

export const StandingStatus = z.enum(['ACTIVE', 'COMPLETED', 'CANCELLED'])
export type StandingStatus = z.output<typeof StandingStatus>

export const standingTransitions: Readonly<Record<StandingStatus, readonly StandingStatus[]>> = {
  ACTIVE: ['COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
}

export const Standing = z.object({
  id: StandingId,
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
  endToEndId: z.string().nullable(),
  remittance: z.string().nullable(),
  frequency: FrequencyType,
  pointInTime: z.string().nullable(),
  firstOn: Day,
  finalOn: Day.nullable(),
  paymentsMax: z.number().nullable(),
  status: StandingStatus,
  reasonCode: z.string().nullable(),
  /** Place, day and time of the next execution; the day is the one before the calendar moved it. */
  nextPosition: z.number(),
  nextOn: Day.nullable(),
  nextAt: Instant.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Standing = z.output<typeof Standing>

export const StandingRequest = z.strictObject({
  instructedAmount: MoneyCodec,
  creditorAccount: CreditorAccount,
  creditorName: Text(140),
  endToEndIdentification: Text(35).optional(),
  remittanceInformation: Text(140).optional(),
  standing: Round,
})
export type StandingRequest = z.output<typeof StandingRequest>

/** What the customer approved (RFC 9396), with the account that they picked. */
export const StandingDetail = z.looseObject({
  type: z.literal('urn:bank:payment:v1'),
  instructedAmount: MoneyCodec,
  creditorAccount: CreditorAccount,
  creditorName: z.string(),
  endToEndIdentification: z.string().optional(),
  standing: Round,
  accounts: z.tuple([z.string()]),
})
export type StandingDetail = z.output<typeof StandingDetail>

const roundText = ({ frequency, firstPaymentDate, finalPaymentDate, numberOfPayments }: Round) =>
  canonical({
    frequency,
    first: firstPaymentDate.toString(),
    final: finalPaymentDate?.toString(),
    number: numberOfPayments,
  })

/** Dynamic linking (PSD2 RTS Art. 5), of the whole round. */
export const isApprovedStanding = (request: StandingRequest, detail: StandingDetail): boolean =>
  isSameMoney(request.instructedAmount, detail.instructedAmount) &&
  canonical(request.creditorAccount) === canonical(detail.creditorAccount) &&
  request.creditorName === detail.creditorName &&
  (detail.endToEndIdentification === undefined ||
    request.endToEndIdentification === detail.endToEndIdentification) &&
  roundText(request.standing) === roundText(detail.standing)

const wrong = (pointer: string, code: string, detail: string) =>
  requestInvalid('1 field is wrong', { errors: [{ pointer, code, detail }] })

/** Periods that a point in time can be told in. */
export const checkRound = ({ frequency, firstPaymentDate: first, ...round }: Round): void => {
  const { type, pointInTime } = frequency
  if (pointInTime !== undefined) {
    const most = { WEEK: 7, FRTN: 7, MNTH: 31 }[type as string] ?? 0
    if (Number(pointInTime) > most)
      throw wrong('/standing/frequency/pointInTime', 'range', `is no day of ${type}`)
  }
  if (round.finalPaymentDate && Temporal.PlainDate.compare(round.finalPaymentDate, first) < 0)
    throw wrong('/standing/finalPaymentDate', 'order', 'is before the first payment')
}

const steps: Readonly<Record<Standing['frequency'], (n: number) => Temporal.DurationLike>> = {
  DAIL: (days) => ({ days }),
  WEEK: (weeks) => ({ weeks }),
  FRTN: (n) => ({ weeks: 2 * n }),
  MNTH: (months) => ({ months }),
  QURT: (n) => ({ months: 3 * n }),
  MIAN: (n) => ({ months: 6 * n }),
  YEAR: (years) => ({ years }),
}

/**
 * The day of the nth occurrence, from 0, before the calendar moves it. A month that is too short pays on its last
 * day, and the next one on the day that was meant.
 */
export const occurrence = (
  { frequency, pointInTime, firstOn }: Pick<Standing, 'frequency' | 'pointInTime' | 'firstOn'>,
  n: number,
): Temporal.PlainDate => {
  const day = firstOn.add(steps[frequency](n))
  if (n === 0 || pointInTime === null) return day
  const point = Number(pointInTime)
  return frequency === 'MNTH' ? day.with({ day: point }) : day.add({ days: point - day.dayOfWeek })
}

/** The day of the next execution; undefined where the last one has been. */
export const nextDay = (standing: Standing, position: number): Temporal.PlainDate | undefined => {
  if (standing.paymentsMax !== null && position >= standing.paymentsMax) return undefined
  const day = occurrence(standing, position)
  const { finalOn } = standing
  return finalOn !== null && Temporal.PlainDate.compare(day, finalOn) > 0 ? undefined : day
}

/** One execution later: on its next day, or completed. */
export const executed = (
  standing: Standing,
  next: { on: Temporal.PlainDate; at: Temporal.Instant } | undefined,
  now: Temporal.Instant,
): Standing => ({
  ...standing,
  status: next ? 'ACTIVE' : 'COMPLETED',
  nextPosition: standing.nextPosition + 1,
  nextOn: next?.on ?? null,
  nextAt: next?.at ?? null,
  updatedAt: now,
})

export const cancelledStanding = (
  standing: Standing,
  reasonCode: string,
  now: Temporal.Instant,
): Standing => {
  if (!standingTransitions[standing.status].includes('CANCELLED'))
    throw notCancellable(`it is ${standing.status}`)
  return {
    ...standing,
    status: 'CANCELLED',
    reasonCode,
    nextOn: null,
    nextAt: null,
    updatedAt: now,
  }
}

export const standingJson = (s: Standing) => ({
  standingPaymentId: s.id,
  consentId: s.consentId,
  status: s.status,
  ...reasonJson(s.reasonCode),
  creationDateTime: s.createdAt.toString(),
  statusUpdateDateTime: s.updatedAt.toString(),
  instructedAmount: moneyJson({ minor: s.amountMinor, currency: s.currency }),
  creditorAccount: creditorJson(s.creditorNumber, s.creditorBank, s.creditorBankGiven),
  creditorName: s.creditorName,
  debtorAccount: { accountId: s.debtorAccountId },
  ...(s.endToEndId !== null && { endToEndIdentification: s.endToEndId }),
  ...(s.remittance !== null && { remittanceInformation: s.remittance }),
  standing: {
    frequency: {
      type: s.frequency,
      ...(s.pointInTime !== null && { pointInTime: s.pointInTime }),
    },
    firstPaymentDate: s.firstOn.toString(),
    ...(s.finalOn !== null && { finalPaymentDate: s.finalOn.toString() }),
    ...(s.paymentsMax !== null && { numberOfPayments: s.paymentsMax }),
  },
  paymentsExecuted: s.nextPosition,
  ...(s.nextAt !== null && { nextPaymentDateTime: s.nextAt.toString() }),
})
