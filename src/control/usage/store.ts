import { z } from 'zod'
import { Cell as CellName, type Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { dayOfCall } from './call-day.ts'
import type { PriceBasis } from './rating.ts'

export interface UsageFilter {
  readonly partnerId?: string | undefined
  readonly cell: Cell
  readonly from: Temporal.Instant
  /** Exclusive. */
  readonly to: Temporal.Instant
}

const Basis = z.enum(['contract', 'list', 'regulated', 'unpriced']) satisfies z.ZodType<PriceBasis>

/** Counts stay far below 2^53. */
const Count = z.bigint().transform(Number)

export const HourRow = z.object({
  partnerId: z.string(),
  hour: z.instanceof(Temporal.Instant),
  product: z.string(),
  operation: z.string(),
  priceVersion: z.string().nullable(),
  priceBasis: Basis,
  unitPrice: z.string(),
  calls: Count,
  billableCalls: Count,
  units: Count,
  /** Exact: units × unit price. It is rounded once, at the invoice line. */
  amount: z.string(),
})

const inside = ({ partnerId, cell, from, to }: UsageFilter) => {
  const where = [
    sql`cell = ${cell}`,
    sql`hour >= date_trunc('hour', ${from}::timestamptz, 'UTC')`,
    sql`hour < ${to}`,
  ]
  if (partnerId) where.push(sql`partner_id = ${partnerId}`)
  return all(where)
}

/** Hourly tallies, newest hour first. */
export const hours = (db: Db, filter: UsageFilter, limit = 5_000) => db.many(HourRow)`
  select partner_id as "partnerId", hour, product, operation, nullif(price_version, '') as "priceVersion",
         price_basis as "priceBasis", trim_scale(unit_price)::text as "unitPrice",
         sum(calls)::bigint as calls, sum(billable_calls)::bigint as "billableCalls",
         sum(billable_units)::bigint as units, trim_scale(sum(billable_units * unit_price))::text as amount
    from usage.hour
   where ${inside(filter)}
   group by partner_id, hour, product, operation, price_version, price_basis, unit_price
   order by hour desc, product, operation, partner_id, price_version, price_basis, unit_price
   limit ${limit}
`

export const TotalRow = z.object({
  product: z.string(),
  operation: z.string(),
  calls: Count,
  billableCalls: Count,
  units: Count,
  amount: z.string(),
})

/** What the same tallies come to, an operation a line. */
export const totals = (db: Db, filter: UsageFilter) => db.many(TotalRow)`
  select product, operation, sum(calls)::bigint as calls, sum(billable_calls)::bigint as "billableCalls",
         sum(billable_units)::bigint as units, trim_scale(sum(billable_units * unit_price))::text as amount
    from usage.hour
   where ${inside(filter)}
   group by product, operation
   order by product, operation
   limit 1000
`

export const CallRow = z.object({
  callId: z.string(),
  occurredAt: z.instanceof(Temporal.Instant),
  partnerId: z.string(),
  applicationId: z.string(),
  product: z.string(),
  operation: z.string(),
  status: z.number(),
  code: z.string().nullable(),
  billable: z.boolean(),
  units: Count,
  priceVersion: z.string().nullable(),
  priceBasis: Basis,
  unitPrice: z.string(),
  /** Zero where the call is not billable. */
  amount: z.string(),
  latencyMs: z.number(),
  upstreamMs: z.number().nullable(),
})

export interface CallSearch {
  readonly partnerId: string
  readonly cell: Cell
  /** Exclusive. */
  readonly before?: string | undefined
  readonly product?: string | undefined
  readonly operation?: string | undefined
  readonly applicationId?: string | undefined
  readonly consentId?: string | undefined
  readonly code?: string | undefined
  /** `answered` below 400, `refused` below 500, `failed` from there. */
  readonly outcome?: 'answered' | 'refused' | 'failed' | undefined
}

const callColumns = sql`
  call_id as "callId", occurred_at as "occurredAt", partner_id as "partnerId",
  application_id as "applicationId", product, operation, status, code, billable, units,
  price_version as "priceVersion", price_basis as "priceBasis", trim_scale(unit_price)::text as "unitPrice",
  case when billable then trim_scale(units * unit_price)::text else '0' end as amount,
  latency_ms as "latencyMs", upstream_ms as "upstreamMs"
`

const outcomes = {
  answered: sql`status < 400`,
  refused: sql`status between 400 and 499`,
  failed: sql`status >= 500`,
}

/** By word and not by parameter: only then a plan made once knows that an index of one cell fits. */
const cells = { sandbox: sql`cell = 'sandbox'`, production: sql`cell = 'production'` }

/** A partner's latest calls that fit, newest first. */
export const latestCalls = (db: Db, search: CallSearch, limit: number) =>
  db.many(CallRow)`${callsThatFit(search, limit)}`

export const callsThatFit = (search: CallSearch, limit: number) => {
  const { partnerId, cell, before, product, operation, applicationId, consentId, code, outcome } =
    search
  const where = [sql`partner_id = ${partnerId}`, cells[cell]]
  if (before) where.push(sql`day <= ${dayOfCall(before)}`, sql`call_id < ${before}`)
  if (product) where.push(sql`product = ${product}`)
  if (operation) where.push(sql`operation = ${operation}`)
  if (applicationId) where.push(sql`application_id = ${applicationId}`)
  if (consentId) where.push(sql`consent_id = ${consentId}`)
  if (code) where.push(sql`code = ${code}`)
  if (outcome) where.push(outcomes[outcome])
  const tallied = sql`from usage.hour where partner_id = ${partnerId} and cell = ${cell}`
  // A call id begins with its time: this is the order of the key. Days without calls of the cell are not looked at.
  return sql`
    select ${callColumns}
      from usage.event
     where ${all(where)}
       and day >= (select (min(hour) at time zone 'UTC')::date ${tallied})
       and day <= (select (max(hour) at time zone 'UTC')::date ${tallied})
     order by day desc, call_id desc
     limit ${limit}
  `
}

/** One call of a partner. */
export const findCall = (db: Db, { partnerId, callId }: { partnerId: string; callId: string }) =>
  db.maybe(CallRow.extend({ cell: CellName, consentId: z.string().nullable() }))`
    select ${callColumns}, cell, consent_id as "consentId"
      from usage.event
     where partner_id = ${partnerId} and day = ${dayOfCall(callId)} and call_id = ${callId}
     limit 1
  `

export const GapRow = z.object({
  cell: z.string(),
  gateway: z.string(),
  boot: z.string(),
  /** First and last number that has not arrived although a later one has. */
  from: Count,
  to: Count,
  heardAt: z.instanceof(Temporal.Instant),
})

/** Calls that were made and have not been counted: a day with a gap cannot be invoiced. */
export const gaps = (db: Db) => db.many(GapRow)`
  select c.cell, c.gateway, c.boot, lower(g) as "from", upper(g) - 1 as "to", c.heard_at as "heardAt"
    from usage.cursor c
    cross join lateral unnest(
           int8multirange(int8range(1, upper(c.received))) - c.received
         ) g
   order by c.heard_at desc, c.boot, g
   limit 100
`

const UnitsRow = z.object({
  contractId: z.string().nullable(),
  operation: z.string(),
  priceVersion: z.string().nullable(),
  basis: Basis,
  unitPrice: z.string(),
  units: z.bigint(),
})

/** What a partner used in production between two whole hours, by the price that held. */
export const unitsByPrice = (
  db: Db,
  { partnerId, from, to }: { partnerId: string; from: Temporal.Instant; to: Temporal.Instant },
) => db.many(UnitsRow)`
  select nullif(contract_id, '') as "contractId", operation, nullif(price_version, '') as "priceVersion",
         price_basis as basis, trim_scale(unit_price)::text as "unitPrice", sum(billable_units)::bigint as units
    from usage.hour
   where partner_id = ${partnerId} and cell = 'production' and hour >= ${from} and hour < ${to}
   group by contract_id, operation, price_version, price_basis, unit_price
   order by contract_id, operation, price_version, price_basis, unit_price
   limit 10000
`

const PartnerRow = z.object({ partnerId: z.string() })

/** Partners that called production between two whole hours. */
export const partnersWithUsage = async (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<string[]> =>
  (
    await db.many(PartnerRow)`
      select distinct partner_id as "partnerId"
        from usage.hour
       where cell = 'production' and hour >= ${from} and hour < ${to}
       limit 100000
    `
  ).map((row) => row.partnerId)

const PartnerUnitsRow = UnitsRow.extend({ partnerId: z.string() })

/** As `unitsByPrice`, of every partner at once: what a whole portfolio is rated from. */
export const unitsOfAll = (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
) => db.many(PartnerUnitsRow)`
  select partner_id as "partnerId", nullif(contract_id, '') as "contractId", operation,
         nullif(price_version, '') as "priceVersion", price_basis as basis,
         trim_scale(unit_price)::text as "unitPrice", sum(billable_units)::bigint as units
    from usage.hour
   where cell = 'production' and hour >= ${from} and hour < ${to}
   group by partner_id, contract_id, operation, price_version, price_basis, unit_price
   order by partner_id, contract_id, operation
   limit 5000000
`

/** What a partner tried in the sandbox, by operation: what a price can be shown on before there is anything else. */
export const unitsTried = (
  db: Db,
  { partnerId, from, to }: { partnerId: string; from: Temporal.Instant; to: Temporal.Instant },
) => db.many(z.object({ operation: z.string(), units: z.bigint() }))`
  select operation, sum(billable_units)::bigint as units
    from usage.hour
   where partner_id = ${partnerId} and cell = 'sandbox' and hour >= ${from} and hour < ${to}
   group by operation
   order by operation
   limit 1000
`

/** What calls in production came to by unit prices of these versions between two whole hours: exact decimal text. */
export const spentBy = async (
  db: Db,
  filter: {
    partnerId: string
    applicationId: string | null
    priceVersions: readonly string[]
    from: Temporal.Instant
    to: Temporal.Instant
  },
): Promise<string> => {
  const { amount } = await db.one(z.object({ amount: z.string() }))`
    select coalesce(trim_scale(sum(billable_units * unit_price)), 0)::text as amount
      from usage.hour
     where partner_id = ${filter.partnerId} and cell = 'production' and hour >= ${filter.from} and hour < ${filter.to}
       and (${filter.applicationId}::text is null or application_id = ${filter.applicationId})
       and price_version = any(${filter.priceVersions}::text[])
  `
  return amount
}
