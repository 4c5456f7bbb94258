import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { z } from 'zod'
import { controlsJson } from '../controls/controls.ts'
import { Programme, StandIn } from './programme.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", standard, name, status,
  suspended_by as "suspendedBy", card_types as "cardTypes", currencies, bin, controls, stand_in as "standIn",
  decision_url as "decisionUrl", idempotency_key as "idempotencyKey", body_sha256 as "bodySha256",
  created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Programme)`
    select ${columns} from cards.programme where id = ${id} and partner_id = ${partnerId}
  `

export const lock = (db: Db, id: string, partnerId?: string) => {
  const where = [sql`id = ${id}`]
  if (partnerId !== undefined) where.push(sql`partner_id = ${partnerId}`)
  return db.maybe(Programme)`
    select ${columns} from cards.programme where ${all(where)} for update
  `
}

/** Keeps others from changing it until the transaction ends. */
export const share = (db: Db, id: string) =>
  db.one(Programme)`select ${columns} from cards.programme where id = ${id} for share`

export const standardOf = (db: Db, partnerId: string) =>
  db.maybe(Programme)`
    select ${columns} from cards.programme where partner_id = ${partnerId} and standard
  `

export const findByKey = (db: Db, partnerId: string, key: string) =>
  db.maybe(Programme)`
    select ${columns} from cards.programme where partner_id = ${partnerId} and idempotency_key = ${key}
  `

export const list = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Programme)`
    select ${columns} from cards.programme where ${all(where)} order by id desc limit ${filter.limit}
  `
}

const json = (value: unknown) => sql`${JSON.stringify(value)}::text::jsonb`

/** Answers whether it was added. */
export const add = async (db: Db, p: Programme): Promise<boolean> => {
  const added = await db.run`
    insert into cards.programme
      (id, partner_id, application_id, standard, name, status, suspended_by, card_types, currencies, bin, controls,
       stand_in, decision_url, idempotency_key, body_sha256, created_at, updated_at)
    values
      (${p.id}, ${p.partnerId}, ${p.applicationId}, ${p.standard}, ${p.name}, ${p.status}, ${p.suspendedBy},
       ${p.cardTypes}, ${p.currencies}, ${p.bin}, ${json(controlsJson(p.controls))},
       ${json(z.encode(StandIn, p.standIn))}, ${p.decisionUrl}, ${p.idempotencyKey}, ${p.bodySha256}, ${p.createdAt},
       ${p.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, p: Programme) => db.run`
  update cards.programme
     set status = ${p.status}, suspended_by = ${p.suspendedBy}, bin = ${p.bin},
         controls = ${json(controlsJson(p.controls))}, decision_url = ${p.decisionUrl}, updated_at = ${p.updatedAt}
   where id = ${p.id}
`
