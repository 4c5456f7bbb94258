/** Exchanges and their legs as they are kept. */
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import {
  Conversion,
  type ConversionId,
  type ConversionStatus,
  Leg,
  type LegKind,
} from './conversion.ts'
import type { Due } from '../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", quote_id as "quoteId",
  sell_account_id as "sellAccountId", sell_ref as "sellRef", sell_number as "sellNumber", sell_bank as "sellBank",
  buy_account_id as "buyAccountId", buy_number as "buyNumber", buy_bank as "buyBank",
  customer_name as "customerName", status, carrying, reason_code as "reasonCode", cost_minor as "costMinor",
  unwinding_key as "unwindingKey", unwinding_sha256 as "unwindingSha256", settles_at as "settlesAt", tries,
  next_at as "nextAt", created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: ConversionId) =>
  db.maybe(Conversion)`
    select ${columns} from fx.conversion where id = ${id} and partner_id = ${partnerId}
  `

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Conversion)`
    select ${columns}
      from fx.conversion
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

/** A partner's exchanges, newest first. */
export const page = (
  db: Db,
  filter: { partnerId: string; status?: ConversionStatus; before?: string; limit: number },
) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.status !== undefined) where.push(sql`status = ${filter.status}`)
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Conversion)`
    select ${columns}
      from fx.conversion
     where ${all(where)}
     order by id desc
     limit ${filter.limit}
  `
}

export const get = (db: Db, id: ConversionId) =>
  db.one(Conversion)`select ${columns} from fx.conversion where id = ${id}`

/** Holds the exchange until the transaction ends, so that it goes on one way only. */
export const lock = (db: Db, id: ConversionId) =>
  db.one(Conversion)`select ${columns} from fx.conversion where id = ${id} for update`

export const add = (db: Db, c: Conversion) => db.run`
  insert into fx.conversion
    (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, quote_id, sell_account_id, sell_ref,
     sell_number, sell_bank, buy_account_id, buy_number, buy_bank, customer_name, status, carrying, reason_code,
     cost_minor, unwinding_key, unwinding_sha256, settles_at, tries, next_at, created_at, updated_at)
  values
    (${c.id}, ${c.partnerId}, ${c.applicationId}, ${c.idempotencyKey}, ${c.bodySha256}, ${c.consentId}, ${c.quoteId},
     ${c.sellAccountId}, ${c.sellRef}, ${c.sellNumber}, ${c.sellBank}, ${c.buyAccountId}, ${c.buyNumber}, ${c.buyBank},
     ${c.customerName}, ${c.status}, ${c.carrying}, ${c.reasonCode}, ${c.costMinor}, ${c.unwindingKey},
     ${c.unwindingSha256}, ${c.settlesAt}, ${c.tries}, ${c.nextAt}, ${c.createdAt}, ${c.updatedAt})
`

export const save = (db: Db, c: Conversion) => db.run`
  update fx.conversion
     set status = ${c.status}, carrying = ${c.carrying}, reason_code = ${c.reasonCode}, cost_minor = ${c.costMinor},
         unwinding_key = ${c.unwindingKey}, unwinding_sha256 = ${c.unwindingSha256}, tries = ${c.tries},
         next_at = ${c.nextAt}, updated_at = ${c.updatedAt}
   where id = ${c.id}
`

/** Open exchanges whose time has come, each taken by one process for as long as a lease. */
export const takeDue = (db: Db, { now, whose }: Due, leaseSeconds: number, limit: number) =>
  db.many(Conversion)`
    update fx.conversion
       set next_at = ${now.add({ seconds: leaseSeconds })}
     where id in (
             select id
               from fx.conversion
              where status in ('PENDING', 'FUNDS_RESERVED') and next_at <= ${now} and ${whose}
              order by next_at
              limit ${limit}
                for update skip locked)
    returning ${columns}
  `

/** Whatever was on its way when the last process ended is due now. */
export const makeAllDue = (db: Db, { now, whose }: Due) => db.run`
  update fx.conversion
     set next_at = ${now}
   where status in ('PENDING', 'FUNDS_RESERVED') and carrying is not null and ${whose}
`

const legColumns = sql`
  reference, conversion_id as "conversionId", kind, debtor_ref as "debtorRef",
  creditor_number as "creditorNumber", creditor_bank as "creditorBank", creditor_name as "creditorName",
  amount_minor as "amountMinor", currency, text, outcome, reason_code as "reasonCode", created_at as "createdAt"
`

/** The leg that is on its way. */
export const openLeg = (db: Db, id: ConversionId, kind: LegKind) => db.maybe(Leg)`
  select ${legColumns}
    from fx.leg
   where conversion_id = ${id} and kind = ${kind} and outcome is null
`

export const legs = (db: Db, id: ConversionId) => db.many(Leg)`
  select ${legColumns} from fx.leg where conversion_id = ${id} order by line limit 100
`

export const addLeg = (db: Db, l: Leg) => db.run`
  insert into fx.leg
    (reference, conversion_id, kind, debtor_ref, creditor_number, creditor_bank, creditor_name, amount_minor, currency,
     text, outcome, reason_code, created_at)
  values
    (${l.reference}, ${l.conversionId}, ${l.kind}, ${l.debtorRef}, ${l.creditorNumber}, ${l.creditorBank},
     ${l.creditorName}, ${l.amountMinor}, ${l.currency}, ${l.text}, ${l.outcome}, ${l.reasonCode}, ${l.createdAt})
`

export const saveLeg = (db: Db, { reference, outcome, reasonCode }: Leg) => db.run`
  update fx.leg set outcome = ${outcome}, reason_code = ${reasonCode} where reference = ${reference}
`
