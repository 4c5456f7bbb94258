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

const Key = z.object({ key: z.string() })

/** What was announced of a product and is in effect by a day: keys of findings. */
export const dueBy = async (
  db: Db,
  product: string,
  day: Temporal.PlainDate,
): Promise<ReadonlySet<string>> => {
  const rows = await db.many(Key)`
    select distinct key
      from versions.coming
     where product = ${product}
       and takes_effect <= ${day}::date
       and withdrawn_at is null
     order by key
     limit 10000
  `
  return new Set(rows.map((row) => row.key))
}
