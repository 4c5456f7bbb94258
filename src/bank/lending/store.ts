import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { LoanApplication, type LoanApplicationId } from './application.ts'
import { Scenario } from './decision.ts'
import { Fund } from './loan.ts'
import { Offer, type OfferId } from './offer.ts'
import { Product } from './product.ts'
import type { Due } from '../world.ts'

const productColumns = sql`
  p.id, p.name, p.currency, p.amount_min as "amountMin", p.amount_max as "amountMax", p.months_min as "monthsMin",
  p.months_max as "monthsMax", p.rate_ppm as "ratePpm", p.penalty_ppm as "penaltyPpm", p.fee_ppm as "feePpm",
  p.day_count as "dayCount", p.methods
`

/** What can be lent: a product whose currency the bank has no fund in is not on offer. */
export const products = (db: Db) => db.many(Product)`
  select ${productColumns}
    from lending.product p
    join lending.fund f on f.currency = p.currency
   order by p.position
   limit 100
`

export const product = (db: Db, id: string) => db.maybe(Product)`
  select ${productColumns}
    from lending.product p
    join lending.fund f on f.currency = p.currency
   where p.id = ${id}
`

export const fund = (db: Db, currency: string) => db.one(Fund)`
  select currency, account_ref as "accountRef", number, bank_code as "bankCode", name
    from lending.fund
   where currency = ${currency}
`

export const addFund = (db: Db, f: Fund) => db.run`
  insert into lending.fund (currency, account_ref, number, bank_code, name)
  values (${f.currency}, ${f.accountRef}, ${f.number}, ${f.bankCode}, ${f.name})
  on conflict do nothing
`

export const scenario = (db: Db, ending: number) =>
  db.maybe(Scenario)`select ending, outcome, reason from lending.scenario where ending = ${ending}`

export const addScenario = (db: Db, s: Scenario) => db.run`
  insert into lending.scenario (ending, outcome, reason)
  values (${s.ending}, ${s.outcome}, ${s.reason})
  on conflict do nothing
`

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", consent_id as "consentId", customer_ref as "customerRef", subject,
  account_id as "accountId", account_ref as "accountRef", product_id as "productId", amount_minor as "amountMinor",
  currency, months, reference, income_minor as "incomeMinor", status, reasons, needs,
  model_version as "modelVersion", decided_at as "decidedAt", expires_at as "expiresAt", next_at as "nextAt", tries,
  created_at as "createdAt", updated_at as "updatedAt"
`

export const find = (db: Db, id: LoanApplicationId, partnerId?: string) =>
  db.maybe(LoanApplication)`
    select ${columns} from lending.application where ${named(id, partnerId)}
  `

export const findByKey = (db: Db, partnerId: string, idempotencyKey: string) =>
  db.maybe(LoanApplication)`
    select ${columns}
      from lending.application
     where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
  `

/** Holds the application until the transaction ends: what is decided, taken or withdrawn of it happens one by one. */
export const lock = (db: Db, id: LoanApplicationId, partnerId?: string) =>
  db.maybe(LoanApplication)`
    select ${columns} from lending.application where ${named(id, partnerId)} for update
  `

/** A partner's own, where one is named. */
const named = (id: LoanApplicationId, partnerId: string | undefined) =>
  partnerId === undefined ? sql`id = ${id}` : sql`id = ${id} and partner_id = ${partnerId}`

export const list = (db: Db, filter: { partnerId: string; limit: number; before?: string }) => {
  const where = [sql`partner_id = ${filter.partnerId}`]
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(LoanApplication)`
    select ${columns}
      from lending.application
     where ${all(where)}
     order by id desc
     limit ${filter.limit}
  `
}

/** Answers whether it was added: a key or a consent that has an application gets no second one. */
export const add = async (db: Db, a: LoanApplication): Promise<boolean> => {
  const added = await db.run`
    insert into lending.application
      (id, partner_id, application_id, idempotency_key, body_sha256, consent_id, customer_ref, subject, account_id,
       account_ref, product_id, amount_minor, currency, months, reference, income_minor, status, reasons, needs,
       model_version, decided_at, expires_at, next_at, tries, created_at, updated_at)
    values
      (${a.id}, ${a.partnerId}, ${a.applicationId}, ${a.idempotencyKey}, ${a.bodySha256}, ${a.consentId},
       ${a.customerRef}, ${a.subject}, ${a.accountId}, ${a.accountRef}, ${a.productId}, ${a.amountMinor},
       ${a.currency}, ${a.months}, ${a.reference}, ${a.incomeMinor}, ${a.status}, ${a.reasons}, ${a.needs},
       ${a.modelVersion}, ${a.decidedAt}, ${a.expiresAt}, ${a.nextAt}, ${a.tries}, ${a.createdAt}, ${a.updatedAt})
    on conflict do nothing
  `
  return added === 1
}

export const save = (db: Db, a: LoanApplication) => db.run`
  update lending.application
     set income_minor = ${a.incomeMinor}, status = ${a.status}, reasons = ${a.reasons}, needs = ${a.needs},
         model_version = ${a.modelVersion}, decided_at = ${a.decidedAt}, next_at = ${a.nextAt}, tries = ${a.tries},
         updated_at = ${a.updatedAt}
   where id = ${a.id}
