/** Does this account belong to this person or company? One word, and nothing else. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import type { CoreAccount, CoreCustomer } from '../cores/core.ts'
import { compareNames, type NameVerdict } from '../name.ts'

export const OwnershipQuestion = z
  .strictObject({
    account: z.strictObject({
      schemeName: z.literal('UZ.AccountNumber'),
      identification: z.string().regex(/^\d{20}$/),
      bankCode: z
        .string()
        .regex(/^\d{5}$/)
        .optional(),
    }),
    name: z.string().min(2).max(140).optional(),
    nationalIdSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    purpose: z.enum(['BENEFIT_PAYMENT', 'TAX_REFUND', 'PAYEE_CHECK', 'ONBOARDING', 'CONTRACT']),
    legalReference: z.string().min(3).max(140),
  })
  .refine(({ name, nationalIdSha256 }) => name !== undefined || nationalIdSha256 !== undefined, {
    message: 'a name, or the hash of a national id, is needed',
  })
export type OwnershipQuestion = z.output<typeof OwnershipQuestion>

export const OwnershipResult = z.enum(['MATCH', 'CLOSE_MATCH', 'NO_MATCH', 'NOT_POSSIBLE'])
export type OwnershipResult = z.output<typeof OwnershipResult>

export const ANSWER_HOURS = 24

/** What a question is about, as a keyed hash: who reads the table cannot try names against it. */
export const fingerprintOf = (
  key: Uint8Array,
  partnerId: string,
  { account, name, nationalIdSha256 }: OwnershipQuestion,
): Buffer =>
  createHmac('sha256', key)
    .update(canonical([partnerId, account, name ?? null, nationalIdSha256 ?? null]))
    .digest()

/** With a name and an id, the weaker of the two answers counts. */
export const ownershipOf = (
  question: OwnershipQuestion,
  account: CoreAccount | undefined,
  owner: CoreCustomer | undefined,
): OwnershipResult => {
  const { bankCode } = question.account
  if (!account || !owner || account.status !== 'enabled') return 'NOT_POSSIBLE'
  if (bankCode !== undefined && bankCode !== account.bankCode) return 'NOT_POSSIBLE'
  const verdicts: NameVerdict[] = []
  if (question.name !== undefined)
    verdicts.push(compareNames(question.name, owner.name, owner.kind))
  if (question.nationalIdSha256 !== undefined)
    verdicts.push(isHashOf(question.nationalIdSha256, owner.nationalId) ? 'MATCH' : 'NO_MATCH')
  const order = ['NO_MATCH', 'CLOSE_MATCH', 'MATCH'] as const
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'NO_MATCH'
}

const isHashOf = (sha256: string, nationalId: string) =>
  timingSafeEqual(Buffer.from(sha256, 'hex'), createHash('sha256').update(nationalId).digest())
