/** A mandate: payments that a partner may make for a customer without asking, within limits that the customer approved. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { Instant, PlainDate } from '#kernel/time.ts'
import { CreditorAccount, creditorJson, Text } from '../payment.ts'

export const MandateId = idOf('mandate')
export type MandateId = z.output<typeof MandateId>

const Period = z.enum(['day', 'week', 'month', 'year'])
export type Period = z.output<typeof Period>

const At = z.instanceof(Temporal.Instant)
const MinorText = z.codec(z.string().regex(/^\d+$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (minor) => minor.toString(),
})

export const Limit = z.object({ period: Period, minor: MinorText })
export const Payee = z.object({
  name: z.string(),
  number: z.string(),
  bankCode: z.string().nullable(),
})
export type Payee = z.output<typeof Payee>

export const Mandate = z.object({
  id: MandateId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  debtorRef: z.string(),
  debtorAccountId: z.string(),
  /** Of the account that pays: where a payee's bank is not named, it is this one. */
  bankCode: z.string(),
  currency: Currency,
  maxMinor: z.bigint(),
  limits: z.array(Limit),
  payees: z.array(Payee),
  validTo: At,
  status: z.enum(['ACTIVE', 'REVOKED']),
  createdAt: At,
  updatedAt: At,
})
export type Mandate = z.output<typeof Mandate>

export const mandateTransitions = {
  ACTIVE: ['REVOKED', 'EXPIRED'],
  REVOKED: [],
  EXPIRED: [],
} as const
export type MandateStatus = keyof typeof mandateTransitions

export const mandateClosed = problem('payments/mandate-closed', 409, 'The mandate has ended')
export const mandateExceeded = problem(
  'payments/mandate-exceeded',
  409,
  'The payment is beyond a limit of the mandate',
)

const PayeeRequest = z.strictObject({ creditorName: Text(140), creditorAccount: CreditorAccount })

export const MandateRequest = z.strictObject({
  maxIndividual: MoneyCodec,
  periodicLimits: z
    .array(z.strictObject({ period: Period, amount: MoneyCodec }))
    .min(1)
    .max(4),
  payees: z.array(PayeeRequest).min(1).max(20),
  validTo: Instant,
})
export type MandateRequest = z.output<typeof MandateRequest>

/** What the customer approved (RFC 9396), with the account that they picked. */
export const MandateDetail = z.looseObject({
  type: z.literal('urn:bank:mandate:v1'),
  ...MandateRequest.shape,
  accounts: z.tuple([z.string()]),
})
export type MandateDetail = z.output<typeof MandateDetail>

export const MandatePaymentRequest = z.strictObject({
  instructionIdentification: Text(35).optional(),
  endToEndIdentification: Text(35).optional(),
  instructedAmount: MoneyCodec,
  creditorAccount: CreditorAccount,
  creditorName: Text(140),
  remittanceInformation: Text(140).optional(),
  requestedExecutionDate: PlainDate.optional(),
})
export type MandatePaymentRequest = z.output<typeof MandatePaymentRequest>

const factsOf = ({ maxIndividual, periodicLimits, payees, validTo }: MandateRequest) =>
  canonical([
    moneyJson(maxIndividual),
    periodicLimits.map(({ period, amount }) => [period, moneyJson(amount)]),
    payees,
    validTo.toString(),
  ])

/** Dynamic linking: the mandate that is set up is the one that the customer approved. */
export const isApprovedMandate = (request: MandateRequest, detail: MandateDetail): boolean =>
  factsOf(request) === factsOf(detail)

export const statusOf = (mandate: Mandate, now: Temporal.Instant): MandateStatus =>
  mandate.status === 'ACTIVE' && Temporal.Instant.compare(mandate.validTo, now) <= 0
    ? 'EXPIRED'
    : mandate.status

export const revoked = (mandate: Mandate, now: Temporal.Instant): Mandate =>
  mandate.status === 'REVOKED' ? mandate : { ...mandate, status: 'REVOKED', updatedAt: now }

/** The calendar period that a day is in: ISO weeks begin on Monday. */
export const periodAround = (
  period: Period,
  day: Temporal.PlainDate,
): { from: Temporal.PlainDate; before: Temporal.PlainDate } => {
  switch (period) {
    case 'day':
      return { from: day, before: day.add({ days: 1 }) }
    case 'week': {
      const from = day.subtract({ days: day.dayOfWeek - 1 })
      return { from, before: from.add({ weeks: 1 }) }
    }
    case 'month': {
      const from = day.with({ day: 1 })
      return { from, before: from.add({ months: 1 }) }
    }
    case 'year': {
      const from = day.with({ month: 1, day: 1 })
      return { from, before: from.add({ years: 1 }) }
    }
  }
}

/** A payee of the mandate, by account, bank and name. */
export const isPayee = (mandate: Mandate, asked: MandatePaymentRequest): boolean =>
  mandate.payees.some(
    ({ name, number, bankCode }) =>
      name === asked.creditorName &&
      number === asked.creditorAccount.identification &&
      (bankCode ?? mandate.bankCode) === (asked.creditorAccount.bankCode ?? mandate.bankCode),
  )

/** What is used of each limit in the period around a day. */
export interface Use {
  readonly period: Period
  readonly from: Temporal.PlainDate
  readonly limitMinor: bigint
  readonly usedMinor: bigint
}

export const mandateJson = (mandate: Mandate, uses: readonly Use[], status: MandateStatus) => {
  const { currency } = mandate
  return {
    mandateId: mandate.id,
    consentId: mandate.consentId,
    status,
    creationDateTime: mandate.createdAt.toString(),
    statusUpdateDateTime: mandate.updatedAt.toString(),
    debtorAccount: { accountId: mandate.debtorAccountId },
    maxIndividual: moneyJson({ minor: mandate.maxMinor, currency }),
    periodicLimits: uses.map(({ period, from, limitMinor, usedMinor }) => ({
      period,
      amount: moneyJson({ minor: limitMinor, currency }),
      periodStartDate: from.toString(),
      usedAmount: moneyJson({ minor: usedMinor, currency }),
      remainingAmount: moneyJson({ minor: limitMinor - usedMinor, currency }),
    })),
    payees: mandate.payees.map(({ name, number, bankCode }) => ({
      creditorName: name,
      creditorAccount: creditorJson(number, bankCode ?? mandate.bankCode, bankCode !== null),
    })),
    validTo: mandate.validTo.toString(),
  }
}
