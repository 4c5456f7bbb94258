/** A customer of the bank: how they prove to be themselves, and how guessing is slowed down. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'

export const CustomerId = idOf('customer')
export type CustomerId = z.output<typeof CustomerId>
export const ChallengeId = idOf('challenge')
export type ChallengeId = z.output<typeof ChallengeId>

const Bytes = z.instanceof(Uint8Array)

export const Customer = z.object({
  id: CustomerId,
  coreRef: z.string(),
  displayName: z.string(),
  login: z.string(),
  /** As `hashPassword` wrote it. */
  password: z.string(),
  secondFactor: z.enum(['shown', 'totp']),
  totpSecret: Bytes.nullable(),
  totpLastStep: z.bigint().nullable(),
})
export type Customer = z.output<typeof Customer>

export const Challenge = z.object({
  id: ChallengeId,
  customerId: CustomerId,
  codeSha256: Bytes.nullable(),
  tries: z.number(),
  expiresAt: z.instanceof(Temporal.Instant),
  used: z.boolean(),
})
export type Challenge = z.output<typeof Challenge>

/** The same for an unknown login, a wrong password, a wrong code, and a sign-in that is over. */
export const signInRefused = problem('customers/sign-in-refused', 401, 'You are not signed in')
export const signInDelayed = problem(
  'customers/sign-in-delayed',
  429,
  'Too many tries; wait a little',
)

export const CHALLENGE_MINUTES = 5
export const CHALLENGE_TRIES = 5

/** What a login has behind it. Every try counts as a failure until it is proven right. */
export interface Guesses {
  readonly failures: number
  readonly notBefore: Temporal.Instant
}

const FREE_FAILURES = 4
const DELAY_SECONDS_MAX = 300

/** After four failures the next try waits 1 s, then 2, 4 … up to five minutes. Nobody is ever locked out. */
export const failedOnce = ({ failures }: Guesses, now: Temporal.Instant): Guesses => {
  const after = failures + 1
  const seconds =
    after <= FREE_FAILURES ? 0 : Math.min(2 ** (after - FREE_FAILURES - 1), DELAY_SECONDS_MAX)
  return { failures: after, notBefore: now.add({ seconds }) }
}

/** A right password takes its own try back and forgives no other: the code is still to come. */
export const provenOnce = (guesses: Guesses, now: Temporal.Instant): Guesses => {
  const failures = Math.max(0, guesses.failures - 1)
  return { failures, notBefore: failures <= FREE_FAILURES ? now : guesses.notBefore }
}

/** Whether a challenge can still be answered. */
export const isOpen = (challenge: Challenge, now: Temporal.Instant): boolean =>
  !challenge.used &&
  challenge.tries < CHALLENGE_TRIES &&
  Temporal.Instant.compare(now, challenge.expiresAt) < 0
