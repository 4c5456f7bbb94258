/** Six digits sent by mail: whoever types them has read what came to that address. */
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Postgres } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { attemptKey, countTry, forgiveAll } from './attempts.ts'
import { ofMails } from './patience.ts'
import * as store from './store.ts'

export const codeSentLately = problem('sign-in/code-sent-lately', 429, 'A code was sent just now')
export const codeWrong = problem('sign-in/code-wrong', 403, 'The code is not the one that was sent')

const LIFE_MINUTES = 10
const TRIES = 5
const BETWEEN_SECONDS = 60

const attempts = sql`sign_in.attempt`
/** By address, whoever claims it: nobody’s mailbox is filled by many who say that it is theirs. */
const mailKey = (to: string) => attemptKey('mail', to)

interface Claim {
  readonly holder: string
  readonly to: string
}

/**
 * A new code for the holder; the one before is void. With `decoy` the code fits nothing: somebody else has proven that
 * address, and whoever asks here learns nothing of it. Throws `sign-in/code-sent-lately`.
 */
export const sendCode = async (
  db: Postgres,
  key: Uint8Array,
  { holder, to }: Claim,
  { decoy, now }: { decoy: boolean; now: Temporal.Instant },
): Promise<{ code: string; again: Temporal.Instant }> => {
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const again = now.add({ seconds: BETWEEN_SECONDS })
  await db.transaction(async (tx) => {
    const held = await store.lockMailCode(tx, holder)
    const next = held?.sentAt.add({ seconds: BETWEEN_SECONDS })
    if (next && isBefore(now, next)) {
      const seconds = Math.ceil(next.since(now).total('seconds'))
      throw codeSentLately(`the next one can be sent in ${seconds} s`, {
        headers: { 'retry-after': String(seconds) },
      })
    }
    await countTry(tx, attempts, mailKey(to), ofMails, now)
    await store.saveMailCode(tx, holder, {
      digest: decoy ? null : digestOf(key, holder, code),
      sentAt: now,
      expiresAt: now.add({ minutes: LIFE_MINUTES }),
      triesLeft: TRIES,
    })
  })
  return { code, again }
}

/** Takes the code that was sent, once. A wrong one costs a try, whatever becomes of the request. Throws `sign-in/code-wrong`. */
export const takeCode = async (
  db: Postgres,
  key: Uint8Array,
  { holder, to }: Claim,
  code: string,
  now: Temporal.Instant,
): Promise<void> => {
  const fits = await db.transaction(async (tx) => {
    const held = await store.lockMailCode(tx, holder)
    if (!held || held.triesLeft === 0 || !isBefore(now, held.expiresAt)) return false
    await store.countMailTry(tx, holder)
    const given = digestOf(key, holder, code)
    if (!held.digest || !timingSafeEqual(given, held.digest)) return false
    await store.deleteMailCode(tx, holder)
    await forgiveAll(tx, attempts, mailKey(to))
    return true
  })
  if (!fits)
    throw codeWrong('it is wrong, too old, or was tried too often', {
      hint: `A code lives ${LIFE_MINUTES} minutes and ${TRIES} tries; ask for another.`,
    })
}

const digestOf = (key: Uint8Array, holder: string, code: string) =>
  createHmac('sha256', key).update(`mail ${holder} ${code}`).digest()
