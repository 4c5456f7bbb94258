import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Mandate } from './mandate.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", debtor_ref as "debtorRef",
  debtor_account_id as "debtorAccountId", bank_code as "bankCode", currency, max_minor as "maxMinor", limits, payees,
  valid_to as "validTo", status, created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(
    Mandate,
  )`select ${columns} from payments.mandate where id = ${id} and partner_id = ${partnerId}`

/** Holds the mandate until the transaction ends: whatever is counted against its limits comes one after the other. */
export const lock = (db: Db, id: string) =>
  db.maybe(Mandate)`select ${columns} from payments.mandate where id = ${id} for update`

export const lockByConsent = (db: Db, consentId: string) =>
  db.maybe(
    Mandate,
  )`select ${columns} from payments.mandate where consent_id = ${consentId} for update`

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Mandate)`
    select ${columns}
      from payments.mandate
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

const json = (value: unknown) => sql`${JSON.stringify(value)}::text::jsonb`

/** Answers whether it was added: a consent is one mandate. */
export const add = async (db: Db, m: Mandate): Promise<boolean> =>
  (await db.run`
    insert into payments.mandate
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, debtor_ref, debtor_account_id,
       bank_code, currency, max_minor, limits, payees, valid_to, status, created_at, updated_at)
    values
      (${m.id}, ${m.partnerId}, ${m.applicationId}, ${m.idempotencyKey}, ${m.bodySha256}, ${m.consentId},
       ${m.debtorRef}, ${m.debtorAccountId}, ${m.bankCode}, ${m.currency}, ${m.maxMinor},
       ${json(m.limits.map(({ period, minor }) => ({ period, minor: minor.toString() })))}, ${json(m.payees)},
       ${m.validTo}, ${m.status}, ${m.createdAt}, ${m.updatedAt})
    on conflict do nothing
  `) === 1

export const save = (db: Db, m: Mandate) =>
  db.run`update payments.mandate set status = ${m.status}, updated_at = ${m.updatedAt} where id = ${m.id}`

const Revoked = z.object({ revoked: z.boolean() })

/** Read without a lock: whoever revokes waits for the payments that set out before. */
export const isRevoked = async (db: Db, id: string): Promise<boolean> =>
  (
    await db.one(
      Revoked,
    )`select status = 'REVOKED' as revoked from payments.mandate where id = ${id}`
  ).revoked

const Place = z.object({ seq: z.bigint() })

export const readUpTo = async (db: Db): Promise<bigint> =>
  (await db.one(Place)`select seq from payments.reading`).seq

/** One process at a time moves the place on. */
export const lockPlace = async (db: Db): Promise<bigint> =>
  (await db.one(Place)`select seq from payments.reading for update`).seq

export const savePlace = (db: Db, seq: bigint) => db.run`update payments.reading set seq = ${seq}`
