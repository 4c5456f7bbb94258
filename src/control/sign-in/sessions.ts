import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { type Sql, sql } from '#platform/sql.ts'
import { attemptKey, countTry, forgiveAll, forgiveOne } from './attempts.ts'
import { passwordFits } from './password.ts'
import { fromAnywhere, fromOneAddress, overAllAccounts } from './patience.ts'

export const signInRefused = problem('sign-in/refused', 401, 'This did not sign you in')

/** What one signs in with. Nothing in it is ever logged or kept. */
export const Credentials = z.strictObject({
  email: z.string().trim().toLowerCase().max(254),
  password: z.string().max(128),
  /** Of the authenticator app, or one of the ten for when it is lost; without it the session waits for one. */
  code: z.string().trim().max(32).exactOptional(),
})
export type Credentials = z.output<typeof Credentials>

/** Where a request comes from, as far as a sign-in needs to know. */
export interface From {
  readonly address: string
  readonly now: Temporal.Instant
  /** What the browser calls itself, so that its owner tells their sessions apart. */
  readonly agent?: string
}

export const Session = z.object({
  id: z.string(),
  holder: z.string(),
  openedAt: z.instanceof(Temporal.Instant),
  seenAt: z.instanceof(Temporal.Instant),
  /** When a second factor was last proven in it. */
  factorAt: z.instanceof(Temporal.Instant).nullable(),
  agent: z.string(),
})
export type Session = z.output<typeof Session>

/** The room's own two tables, each with the columns that its migrations give them, and how long a session lives. */
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
    credentials: Pick<Credentials, 'email' | 'password'>,
    passwordHash: string | undefined,
    from: From,
  ): Promise<void>
  /** A new session: its secret goes to the browser and nowhere else. */
  open(
    db: Db,
    holder: string,
    now: Temporal.Instant,
    more?: { factorAt?: Temporal.Instant; agent?: string },
  ): Promise<string>
  /** The session of this secret, while it lives. */
  find(db: Db, secret: string, now: Temporal.Instant): Promise<Session | undefined>
  /**
   * A second factor was proven in it. One that knew a password only gets a new secret, so that who saw the old one has
   * nothing; answers the secret that holds from now on.
   */
  raise(db: Db, secret: string, now: Temporal.Instant): Promise<string>
  /** Sessions of a holder that live, latest first. */
  list(db: Db, holder: string, now: Temporal.Instant): Promise<Session[]>
  close(db: Db, secret: string): Promise<void>
  /** Ends one session of a holder by its id; answers whether there was one. */
  closeOne(db: Db, holder: string, id: string): Promise<boolean>
  /** Ends all sessions of a holder: after a new password, new roles, or the end of their time here. */
  closeAll(db: Db, holder: string, except?: string): Promise<void>
  /** Forgets tries of more than a day ago and sessions that are over. */
  forget(db: Db, now: Temporal.Instant): Promise<void>
}

const AGENT_MAX = 200
const sha256 = (text: string) => createHash('sha256').update(text).digest()

export const signInsOver = (place: Place): SignIns => {
  const { sessions, attempts, idleMinutes, longestHours } = place
  const living = (db: Db, which: Sql, now: Temporal.Instant) =>
    db.many(Session)`
      select id::text, holder, opened_at as "openedAt", seen_at as "seenAt", factor_at as "factorAt", agent
        from ${sessions}
       where ${which}
         and seen_at > ${now.subtract({ minutes: idleMinutes })}
         and opened_at > ${now.subtract({ hours: longestHours })}
       order by seen_at desc, id
       limit 100
    `

  return {
    prove: async (db, { email, password }, passwordHash, { address, now }) => {
      const near = attemptKey(email, address)
      const far = attemptKey(email)
      const wide = attemptKey('address', address)
      await db.transaction(async (tx) => {
        // One order for all, so that tries at once wait for each other and never for ever.
        await countTry(tx, attempts, wide, overAllAccounts, now)
        await countTry(tx, attempts, near, fromOneAddress, now)
        await countTry(tx, attempts, far, fromAnywhere, now)
      })
      if (!(await passwordFits(password, passwordHash)))
        throw signInRefused('the e-mail address or the password is wrong')
      await forgiveAll(db, attempts, near)
      await forgiveOne(db, attempts, far)
      await forgiveOne(db, attempts, wide)
    },
    open: async (db, holder, now, { factorAt, agent = '' } = {}) => {
      const secret = randomBytes(32).toString('base64url')
      await db.run`
      insert into ${sessions} (sha256, holder, opened_at, seen_at, factor_at, agent)
      values (${sha256(secret)}, ${holder}, ${now}, ${now}, ${factorAt}, ${agent.slice(0, AGENT_MAX)})
    `
      return secret
    },
    find: async (db, secret, now) => {
      const [held] = await living(db, sql`sha256 = ${sha256(secret)}`, now)
      // Once a minute is exact enough for an idle time, and spares a write at every request.
      if (held && isBefore(held.seenAt, now.subtract({ minutes: 1 })))
        await db.run`update ${sessions} set seen_at = ${now} where sha256 = ${sha256(secret)}`
      return held
    },
    raise: async (db, secret, now) => {
      const fresh = randomBytes(32).toString('base64url')
      const renewed = await db.run`
      update ${sessions} set sha256 = ${sha256(fresh)}, factor_at = ${now}
       where sha256 = ${sha256(secret)} and factor_at is null
    `
      if (renewed === 1) return fresh
      await db.run`update ${sessions} set factor_at = ${now} where sha256 = ${sha256(secret)}`
      return secret
    },
    list: (db, holder, now) => living(db, sql`holder = ${holder}`, now),
    close: async (db, secret) => {
      await db.run`delete from ${sessions} where sha256 = ${sha256(secret)}`
    },
    closeOne: async (db, holder, id) =>
      (await db.run`delete from ${sessions} where holder = ${holder} and id::text = ${id}`) === 1,
    closeAll: async (db, holder, except) => {
      await db.run`
      delete from ${sessions} where holder = ${holder} and id::text is distinct from ${except}
    `
    },
    forget: async (db, now) => {
      await db.run`delete from ${attempts} where last_at < ${now.subtract({ hours: 24 })}`
      await db.run`delete from ${sessions} where opened_at < ${now.subtract({ hours: longestHours })}`
    },
  }
}
