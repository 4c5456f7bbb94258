/** Rates, limits and quotes as they are kept. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Quote, type QuoteId } from './quote.ts'
import { FxCurrency, type MidRate, PairName } from './rate.ts'
import type { ClosedDay } from './value-date.ts'

const Instant = z.instanceof(Temporal.Instant)

const StoredRate = z.object({
  pair: PairName,
  micros: z.bigint(),
  asOf: Instant,
  goodUntil: Instant,
  source: z.string(),
}) satisfies z.ZodType<MidRate>

/** The newest rate of each pair; none that is meant for later. */
export const newestRates = (db: Db, now: Temporal.Instant) => db.many(StoredRate)`
  select r.pair, r.mid_micros as micros, r.as_of as "asOf", r.good_until as "goodUntil", r.source
    from fx.pair p
    join lateral (
           select *
             from fx.rate
            where pair = p.name and as_of <= ${now}
            order by as_of desc
            limit 1) r on true
   order by p.name
   limit 50
`

export const addRate = (db: Db, rate: MidRate) => db.run`
  insert into fx.rate (pair, as_of, good_until, mid_micros, source)
  values (${rate.pair}, ${rate.asOf}, ${rate.goodUntil}, ${rate.micros}, ${rate.source})
  on conflict (pair, as_of) do nothing
`

export const PairTerms = z.object({
  name: PairName,
  markupBps: z.number(),
  closedBps: z.number(),
  exposureMinor: z.bigint(),
})
export type PairTerms = z.output<typeof PairTerms>

const termColumns = sql`
  name, markup_bps as "markupBps", closed_bps as "closedBps", exposure_minor as "exposureMinor"
`

export const terms = (db: Db) =>
  db.many(PairTerms)`select ${termColumns} from fx.pair order by name limit 50`

/** Holds a pair until the transaction ends: what is open in it is counted by one at a time. */
export const lockPair = (db: Db, name: PairName) =>
  db.one(PairTerms)`select ${termColumns} from fx.pair where name = ${name} for update`

const PartnerLimit = z.object({ exposureMinor: z.bigint() })

/** Holds a partner's limit until the transaction ends; one who has none yet begins with everybody's. */
export const lockPartner = async (db: Db, partnerId: string) => {
  await db.run`
    insert into fx.partner_limit (partner_id, exposure_minor)
    select ${partnerId}, exposure_minor from fx.partner_limit where partner_id = ''
    on conflict (partner_id) do nothing
  `
  return db.one(PartnerLimit)`
    select exposure_minor as "exposureMinor"
      from fx.partner_limit
     where partner_id = ${partnerId}
       for update
  `
}

const Sum = z.object({ minor: z.bigint() })

/** What is open now: quotes that can still be accepted, and those whose exchange is not over. */
export const openNotional = async (
  db: Db,
  of: { partnerId: string } | { pair: PairName },
  now: Temporal.Instant,
): Promise<bigint> => {
  const whose = 'pair' in of ? sql`pair = ${of.pair}` : sql`partner_id = ${of.partnerId}`
  const { minor } = await db.one(Sum)`
    select coalesce(sum(notional_minor), 0)::bigint as minor
      from fx.quote
     where ${whose} and exposed_until > ${now}
  `
  return minor
}

const Habit = z.object({ quotes: z.bigint(), exchanges: z.bigint() })

/** How many quotes a partner asked for since, and how many of them it used. */
export const habitOf = (db: Db, partnerId: string, since: Temporal.Instant) => db.one(Habit)`
  select count(*) as quotes, count(*) filter (where status = 'ACCEPTED') as exchanges
    from fx.quote
   where partner_id = ${partnerId} and created_at > ${since}
`

const Moment = z.object({ at: Instant })

/** When the quote was asked for that has so many others since then before it. */
export const quoteTimeAt = (db: Db, partnerId: string, since: Temporal.Instant, place: bigint) =>
  db.one(Moment)`
    select created_at as at
      from fx.quote
     where partner_id = ${partnerId} and created_at > ${since}
     order by created_at
    offset ${place}
     limit 1
  `

const StoredDay = z.object({
  currency: FxCurrency,
  day: z.instanceof(Temporal.PlainDate),
}) satisfies z.ZodType<ClosedDay>

