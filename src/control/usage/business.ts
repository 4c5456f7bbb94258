/** What happened in a cell that has a value: taken from its journal, each line once, by its place there. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { BusinessBatch } from '#courier/business-events.ts'
import { ValueKind } from '#control/rating/index.ts'

const Cursor = z.object({ seq: z.bigint() })

/**
 * Takes a batch inside of one transaction: the events behind what was read before, and the cursor. One that does not
 * follow on what was read is not taken: the answer says from where to go on.
 */
export const takeBusinessEvents = async (
  db: Db,
  cell: Cell,
  batch: BusinessBatch,
  now: Temporal.Instant,
): Promise<{ seq: string }> => {
  await db.run`
    insert into usage.business_cursor (cell, seq, heard_at) values (${cell}, 0, ${now}) on conflict (cell) do nothing
  `
  const { seq } = await db.one(Cursor)`
    select seq from usage.business_cursor where cell = ${cell} for update
  `
  const [after, upTo] = [BigInt(batch.after), BigInt(batch.upTo)]
  if (after > seq || upTo <= seq) return { seq: seq.toString() }
  const fresh = batch.events.filter((e) => BigInt(e.seq) > seq && BigInt(e.seq) <= upTo)
  await db.run`
    insert into usage.business_event
      (cell, seq, kind, partner_id, application_id, subject, amount_minor, currency, occurred_at, recorded_at,
       reverses)
    select ${cell}, seq, kind, "partnerId", "applicationId", subject, "amountMinor", currency, "occurredAt", ${now}, reverses
      from jsonb_to_recordset(${JSON.stringify(fresh)}::text::jsonb) as g (
        seq bigint, kind text, "partnerId" text, "applicationId" text, subject text, "amountMinor" numeric,
        currency text, "occurredAt" timestamptz, reverses text)
     order by seq
    on conflict (cell, seq) do nothing
  `
  await db.run`update usage.business_cursor set seq = ${upTo}, heard_at = ${now} where cell = ${cell}`
  return { seq: upTo.toString() }
}

export const BusinessRow = z.object({
  /** Unique for ever: `production/17`, or what reported it and its reference. */
  id: z.string(),
  kind: ValueKind,
  partnerId: z.string(),
  subject: z.string(),
  reverses: z.string().nullable(),
  amountMinor: z.string().transform(BigInt),
  currency: z.string(),
  occurredAt: z.instanceof(Temporal.Instant),
})
export type BusinessRow = z.output<typeof BusinessRow>

/**
 * Values of production in `[from, to)`, in order of time: what its journal told, and what was reported; of one partner, or
 * of all.
 */
export const businessEvents = (
  db: Db,
  filter: {
    partnerId?: string | undefined
    kinds?: readonly ValueKind[]
    from: Temporal.Instant
    to: Temporal.Instant
  },
) => {
  const where = [sql`occurred_at >= ${filter.from}`, sql`occurred_at < ${filter.to}`]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.kinds) where.push(sql`kind = any(${filter.kinds}::text[])`)
  return db.many(BusinessRow)`
    select 'production/' || seq as id, kind, partner_id as "partnerId", subject, reverses,
           amount_minor::text as "amountMinor", currency, occurred_at as "occurredAt"
      from usage.business_event
     where cell = 'production' and ${all(where)}
    union all
    select kind || '/' || reference, kind, partner_id, reference, null, amount_minor::text, currency, occurred_at
      from usage.reported_value
     where ${all(where)}
     order by "occurredAt", id
     limit 1000000
  `
}

/** What these subjects were counted for, whenever that was: what is taken back is measured by it. */
export const countedFor = (
  db: Db,
  filter: { partnerId: string; kind: ValueKind; subjects: readonly string[] },
) => db.many(BusinessRow)`
  select 'production/' || seq as id, kind, partner_id as "partnerId", subject, reverses,
         amount_minor::text as "amountMinor", currency, occurred_at as "occurredAt"
    from usage.business_event
   where cell = 'production' and partner_id = ${filter.partnerId} and kind = ${filter.kind}
     and subject = any(${filter.subjects}::text[]) and reverses is null
   order by occurred_at, seq
   limit 100000
`

export interface Reported {
  readonly partnerId: string
  readonly kind: 'reported' | 'account-fee'
  readonly reference: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly occurredAt: Temporal.Instant
}

/** Keeps a value that no cell knows. The same reference again is success and changes nothing; answers whether it was new. */
export const reportValue = async (work: Work, value: Reported): Promise<boolean> => {
  const { partnerId, kind, reference, amountMinor, currency, occurredAt } = value
  const added = await work.run`
    insert into usage.reported_value
      (partner_id, kind, reference, amount_minor, currency, occurred_at, recorded_at, reported_by)
    values (${partnerId}, ${kind}, ${reference}, ${amountMinor}, ${currency}, ${occurredAt}, ${work.now}, ${work.actor})
    on conflict (partner_id, kind, reference) do nothing
  `
  if (added > 0)
    await work.record('usage.value-reported', partnerId, {
      kind,
      reference,
      amountMinor: amountMinor.toString(),
      currency,
      occurredAt: occurredAt.toString(),
    })
  return added > 0
}
