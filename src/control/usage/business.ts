/** What happened in a cell that has a value: taken from its journal, each line once, by its place there. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { type BusinessBatch, BusinessKind } from '#courier/business-events.ts'

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
      (cell, seq, kind, partner_id, application_id, subject, amount_minor, currency, occurred_at, recorded_at)
    select ${cell}, seq, kind, "partnerId", "applicationId", subject, "amountMinor", currency, "occurredAt", ${now}
      from jsonb_to_recordset(${JSON.stringify(fresh)}::text::jsonb) as g (
        seq bigint, kind text, "partnerId" text, "applicationId" text, subject text, "amountMinor" numeric,
        currency text, "occurredAt" timestamptz)
     order by seq
    on conflict (cell, seq) do nothing
  `
  await db.run`update usage.business_cursor set seq = ${upTo}, heard_at = ${now} where cell = ${cell}`
  return { seq: upTo.toString() }
}

export const BusinessRow = z.object({
  seq: z.bigint(),
  kind: BusinessKind,
  partnerId: z.string(),
  subject: z.string(),
  amountMinor: z.string().transform(BigInt),
  currency: z.string(),
  occurredAt: z.instanceof(Temporal.Instant),
})
export type BusinessRow = z.output<typeof BusinessRow>

/** Values of production in `[from, to)`, in the order of its journal; of one partner, or of all. */
export const businessEvents = (
  db: Db,
  filter: {
    partnerId?: string | undefined
    kinds?: readonly BusinessKind[]
    from: Temporal.Instant
    to: Temporal.Instant
  },
) => {
  const where = [
    sql`cell = 'production'`,
    sql`occurred_at >= ${filter.from}`,
    sql`occurred_at < ${filter.to}`,
  ]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.kinds) where.push(sql`kind = any(${filter.kinds}::text[])`)
  return db.many(BusinessRow)`
    select seq, kind, partner_id as "partnerId", subject, amount_minor::text as "amountMinor", currency,
           occurred_at as "occurredAt"
      from usage.business_event
     where ${all(where)}
     order by seq
     limit 1000000
  `
}
