import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Artefact, type ArtefactModel } from './artefact.ts'

const Seen = z.object({ first: z.boolean() })
const Consumed = z.object({ grantId: z.string().nullable() })
const State = z.object({ state: z.unknown(), expiresAt: z.instanceof(Temporal.Instant) })

export interface Key {
  readonly model: ArtefactModel
  /** SHA-256 of the id. */
  readonly digest: Uint8Array
}

export const find = (db: Db, { model, digest }: Key) => db.maybe(Artefact)`
  select payload, consumed_at as "consumedAt", expires_at as "expiresAt"
    from oauth.artefact
   where model = ${model} and id_sha256 = ${digest}
`

/** Keeps what was consumed consumed: a late save does not bring a used code back to life. */
export const save = (
  db: Db,
  { model, digest }: Key,
  row: { payload: object; grantId: string | undefined; expiresAt: Temporal.Instant },
) => db.run`
  insert into oauth.artefact (model, id_sha256, payload, grant_id, expires_at)
  values (${model}, ${digest}, ${row.payload}, ${row.grantId}, ${row.expiresAt})
  on conflict (model, id_sha256) do update
     set payload = excluded.payload, grant_id = excluded.grant_id, expires_at = excluded.expires_at
`

/** One statement decides which of many gets it. No row: it was used before, or never was. */
export const consume = (db: Db, { model, digest }: Key) => db.maybe(Consumed)`
  update oauth.artefact
     set consumed_at = now()
   where model = ${model} and id_sha256 = ${digest} and consumed_at is null
  returning grant_id as "grantId"
`

export const grantOf = (db: Db, { model, digest }: Key) => db.maybe(Consumed)`
  select grant_id as "grantId" from oauth.artefact where model = ${model} and id_sha256 = ${digest}
`

export const remove = (db: Db, { model, digest }: Key) => db.run`
  delete from oauth.artefact where model = ${model} and id_sha256 = ${digest}
`

export const removeOfGrant = (db: Db, grantId: string) => db.run`
  delete from oauth.artefact where grant_id = ${grantId}
`

/** No row comes back: seen before, and still remembered. */
export const claim = (
  db: Db,
  use: { issuer: string; digest: Uint8Array; expiresAt: Temporal.Instant; now: Temporal.Instant },
) => db.maybe(Seen)`
  insert into oauth.first_use as seen (issuer, jti_sha256, expires_at)
  values (${use.issuer}, ${use.digest}, ${use.expiresAt})
  on conflict (issuer, jti_sha256) do update set expires_at = excluded.expires_at
   where seen.expires_at < ${use.now}
  returning true as first
`

export const findVisit = (db: Db, digest: Uint8Array, now: Temporal.Instant) => db.maybe(State)`
  select state, expires_at as "expiresAt" from oauth.visit where id_sha256 = ${digest} and expires_at > ${now}
`

export const saveVisit = (
  db: Db,
  visit: { digest: Uint8Array; state: object; expiresAt: Temporal.Instant },
) => db.run`
  insert into oauth.visit (id_sha256, state, expires_at)
  values (${visit.digest}, ${visit.state}, ${visit.expiresAt})
  on conflict (id_sha256) do update set state = excluded.state, expires_at = excluded.expires_at
`

export const removeVisit = (db: Db, digest: Uint8Array) =>
  db.run`delete from oauth.visit where id_sha256 = ${digest}`

/** What has ended is forgotten later than it ends: readers compare times themselves. */
export const sweep = async (db: Db, before: Temporal.Instant): Promise<number> =>
  (await db.run`delete from oauth.artefact where expires_at < ${before}`) +
  (await db.run`delete from oauth.first_use where expires_at < ${before}`) +
  (await db.run`delete from oauth.visit where expires_at < ${before}`)
