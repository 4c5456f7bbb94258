/** How calls are written: each once, with its price and its tally, in one statement. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import type { UnitPrice } from './rating.ts'

/** Whose numbers these are: a gateway counts from one at every start. */
export interface Source {
  readonly cell: Cell
  readonly gateway: string
  readonly boot: string
}

const Received = z.object({ seq: z.bigint() })

/**
 * Notes the numbers that arrived, and holds the source meanwhile; answers the last one before the first gap. What is
 * missing before the first number that ever came is a gap too, for people to look at, but no reason to stop the sender:
 * it forgot those when they were taken, and sending the rest again would not bring them.
 */
export const advance = async (
  db: Db,
  { cell, gateway, boot }: Source,
  seqs: readonly number[],
  now: Temporal.Instant,
): Promise<bigint> => {
  const { seq } = await db.one(Received)`
    insert into usage.cursor as c (cell, gateway, boot, received, heard_at)
    select ${cell}, ${gateway}, ${boot}, range_agg(int8range(n, n + 1)), ${now}
      from unnest(${seqs}::int8[]) n
    on conflict (cell, gateway, boot) do update
      set received = c.received + excluded.received, heard_at = excluded.heard_at
    returning (select upper(r) - 1 from unnest(received) r order by r limit 1) as seq
  `
  return seq
}

/** A call with its price, ready to be kept. */
export type PricedCall = UsageRecord & UnitPrice & { readonly day: string; readonly bornAt: string }

/** U+001F stands between the members of a column, U+001E for none: no id and no word holds them, and none is empty. */
const BETWEEN = '\u001f'
const NONE = '\u001e'
const isTold = (word: string | null): boolean =>
  word === null || (word !== '' && !word.includes(BETWEEN) && !word.includes(NONE))

/** Whether what a gateway told can stand in columns. */
export const isTellable = (record: UsageRecord): boolean => {
  const { partnerId, applicationId, product, operation } = record
  const { contractId, priceVersion, consentId, code } = record
  return [
    partnerId,
    applicationId,
    product,
    operation,
    contractId,
    priceVersion,
    consentId,
    code,
  ].every(isTold)
}

/** A member of every call as one text: a batch is a column a parameter, which costs both sides least. */
const columnOf = (calls: readonly PricedCall[]) => (name: keyof PricedCall) => {
  const text = calls.map((call) => call[name] ?? NONE).join(BETWEEN)
  return sql`string_to_array(${text}, E'\\x1f', E'\\x1e')`
}

const Charged = z.object({ chargeId: z.string(), callId: z.string() })

/**
 * Which call each charge is for: the first that told of it, whichever gateway told, and always the same one. Before `keep`,
 * and in one order everywhere, so that two batches at once wait for each other and never in a circle.
 */
export const charge = async (
  db: Db,
  calls: readonly PricedCall[],
  now: Temporal.Instant,
): Promise<ReadonlyMap<string, string>> => {
  const told = calls.filter((call) => call.chargeId !== undefined && call.billable)
  if (told.length === 0) return new Map()
  const column = columnOf(told)
  const given = sql`unnest(${column('partnerId')}, ${column('chargeId')}, ${column('callId')})
    as g (partner_id, charge_id, call_id)`
  await db.run`
    insert into usage.charge (partner_id, charge_id, call_id, recorded_at)
    select g.partner_id, g.charge_id, g.call_id, ${now} from ${given}
     order by g.partner_id, g.charge_id, g.call_id
    on conflict (partner_id, charge_id) do nothing
  `
  const charged = await db.many(Charged)`
    select distinct c.charge_id as "chargeId", c.call_id as "callId"
      from usage.charge c
      join ${given} on c.partner_id = g.partner_id and c.charge_id = g.charge_id
     order by c.charge_id
     limit ${told.length}
  `
  return new Map(charged.map((c) => [c.chargeId, c.callId]))
}

const Kept = z.object({ kept: z.bigint() })

