import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { ApplicationId } from './application.ts'
import type { PartnerId } from './partner.ts'
import { Registration, type RegistrationId } from './registration.ts'

const columns = sql`
  id, partner_id as "partnerId", cell, limits, status, requested_at as "requestedAt", expires_at as "expiresAt"
`

export const find = (db: Db, id: RegistrationId) =>
  db.maybe(Registration)`select ${columns} from partners.initial_access_token where id = ${id}`

export const lock = (db: Db, id: RegistrationId) =>
  db.maybe(Registration)`
    select ${columns} from partners.initial_access_token where id = ${id} for update
  `

export const list = (db: Db, partnerId: PartnerId) =>
  db.many(Registration)`
    select ${columns}
      from partners.initial_access_token
     where partner_id = ${partnerId}
     order by id desc
     limit 50
  `

export const insert = (db: Db, r: Registration) => db.run`
  insert into partners.initial_access_token (id, partner_id, cell, limits, status, requested_at)
  values (${r.id}, ${r.partnerId}, ${r.cell}, ${r.limits && sql`${JSON.stringify(r.limits)}::text::jsonb`},
          ${r.status}, ${r.requestedAt})
`

export const saveStatus = (db: Db, id: RegistrationId, status: 'granted' | 'declined') =>
  db.run`update partners.initial_access_token set status = ${status} where id = ${id}`

export const issue = (
  db: Db,
  id: RegistrationId,
  digest: Uint8Array,
  expiresAt: Temporal.Instant,
) =>
  db.run`
    update partners.initial_access_token
       set status = 'issued', sha256 = ${digest}, expires_at = ${expiresAt}
     where id = ${id}
  `

/** Uses it up. Of any number of callers at once one gets it; the others wait for its transaction, and find none. */
export const consume = (
  db: Db,
  token: { digest: Uint8Array; cell: Cell; now: Temporal.Instant },
) => db.maybe(Registration)`
  update partners.initial_access_token
     set status = 'used', used_at = ${token.now}
   where sha256 = ${token.digest} and cell = ${token.cell} and status = 'issued' and expires_at > ${token.now}
  returning ${columns}
`

const Managed = z.object({ applicationId: ApplicationId })

/** The application that this token manages, held until the transaction ends: a token that is replaced works once. */
export const lockManaged = (db: Db, applicationId: string, digest: Uint8Array) =>
  db.maybe(Managed)`
    select application_id as "applicationId"
      from partners.registration
     where application_id = ${applicationId} and token_sha256 = ${digest}
       for update
  `

export const saveToken = (
  db: Db,
  token: { applicationId: ApplicationId; digest: Uint8Array; now: Temporal.Instant },
) => db.run`
  insert into partners.registration (application_id, token_sha256, issued_at)
  values (${token.applicationId}, ${token.digest}, ${token.now})
  on conflict (application_id) do update
     set token_sha256 = excluded.token_sha256, issued_at = excluded.issued_at
`

export const forget = (db: Db, applicationId: ApplicationId) =>
  db.run`delete from partners.registration where application_id = ${applicationId}`
