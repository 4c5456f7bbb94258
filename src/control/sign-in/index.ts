/** Who is there: passwords, sessions and patience with guessers, the same for the bank's people and the partners'. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db, Postgres } from '#platform/db.ts'
import type { Sql } from '#platform/sql.ts'
import { passwordFits } from './password.ts'
import { type Attempts, fromAnywhere, fromOneAddress, tried } from './patience.ts'

export { hashPassword, Password, passwordFits } from './password.ts'
export { signInDelayed } from './patience.ts'

export const signInRefused = problem('sign-in/refused', 401, 'This did not sign you in')

/** What one signs in with. Nothing in it is ever logged or kept. */
export const Credentials = z.strictObject({
  email: z.string().trim().toLowerCase().max(254),
  password: z.string().max(128),
})
export type Credentials = z.output<typeof Credentials>

/** The room's own two tables, each with the columns that its migration gives them, and how long a session lives. */
interface Place {
  readonly sessions: Sql
  readonly attempts: Sql
  /** Minutes without a request. */
  readonly idleMinutes: number
  readonly longestHours: number
}

export interface SignIns {
  /**
   * Counts the try, then compares the password. Throws `sign-in/delayed` or `sign-in/refused`; unknown and wrong are
   * one answer. The count is kept whatever happens after, so it stands in no caller's transaction.
   */
  prove(
    db: Postgres,
    credentials: Credentials,
    passwordHash: string | undefined,
    from: { address: string; now: Temporal.Instant },
  ): Promise<void>
  /** A new session: its secret goes to the browser and nowhere else. */
  open(db: Db, holder: string, now: Temporal.Instant): Promise<string>
  /** Whose session this is, while it lives. */
  holderOf(db: Db, secret: string, now: Temporal.Instant): Promise<string | undefined>
  close(db: Db, secret: string): Promise<void>
  /** Ends all sessions of a holder: after a new password, new roles, or the end of their time here. */
  closeAll(db: Db, holder: string): Promise<void>
  /** Forgets tries of more than a day ago and sessions that are over. */
  forget(db: Db, now: Temporal.Instant): Promise<void>
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
const Held = z.object({ holder: z.string(), seenAt: z.instanceof(Temporal.Instant) })
const AttemptsRow = z.object({
  failures: z.number(),
  lastAt: z.instanceof(Temporal.Instant),
  notBefore: z.instanceof(Temporal.Instant),
})

export const signInsOver = ({ sessions, attempts, idleMinutes, longestHours }: Place): SignIns => {
  const count = async (
    tx: Db,
    key: Buffer,
    after: (held: Attempts) => Attempts,
    now: Temporal.Instant,
  ) => {
    await tx.run`
      insert into ${attempts} (key, failures, last_at, not_before)
      values (${key}, 0, ${now}, ${now.subtract({ seconds: 1 })})
      on conflict (key) do nothing
    `
    const held = await tx.one(AttemptsRow)`
      select failures, last_at as "lastAt", not_before as "notBefore" from ${attempts} where key = ${key} for update
    `
    const next = after(held)
    await tx.run`
      update ${attempts}
         set failures = ${next.failures}, last_at = ${next.lastAt}, not_before = ${next.notBefore}
       where key = ${key}
    `
  }

  return {
    prove: async (db, { email, password }, passwordHash, { address, now }) => {
      const near = sha256(`${email} ${address}`)
      const far = sha256(email)
      await db.transaction(async (tx) => {
        await count(tx, near, (held) => tried(held, fromOneAddress, now), now)
        await count(tx, far, (held) => tried(held, fromAnywhere, now), now)
      })
      if (!(await passwordFits(password, passwordHash)))
        throw signInRefused('the e-mail address or the password is wrong')
      // Only this address is forgiven: a success here says nothing of those who guess from elsewhere.
      await db.run`delete from ${attempts} where key = ${near}`
      await db.run`update ${attempts} set failures = greatest(0, failures - 1) where key = ${far}`
    },
    open: async (db, holder, now) => {
      const secret = randomBytes(32).toString('base64url')
      await db.run`
        insert into ${sessions} (sha256, holder, opened_at, seen_at)
        values (${sha256(secret)}, ${holder}, ${now}, ${now})
      `
      return secret
    },
    holderOf: async (db, secret, now) => {
      const held = await db.maybe(Held)`
        select holder, seen_at as "seenAt"
          from ${sessions}
         where sha256 = ${sha256(secret)}
           and seen_at > ${now.subtract({ minutes: idleMinutes })}
           and opened_at > ${now.subtract({ hours: longestHours })}
      `
      // Once a minute is exact enough for an idle time, and spares a write at every request.
      if (held && isBefore(held.seenAt, now.subtract({ minutes: 1 })))
        await db.run`update ${sessions} set seen_at = ${now} where sha256 = ${sha256(secret)}`
      return held?.holder
    },
    close: async (db, secret) => {
      await db.run`delete from ${sessions} where sha256 = ${sha256(secret)}`
    },
    closeAll: async (db, holder) => {
      await db.run`delete from ${sessions} where holder = ${holder}`
    },
    forget: async (db, now) => {
      await db.run`delete from ${attempts} where last_at < ${now.subtract({ hours: 24 })}`
      await db.run`delete from ${sessions} where opened_at < ${now.subtract({ hours: longestHours })}`
    },
  }
}
