import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { SubMerchant } from './sub-merchant.ts'
import type { Due } from '../../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", legal_name as "legalName", registration_number as "registrationNumber",
  category_code as "categoryCode", number, bank_code as "bankCode", bank_given as "bankGiven", status, reason,
  next_at as "nextAt", created_at as "createdAt", updated_at as "updatedAt"
`

/** A partner's own, by its id, by the key that made it, or by its account: of several the one that was not rejected. */
export const find = (
  db: Db,
  partnerId: string,
  by: { id: string } | { key: string } | { number: string; bankCode: string },
) => {
  const where = [sql`partner_id = ${partnerId}`]
  if ('id' in by) where.push(sql`id = ${by.id}`)
  else if ('key' in by) where.push(sql`idempotency_key = ${by.key}`)
  else where.push(sql`number = ${by.number}`, sql`bank_code = ${by.bankCode}`)
  return db.maybe(SubMerchant)`
    select ${columns}
      from payments.sub_merchant
     where ${all(where)}
     order by status = 'REJECTED', id desc
     limit 1
  `
}

const Count = z.object({ count: z.number() })

/** How often an account was registered by a partner. */
export const registrationsOf = async (db: Db, { partnerId, number, bankCode }: SubMerchant) => {
  const { count } = await db.one(Count)`
    select count(*)::int as count
      from payments.sub_merchant
     where partner_id = ${partnerId} and number = ${number} and bank_code = ${bankCode}
  `
  return count
}

export const lock = (db: Db, id: string) =>
  db.one(SubMerchant)`select ${columns} from payments.sub_merchant where id = ${id} for update`

export const page = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(SubMerchant)`
    select ${columns} from payments.sub_merchant where ${all(where)} order by id desc limit ${filter.limit}
  `
}

/** Answers whether it was added: a key is one sub-merchant, and so is an account, but for those that were rejected. */
export const add = async (db: Db, m: SubMerchant): Promise<boolean> =>
  (await db.run`
    insert into payments.sub_merchant
      (id, partner_id, application_id, idempotency_key, body_sha256, legal_name, registration_number, category_code,
       number, bank_code, bank_given, status, reason, next_at, created_at, updated_at)
    values
      (${m.id}, ${m.partnerId}, ${m.applicationId}, ${m.idempotencyKey}, ${m.bodySha256}, ${m.legalName},
       ${m.registrationNumber}, ${m.categoryCode}, ${m.number}, ${m.bankCode}, ${m.bankGiven}, ${m.status},
       ${m.reason}, ${m.nextAt}, ${m.createdAt}, ${m.updatedAt})
    on conflict do nothing
  `) === 1

export const save = (db: Db, m: SubMerchant) => db.run`
  update payments.sub_merchant
     set status = ${m.status}, reason = ${m.reason}, next_at = ${m.nextAt}, updated_at = ${m.updatedAt}
   where id = ${m.id}
`

/** Pending ones that it is time to look at, each taken by one process for a minute. */
export const takePending = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(SubMerchant)`
    update payments.sub_merchant
       set next_at = ${now.add({ minutes: 1 })}
     where id in (
             select id
               from payments.sub_merchant
              where status = 'PENDING' and next_at <= ${now} and ${whose}
              order by next_at
              limit ${limit}
                for update skip locked)
    returning ${columns}
  `

const HeldLeg = z.object({ splitId: z.string(), legId: z.string(), partnerId: z.string() })

/** Immediate legs that were held only because their sub-merchant was not verified yet, and now is. */
export const releasableLegs = (db: Db, whose: Due['whose'], limit: number) => db.many(HeldLeg)`
  select l.split_id as "splitId", l.leg_id as "legId", m.partner_id as "partnerId"
    from payments.leg l
    join payments.sub_merchant m on m.id = l.sub_merchant_id and m.status = 'VERIFIED'
   where l.release_condition = 'immediate' and l.held_minor > 0 and l.releasing is null and ${whose}
     and not exists (
           select 1
             from payments.transfer t
            where t.split_id = l.split_id and t.leg_id = l.leg_id and t.purpose = 'leg')
   order by l.split_id, l.position
   limit ${limit}
`