/** By the key that a call is kept under: in this order rows are written everywhere, whoever writes them. */
const inOrder = (a: PricedCall, b: PricedCall): number =>
  a.partnerId === b.partnerId
    ? a.callId < b.callId
      ? -1
      : Number(a.callId > b.callId)
    : a.partnerId < b.partnerId
      ? -1
      : 1

/**
 * Keeps the calls that are new and adds these, and only these, to the tallies; answers how many were new. Rows are
 * written in one order everywhere, so that two batches at once wait for each other and never in a circle.
 */
export const keep = async (
  db: Db,
  { cell, gateway, boot }: Source,
  calls: readonly PricedCall[],
  now: Temporal.Instant,
): Promise<bigint> => {
  // A call id begins with its time, so its day is of the same order.
  const column = columnOf(calls.toSorted(inOrder))
  const { kept } = await db.one(Kept)`
    with kept as (
      insert into usage.event
        (partner_id, day, call_id, cell, gateway, boot, seq, occurred_at, recorded_at, application_id, product, operation,
         contract_id, price_version, price_basis, unit_price, consent_id, status, code, billable, units, latency_ms,
         upstream_ms, epoch, snapshot_sha256)
      select partner_id, day, call_id, ${cell}, ${gateway}, ${boot}, seq, occurred_at, ${now}, application_id, product,
             operation, contract_id, price_version, price_basis, unit_price, consent_id, status, code, billable, units,
             latency_ms, upstream_ms, epoch, snapshot_sha256
        from unnest(
               ${column('partnerId')}, ${column('day')}::date[], ${column('callId')},
               ${column('seq')}::int8[], ${column('bornAt')}::timestamptz[], ${column('applicationId')},
               ${column('product')}, ${column('operation')}, ${column('contractId')},
               ${column('priceVersion')}, ${column('basis')}, ${column('unitPrice')}::numeric[],
               ${column('consentId')}, ${column('status')}::int4[], ${column('code')},
               ${column('billable')}::bool[], ${column('units')}::int8[], ${column('latencyMs')}::float8[],
               ${column('upstreamMs')}::float8[], ${column('epoch')}::int8[], ${column('snapshotSha256')})
          as g (partner_id, day, call_id, seq, occurred_at, application_id, product, operation, contract_id,
                price_version, price_basis, unit_price, consent_id, status, code, billable, units, latency_ms,
                upstream_ms, epoch, snapshot_sha256)
      on conflict (partner_id, day, call_id) do nothing
      returning partner_id, cell, date_trunc('hour', occurred_at, 'UTC') as hour, application_id, product, operation,
                coalesce(contract_id, '') as contract_id, coalesce(price_version, '') as price_version, price_basis,
                unit_price, billable, units
    ), tallied as (
      insert into usage.hour as h
        (partner_id, cell, hour, application_id, product, operation, contract_id, price_version, price_basis, unit_price,
         calls, billable_calls, billable_units)
      select partner_id, cell, hour, application_id, product, operation, contract_id, price_version, price_basis,
             unit_price, count(*), count(*) filter (where billable), coalesce(sum(units) filter (where billable), 0)
        from kept
       group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
       order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
      on conflict (partner_id, cell, hour, application_id, product, operation, contract_id, price_version, price_basis,
                   unit_price) do update
        set calls = h.calls + excluded.calls,
            billable_calls = h.billable_calls + excluded.billable_calls,
            billable_units = h.billable_units + excluded.billable_units
    )
    select count(*) as kept from kept
  `
  return kept
}

/** Sets a record aside, with the reason: it is neither billed nor thrown away. */
export const quarantine = (
  db: Db,
  { cell, gateway, boot }: Source,
  record: UsageRecord,
  why: string,
  now: Temporal.Instant,
) => db.run`
  insert into usage.quarantine (cell, gateway, boot, seq, record, why, recorded_at)
  values (${cell}, ${gateway}, ${boot}, ${record.seq}, ${JSON.stringify(record)}::text::jsonb, ${why}, ${now})
  on conflict (cell, gateway, boot, seq) do nothing
`
