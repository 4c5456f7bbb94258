import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Pin } from './pin.ts'

/** Long enough to think of four digits and to mistype them, too short to be passed on. */
const LIFE = { minutes: 3 }
/** Sessions that are over stay this long, for whoever asks why an address did not work. */
const KEPT = { hours: 1 }

/** Held until the transaction ends: of two guesses at once each is counted. */
export const lockPin = (db: Db, cardId: string) =>
  db.maybe(Pin)`
    select card_id as "cardId", block, wrong_tries as "wrongTries"
      from vault.pin
     where card_id = ${cardId}
       for update
  `

export const keepPin = (db: Db, cardId: string, block: Uint8Array, now: Temporal.Instant) => db.run`
  insert into vault.pin (card_id, block, set_at)
  values (${cardId}, ${block}, ${now})
  on conflict (card_id) do update set block = excluded.block, wrong_tries = 0, set_at = excluded.set_at
`

export const countWrong = (db: Db, cardId: string) =>
  db.run`update vault.pin set wrong_tries = wrong_tries + 1 where card_id = ${cardId}`

export const dropPin = (db: Db, cardId: string) =>
  db.run`delete from vault.pin where card_id = ${cardId}`

const Exists = z.object({ exists: z.boolean() }).transform(({ exists }) => exists)

export const hasPin = (db: Db, cardId: string) =>
  db.one(Exists)`select exists (select from vault.pin where card_id = ${cardId}) as exists`

/** Only a digest is kept: who reads the table opens nothing with it. */
const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export const expiryOfPinSession = (now: Temporal.Instant): Temporal.Instant => now.add(LIFE)

export const addPinSession = async (
  db: Db,
  secret: string,
  cardId: string,
  now: Temporal.Instant,
): Promise<void> => {
  await db.run`delete from vault.pin_session where expires_at < ${now.subtract(KEPT)}`
  await db.run`
    insert into vault.pin_session (digest, card_id, made_at, expires_at)
    values (${digestOf(secret)}, ${cardId}, ${now}, ${expiryOfPinSession(now)})
  `
}

const PinSession = z.object({ cardId: z.string() })

export const livePinSession = (db: Db, secret: string, now: Temporal.Instant) =>
  db.maybe(PinSession)`
    select card_id as "cardId"
      from vault.pin_session
     where digest = ${digestOf(secret)} and used_at is null and expires_at > ${now}
  `

/** Held until the transaction ends: of any number of takers at once one is first. */
export const lockPinSession = (db: Db, secret: string, now: Temporal.Instant) =>
  db.maybe(PinSession)`
    select card_id as "cardId"
      from vault.pin_session
     where digest = ${digestOf(secret)} and used_at is null and expires_at > ${now}
       for update
  `

export const endPinSession = (db: Db, secret: string, now: Temporal.Instant) =>
  db.run`update vault.pin_session set used_at = ${now} where digest = ${digestOf(secret)}`
