/** What each partner was allowed, version by version: read off the documents as they are published, and kept for good. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Snapshot, SnapshotApplication, SnapshotPartner } from '#gateway/snapshot.ts'
import { canonical } from '#kernel/canonical.ts'
import { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'

/** A partner as it stood in a gateway's document. */
export const Allowed = z.object({
  partner: SnapshotPartner,
  applications: z.array(
    SnapshotApplication.pick({
      id: true,
      status: true,
      scopes: true,
      apiVersion: true,
      permissions: true,
    }),
  ),
})
export type Allowed = z.output<typeof Allowed>

export const PermissionVersion = z.object({
  cell: Cell,
  partnerId: z.string(),
  epoch: z.bigint(),
  snapshotSha256: z.string(),
  at: z.instanceof(Temporal.Instant),
  matrix: z.string(),
  sha256: z.string(),
  body: z.string(),
})
export type PermissionVersion = z.output<typeof PermissionVersion>

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')

/** One text for each partner of a document, by its id. */
const bodiesOf = (snapshot: Snapshot): Map<string, string> => {
  const applications = Map.groupBy(snapshot.applications, (a) => a.partnerId)
  return new Map(
    snapshot.partners.map((partner) => [
      partner.id,
      canonical({
        partner,
        applications: (applications.get(partner.id) ?? []).map(
          ({ id, status, scopes, apiVersion, permissions }) => ({
            id,
            status,
            scopes,
            apiVersion,
            permissions,
          }),
        ),
      }),
    ]),
  )
}

const Changed = z.object({ id: z.string() })
/** Texts that travel to the database at once. */
const AT_ONCE = 500

/** Keeps the partners of a new document that are not as they were in the one before. */
export const keepPermissions = async (
  db: Db,
  snapshot: Snapshot,
  document: { epoch: number; sha256: string; at: Temporal.Instant },
): Promise<void> => {
  const { cell, matrix } = snapshot
  const bodies = bodiesOf(snapshot)
  const digests = [...bodies].map(([id, body]) => ({ id, sha256: sha256Of(body) }))
  const changed = await db.many(Changed)`
    select g.id
      from jsonb_to_recordset(${JSON.stringify(digests)}::text::jsonb) as g (id text, sha256 text)
      left join lateral (
           select p.sha256
             from publication.permission_version p
            where p.cell = ${cell} and p.partner_id = g.id
            order by p.epoch desc
            limit 1
           ) last on true
     where last.sha256 is distinct from g.sha256
     order by g.id
     limit ${digests.length + 1}
  `
  const rows = changed.map(({ id }) => ({ id, body: bodies.get(id) ?? '' }))
  for (let from = 0; from < rows.length; from += AT_ONCE)
    await db.run`
      insert into publication.permission_version
        (cell, partner_id, epoch, snapshot_sha256, at, matrix, sha256, body)
      select ${cell}, g.id, ${document.epoch}, ${document.sha256}, ${document.at}, ${matrix},
             encode(sha256(convert_to(g.body, 'UTF8')), 'hex'), g.body
        from jsonb_to_recordset(${JSON.stringify(rows.slice(from, from + AT_ONCE))}::text::jsonb)
             as g (id text, body text)
    `
}

const columns = sql`
  cell, partner_id as "partnerId", epoch, snapshot_sha256 as "snapshotSha256", at, matrix, sha256, body
`

/** Versions that held at some moment of a period, in order: the one that it began with, and those that came in it. */
export const permissionVersions = (
  db: Db,
  asked: { cell: Cell; partnerId: string; from: Temporal.Instant; to: Temporal.Instant },
) => db.many(PermissionVersion)`
  select ${columns}
    from publication.permission_version
   where cell = ${asked.cell} and partner_id = ${asked.partnerId} and at < ${asked.to}
     and epoch >= coalesce(
           (select max(epoch)
              from publication.permission_version
             where cell = ${asked.cell} and partner_id = ${asked.partnerId} and at <= ${asked.from}), 0)
   order by epoch
   limit 10000
`

/** The one that held at a moment. */
export const permissionsAt = (db: Db, cell: Cell, partnerId: string, at: Temporal.Instant) =>
  db.maybe(PermissionVersion)`
    select ${columns}
      from publication.permission_version
     where cell = ${cell} and partner_id = ${partnerId} and at <= ${at}
     order by epoch desc
     limit 1
  `

const Document = z.object({
  epoch: z.bigint(),
  sha256: z.string(),
  compiledAt: z.instanceof(Temporal.Instant),
  journalSeq: z.bigint(),
  /** Where the journal says that it was published; null for the moment until it was read. */
  line: z.bigint().nullable(),
})

/** The one that a document of this number held. */
export const permissionsOf = (db: Db, cell: Cell, partnerId: string, epoch: bigint) =>
  db.maybe(PermissionVersion)`
    select ${columns}
      from publication.permission_version
     where cell = ${cell} and partner_id = ${partnerId} and epoch <= ${epoch}
     order by epoch desc
     limit 1
  `

/** The gateways' document of a number. */
export const documentOf = (db: Db, cell: Cell, epoch: bigint) => db.maybe(Document)`
  select epoch, sha256, compiled_at as "compiledAt", journal_seq as "journalSeq", line
    from publication.document
   where cell = ${cell} and audience = 'gateway' and epoch = ${epoch}
`

/** The gateways' document that was the newest at a moment: its digest stands in the journal, too. */
export const documentAt = (db: Db, cell: Cell, at: Temporal.Instant) => db.maybe(Document)`
  select epoch, sha256, compiled_at as "compiledAt", journal_seq as "journalSeq", line
    from publication.document
   where cell = ${cell} and audience = 'gateway' and compiled_at <= ${at}
   order by compiled_at desc, epoch desc
   limit 1
`
