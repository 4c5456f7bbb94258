/** How much of a person a session has proven, and how much an act asks for. */
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'

export const factorAsked = problem('sign-in/factor-asked', 401, 'Your second factor is asked for')
export const factorMissing = problem('sign-in/factor-missing', 403, 'This needs a second factor')
export const factorStale = problem(
  'sign-in/factor-stale',
  403,
  'Prove your second factor once more',
)
export const emailUnproven = problem(
  'sign-in/email-unproven',
  403,
  'Your e-mail address is not confirmed',
)

const FRESH_MINUTES = 5

/** What the holder of a session has proven in it. `missing`: they have no second factor to prove. */
export interface Standing {
  readonly factor: 'proven' | 'asked' | 'missing'
  readonly factorAt: Temporal.Instant | null
  readonly emailProven: boolean
}

/**
 * What an act asks for. `password`: to be signed in; `factor`: with a second factor; `fresh`: one that was proven in
 * the last five minutes. Both ask for a confirmed address as well.
 */
export type Proof = 'password' | 'factor' | 'fresh'

export const freshUntil = ({ factorAt }: Pick<Standing, 'factorAt'>): Temporal.Instant | null =>
  factorAt?.add({ minutes: FRESH_MINUTES }) ?? null

/** Throws what is missing, in the order in which one gets it. */
export const proves = (standing: Standing, proof: Proof, now: Temporal.Instant): void => {
  if (standing.factor === 'asked') throw factorAsked('this session knows a password only')
  if (proof === 'password') return
  if (!standing.emailProven)
    throw emailUnproven('type the code that we mailed you', {
      hint: 'Ask for a code under Security, and type it there.',
    })
  if (standing.factor === 'missing')
    throw factorMissing('what touches production takes more than a password', {
      hint: 'Add a passkey or an authenticator app under Security.',
    })
  const until = freshUntil(standing)
  if (proof === 'fresh' && (until === null || !isBefore(now, until)))
    throw factorStale(`it has to be less than ${FRESH_MINUTES} minutes old`)
}
