/**
 * Whether the lists have somebody like that. The partner hears one word of three and never why, since to say more would
 * be tipping off (O35; FATF Recommendation 21). Nothing but that word differs between the three.
 */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { VerificationId } from './verification.ts'

export const ScreeningId = idOf('screening')
export type ScreeningId = z.output<typeof ScreeningId>

export const ScreeningResult = z.enum(['clear', 'review', 'unavailable'])
export type ScreeningResult = z.output<typeof ScreeningResult>

export const ScreeningRequest = z.strictObject({ verificationId: VerificationId })
export type ScreeningRequest = z.output<typeof ScreeningRequest>

export const Screening = z.object({
  id: ScreeningId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  verificationId: z.string(),
  result: ScreeningResult,
  screenedAt: z.instanceof(Temporal.Instant),
})
export type Screening = z.output<typeof Screening>

export const screeningJson = ({ id, verificationId, result, screenedAt }: Screening) => ({
  screeningId: id,
  verificationId,
  result,
  screeningDateTime: screenedAt.toString(),
})
