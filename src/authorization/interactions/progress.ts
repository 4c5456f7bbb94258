import { z } from 'zod'
import { beginning, SignedIn, SignIn } from '../sign-in/index.ts'

/** How far a customer has come. It lies in the interaction, which only their browser's cookie opens. */
export const Progress = z.discriminatedUnion('at', [
  ...SignIn.options,
  SignedIn.extend({ at: z.literal('decide'), consentId: z.string() }),
])
export type Progress = z.output<typeof Progress>
export type Deciding = Extract<Progress, { at: 'decide' }>

/** What the library keeps for us; anything else is the beginning. */
export const progressOf = (result: Readonly<Record<string, unknown>> | undefined): Progress =>
  Progress.safeParse(result?.['progress']).data ?? beginning
