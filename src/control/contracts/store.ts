import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Limits } from '#control/catalogue/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { Contract, ContractId } from './contract.ts'
import { Promised } from './level-terms.ts'
import { Notices } from './notices.ts'
import { Withheld } from './withheld.ts'

const columns = sql`
  id, partner_id as "partnerId", template, tier, products, price_version as "priceVersion", document,
  document_sha256 as "documentSha256", status, offered_at as "offeredAt", signed_by as "signedBy",
  signed_at as "signedAt", countersigned_by as "countersignedBy", active_from as "activeFrom", ends_at as "endsAt",
  stopped_because as "stoppedBecause", amends, version, valid_from as "validFrom"
`

export const find = (db: Db, id: ContractId) =>
  db.maybe(Contract)`select ${columns} from contracts.contract where id = ${id}`

/** Holds the contract until the transaction ends, so that it takes one step at a time. */
export const lock = (db: Db, id: ContractId) =>
  db.maybe(Contract)`select ${columns} from contracts.contract where id = ${id} for update`

/** Holds all agreements with a partner: which one rules is decided by one at a time. Answers those that live. */
export const lockThoseOf = async (db: Db, partnerId: PartnerId) => {
  await db.run`select pg_advisory_xact_lock(hashtext('contracts.contract ' || ${partnerId}::text))`
  return livingOf(db, partnerId)
}

/**
 * Every agreement with a partner that is open, rules or will: a handful, for of each kind there is one at a time. It is no
 * page of a list: what is decided over these is decided over all of them.
 */
export const livingOf = (db: Db, partnerId: PartnerId) => db.many(Contract)`
  select ${columns}
    from contracts.contract
   where partner_id = ${partnerId} and status not in ('withdrawn', 'ended')
   order by id desc
`

/** The agreement that rules at a moment, by what is known now. A partner has one at a time. */
export const inForce = (db: Db, partnerId: PartnerId, at: Temporal.Instant) => db.maybe(Contract)`
  select ${columns}
    from contracts.contract
   where id = (select r.contract_id
                 from contracts.rule r
                where r.known_to is null and r.partner_id = ${partnerId}
                  and r.valid_from <= ${at} and (r.valid_to is null or r.valid_to > ${at})
                order by r.valid_from desc
                limit 1)
`

export interface ContractFilter {
  readonly partnerId?: PartnerId | undefined
  readonly status?: Contract['status'] | undefined
  /** Older than this one: the next page. */
  readonly before?: string | undefined
}

export const list = (db: Db, filter: ContractFilter, limit = 100) => {
  const where = []
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Contract)`
    select ${columns}
      from contracts.contract
     where ${all(where)}
     order by id desc
     limit ${limit}
  `
}

export const StandingRow = Contract.omit({ document: true }).extend({
  limits: Limits,
  notices: Notices.nullable(),
  signatures: z.literal('required').nullable(),
  withheld: Withheld.nullable(),
})

/**
 * The one contract of each partner that says where it stands at a moment: the one that rules then, else the one that will,
 * else the newest; with what its signed text says of limits, signatures, fields that are left out, and notice.
 */
export const standing = (db: Db, now: Temporal.Instant, partnerId?: PartnerId) =>
  db.many(StandingRow)`
  select distinct on (partner_id) ${columns}, document::jsonb #> '{tier,limits}' as limits,
         document::jsonb ->> 'signatures' as signatures, document::jsonb -> 'withheld' as withheld,
         document::jsonb -> 'notices' as notices
    from contracts.contract
   where status <> 'withdrawn'
     and ${partnerId ? sql`partner_id = ${partnerId}` : sql`true`}
   order by partner_id,
         status in ('active', 'frozen', 'agreed') and active_from <= ${now} and (ends_at is null or ends_at > ${now}) desc,
         status in ('active', 'frozen') desc, status <> 'agreed' desc, id desc
   limit 100000
`

/** Writes down what time has done: those whose end came, then those whose beginning did. Hold the partner's contracts. */
export const settle = async (db: Db, partnerId: PartnerId, now: Temporal.Instant) => {
  await db.run`
    update contracts.contract set status = 'ended'
     where partner_id = ${partnerId} and status in ('active', 'frozen', 'agreed') and ends_at <= ${now}
  `
  await db.run`
    update contracts.contract
       set status = case when stopped_because is null then 'active' else 'frozen' end
     where partner_id = ${partnerId} and status = 'agreed' and active_from <= ${now}
  `
}

