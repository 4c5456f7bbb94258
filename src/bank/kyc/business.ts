/** A business that a partner brings: verified as persons are, and with those who stand behind it found. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { BeneficialOwner, Structure } from './ownership.ts'
import { Purpose, Reference, type Verification, verificationJson } from './verification.ts'

export const BusinessId = idOf('business')
export type BusinessId = z.output<typeof BusinessId>

export const BusinessRequest = z.strictObject({
  reference: Reference,
  purpose: Purpose,
  legalName: z
    .string()
    .min(2)
    .max(140)
    .regex(/^\P{Cc}+$/u, 'holds control characters'),
  /** STIR. */
  registrationNumber: z.string().regex(/^\d{9}$/),
  ownership: Structure,
})
export type BusinessRequest = z.output<typeof BusinessRequest>

export const Business = z.object({
  id: BusinessId,
  verificationId: z.string(),
  partnerId: z.string(),
  owners: z.array(BeneficialOwner),
  unexplained: z.string(),
  createdAt: z.instanceof(Temporal.Instant),
})
export type Business = z.output<typeof Business>

export const businessJson = (
  { id, owners, unexplained }: Business,
  verification: Verification,
  held: readonly { readonly type: string }[],
  now: Temporal.Instant,
) => ({
  businessId: id,
  beneficialOwners: owners,
  unexplainedShare: unexplained,
  verification: verificationJson(verification, held, now),
})
