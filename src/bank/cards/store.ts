import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Card, type CardId } from './card.ts'
import type { Due } from '../world.ts'

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", customer_ref as "customerRef", subject,
  opening_reference as "openingReference", account_id as "accountId", status, card_type as "cardType", currency,
  reference, programme_id as "programmeId", cardholder_id as "cardholderId", funding_ref as "fundingRef", shipping,
  delivery, replacement_for as "replacementFor", token, bin, last_four as "lastFour", expiry_month as "expiryMonth", expiry_year as "expiryYear",
  created_at as "createdAt", updated_at as "updatedAt"
`

/** A card that was issued; one that has no token is nobody's yet. */
export const find = (db: Db, partnerId: string, id: CardId) =>
  db.maybe(Card)`
    select ${columns}
      from cards.card
     where id = ${id} and partner_id = ${partnerId} and token is not null
  `

/** Holds the card until the transaction ends, so that two changes come one after the other. */
export const lock = (db: Db, partnerId: string, id: CardId) =>
  db.maybe(Card)`
    select ${columns} from cards.card where id = ${id} and partner_id = ${partnerId} for update
  `

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(Card)`
    select ${columns}
      from cards.card
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

export const findByConsent = (db: Db, partnerId: string, consentId: string) =>
  db.maybe(Card)`
    select ${columns}
      from cards.card
     where partner_id = ${partnerId} and consent_id = ${consentId} and replacement_for is null
  `

export const findReplacement = (db: Db, partnerId: string, id: CardId) =>
  db.maybe(Card)`
    select ${columns} from cards.card where partner_id = ${partnerId} and replacement_for = ${id}
  `

/** Cards whose month is over and whose state does not say so yet. */
export const outlived = (db: Db, month: Temporal.PlainDate, whose: Due['whose']) =>
  db.many(Card)`
    select ${columns}
      from cards.card
     where token is not null and ${whose}
       and status in ('ordered', 'inactive', 'active', 'suspended')
       and make_date(expiry_year, expiry_month, 1) < ${month}
     order by id
     limit 50
  `

export const list = (db: Db, filter: { partnerId: string; before?: string; limit: number }) => {
  const where = [sql`partner_id = ${filter.partnerId}`, sql`token is not null`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Card)`
    select ${columns}
      from cards.card
     where ${all(where)}
     order by id desc
     limit ${filter.limit}
  `
}

/** Answers whether it was added: a key or a consent that has a card gets no second one. */
export const add = async (db: Db, c: Card): Promise<boolean> => {
  const added = await db.run`
    insert into cards.card
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, customer_ref, subject,
       opening_reference, status, card_type, currency, reference, programme_id, cardholder_id, funding_ref, shipping,
       delivery, replacement_for, created_at, updated_at)
    values
      (${c.id}, ${c.partnerId}, ${c.applicationId}, ${c.idempotencyKey}, ${c.bodySha256}, ${c.consentId},
       ${c.customerRef}, ${c.subject}, ${c.openingReference}, ${c.status}, ${c.cardType}, ${c.currency},
       ${c.reference}, ${c.programmeId}, ${c.cardholderId}, ${c.fundingRef}, ${c.shipping}, ${c.delivery},
       ${c.replacementFor}, ${c.createdAt}, ${c.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, c: Card) => db.run`
  update cards.card
     set status = ${c.status}, account_id = ${c.accountId}, token = ${c.token}, bin = ${c.bin},
         last_four = ${c.lastFour}, expiry_month = ${c.expiryMonth}, expiry_year = ${c.expiryYear},
         shipping = ${c.shipping},
         updated_at = ${c.updatedAt}
   where id = ${c.id}
`
