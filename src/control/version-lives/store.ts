import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Brownout, Extension, Life } from './life.ts'
import { Pin } from './pin.ts'

const lifeColumns = sql`version::text as version, deprecated_at as "deprecatedAt", sunset_at as "sunsetAt",
  retired_at as "retiredAt", retired_why as "retiredWhy"`

export const lives = (db: Db) =>
  db.many(Life)`select ${lifeColumns} from versions.life order by version limit 1000`

export const lockLife = (db: Db, version: string) => db.maybe(Life)`
  select ${lifeColumns} from versions.life where version = ${version}::date for update
`

export const insertLife = (db: Db, life: Pick<Life, 'version' | 'deprecatedAt' | 'sunsetAt'>) =>
  db.run`
    insert into versions.life (version, deprecated_at, sunset_at)
    values (${life.version}::date, ${life.deprecatedAt}, ${life.sunsetAt})
  `

export const retire = (db: Db, version: string, why: string | null, at: Temporal.Instant) => db.run`
  update versions.life set retired_at = ${at}, retired_why = ${why} where version = ${version}::date
`

/**
 * Those that matter: of versions that are not retired, which a cell is told of, and of others the newest that are over.
 * At most BROWNOUTS_MAX of a version and cell are planned, so those of a thousand living versions are never cut.
 */
export const brownouts = (db: Db) => db.many(Brownout)`
  select id, version::text as version, cell, starts_at as "startsAt", ends_at as "endsAt",
         payments_of as "paymentsOf"
    from (
           select b.*
             from versions.brownout as b
             join versions.life as l on l.version = b.version
            order by l.retired_at is not null, b.ends_at desc, b.id
            limit 400000
         ) as newest
   order by starts_at, id
   limit 400000
`

export const insertBrownout = (db: Db, one: Brownout) => db.run`
  insert into versions.brownout (id, version, cell, starts_at, ends_at, payments_of)
  values (${one.id}, ${one.version}::date, ${one.cell}, ${one.startsAt}, ${one.endsAt}, ${one.paymentsOf})
`

export const extensions = (db: Db) => db.many(Extension)`
  select partner_id as "partnerId", version::text as version, until, reason
    from versions.extension
   order by version, partner_id
   limit 100000
`

export const findExtension = (db: Db, partnerId: string, version: string) => db.maybe(Extension)`
  select partner_id as "partnerId", version::text as version, until, reason
    from versions.extension
   where partner_id = ${partnerId} and version = ${version}::date
`

export const saveExtension = (db: Db, one: Extension, at: Temporal.Instant) => db.run`
  insert into versions.extension (partner_id, version, until, reason, granted_at)
  values (${one.partnerId}, ${one.version}::date, ${one.until}, ${one.reason}, ${at})
  on conflict (partner_id, version) do update
    set until = excluded.until, reason = excluded.reason, granted_at = excluded.granted_at
`

export const pins = (db: Db) => db.many(Pin)`
  select application_id as "applicationId", version::text as version, before::text as before, moved_at as "movedAt"
    from versions.pin
   order by application_id
   limit 1000000
`

export const savePin = (db: Db, pin: Pin) => db.run`
  insert into versions.pin (application_id, version, before, moved_at)
  values (${pin.applicationId}, ${pin.version}::date, ${pin.before}::date, ${pin.movedAt})
  on conflict (application_id) do update
    set version = excluded.version, before = excluded.before, moved_at = excluded.moved_at
`

export const Coming = z.object({
  id: z.string(),
  product: z.string(),
  key: z.string(),
  operation: z.string().nullable(),
  rule: z.string(),
  summary: z.object({ en: z.string(), ru: z.string(), uz: z.string() }),
  takesEffect: z.string(),
  announcedAt: z.instanceof(Temporal.Instant),
  /** What two people decided; null of what was announced before that was kept. */
  changeId: z.string().nullable(),
})
export type Coming = z.output<typeof Coming>

