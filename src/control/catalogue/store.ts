import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { isBeta } from '#control/versions/index.ts'
import { Document } from './document.ts'
import { PriceVersion } from './price-version.ts'
import { Tier } from './tier.ts'

export const ProductRow = z.object({
  id: z.string(),
  title: z.string(),
  version: z.instanceof(Temporal.PlainDate),
  versions: z.array(z.string()),
  servedSince: z.record(z.string(), Instant),
  openapi: Document,
})

/** Products in the catalogue's order, each with its newest document and the days of all its versions. */
export const products = (db: Db) => db.many(ProductRow)`
  select p.id, p.title, d.version, d.openapi,
         (select array_agg(v.version::text order by v.version)
            from catalogue.document v
           where v.product_id = p.id) as versions,
         (select jsonb_object_agg(v.version::text, coalesce(v.stable_at, v.imported_at))
            from catalogue.document v
           where v.product_id = p.id) as "servedSince"
    from catalogue.product p
    join lateral (
           select version, openapi
             from catalogue.document
            where product_id = p.id
            order by version desc
            limit 1
         ) d on true
   order by p.position
   limit 100
`

const Id = z.object({ id: z.string() })

/** Ids of the products on offer, in the catalogue's order. */
export const productIds = async (db: Db): Promise<string[]> => {
  const rows = await db.many(Id)`select id from catalogue.product order by position limit 100`
  return rows.map((row) => row.id)
}

const Edition = z.object({ edition: z.string().nullable() })

/** Names what the catalogue holds now: the same edition, the same documents. */
export const edition = async (db: Db): Promise<string> => {
  const row = await db.one(Edition)`
    select string_agg(product_id || version || sha256, ' ' order by product_id, version) as edition
      from catalogue.document
  `
  return row.edition ?? ''
}

const Digest = z.object({ sha256: z.string() })

export const digestOf = (db: Db, productId: string, version: string) => db.maybe(Digest)`
  select sha256
    from catalogue.document
   where product_id = ${productId}
     and version = ${version}::date
`

const DocumentRow = z.object({ openapi: Document })

/** The document of one day's version. */
export const document = async (db: Db, productId: string, version: string) => {
  const row = await db.maybe(DocumentRow)`
    select openapi
      from catalogue.document
     where product_id = ${productId}
       and version = ${version}::date
  `
  return row?.openapi
}

const Version = z.object({
  version: z.string(),
  document: Document,
  publishedAt: z.instanceof(Temporal.Instant),
})

/** Every version of a product as it was published, oldest first. */
export const published = (db: Db, productId: string) => db.many(Version)`
  select version::text as version, openapi as document, imported_at as "publishedAt"
    from catalogue.document
   where product_id = ${productId}
   order by version
   limit 1000
`

export const saveProduct = (db: Db, id: string, title: string) => db.run`
  insert into catalogue.product (id, title, position)
  values (${id}, ${title}, (select coalesce(max(position), 0) + 1 from catalogue.product))
  on conflict (id) do update set title = excluded.title
`

export const saveDocument = (
  db: Db,
  productId: string,
  version: string,
  document: Document,
  sha256: string,
  at: Temporal.Instant,
) => db.run`
  insert into catalogue.document as d (product_id, version, openapi, sha256, imported_at, stable_at)
  values (${productId}, ${version}::date, ${JSON.stringify(document)}::text::json, ${sha256}, ${at},
          ${isBeta(document) ? null : at})
  on conflict (product_id, version) do update
    set openapi = excluded.openapi, sha256 = excluded.sha256, imported_at = excluded.imported_at,
        stable_at = coalesce(d.stable_at, excluded.stable_at)
`

export const tiers = (db: Db) => db.many(Tier)`
  select name, sold, limits
    from catalogue.tier
   order by position
   limit 100
`

export const tier = (db: Db, name: string) =>
  db.maybe(Tier)`select name, sold, limits from catalogue.tier where name = ${name}`

/** Holds the tier until the transaction ends, so that two changes of it do not mix. */
export const lockTier = (db: Db, name: string) =>
  db.maybe(Tier)`select name, sold, limits from catalogue.tier where name = ${name} for update`

export const insertTier = (db: Db, t: Tier, at: Temporal.Instant) => db.run`
  insert into catalogue.tier (name, position, sold, limits, changed_at)
  values (${t.name}, (select coalesce(max(position), 0) + 1 from catalogue.tier), ${t.sold},
          ${JSON.stringify(t.limits)}::text::jsonb, ${at})
  on conflict (name) do nothing
`

export const saveLimits = (db: Db, t: Tier, at: Temporal.Instant) => db.run`
  update catalogue.tier
     set limits = ${JSON.stringify(t.limits)}::text::jsonb, changed_at = ${at}
   where name = ${t.name}
`

const priceColumns = sql`id, currency, unit_prices as "unitPrices", terms, published_at as "publishedAt"`

export const priceVersions = (db: Db) => db.many(PriceVersion)`
  select ${priceColumns}
    from catalogue.price_version
   order by seq desc
   limit 100
`

const VersionId = z.object({ id: z.string() })

/** Names of all versions that price in a currency. */
export const priceVersionsIn = async (db: Db, currency: string): Promise<string[]> =>
  (
    await db.many(VersionId)`
      select id from catalogue.price_version where currency = ${currency} order by seq limit 10000
    `
  ).map(({ id }) => id)

export const priceVersion = (db: Db, id: string) =>
  db.maybe(PriceVersion)`select ${priceColumns} from catalogue.price_version where id = ${id}`

/** The list: what was published last. */
export const newestPrices = (db: Db) => db.maybe(PriceVersion)`
  select ${priceColumns}
    from catalogue.price_version
   order by seq desc
   limit 1
`

export const insertPrices = (db: Db, p: PriceVersion) => db.run`
  insert into catalogue.price_version (id, currency, unit_prices, terms, published_at)
  values (${p.id}, ${p.currency}, ${JSON.stringify(p.unitPrices)}::text::jsonb,
          ${JSON.stringify(p.terms)}::text::jsonb, ${p.publishedAt})
`
