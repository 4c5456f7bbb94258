import { z } from 'zod'
import type { Db } from '#platform/db.ts'

const Retired = z.object({ version: z.string() })

/** Versions that nobody is served by any more. */
export const retiredVersions = async (db: Db): Promise<ReadonlySet<string>> => {
  const rows = await db.many(Retired)`
    select version::text as version
      from versions.life
     where retired_at is not null
     order by version
     limit 1000
  `
  return new Set(rows.map((row) => row.version))
}

/** Days in trial that any application asked for. */
export const joinedTrials = async (db: Db): Promise<ReadonlySet<string>> => {
  const rows = await db.many(Retired)`
    select distinct version::text as version from versions.beta_use order by version limit 1000
  `
  return new Set(rows.map((row) => row.version))
}

const Due = z.object({ key: z.string(), carriedOutAt: z.instanceof(Temporal.Instant).nullable() })

/** What was announced of a product and is in effect by a day: keys of findings, and when each was carried out. */
export const dueBy = async (
  db: Db,
  product: string,
  day: Temporal.PlainDate,
): Promise<ReadonlyMap<string, Temporal.Instant | null>> => {
  const rows = await db.many(Due)`
    select key, case when bool_or(carried_out_at is null) then null else max(carried_out_at) end as "carriedOutAt"
      from versions.coming
     where product = ${product}
       and takes_effect <= ${day}::date
       and withdrawn_at is null
     group by key
     order by key
     limit 10000
  `
  return new Map(rows.map((row) => [row.key, row.carriedOutAt]))
}

/** What was announced is published now. */
export const markCarriedOut = (
  db: Db,
  product: string,
  keys: readonly string[],
  { day, at }: { day: Temporal.PlainDate; at: Temporal.Instant },
) => db.run`
  update versions.coming
     set carried_out_at = ${at}
   where product = ${product}
     and key = any(${[...keys]}::text[])
     and takes_effect <= ${day}::date
     and withdrawn_at is null
     and carried_out_at is null
`
