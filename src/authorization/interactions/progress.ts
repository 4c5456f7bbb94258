import { z } from 'zod'

/** How far a customer has come. It lies in the interaction, which only their browser's cookie opens. */
export const Progress = z.discriminatedUnion('at', [
  z.object({ at: z.literal('sign-in') }),
  z.object({
    at: z.literal('code'),
    challengeId: z.string(),
    /** Of people who have no device: synthetic ones. */
    shownCode: z.string().nullable(),
  }),
  z.object({
    at: z.literal('decide'),
    customerId: z.string(),
    authenticatedAt: z.string(),
    consentId: z.string(),
  }),
])
export type Progress = z.output<typeof Progress>

export const beginning: Progress = { at: 'sign-in' }

/** What the library keeps for us; anything else is the beginning. */
export const progressOf = (result: Readonly<Record<string, unknown>> | undefined): Progress =>
  Progress.safeParse(result?.['progress']).data ?? beginning
