/** SQL of systems behind the gateway, of drafts, and of permissions that the bank made for its own products. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { Draft } from './import/draft.ts'
import { originOf, Upstream } from './upstream.ts'

const upstreamColumns = sql`id, cell, address, ca, certificate, sealed_key as "sealedKey"`

export const upstreams = (db: Db) => db.many(Upstream)`
  select ${upstreamColumns}
    from catalogue.upstream
   order by id, cell
   limit 1000
`

export const upstream = (db: Db, cell: Cell, id: string) => db.maybe(Upstream)`
  select ${upstreamColumns}
    from catalogue.upstream
   where id = ${id}
     and cell = ${cell}
`

const CellOf = z.object({ cell: z.string() })

/** The cell that an origin belongs to, once it has belonged to one. */
export const cellOfOrigin = async (db: Db, origin: string): Promise<string | undefined> =>
  (await db.maybe(CellOf)`select cell from catalogue.origin where origin = ${origin}`)?.cell

export const saveUpstream = async (db: Db, one: Upstream, at: Temporal.Instant) => {
  const { id, cell, address, ca, certificate, sealedKey } = one
  const origin = originOf(one)
  await db.run`
    insert into catalogue.origin (origin, cell) values (${origin}, ${cell})
    on conflict (origin) do nothing
  `
  // Where the origin is the other cell's, the key to it does not fit, and nothing is saved.
  await db.run`
    insert into catalogue.upstream (id, cell, address, origin, ca, certificate, sealed_key, changed_at)
    values (${id}, ${cell}, ${address}, ${origin}, ${ca}, ${certificate}, ${sealedKey}, ${at})
    on conflict (id, cell) do update
      set address = excluded.address, origin = excluded.origin, ca = excluded.ca,
          certificate = excluded.certificate, sealed_key = excluded.sealed_key,
          changed_at = excluded.changed_at
  `
}

const DraftRow = Draft.extend({ version: z.instanceof(Temporal.PlainDate) })

const asDraft = (row: z.output<typeof DraftRow>): Draft => ({
  ...row,
  version: row.version.toString(),
})

const draftColumns = sql`product_id as "productId", upstream_id as "upstreamId", version, source, overlay`

export const draft = async (db: Db, productId: string): Promise<Draft | undefined> => {
  const row = await db.maybe(DraftRow)`
    select ${draftColumns} from catalogue.draft where product_id = ${productId}
  `
  return row && asDraft(row)
}

const DraftName = z.object({
  productId: z.string(),
  upstreamId: z.string(),
  version: z.instanceof(Temporal.PlainDate),
})

export const drafts = (db: Db) => db.many(DraftName)`
  select product_id as "productId", upstream_id as "upstreamId", version
    from catalogue.draft
   order by product_id
   limit 100
`

export const saveDraft = (db: Db, d: Draft, at: Temporal.Instant) => db.run`
  insert into catalogue.draft (product_id, upstream_id, version, source, overlay, saved_at)
  values (${d.productId}, ${d.upstreamId}, ${d.version}::date, ${d.source},
          ${JSON.stringify(d.overlay)}::text::jsonb, ${at})
  on conflict (product_id) do update
    set upstream_id = excluded.upstream_id, version = excluded.version, source = excluded.source,
        overlay = excluded.overlay, saved_at = excluded.saved_at
`

const OwnPermission = z.object({
  permission: z.string(),
  productId: z.string(),
  title: z.string(),
  scopes: z.array(z.string()),
})

/** Permissions that a contract alone opens, with the scopes of their products. */
export const ownPermissions = (db: Db) => db.many(OwnPermission)`
  select o.permission, o.product_id as "productId", p.title, o.scopes
    from catalogue.own_permission o
    join catalogue.product p on p.id = o.product_id
   order by o.permission
   limit 1000
`

export const saveOwnPermission = (
  db: Db,
  o: { permission: string; productId: string; scopes: readonly string[] },
) => db.run`
  insert into catalogue.own_permission (permission, product_id, scopes)
  values (${o.permission}, ${o.productId}, ${[...o.scopes]})
  on conflict (permission) do update set scopes = excluded.scopes
`
