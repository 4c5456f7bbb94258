/** What a rotation of the vault's keys asks the database. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Card } from './card.ts'
import type { Wrapped } from './key-service.ts'
import { Rotation } from './rotation.ts'
import { columns, type DataKeyId } from './store.ts'

export { lockKeys } from './store.ts'

const rotationColumns = sql`
  id, begun_at as "begunAt", key_id as "keyId", finished_at as "finishedAt"
`

export const begin = (db: Db, now: Temporal.Instant) =>
  db.run`insert into vault.rotation (begun_at) values (${now}) on conflict do nothing`

/** The one that is under way; two runners of it wait for each other. */
export const openOne = (db: Db) => db.maybe(Rotation)`
  select ${rotationColumns} from vault.rotation where finished_at is null for update
`

export const newest = (db: Db) => db.maybe(Rotation)`
  select ${rotationColumns} from vault.rotation order by id desc limit 1
`

export const nameKey = (db: Db, id: bigint, keyId: string) =>
  db.run`update vault.rotation set key_id = ${keyId} where id = ${id}`

export const finish = (db: Db, id: bigint, now: Temporal.Instant) =>
  db.run`update vault.rotation set finished_at = ${now} where id = ${id}`

const KeyRow = z.object({
  purpose: z.enum(['card', 'cvc', 'pin']),
  bin: z.string(),
  version: z.number(),
  keyId: z.string().nullable(),
  bytes: z.instanceof(Uint8Array),
})

/** Data keys that are wrapped under another key-encryption key than this one. */
export const wrappedElsewhere = (db: Db, keyId: string) => db.many(KeyRow)`
  select purpose, bin, version, wrapped_by as "keyId", wrapped as bytes
    from vault.data_key
   where wrapped_by is distinct from ${keyId}
   order by bin, purpose, version
   limit 100
     for update
`

export const rewrap = (db: Db, id: DataKeyId, { keyId, bytes }: Wrapped) => db.run`
  update vault.data_key
     set wrapped = ${bytes}, wrapped_by = ${keyId}
   where purpose = ${id.purpose} and bin = ${id.bin} and version = ${id.version}
`

const Named = z.object({ keyId: z.string() }).transform(({ keyId }) => keyId)

/** Every key-encryption key that something is wrapped under. */
export const namesInUse = (db: Db) => db.many(Named)`
  select distinct wrapped_by as "keyId" from vault.data_key where wrapped_by is not null limit 1000
`

const Range = z.object({ bin: z.string(), version: z.number() })

/** Ranges whose newest key is older than a moment: they get a newer one. */
export const rangesOlderThan = (db: Db, moment: Temporal.Instant) => db.many(Range)`
  select bin, max(version) as version
    from vault.data_key
   where purpose = 'card'
   group by bin
  having max(made_at) < ${moment}
   order by bin
   limit 1000
`

/** Cards of a range that are sealed under an older key than its newest; those that somebody holds come later. */
export const cardsBehind = (db: Db, most: number) => db.many(Card)`
  select ${columns}
    from vault.card as card
   where key_version < (
           select max(version) from vault.data_key as key where key.purpose = 'card' and key.bin = card.bin
         )
   order by card_id
   limit ${most}
     for update skip locked
`

const Version = z.object({ version: z.number() }).transform(({ version }) => version)

export const newestOf = (db: Db, bin: string) => db.one(Version)`
  select max(version) as version from vault.data_key where purpose = 'card' and bin = ${bin}
`

const Count = z.object({ count: z.bigint() }).transform(({ count }) => Number(count))

export const countBehind = (db: Db) => db.one(Count)`
  select count(*) as count
    from vault.card as card
   where key_version < (
           select max(version) from vault.data_key as key where key.purpose = 'card' and key.bin = card.bin
         )
`

export const countKeys = (db: Db) => db.one(Count)`select count(*) as count from vault.data_key`

export const reseal = (
  db: Db,
  card: Pick<Card, 'cardId' | 'keyVersion' | 'sealedNumber' | 'sealedCardholder'>,
) => db.run`
  update vault.card
     set key_version = ${card.keyVersion}, sealed_number = ${card.sealedNumber},
         sealed_cardholder = ${card.sealedCardholder}
   where card_id = ${card.cardId}
`

/** Data keys behind their range's newest that no card is sealed under. */
export const unused = (db: Db) => db.many(Range)`
  select bin, version
    from vault.data_key as key
   where purpose = 'card'
     and version < (select max(version) from vault.data_key as newer where newer.purpose = 'card' and newer.bin = key.bin)
     and not exists (select from vault.card as card where card.bin = key.bin and card.key_version = key.version)
   order by bin, version
   limit 1000
`

/** The foreign key of `vault.card` has the last word: a key that a card needs does not go. */
export const drop = (db: Db, bin: string, version: number) => db.run`
  delete from vault.data_key where purpose = 'card' and bin = ${bin} and version = ${version}
`