`

/** Applications whose review has come to its time, each taken by one process for as long as a lease. */
export const takeReviews = (
  db: Db,
  { now, whose, until, limit }: Due & { until: Temporal.Instant; limit: number },
) => db.many(LoanApplication)`
  update lending.application
     set next_at = ${until}
   where id in (
           select id
             from lending.application
            where status in ('submitted', 'in_review') and next_at <= ${now} and ${whose}
            order by next_at
            limit ${limit}
              for update skip locked)
  returning ${columns}
`

/** Held, each by one process: applications that waited for their partner for too long. */
export const lockOverdue = (db: Db, { now, whose }: Due, limit: number) =>
  db.many(LoanApplication)`
    select ${columns}
      from lending.application
     where status in ('draft', 'needs_information') and expires_at <= ${now} and ${whose}
     order by expires_at
     limit ${limit}
       for update skip locked
  `

const offerColumns = sql`
  id, application, partner_id as "partnerId", method, amount_minor as "amountMinor", currency, months,
  rate_ppm as "ratePpm", penalty_ppm as "penaltyPpm", day_count as "dayCount", fee_minor as "feeMinor",
  interest_minor as "interestMinor", first_minor as "firstMinor", last_minor as "lastMinor", apr,
  offered_on as "offeredOn", valid_until as "validUntil", status, created_at as "createdAt"
`

export const offer = (db: Db, partnerId: string, id: OfferId) =>
  db.maybe(Offer)`
    select ${offerColumns} from lending.offer where id = ${id} and partner_id = ${partnerId}
  `

export const offers = (db: Db, application: LoanApplicationId) =>
  db.many(Offer)`
    select ${offerColumns} from lending.offer where application = ${application} order by id limit 10
  `

export const addOffer = (db: Db, o: Offer) => db.run`
  insert into lending.offer
    (id, application, partner_id, method, amount_minor, currency, months, rate_ppm, penalty_ppm, day_count, fee_minor,
     interest_minor, first_minor, last_minor, apr, offered_on, valid_until, status, created_at)
  values
    (${o.id}, ${o.application}, ${o.partnerId}, ${o.method}, ${o.amountMinor}, ${o.currency}, ${o.months},
     ${o.ratePpm}, ${o.penaltyPpm}, ${o.dayCount}, ${o.feeMinor}, ${o.interestMinor}, ${o.firstMinor},
     ${o.lastMinor}, ${o.apr}, ${o.offeredOn}, ${o.validUntil}, ${o.status}, ${o.createdAt})
`

/** Of one borrower, offers are taken one by one until the transaction ends. */
export const lockBorrower = (db: Db, customerRef: string) =>
  db.run`select pg_advisory_xact_lock(hashtextextended('lending ' || ${customerRef}, 0))`

/** One offer is taken, and all that the bank made to the same customer without knowing of that loan lapse. */
export const saveTaken = (db: Db, { id }: Offer, customerRef: string) => db.run`
  update lending.offer o
     set status = case when o.id = ${id} then 'accepted' else 'lapsed' end
    from lending.application a
   where a.id = o.application and a.customer_ref = ${customerRef} and o.status = 'open'
`
