/** A sub-merchant: whom a programme pays, known to the bank before any money reaches them. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import type { CoreAccount, CoreCustomer } from '../../cores/core.ts'
import type { Examination } from '../../cores/identity.ts'
import { CreditorAccount, creditorJson, Text } from '../payment.ts'

export const SubMerchantId = idOf('submerchant')
export type SubMerchantId = z.output<typeof SubMerchantId>

const Instant = z.instanceof(Temporal.Instant)

export const SubMerchantStatus = z.enum(['PENDING', 'VERIFIED', 'REJECTED'])
export type SubMerchantStatus = z.output<typeof SubMerchantStatus>

export const subMerchantTransitions: Readonly<
  Record<SubMerchantStatus, readonly SubMerchantStatus[]>
> = { PENDING: ['VERIFIED', 'REJECTED'], VERIFIED: [], REJECTED: [] }

const Reason = z.enum(['ACCOUNT_NOT_THEIRS', 'ACCOUNT_CLOSED', 'BANK_DECLINED'])

export const SubMerchant = z.object({
  id: SubMerchantId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  legalName: z.string(),
  registrationNumber: z.string(),
  categoryCode: z.string().nullable(),
  number: z.string(),
  bankCode: z.string(),
  bankGiven: z.boolean(),
  status: SubMerchantStatus,
  reason: Reason.nullable(),
  nextAt: Instant,
  createdAt: Instant,
  updatedAt: Instant,
})
export type SubMerchant = z.output<typeof SubMerchant>

export const payeeUnverified = problem(
  'payments/payee-unverified',
  409,
  'The sub-merchant is not verified',
)
export const subMerchantKnown = problem(
  'payments/sub-merchant-known',
  409,
  'The account is of a sub-merchant already',
)

export const SubMerchantRequest = z.strictObject({
  legalName: Text(140),
  /** STIR. */
  registrationNumber: z.string().regex(/^\d{9}$/),
  /** ISO 18245. */
  merchantCategoryCode: z
    .string()
    .regex(/^\d{4}$/)
    .optional(),
  account: CreditorAccount,
})
export type SubMerchantRequest = z.output<typeof SubMerchantRequest>

/** How long until the bank looks again at one that it cannot decide on yet. */
const LOOK_AGAIN_SECONDS = 60

/** What is known of a business: the registers' and the lists' word, and whose the account is, where it is at this bank. */
export interface Known {
  readonly examination: Examination
  readonly account: CoreAccount | undefined
  readonly owner: CoreCustomer | undefined
  /** Whether the account should be at this bank. */
  readonly ours: boolean
}

const verdictOn = (
  { registrationNumber }: SubMerchant,
  { examination, account, owner, ours }: Known,
): { status: 'VERIFIED' } | { status: 'REJECTED'; reason: z.output<typeof Reason> } | undefined => {
  if (ours && owner?.nationalId !== registrationNumber)
    return { status: 'REJECTED', reason: 'ACCOUNT_NOT_THEIRS' }
  if (ours && account?.status !== 'enabled') return { status: 'REJECTED', reason: 'ACCOUNT_CLOSED' }
  if (examination.identity === 'contradicted')
    return { status: 'REJECTED', reason: 'BANK_DECLINED' }
  return examination.identity === 'confirmed' && examination.screening === 'clear'
    ? { status: 'VERIFIED' }
    : undefined
}

/** Verified or rejected, or pending still: why it is pending is not told (tipping-off). */
export const lookedAt = (
  merchant: SubMerchant,
  known: Known,
  now: Temporal.Instant,
): SubMerchant => {
  const verdict = verdictOn(merchant, known)
  if (!verdict) return { ...merchant, nextAt: now.add({ seconds: LOOK_AGAIN_SECONDS }) }
  if (!subMerchantTransitions[merchant.status].includes(verdict.status)) return merchant
  return {
    ...merchant,
    status: verdict.status,
    reason: verdict.status === 'REJECTED' ? verdict.reason : null,
    updatedAt: now,
  }
}

export const subMerchantJson = (m: SubMerchant) => ({
  subMerchantId: m.id,
  status: m.status,
  ...(m.reason !== null && { statusReason: m.reason }),
  legalName: m.legalName,
  registrationNumber: m.registrationNumber,
  ...(m.categoryCode !== null && { merchantCategoryCode: m.categoryCode }),
  account: creditorJson(m.number, m.bankCode, m.bankGiven),
  creationDateTime: m.createdAt.toString(),
  statusUpdateDateTime: m.updatedAt.toString(),
})
