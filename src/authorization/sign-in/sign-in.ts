/** How a customer shows who they are: the same steps before a consent, at the dashboard, and before a second signature. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Exchange } from '../exchange.ts'
import type { SignInForm, TextKey } from '../pages/index.ts'

export const returnForeign = problem(
  'authorization/return-foreign',
  400,
  'This sign-in was not begun in this browser, or it is over',
)

/** How far they have come. It is kept where only their browser's cookie reaches. */
export const SignIn = z.discriminatedUnion('at', [
  z.object({ at: z.literal('sign-in') }),
  z.object({
    at: z.literal('code'),
    challengeId: z.string(),
    /** Of people who have no device: synthetic ones. */
    shownCode: z.string().nullable(),
  }),
  /** At the bank's own OpenID provider; `attempt` is what comes back as `state`. */
  z.object({ at: z.literal('away'), attempt: z.string() }),
])
export type SignIn = z.output<typeof SignIn>

export const beginning: SignIn = { at: 'sign-in' }

/** A customer who proved, with two factors, to be themselves. */
export const SignedIn = z.object({
  customerId: z.string(),
  authenticatedAt: z.string(),
  /** How (RFC 8176). */
  amr: z.array(z.string()),
})
export type SignedIn = z.output<typeof SignedIn>

/** What a step led to. */
export type Outcome =
  | { readonly kind: 'step'; readonly signIn: SignIn }
  /** Something that they can mend is said where they are. */
  | { readonly kind: 'wrong'; readonly signIn: SignIn; readonly problem: TextKey }
  | { readonly kind: 'leave'; readonly signIn: SignIn; readonly location: string }
  | { readonly kind: 'proven'; readonly who: SignedIn }

export interface Step {
  readonly signIn: SignIn
  readonly form: URLSearchParams
  /** Path of ours where the customer goes on afterwards. */
  readonly goesOnAt: string
}

/** The means by which customers of a cell sign in. */
export interface Means {
  page(signIn: SignIn, form: SignInForm): string
  /** Origins that the forms of its pages lead to, for the content security policy. */
  leadsTo(): Promise<readonly string[]>
  /** Takes a form's step; undefined for a form of another step, which the back button brought. */
  step(exchange: Exchange, step: Step): Promise<Outcome | undefined>
  /** What happened elsewhere since; undefined for nothing yet. */
  news(signIn: SignIn): Promise<Outcome | undefined>
  /** Answers the return from elsewhere, `/sign-in/return`. */
  serveReturn(exchange: Exchange): Promise<void>
}
