import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Limits } from '#control/catalogue/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { Contract, type ContractId } from './contract.ts'
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

/** Holds all agreements with a partner: which one rules is decided by one at a time. */
export const lockThoseOf = async (db: Db, partnerId: PartnerId) => {
  await db.run`select pg_advisory_xact_lock(hashtext('contracts.contract ' || ${partnerId}::text))`
  return list(db, { partnerId })
}

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

/** Partners of whom a contract was in force at some moment between the two. */
export const partnersUnderContract = async (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<string[]> =>
  (
    await db.many(PartnerRow)`
      select distinct partner_id as "partnerId"
        from contracts.contract
       where active_from < ${to} and (ends_at is null or ends_at > ${from})
       limit 100000
    `
  ).map((row) => row.partnerId)

const Period = z.object({
  contractId: z.string(),
  partnerId: z.string(),
  tier: z.string(),
  priceVersion: z.string(),
  activeFrom: z.instanceof(Temporal.Instant),
  endsAt: z.instanceof(Temporal.Instant).nullable(),
})
export type ContractPeriod = z.output<typeof Period>

/** Every contract that ruled at some moment between the two, by the partner and its time. */
export const contractsInForce = (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
) => db.many(Period)`
  select id as "contractId", partner_id as "partnerId", tier, price_version as "priceVersion",
         active_from as "activeFrom", ends_at as "endsAt"
    from contracts.contract
   where active_from < ${to} and (ends_at is null or ends_at > ${from})
   order by partner_id, active_from
   limit 1000000
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
  select id as "contractId", partner_id as "partnerId", active_from as "activeFrom", ends_at as "endsAt",
         document::jsonb -> 'levels' as levels
    from contracts.contract
   where active_from is not null and document::jsonb -> 'levels' is not null
     and (${partnerId ?? null}::text is null or partner_id = ${partnerId ?? null})
   order by active_from, id
   limit 100000
`
