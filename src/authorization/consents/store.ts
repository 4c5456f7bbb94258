import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { ANSWER_HOURS, Consent, ConsentStatus, Move, SIGNATURE_HOURS } from './consent.ts'
import type { ConsentId } from './details/index.ts'

const columns = sql`
  id, partner_id as "partnerId", partner_name as "partnerName", application_id as "applicationId",
  application_name as "applicationName", customer_id as "customerId", subject, holder, detail, scopes, accounts,
  purpose, legal_basis as "legalBasis", duration, lookback_days as "lookbackDays",
  transaction_from as "transactionFrom", transaction_to as "transactionTo", frequency_per_day as "frequencyPerDay",
  status, ended_by as "endedBy", created_at as "createdAt", authorised_at as "authorisedAt", ended_at as "endedAt",
  expires_at as "expiresAt", sca_level as "scaLevel", last_sca_at as "lastScaAt", next_sca_due_at as "nextScaDueAt",
  exemption, signatures, authorisations, extensions, link_sha256 as "link", matrix, contract,
  case when registry_sha256 is not null
       then jsonb_build_object('epoch', registry_epoch, 'sha256', registry_sha256) end as registry
`

export const find = (db: Db, id: string) =>
  db.maybe(Consent)`select ${columns} from consents.consent where id = ${id}`

/** Holds the row until the transaction ends, so that two doors cannot both end it. */
export const lock = (db: Db, id: string) =>
  db.maybe(Consent)`select ${columns} from consents.consent where id = ${id} for update`

/** No row: this request asked before. */
export const insert = (db: Db, c: Consent, requestSha256: Uint8Array) => db.maybe(Consent)`
  insert into consents.consent (
    id, request_sha256, partner_id, partner_name, application_id, application_name, customer_id, subject, holder, type,
    detail, scopes, accounts, purpose, legal_basis, duration, lookback_days, transaction_from, transaction_to,
    frequency_per_day, status, created_at, expires_at, signatures, authorisations, extensions, link_sha256, matrix,
    contract, registry_epoch, registry_sha256)
  values (
    ${c.id}, ${requestSha256}, ${c.partnerId}, ${c.partnerName}, ${c.applicationId}, ${c.applicationName},
    ${c.customerId}, ${c.subject}, ${c.holder}, ${c.detail.type}, ${c.detail}, ${c.scopes}, ${c.accounts},
    ${c.purpose}, ${c.legalBasis}, ${c.duration}, ${c.lookbackDays}, ${c.transactionFrom}, ${c.transactionTo},
    ${c.frequencyPerDay}, ${c.status}, ${c.createdAt}, ${c.expiresAt}, ${c.signatures}, ${c.authorisations},
    ${c.extensions}, ${c.link}, ${c.matrix}, ${c.contract},
    ${c.registry?.epoch ?? null}, ${c.registry?.sha256 ?? null})
  on conflict (request_sha256) do nothing
  returning ${columns}
`

export const findByRequest = (db: Db, requestSha256: Uint8Array) =>
  db.maybe(Consent)`select ${columns} from consents.consent where request_sha256 = ${requestSha256}`

export const lockByRequest = (db: Db, requestSha256: Uint8Array) => db.maybe(Consent)`
  select ${columns} from consents.consent where request_sha256 = ${requestSha256} for update
`

/** What moves; what was asked does not. */
export const update = (db: Db, c: Consent) => db.run`
  update consents.consent
     set status = ${c.status}, customer_id = ${c.customerId}, subject = ${c.subject}, holder = ${c.holder},
         accounts = ${c.accounts}, ended_by = ${c.endedBy}, authorised_at = ${c.authorisedAt},
         ended_at = ${c.endedAt}, expires_at = ${c.expiresAt}, sca_level = ${c.scaLevel},
         last_sca_at = ${c.lastScaAt}, next_sca_due_at = ${c.nextScaDueAt}, exemption = ${c.exemption},
         signatures = ${c.signatures}, authorisations = ${c.authorisations}, extensions = ${c.extensions},
         registry_epoch = ${c.registry?.epoch ?? null}, registry_sha256 = ${c.registry?.sha256 ?? null}
   where id = ${c.id}
`

const Count = z.object({ count: z.number() })

/** How many of an application's requests wait for an answer. */
export const countOpen = async (db: Db, applicationId: string, since: Temporal.Instant) =>
  (
    await db.one(Count)`
      select count(*)::int as count
        from consents.consent
       where application_id = ${applicationId} and customer_id is null
         and status = 'AWAITING_AUTHORISATION' and created_at > ${since}
    `
  ).count

/** All that a customer gave or signed and that could still be used, held until the transaction ends. */
export const lockOpenOf = (db: Db, customerId: string) => db.many(Consent)`
  select ${columns}
    from consents.consent
   where (customer_id = ${customerId}
          or authorisations @> jsonb_build_array(jsonb_build_object('party', ${customerId}::text, 'status', 'AUTHORISED')))
     and status in ('PARTIALLY_AUTHORISED', 'AUTHORISED', 'SUSPENDED')
   order by id
   for update
`

export interface NewEvent {
  readonly consentId: ConsentId
  readonly at: Temporal.Instant
  readonly move: Move
  readonly status: ConsentStatus
  readonly actor: string
  readonly channel: string
  readonly reason: string | null
  readonly interactionId: string | null
}