/** What was announced and is not withdrawn, the nearest first. */
export const coming = (db: Db) => db.many(Coming)`
  select id, product, key, operation, rule, summary, takes_effect::text as "takesEffect",
         announced_at as "announcedAt", change_id as "changeId"
    from versions.coming
   where withdrawn_at is null
   order by takes_effect, id
   limit 10000
`

export const insertComing = (db: Db, one: Coming) => db.run`
  insert into versions.coming (id, product, key, operation, rule, summary, takes_effect, announced_at, change_id)
  values (${one.id}, ${one.product}, ${one.key}, ${one.operation}, ${one.rule},
          ${JSON.stringify(one.summary)}::text::jsonb, ${one.takesEffect}::date, ${one.announcedAt},
          ${one.changeId})
`

/** An announcement with all that was announced with it and is neither carried out nor taken back. */
export const lockOpenComing = (db: Db, id: string) => db.many(Coming)`
  select id, product, key, operation, rule, summary, takes_effect::text as "takesEffect",
         announced_at as "announcedAt", change_id as "changeId"
    from versions.coming
   where (id = ${id} or change_id = (select change_id from versions.coming where id = ${id}))
     and carried_out_at is null
     and withdrawn_at is null
   order by id
   limit 1000
     for update
`

export const withdrawComing = (
  db: Db,
  ids: readonly string[],
  { by, at }: { by: string; at: Temporal.Instant },
) => db.run`
  update versions.coming set withdrawn_at = ${at}, withdrawn_by = ${by} where id = any(${[...ids]}::text[])
`

const CarriedOut = z.object({ carriedOut: z.boolean() })

/** Whether a part of an announcement is published already; undefined: there is no such announcement. */
export const carriedOut = (db: Db, id: string) => db.maybe(CarriedOut)`
  select exists (
           select from versions.coming as other
            where (other.id = c.id or other.change_id = c.change_id) and other.carried_out_at is not null
         ) as "carriedOut"
    from versions.coming as c
   where id = ${id}
`

/** As if its end had never been announced; the journal knows that it was. */
export const deleteLife = async (db: Db, version: string): Promise<void> => {
  await db.run`delete from versions.brownout where version = ${version}::date`
  await db.run`delete from versions.extension where version = ${version}::date`
  await db.run`delete from versions.life where version = ${version}::date`
}

export const Reading = z.object({
  applicationId: z.string(),
  operation: z.string(),
  fields: z.array(z.string()),
})

/** What programs were said to read: of operations, or of one program. */
export const readings = (
  db: Db,
  of: { readonly operations: readonly string[] } | { readonly applicationId: string },
) => db.many(Reading)`
  select application_id as "applicationId", operation, fields
    from versions.reading
   where ${'operations' in of ? sql`operation = any(${[...of.operations]}::text[])` : sql`application_id = ${of.applicationId}`}
   order by application_id, operation
   limit 1000000
`

export const saveReading = (
  db: Db,
  applicationId: string,
  { operation, fields }: { operation: string; fields: readonly string[] },
  at: Temporal.Instant,
) => db.run`
  insert into versions.reading (application_id, operation, fields, said_at)
  values (${applicationId}, ${operation}, ${[...fields]}, ${at})
  on conflict (application_id, operation) do update set fields = excluded.fields, said_at = excluded.said_at
`

export const deleteReading = (db: Db, applicationId: string, operation: string) => db.run`
  delete from versions.reading where application_id = ${applicationId} and operation = ${operation}
`

export const BetaUse = z.object({ applicationId: z.string(), version: z.string() })

export const betaUses = (db: Db) => db.many(BetaUse)`
  select application_id as "applicationId", version::text as version
    from versions.beta_use
   order by application_id, version
   limit 1000000
`

export const joinBeta = (
  db: Db,
  applicationId: string,
  version: string,
  at: Temporal.Instant,
) => db.run`
  insert into versions.beta_use (application_id, version, opted_at)
  values (${applicationId}, ${version}::date, ${at})
  on conflict do nothing
`

export const leaveBeta = (db: Db, applicationId: string, version: string) => db.run`
  delete from versions.beta_use where application_id = ${applicationId} and version = ${version}::date
`