/** Days that were decreed, from a day on. */
export const closedDays = (db: Db, from: Temporal.PlainDate) => db.many(StoredDay)`
  select currency, day from fx.closed_day where day >= ${from} order by day, currency limit 200
`

const columns = sql`
  id, partner_id as "partnerId", application_id as "applicationId", idempotency_key as "idempotencyKey",
  body_sha256 as "bodySha256", pair, fixed_side as "fixedSide", lock_period as "lockPeriod",
  value_date as "valueDate", flags, mid_micros as "midMicros", rate_micros as "rateMicros",
  rate_as_of as "rateAsOf", rate_source as "rateSource", markup_bps as "markupBps", sell_minor as "sellMinor",
  sell_currency as "sellCurrency", fee_minor as "feeMinor", buy_minor as "buyMinor",
  buy_currency as "buyCurrency", markup_minor as "markupMinor", notional_minor as "notionalMinor", status,
  created_at as "createdAt", expires_at as "expiresAt"
`

export const findQuote = (db: Db, partnerId: string, id: QuoteId) =>
  db.maybe(Quote)`select ${columns} from fx.quote where id = ${id} and partner_id = ${partnerId}`

export const quotesOf = (db: Db, ids: readonly QuoteId[]) =>
  db.many(Quote)`select ${columns} from fx.quote where id = any(${ids}) order by id limit 100`

export const quoteByKey = (db: Db, partnerId: string, idempotencyKey: string) => db.maybe(Quote)`
  select ${columns}
    from fx.quote
   where partner_id = ${partnerId} and idempotency_key = ${idempotencyKey}
`

/** Holds a partner's own quote until the transaction ends. */
export const lockQuote = (db: Db, partnerId: string, id: QuoteId) => {
  const where = [sql`id = ${id}`, sql`partner_id = ${partnerId}`]
  return db.maybe(Quote)`select ${columns} from fx.quote where ${all(where)} for update`
}

export const addQuote = (db: Db, q: Quote) => db.run`
  insert into fx.quote
    (id, partner_id, application_id, idempotency_key, body_sha256, pair, fixed_side, lock_period, value_date, flags,
     mid_micros, rate_micros, rate_as_of, rate_source, markup_bps, sell_minor, sell_currency, fee_minor, buy_minor,
     buy_currency, markup_minor, notional_minor, status, created_at, expires_at, exposed_until)
  values
    (${q.id}, ${q.partnerId}, ${q.applicationId}, ${q.idempotencyKey}, ${q.bodySha256}, ${q.pair}, ${q.fixedSide},
     ${q.lockPeriod}, ${q.valueDate}, ${q.flags}, ${q.midMicros}, ${q.rateMicros}, ${q.rateAsOf}, ${q.rateSource},
     ${q.markupBps}, ${q.sellMinor}, ${q.sellCurrency}, ${q.feeMinor}, ${q.buyMinor}, ${q.buyCurrency},
     ${q.markupMinor}, ${q.notionalMinor}, ${q.status}, ${q.createdAt}, ${q.expiresAt}, ${q.expiresAt})
`

/** An accepted quote counts until its exchange is over; a cancelled one no more. */
export const saveQuote = (db: Db, { id, status }: Quote, now: Temporal.Instant) => db.run`
  update fx.quote
     set status = ${status},
         exposed_until = case ${status} when 'ACCEPTED' then 'infinity' else ${now}::timestamptz end
   where id = ${id}
`

/** The exchange of a quote is over: nothing of it is open any more. */
export const releaseExposure = (db: Db, id: QuoteId, now: Temporal.Instant) =>
  db.run`update fx.quote set exposed_until = ${now} where id = ${id}`

const Position = z.object({
  currency: FxCurrency,
  accountRef: z.string(),
  number: z.string(),
  bankCode: z.string(),
  name: z.string(),
})
/** The bank's own account that exchanges of one currency pass through. */
export type Position = z.output<typeof Position>

export const positions = (db: Db) => db.many(Position)`
  select currency, account_ref as "accountRef", number, bank_code as "bankCode", name
    from fx.position_account
   order by currency
   limit 50
`

export const addPosition = (db: Db, p: Position) => db.run`
  insert into fx.position_account (currency, account_ref, number, bank_code, name)
  values (${p.currency}, ${p.accountRef}, ${p.number}, ${p.bankCode}, ${p.name})
  on conflict (currency) do nothing
`
