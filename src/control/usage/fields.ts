/** Which fields partners really got: counts of answers, by which a contract can be made to fit. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { FieldBatch } from '#gateway/field-report.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'

/** Adds a gateway's report, inside of one transaction; a report that was taken before is success and changes nothing. */
export const takeFields = async (
  db: Db,
  cell: Cell,
  { gateway, boot, seq, rows }: FieldBatch,
  now: Temporal.Instant,
): Promise<{ seq: number }> => {
  const fresh = await db.run`
    insert into usage.field_cursor as c (cell, gateway, boot, seq, heard_at)
    values (${cell}, ${gateway}, ${boot}, ${seq}, ${now})
    on conflict (cell, gateway, boot) do update set seq = excluded.seq, heard_at = excluded.heard_at
     where c.seq < excluded.seq
  `
  if (fresh === 0) return { seq }
  const counted = rows.flatMap(({ partnerId, operation, answers, lastAt, fields }) =>
    [{ pointer: '', answers }, ...fields].map((field) => ({
      partnerId,
      operation,
      lastAt,
      ...field,
    })),
  )
  await db.run`
    insert into usage.field as f (partner_id, cell, operation, field, answers, first_at, last_at)
    select "partnerId", ${cell}, operation, pointer, sum(answers), min("lastAt"), max("lastAt")
      from jsonb_to_recordset(${JSON.stringify(counted)}::text::jsonb) as g (
        "partnerId" text, operation text, pointer text, answers bigint, "lastAt" timestamptz)
     group by "partnerId", operation, pointer
     order by "partnerId", operation, pointer
    on conflict (partner_id, cell, operation, field) do update
      set answers = f.answers + excluded.answers,
          first_at = least(f.first_at, excluded.first_at),
          last_at = greatest(f.last_at, excluded.last_at)
  `
  return { seq }
}

const Count = z.bigint().transform(Number)

export const FieldCount = z.object({
  operation: z.string(),
  /** Empty for the answers themselves. */
  field: z.string(),
  answers: Count,
  firstAt: z.instanceof(Temporal.Instant),
  lastAt: z.instanceof(Temporal.Instant),
})

/** What a partner got in a cell, since its first call there. */
export const fieldCounts = (db: Db, filter: { partnerId: string; cell: Cell }) => {
  const where = [sql`partner_id = ${filter.partnerId}`, sql`cell = ${filter.cell}`]
  return db.many(FieldCount)`
    select operation, field, answers, first_at as "firstAt", last_at as "lastAt"
      from usage.field
     where ${all(where)}
     order by operation, field
     limit 10000
  `
}