/** Terms that wait for their day are stopped with those that rule, and go on with them. */
export const stopAgreed = (db: Db, partnerId: PartnerId, reason: string | null) => db.run`
  update contracts.contract set stopped_because = ${reason} where partner_id = ${partnerId} and status = 'agreed'
`

export const insert = (db: Db, c: Contract, changeId: string) => db.run`
  insert into contracts.contract
    (id, partner_id, template, tier, products, price_version, document, document_sha256, status, offered_at, change_id,
     amends, version, valid_from)
  values
    (${c.id}, ${c.partnerId}, ${c.template}, ${c.tier}, ${c.products}, ${c.priceVersion}, ${c.document},
     ${c.documentSha256}, ${c.status}, ${c.offeredAt}, ${changeId}, ${c.amends}, ${c.version}, ${c.validFrom})
`

export const save = (db: Db, c: Contract) => db.run`
  update contracts.contract
     set status = ${c.status}, signed_by = ${c.signedBy}, signed_at = ${c.signedAt},
         countersigned_by = ${c.countersignedBy}, active_from = ${c.activeFrom}, ends_at = ${c.endsAt},
         stopped_because = ${c.stoppedBecause}
   where id = ${c.id}
`

const PartnerRow = z.object({ partnerId: z.string() })

/** Partners of whom a contract ruled at some moment between the two. */
export const partnersUnderContract = async (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<string[]> =>
  (
    await db.many(PartnerRow)`
      select distinct partner_id as "partnerId"
        from contracts.rule
       where known_to is null and valid_from < ${to} and (valid_to is null or valid_to > ${from})
       limit 100000
    `
  ).map((row) => row.partnerId)

const Period = z.object({
  contractId: ContractId,
  partnerId: z.string(),
  tier: z.string(),
  priceVersion: z.string(),
  activeFrom: z.instanceof(Temporal.Instant),
  endsAt: z.instanceof(Temporal.Instant).nullable(),
  /** When the gateways began to act by it; later than `activeFrom` where its prices rule a time that was over. */
  enforcedFrom: z.instanceof(Temporal.Instant),
})
/** When a contract rules, by what is known now. */
export type ContractPeriod = z.output<typeof Period>

const periods = sql`
  select r.contract_id as "contractId", r.partner_id as "partnerId", c.tier, c.price_version as "priceVersion",
         r.valid_from as "activeFrom", r.valid_to as "endsAt", c.active_from as "enforcedFrom"
    from contracts.rule r
    join contracts.contract c on c.id = r.contract_id
   where r.known_to is null and c.active_from is not null
`

/** Every contract that ruled at some moment between the two, by the partner and its time. */
export const contractsInForce = (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
) => db.many(Period)`
  ${periods}
     and r.valid_from < ${to} and (r.valid_to is null or r.valid_to > ${from})
   order by r.partner_id, r.valid_from
   limit 1000000
`

/**
 * Every contract of a partner that was ever acted by, or will be, the newest first: all of them, for money is counted over
 * them. One whose whole time another rules by what is known now has an empty time: what was called and billed under it
 * still says its name.
 */
export const contractPeriods = (db: Db, partnerId: PartnerId) => db.many(Period)`
  select c.id as "contractId", c.partner_id as "partnerId", c.tier, c.price_version as "priceVersion",
         coalesce(r.valid_from, c.active_from) as "activeFrom",
         case when r.id is null then c.active_from else r.valid_to end as "endsAt", c.active_from as "enforcedFrom"
    from contracts.contract c
    left join contracts.rule r on r.contract_id = c.id and r.known_to is null
   where c.partner_id = ${partnerId} and c.active_from is not null
   order by c.id desc
`

const Promises = z.object({
  contractId: z.string(),
  partnerId: z.string(),
  activeFrom: z.instanceof(Temporal.Instant),
  endsAt: z.instanceof(Temporal.Instant).nullable(),
  levels: z.array(Promised),
})

/** Texts of one partner, or of all, that ever ruled and promise levels, with the time of their rule. */
export const contractPromises = (db: Db, partnerId?: string) => db.many(Promises)`
  select c.id as "contractId", c.partner_id as "partnerId", r.valid_from as "activeFrom", r.valid_to as "endsAt",
         c.document::jsonb -> 'levels' as levels
    from contracts.contract c
    join contracts.rule r on r.contract_id = c.id and r.known_to is null
   where c.document::jsonb -> 'levels' is not null
     and (${partnerId ?? null}::text is null or c.partner_id = ${partnerId ?? null})
   order by r.valid_from, c.id
   limit 100000
`
