import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Card } from './card.ts'
import type { Wrapped } from './key-service.ts'

export const columns = sql`
  card_id as "cardId", token, partner_id as "partnerId", bin, months, expires_month as "expiresMonth",
  expires_year as "expiresYear", key_version as "keyVersion", sealed_number as "sealedNumber",
  sealed_cardholder as "sealedCardholder", revealable
`

export const find = (db: Db, cardId: string) =>
  db.maybe(Card)`select ${columns} from vault.card where card_id = ${cardId}`

/** Holds the card until the transaction ends: it is revealed before a change of state, or not at all. */
export const lock = (db: Db, cardId: string) =>
  db.maybe(Card)`select ${columns} from vault.card where card_id = ${cardId} for update`

/** Issues under one id wait for each other until the transaction ends. */
export const lockId = (db: Db, cardId: string) =>
  db.run`select pg_advisory_xact_lock(hashtextextended(${`vault ${cardId}`}, 0))`

export const add = (db: Db, card: Card, now: Temporal.Instant) => db.run`
  insert into vault.card
    (card_id, token, partner_id, bin, months, expires_month, expires_year, key_version, sealed_number,
     sealed_cardholder, revealable, issued_at)
  values
    (${card.cardId}, ${card.token}, ${card.partnerId}, ${card.bin}, ${card.months}, ${card.expiresMonth},
     ${card.expiresYear}, ${card.keyVersion}, ${card.sealedNumber}, ${card.sealedCardholder}, ${card.revealable}, ${now})
`

export const setRevealable = (db: Db, cardId: string, revealable: boolean) =>
  db.run`update vault.card set revealable = ${revealable} where card_id = ${cardId}`

/** Whether the number was free, and is now taken. */
export const takeNumber = async (db: Db, lookup: Uint8Array): Promise<boolean> =>
  (await db.run`insert into vault.taken_number (lookup) values (${lookup}) on conflict do nothing`) ===
  1

export interface DataKeyId {
  readonly purpose: 'card' | 'cvc' | 'pin'
  readonly bin: string
  readonly version: number
}

/** Making a data key waits for nobody but the end of a key-encryption key. */
export const lockKeys = (db: Db, how: 'shared' | 'alone') =>
  how === 'shared'
    ? db.run`select pg_advisory_xact_lock_shared(hashtextextended('vault keys', 0))`
    : db.run`select pg_advisory_xact_lock(hashtextextended('vault keys', 0))`

/** The first one stays: of two that are made at once, the second is thrown away. */
export const keepDataKey = (
  db: Db,
  { purpose, bin, version }: DataKeyId,
  { keyId, bytes }: Wrapped,
  now: Temporal.Instant,
) => db.run`
  insert into vault.data_key (purpose, bin, version, wrapped, wrapped_by, made_at)
  values (${purpose}, ${bin}, ${version}, ${bytes}, ${keyId}, ${now})
  on conflict do nothing
`

const WrappedRow: z.ZodType<Wrapped> = z.object({
  keyId: z.string().nullable(),
  bytes: z.instanceof(Uint8Array),
})

export const dataKey = (db: Db, { purpose, bin, version }: DataKeyId) =>
  db.maybe(WrappedRow)`
    select wrapped_by as "keyId", wrapped as bytes
      from vault.data_key
     where purpose = ${purpose} and bin = ${bin} and version = ${version}
  `

const Version = z.object({ version: z.number() }).transform(({ version }) => version)

/** The key of a range that new cards are sealed under. It stays until the transaction ends. */
export const newestVersion = (db: Db, bin: string) => db.maybe(Version)`
  select version
    from vault.data_key
   where purpose = 'card' and bin = ${bin}
   order by version desc
   limit 1
     for key share
`