/** The row of the consent is locked, so the numbers have no gap. */
export const append = (db: Db, e: NewEvent) => db.run`
  insert into consents.event (consent_id, seq, at, move, status, actor, channel, reason, interaction_id)
  select ${e.consentId}, coalesce(max(seq), 0) + 1, ${e.at}, ${e.move}, ${e.status}, ${e.actor}, ${e.channel},
         ${e.reason}, ${e.interactionId}
    from consents.event
   where consent_id = ${e.consentId}
`

export const ConsentEvent = z.object({
  seq: z.number().int(),
  at: z.instanceof(Temporal.Instant),
  /** Null in what was written before moves were kept. */
  move: Move.nullable(),
  status: ConsentStatus,
  actor: z.string(),
  channel: z.string(),
  reason: z.string().nullable(),
  interactionId: z.string().nullable(),
})
export type ConsentEvent = z.output<typeof ConsentEvent>

export const history = (db: Db, id: string) => db.many(ConsentEvent)`
  select seq, at, move, status, actor, channel, reason, interaction_id as "interactionId"
    from consents.event
   where consent_id = ${id}
   order by seq
   limit 200
`

/** What a customer gave since a day, or is asked to sign, newest first. */
export const listOfCustomer = (db: Db, customerId: string, since: Temporal.Instant) => db.many(
  Consent,
)`
  select ${columns}
    from consents.consent
   where (customer_id = ${customerId}
          or authorisations @> jsonb_build_array(jsonb_build_object('party', ${customerId}::text)))
     and (authorised_at is not null or authorisations <> '[]')
     and (ended_at is null or ended_at > ${since})
   order by id desc
   limit 200
`

export interface ConsentSearch {
  readonly applicationIds: readonly string[]
  readonly state?: 'waiting' | 'live' | 'ended' | undefined
  readonly type?: string | undefined
  readonly subject?: string | undefined
  /** Consents that were asked before this one. */
  readonly before?: string | undefined
  readonly limit: number
  readonly now: Temporal.Instant
}

/** As `statusAt`: what nobody moved after its end has ended too. */
const isOver = (now: Temporal.Instant) => sql`
  (status in ('CONSUMED', 'REJECTED', 'REVOKED', 'EXPIRED') or expires_at <= ${now}
   or status = 'AWAITING_AUTHORISATION' and created_at <= ${now.subtract({ hours: ANSWER_HOURS })}
   or status = 'PARTIALLY_AUTHORISED' and created_at <= ${now.subtract({ hours: SIGNATURE_HOURS })})
`

const inState = (state: NonNullable<ConsentSearch['state']>, now: Temporal.Instant) => {
  if (state === 'ended') return isOver(now)
  return state === 'live'
    ? sql`status in ('AUTHORISED', 'SUSPENDED') and not ${isOver(now)}`
    : sql`status in ('AWAITING_AUTHORISATION', 'PARTIALLY_AUTHORISED') and not ${isOver(now)}`
}

/** Of each application the newest, by its index; of those the newest. */
export const listOfApplications = (db: Db, asked: ConsentSearch) => {
  const { applicationIds, state, type, subject, before, limit, now } = asked
  const where = [sql`application_id = wanted`]
  if (state) where.push(inState(state, now))
  if (type) where.push(sql`type = ${type}`)
  if (subject) where.push(sql`subject = ${subject}`)
  if (before) where.push(sql`consent.id < ${before}`)
  return db.many(Consent)`
    select ${columns}
      from unnest(${applicationIds}::text[]) as application (wanted)
     cross join lateral (
       select *
         from consents.consent
        where ${all(where)}
        order by consent.id desc
        limit ${limit}
     ) as newest
     order by newest.id desc
     limit ${limit}
  `
}

const Accesses = z.object({
  account: z.string(),
  family: z.string(),
  used: z.number().int(),
  firstAt: z.instanceof(Temporal.Instant),
})

/** Counted by the gateways, which own the schema; read here alone. */
export const accessesSince = (db: Db, id: string, since: Temporal.Instant) => db.many(Accesses)`
  select account, family, count(*)::int as used, min(at) as "firstAt"
    from accesses.access
   where consent_id = ${id} and at > ${since}
   group by account, family
   order by account, family
   limit 1000
`

const LastAccess = z.object({
  consentId: z.string(),
  at: z.instanceof(Temporal.Instant),
  /** Whether the customer was there. */
  present: z.boolean(),
})
export type LastAccess = z.output<typeof LastAccess>

export const lastAccesses = (db: Db, ids: readonly string[]) => db.many(LastAccess)`
  select consent_id as "consentId", at, present
    from accesses.last
   where consent_id = any(${ids})
   order by consent_id
   limit 200
`

const Place = z.object({ seq: z.bigint() })

/** How far the journal was read. */
export const readUpTo = async (db: Db): Promise<bigint> =>
  (await db.one(Place)`select seq from consents.reading`).seq

export const lockPlace = async (db: Db): Promise<bigint> =>
  (await db.one(Place)`select seq from consents.reading for update`).seq

export const savePlace = (db: Db, seq: bigint) => db.run`update consents.reading set seq = ${seq}`
