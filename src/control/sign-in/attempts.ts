import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { Sql } from '#platform/sql.ts'
import { type Attempts, type Patience, tried } from './patience.ts'

const AttemptsRow = z.object({
  failures: z.number(),
  lastAt: z.instanceof(Temporal.Instant),
  notBefore: z.instanceof(Temporal.Instant),
})

/** What tries are counted under: no address and no e-mail is kept. */
export const attemptKey = (...of: readonly string[]): Buffer =>
  createHash('sha256').update(of.join(' ')).digest()

/** Counts a try before it is looked at, one by one whatever process hears it. Throws `sign-in/delayed`. */
export const countTry = async (
  tx: Db,
  attempts: Sql,
  key: Buffer,
  patience: Patience,
  now: Temporal.Instant,
): Promise<void> => {
  await tx.run`
    insert into ${attempts} (key, failures, last_at, not_before)
    values (${key}, 0, ${now}, ${now.subtract({ seconds: 1 })})
    on conflict (key) do nothing
  `
  const held: Attempts = await tx.one(AttemptsRow)`
    select failures, last_at as "lastAt", not_before as "notBefore" from ${attempts} where key = ${key} for update
  `
  const next = tried(held, patience, now)
  await tx.run`
    update ${attempts}
       set failures = ${next.failures}, last_at = ${next.lastAt}, not_before = ${next.notBefore}
     where key = ${key}
  `
}

/** One success forgives one try: it says nothing of those who guess meanwhile. */
export const forgiveOne = (db: Db, attempts: Sql, key: Buffer) =>
  db.run`update ${attempts} set failures = greatest(0, failures - 1) where key = ${key}`

/** A success forgives all that this key had tried. */
export const forgiveAll = (db: Db, attempts: Sql, key: Buffer) =>
  db.run`delete from ${attempts} where key = ${key}`
