import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { ClaimsRecord } from './claims.ts'
import { Result } from './predicate.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", subject, predicates, claims,
  requested_at as "requestedAt", told_at as "toldAt"
`

/** Answers whether it was added: a key or a consent that has one gets no second one. */
export const add = async (db: Db, c: ClaimsRecord): Promise<boolean> => {
  const added = await db.run`
    insert into kyc.claims_request
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, subject, predicates, claims,
       requested_at)
    values
      (${c.id}, ${c.partnerId}, ${c.applicationId}, ${c.idempotencyKey}, ${c.bodySha256}, ${c.consentId}, ${c.subject},
       ${c.predicates}, ${c.claims}, ${c.requestedAt})
    on conflict do nothing
  `
  return added === 1
}

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(ClaimsRecord)`
    select ${columns}
      from kyc.claims_request
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const findByConsent = (db: Db, partnerId: string, consentId: string) =>
  db.maybe(ClaimsRecord)`
    select ${columns}
      from kyc.claims_request
     where partner_id = ${partnerId} and consent_id = ${consentId}
  `

/** Held until the transaction ends: of two who tell at the same moment, one comes first. */
export const lock = (db: Db, id: string) =>
  db.one(ClaimsRecord)`select ${columns} from kyc.claims_request where id = ${id} for update`

/** Takes up a request that was never told, under another key. */
export const takeOver = (db: Db, c: ClaimsRecord) => db.run`
  update kyc.claims_request
     set idempotency_key = ${c.idempotencyKey}, body_sha256 = ${c.bodySha256}, predicates = ${c.predicates},
         claims = ${c.claims}, requested_at = ${c.requestedAt}
   where id = ${c.id} and told_at is null
`

export const saveTold = (db: Db, id: string, now: Temporal.Instant) =>
  db.run`update kyc.claims_request set told_at = ${now} where id = ${id}`

const Held = z.object({ result: Result })

export interface Question {
  readonly partnerId: string
  readonly subject: string
  readonly question: Uint8Array
}

export const findAnswer = async (db: Db, q: Question, since: Temporal.Instant) =>
  (
    await db.maybe(Held)`
      select result
        from kyc.answer
       where partner_id = ${q.partnerId} and question = ${q.question} and answered_at > ${since}
    `
  )?.result

/** Keeps an answer, unless one that still holds was kept meanwhile; answers the one that holds. */
export const keepAnswer = async (
  db: Db,
  q: Question,
  kept: { result: Result; since: Temporal.Instant; now: Temporal.Instant },
): Promise<Result> => {
  const { result, since, now } = kept
  await db.run`
    insert into kyc.answer (partner_id, question, subject, result, answered_at)
    values (${q.partnerId}, ${q.question}, ${q.subject}, ${result}, ${now})
    on conflict (partner_id, question) do update
       set result = excluded.result, answered_at = excluded.answered_at
     where kyc.answer.answered_at <= ${since}
  `
  return (await findAnswer(db, q, since)) ?? result
}

/** Questions of a partner about one person come one after the other from here to the transaction's end. */
export const lockSubject = (db: Db, { partnerId, subject }: Question) =>
  db.run`select pg_advisory_xact_lock(hashtextextended(${`kyc ${partnerId} ${subject}`}, 0))`

const Asked = z.object({ count: z.number(), first: z.instanceof(Temporal.Instant).nullable() })

/** How many different questions about a person hold, and since when the oldest does. */
export const questionsAbout = (db: Db, { partnerId, subject }: Question, since: Temporal.Instant) =>
  db.one(Asked)`
    select count(*)::int as count, min(answered_at) as first
      from kyc.answer
     where partner_id = ${partnerId} and subject = ${subject} and answered_at > ${since}
  `

const Count = z.object({ count: z.number() })

export const noAnswers = async (db: Db, partnerId: string, since: Temporal.Instant) =>
  (
    await db.one(Count)`
      select count(*)::int as count
        from kyc.answer
       where partner_id = ${partnerId} and result = 'FALSE' and answered_at > ${since}
    `
  ).count

/** Answers whether this is the hour's first alarm about the partner. */
export const raiseAlarm = async (db: Db, partnerId: string, now: Temporal.Instant) => {
  const hour = now.round({ smallestUnit: 'hour', roundingMode: 'floor' })
  const raised = await db.run`
    insert into kyc.alarm (partner_id, hour) values (${partnerId}, ${hour}) on conflict do nothing
  `
  return raised === 1
}

/** Forgets what nobody needs any more: answers first, that something was told as long as the law asks. */
export const sweep = async (
  db: Db,
  before: { readonly answers: Temporal.Instant; readonly records: Temporal.Instant },
) => {
  await db.run`delete from kyc.answer where answered_at <= ${before.answers}`
  await db.run`delete from kyc.claims_request where requested_at <= ${before.records}`
  await db.run`delete from kyc.alarm where hour <= ${before.records}`
}
