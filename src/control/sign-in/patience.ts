import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'

export const signInDelayed = problem('sign-in/delayed', 429, 'Too many attempts; wait a moment')

/** What is remembered of one who tries: how often without success, and from when the next try is heard. */
export interface Attempts {
  readonly failures: number
  readonly lastAt: Temporal.Instant
  readonly notBefore: Temporal.Instant
}

export interface Patience {
  /** Tries that cost no wait. */
  readonly free: number
  readonly longestSeconds: number
}

/** One account from one address: ten tries in a quarter of an hour already wait longer than they think. */
export const fromOneAddress: Patience = { free: 5, longestSeconds: 900 }
/** One account from everywhere: slows a crowd of guessers, and lets its owner in within a minute all the same. */
export const fromAnywhere: Patience = { free: 30, longestSeconds: 60 }
/** One address over all accounts: who tries one word at many doors is slowed; an office behind one address is not. */
export const overAllAccounts: Patience = { free: 60, longestSeconds: 60 }
/** Six digits of one holder, whoever asks: a day of guessing reaches a hundred of a million. */
export const ofDigits: Patience = { free: 5, longestSeconds: 900 }
/** Mails to one address: each further one waits longer than the last. */
export const ofMails: Patience = { free: 5, longestSeconds: 3_000 }

const FORGOTTEN_AFTER_SECONDS = 3600

/** The try that comes now, counted before its password is looked at, so that tries at once count one by one. */
export const tried = (
  held: Attempts,
  { free, longestSeconds }: Patience,
  now: Temporal.Instant,
): Attempts => {
  if (isBefore(now, held.notBefore)) {
    const seconds = Math.ceil(held.notBefore.since(now).total('seconds'))
    throw signInDelayed(`the next attempt is heard in ${seconds} s`, {
      headers: { 'retry-after': String(seconds) },
    })
  }
  const stale = now.since(held.lastAt).total('seconds') > FORGOTTEN_AFTER_SECONDS
  const failures = stale ? 1 : held.failures + 1
  const seconds = failures <= free ? 0 : Math.min(longestSeconds, 2 ** (failures - free - 1))
  // Where nothing is to be waited for, the past one stays: the database rounds a fresh `now`, upwards too.
  return { failures, lastAt: now, notBefore: seconds === 0 ? held.notBefore : now.add({ seconds }) }
}
