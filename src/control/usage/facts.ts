/** How applications use operations: which members they send and get. What was seen on a day, and no value. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import type { Db } from '#platform/db.ts'

/** Keeps what calls showed. A fact that is told twice is the same fact. */
export const noteFacts = async (
  db: Db,
  cell: Cell,
  calls: readonly (UsageRecord & { readonly day: string })[],
): Promise<void> => {
  const rows = calls.flatMap(({ facts, version, partnerId, applicationId, operation, day }) =>
    facts && version !== undefined
      ? facts.map((fact) => ({ partnerId, applicationId, version, operation, day, fact }))
      : [],
  )
  if (rows.length === 0) return
  await db.run`
    insert into usage.fact as f (partner_id, cell, application_id, version, operation, fact, first_on, last_on)
    select "partnerId", ${cell}, "applicationId", version, operation, fact, min(day), max(day)
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as g (
        "partnerId" text, "applicationId" text, version date, operation text, day date, fact text)
     group by "partnerId", "applicationId", version, operation, fact
     order by "partnerId", "applicationId", version, operation, fact
    on conflict (partner_id, cell, application_id, version, operation, fact) do update
      set first_on = least(f.first_on, excluded.first_on), last_on = greatest(f.last_on, excluded.last_on)
     where f.first_on > excluded.first_on or f.last_on < excluded.last_on
  `
}

const Seen = z.object({
  cell: Cell,
  applicationId: z.string(),
  version: z.string(),
  operation: z.string(),
  fact: z.string(),
  firstOn: z.string(),
})
export type Seen = z.output<typeof Seen>

/** What was seen of operations since a day. Promises hang on every one: the limit is beyond any bank, and no cut. */
export const factsSeen = (
  db: Db,
  { since, operations }: { since: Temporal.PlainDate; operations: readonly string[] },
) => db.many(Seen)`
  select cell, application_id as "applicationId", version::text as version, operation, fact,
         first_on::text as "firstOn"
    from usage.fact
   where operation = any(${[...operations]}::text[])
     and last_on >= ${since.toString()}::date
   order by partner_id, cell, application_id, version, operation, fact
   limit 5000000
`
