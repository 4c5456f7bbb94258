import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Consent, type ConsentId, ConsentStatus } from './consent.ts'

const columns = sql`
  id, partner_id as "partnerId", partner_name as "partnerName", application_id as "applicationId",
  application_name as "applicationName", customer_id as "customerId", subject, detail, scopes, accounts, status,
  ended_by as "endedBy", created_at as "createdAt", authorised_at as "authorisedAt", ended_at as "endedAt",
  expires_at as "expiresAt", last_sca_at as "lastScaAt", matrix
`

export const find = (db: Db, id: string) =>
  db.maybe(Consent)`select ${columns} from consents.consent where id = ${id}`

/** Holds the row until the transaction ends, so that two doors cannot both end it. */
export const lock = (db: Db, id: string) =>
  db.maybe(Consent)`select ${columns} from consents.consent where id = ${id} for update`

/**
 * One consent for one pushed request: a second visit takes the first one's place as long as nobody has decided.
 * No row: it was decided already.
 */
export const insert = (db: Db, c: Consent, requestSha256: Uint8Array) => db.maybe(Consent)`
  insert into consents.consent as asked (
    id, request_sha256, partner_id, partner_name, application_id, application_name, customer_id, subject, type,
    detail, scopes, accounts, status, created_at, expires_at, matrix)
  values (
    ${c.id}, ${requestSha256}, ${c.partnerId}, ${c.partnerName}, ${c.applicationId}, ${c.applicationName},
    ${c.customerId}, ${c.subject}, ${c.detail.type}, ${c.detail}, ${c.scopes},
    ${c.accounts}, ${c.status}, ${c.createdAt}, ${c.expiresAt}, ${c.matrix})
  on conflict (request_sha256) do update
     set customer_id = excluded.customer_id, subject = excluded.subject
   where asked.status = 'AWAITING_AUTHORISATION'
  returning ${columns}
`

export const findByRequest = (db: Db, requestSha256: Uint8Array) =>
  db.maybe(Consent)`select ${columns} from consents.consent where request_sha256 = ${requestSha256}`

export const update = (db: Db, c: Consent) => db.run`
  update consents.consent
     set status = ${c.status}, accounts = ${c.accounts}, ended_by = ${c.endedBy},
         authorised_at = ${c.authorisedAt}, ended_at = ${c.endedAt}, expires_at = ${c.expiresAt},
         last_sca_at = ${c.lastScaAt}
   where id = ${c.id}
`

export interface NewEvent {
  readonly consentId: ConsentId
  readonly at: Temporal.Instant
  readonly status: ConsentStatus
  readonly actor: string
  readonly channel: string
  readonly reason: string | null
}

/** The row of the consent is locked, so the numbers have no gap. */
export const append = (db: Db, e: NewEvent) => db.run`
  insert into consents.event (consent_id, seq, at, status, actor, channel, reason)
  select ${e.consentId}, coalesce(max(seq), 0) + 1, ${e.at}, ${e.status}, ${e.actor}, ${e.channel}, ${e.reason}
    from consents.event
   where consent_id = ${e.consentId}
`

export const ConsentEvent = z.object({
  seq: z.number().int(),
  at: z.instanceof(Temporal.Instant),
  status: ConsentStatus,
  actor: z.string(),
  channel: z.string(),
  reason: z.string().nullable(),
})
export type ConsentEvent = z.output<typeof ConsentEvent>

export const history = (db: Db, id: string) => db.many(ConsentEvent)`
  select seq, at, status, actor, channel, reason
    from consents.event
   where consent_id = ${id}
   order by seq
   limit 200
`

/** What a customer gave since a day, newest first. What they only looked at is not among it. */
export const listOfCustomer = (db: Db, customerId: string, since: Temporal.Instant) => db.many(
  Consent,
)`
  select ${columns}
    from consents.consent
   where customer_id = ${customerId} and authorised_at is not null
     and (ended_at is null or ended_at > ${since})
   order by id desc
   limit 200
`
