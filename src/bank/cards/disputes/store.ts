import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Dispute, Evidence, takesPart } from './dispute.ts'
import type { Due } from '../../world.ts'

const columns = sql`
  id, partner_id as "partnerId", card_id as "cardId", transaction_id as "transactionId",
  authorization_id as "authorizationId", status, reason, amount_minor as "amountMinor", currency,
  evidence_due_at as "evidenceDueAt", idempotency_key as "idempotencyKey", body_sha256 as "bodySha256",
  created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Dispute)`
    select ${columns} from cards.dispute where id = ${id} and partner_id = ${partnerId}
  `

export const lock = (db: Db, id: string, partnerId: string) =>
  db.maybe(Dispute)`
    select ${columns} from cards.dispute where id = ${id} and partner_id = ${partnerId} for update
  `

export const findByKey = (db: Db, partnerId: string, key: string) =>
  db.maybe(Dispute)`
    select ${columns} from cards.dispute where partner_id = ${partnerId} and idempotency_key = ${key}
  `

export const list = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Dispute)`
    select ${columns} from cards.dispute where ${all(where)} order by id desc limit ${filter.limit}
  `
}

/** What of a transaction others dispute, or won; one that ran out of time has let go of its part. */
export const disputed = async (
  db: Db,
  transactionId: string,
  now: Temporal.Instant,
): Promise<bigint> => {
  const { minor } = await db.one(z.object({ minor: z.bigint() }))`
    select coalesce(sum(amount_minor), 0)::bigint as minor
      from cards.dispute
     where transaction_id = ${transactionId}
       and status = any(${takesPart})
       and not (status = 'opened' and evidence_due_at <= ${now})
  `
  return minor
}

/** Answers whether it was added. */
export const add = async (db: Db, d: Dispute): Promise<boolean> => {
  const added = await db.run`
    insert into cards.dispute
      (id, partner_id, card_id, transaction_id, authorization_id, status, reason, amount_minor, currency,
       evidence_due_at, idempotency_key, body_sha256, created_at, updated_at)
    values
      (${d.id}, ${d.partnerId}, ${d.cardId}, ${d.transactionId}, ${d.authorizationId}, ${d.status}, ${d.reason},
       ${d.amountMinor}, ${d.currency}, ${d.evidenceDueAt}, ${d.idempotencyKey}, ${d.bodySha256}, ${d.createdAt},
       ${d.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, d: Dispute) => db.run`
  update cards.dispute set status = ${d.status}, updated_at = ${d.updatedAt} where id = ${d.id}
`

export const evidenceOf = (db: Db, disputeId: string) =>
  db.many(Evidence)`
    select sha256, kind, media_type as "mediaType", size_bytes as "sizeBytes", given_at as "givenAt"
      from cards.dispute_evidence
     where dispute_id = ${disputeId}
     order by given_at, sha256
     limit 100
  `

/** Answers whether it was added: the same document is evidence once. */
export const addEvidence = async (db: Db, disputeId: string, e: Evidence): Promise<boolean> => {
  const added = await db.run`
    insert into cards.dispute_evidence (dispute_id, sha256, kind, media_type, size_bytes, given_at)
    values (${disputeId}, ${e.sha256}, ${e.kind}, ${e.mediaType}, ${e.sizeBytes}, ${e.givenAt})
    on conflict do nothing
  `
  return added === 1
}

/** Those that nobody submitted in time. */
export const overdue = (db: Db, { now, whose }: Due) =>
  db.many(Dispute)`
    select ${columns}
      from cards.dispute
     where status = 'opened' and evidence_due_at <= ${now} and ${whose}
     order by evidence_due_at
     limit 50
  `
