import { z } from 'zod'
import { Cell, cells } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import type { Receipt } from '#platform/link.ts'
import { Audience, type Envelope, type Revocation } from '#platform/publication.ts'

const Journalled = z.object({ journalSeq: z.bigint() })

/** How far the journal has been read for revocations. */
export const readUpTo = async (db: Db): Promise<bigint> =>
  (await db.one(Journalled)`select journal_seq as "journalSeq" from publication.cursor`).journalSeq

/** Holds the reader's place, so that one process at a time reads the journal on. */
export const lockPlace = async (db: Db): Promise<bigint> => {
  const { journalSeq } = await db.one(Journalled)`
    select journal_seq as "journalSeq" from publication.cursor for update
  `
  return journalSeq
}

export const savePlace = (db: Db, journalSeq: bigint) =>
  db.run`update publication.cursor set journal_seq = ${journalSeq}`

export interface NewRevocation {
  readonly cell: Cell
  readonly kind: 'client' | 'certificate' | 'partner' | 'permission' | 'key'
  readonly id: string
  readonly at: Temporal.Instant
  readonly expiresAt: Temporal.Instant
  readonly journalSeq: bigint
}

/** Whoever holds the reader's place numbers them: gapless within a cell. */
export const insertRevocation = (db: Db, r: NewRevocation) => db.run`
  insert into publication.revocation (cell, seq, kind, id, at, expires_at, journal_seq)
  select ${r.cell}, coalesce(max(seq), 0) + 1, ${r.kind}, ${r.id}, ${r.at}, ${r.expiresAt}, ${r.journalSeq}
    from publication.revocation
   where cell = ${r.cell}
  on conflict (cell, kind, id, journal_seq) do nothing
`

const RevocationRow = z.object({
  seq: z.bigint(),
  kind: z.enum(['client', 'certificate', 'partner', 'permission', 'key']),
  id: z.string(),
  at: z.instanceof(Temporal.Instant),
  expiresAt: z.instanceof(Temporal.Instant),
})

/** A cell's live revocations above a number, in order: a page of them. */
export const revocationsAbove = async (
  db: Db,
  cell: Cell,
  after: bigint,
  now: Temporal.Instant,
): Promise<Revocation[]> => {
  const rows = await db.many(RevocationRow)`
    select seq, kind, id, at, expires_at as "expiresAt"
      from publication.revocation
     where cell = ${cell} and seq > ${after} and expires_at > ${now}
     order by seq
     limit 1000
  `
  return rows.map(({ seq, kind, id, at, expiresAt }) => ({
    source: 'control',
    seq: Number(seq),
    kind,
    id,
    at: at.toString(),
    expiresAt: expiresAt.toString(),
  }))
}

export const Published = z.object({
  cell: Cell,
  audience: Audience,
  epoch: z.bigint(),
  sha256: z.string(),
  compiledAt: z.instanceof(Temporal.Instant),
})
export type Published = z.output<typeof Published>

/** The newest epoch of every document. */
export const newest = (db: Db) => db.many(Published)`
  select d.cell, d.audience, d.epoch, d.sha256, d.compiled_at as "compiledAt"
    from unnest(${cells.flatMap((cell) => Audience.options.map(() => cell))}::text[],
                ${cells.flatMap(() => Audience.options)}::text[]) as wanted (cell, audience)
   cross join lateral (
         select *
           from publication.document
          where cell = wanted.cell and audience = wanted.audience
          order by epoch desc
          limit 1
       ) d
   order by d.cell, d.audience
   limit 10
`

const Kept = z.object({ envelope: z.string(), epoch: z.bigint() })

/** The newest envelope as it travels. */
export const newestEnvelope = (db: Db, cell: Cell, audience: Audience) => db.maybe(Kept)`
  select envelope, epoch
    from publication.document
   where cell = ${cell} and audience = ${audience} and envelope is not null
   order by epoch desc
   limit 1
`

/** Envelopes that are kept whole, for whoever asks what was in force; of the older ones epoch and digest stay. */
const KEPT_WHOLE = 20

type NewDocument = Pick<Envelope, 'cell' | 'audience' | 'epoch' | 'sha256' | 'compiledAt'>

export const insertDocument = async (db: Db, e: NewDocument, text: string, journalSeq: bigint) => {
  await db.run`
    insert into publication.document (cell, audience, epoch, sha256, compiled_at, journal_seq, envelope)
    values (${e.cell}, ${e.audience}, ${e.epoch}, ${e.sha256}, ${e.compiledAt}, ${journalSeq}, ${text})
  `
  await db.run`
    update publication.document
       set envelope = null
     where cell = ${e.cell} and audience = ${e.audience} and epoch <= ${e.epoch - KEPT_WHOLE}
       and envelope is not null
  `
}

/** Keeps where the journal says that a document was published. */
export const saveLine = (
  db: Db,
  { cell, audience, epoch }: Pick<NewDocument, 'cell' | 'audience' | 'epoch'>,
  line: bigint,
) => db.run`
  update publication.document
     set line = ${line}
   where cell = ${cell} and audience = ${audience} and epoch = ${epoch}
`

/** Receipts of a reader that are kept; the newest says what it serves by. */
const RECEIPTS_KEPT = 20
/** Of so many of the newest documents it stays known when a reader first served by them. */
const ENFORCEMENTS_KEPT = 1_000

export const insertReceipt = async (
  db: Db,
  { cell, audience }: { cell: Cell; audience: Audience },
  r: Receipt,
  at: Temporal.Instant,
) => {
  await db.run`
    insert into publication.receipt (cell, audience, reader, taken, epoch, sha256, reason, highest, at)
    values (${cell}, ${audience}, ${r.reader}, ${r.taken}, ${r.epoch}, ${r.sha256}, ${r.reason}, ${r.highest}, ${at})
  `
  await db.run`
    delete from publication.receipt
     where cell = ${cell} and audience = ${audience} and reader = ${r.reader}
       and seq <= (select seq
                     from publication.receipt
                    where cell = ${cell} and audience = ${audience} and reader = ${r.reader}
                    order by seq desc
                   offset ${RECEIPTS_KEPT} limit 1)
  `
  if (r.taken && r.epoch !== null)
    await keepEnforcement(db, { cell, audience, reader: r.reader, epoch: r.epoch }, at)
}

/** A reader says at each start what it holds: the first word counts. */
const keepEnforcement = async (
  db: Db,
  {
    cell,
    audience,
    reader,
    epoch,
  }: Pick<Receipt, 'reader'> & { cell: Cell; audience: Audience; epoch: number },
  at: Temporal.Instant,
) => {
  const added = await db.run`
    insert into publication.enforcement (cell, audience, reader, epoch, at)
    values (${cell}, ${audience}, ${reader}, ${epoch}, ${at})
        on conflict do nothing
  `
  if (added === 0) return
  await db.run`
    delete from publication.enforcement
     where cell = ${cell} and audience = ${audience} and reader = ${reader}
       and epoch <= ${epoch - ENFORCEMENTS_KEPT}
  `
}

const FirstEnforced = z.object({ reader: z.string(), at: z.instanceof(Temporal.Instant) })

/** Since when each reader serves by a document. */
export const enforcements = (
  db: Db,
  { cell, audience, epoch }: { cell: Cell; audience: Audience; epoch: number },
) => db.many(FirstEnforced)`
  select reader, at
    from publication.enforcement
   where cell = ${cell} and audience = ${audience} and epoch = ${epoch}
   order by reader
   limit 1000
`

const Seen = z.object({ highest: z.bigint() })

/** The highest epoch that any reader says to have taken; 0 where none has. */
export const highestTaken = async (db: Db, cell: Cell, audience: Audience): Promise<bigint> =>
  (
    await db.one(Seen)`
      select coalesce(max(highest), 0) as highest
        from publication.receipt
       where cell = ${cell} and audience = ${audience}
    `
  ).highest

/** Whether a gateway of the cell has taken what was compiled since a moment; authorization servers send no receipts. */
export const heardSince = async (db: Db, cell: Cell, at: Temporal.Instant): Promise<boolean> => {
  const { heard } = await db.one(z.object({ heard: z.boolean() }))`
    select exists (
      select from publication.receipt r
        join publication.document d using (cell, audience)
       where cell = ${cell} and audience = 'gateway' and d.compiled_at >= ${at} and r.highest >= d.epoch
    ) as heard
  `
  return heard
}

export const ReceiptRow = z.object({
  cell: Cell,
  audience: Audience,
  reader: z.string(),
  taken: z.boolean(),
  epoch: z.bigint().nullable(),
  sha256: z.string().nullable(),
  reason: z.string().nullable(),
  at: z.instanceof(Temporal.Instant),
})

/** What each reader said last: what it serves by, or why it refused what was sent. */
export const lastReceipts = (db: Db) => db.many(ReceiptRow)`
  select distinct on (cell, audience, reader) cell, audience, reader, taken, epoch, sha256, reason, at
    from publication.receipt
   order by cell, audience, reader, seq desc
   limit 1000
`

export const SnapshotTaken = z.object({
  cell: z.string(),
  epoch: z.bigint(),
  ageSeconds: z.number(),
  takers: z.bigint(),
  refusers: z.bigint(),
  /** Why the first of those refused it. */
  reason: z.string().nullable(),
})
export type SnapshotTaken = z.output<typeof SnapshotTaken>

/** The newest snapshot of each cell, and how many gateways say that they took or refused it. */
export const newestSnapshots = (db: Db, now: Temporal.Instant) => db.many(SnapshotTaken)`
  with newest as (
    select distinct on (cell) cell, epoch, compiled_at
      from publication.document
     where audience = 'gateway'
     order by cell, epoch desc
  ), last as (
    select distinct on (cell, reader) cell, reader, taken, epoch, reason
      from publication.receipt
     where audience = 'gateway'
     order by cell, reader, seq desc
  )
  select n.cell, n.epoch, extract(epoch from ${now}::timestamptz - n.compiled_at)::float8 as "ageSeconds",
         count(*) filter (where l.taken) as takers, count(*) filter (where not l.taken) as refusers,
         min(l.reason) filter (where not l.taken) as reason
    from newest n
    left join last l on l.cell = n.cell and l.epoch = n.epoch
   group by n.cell, n.epoch, n.compiled_at
   order by n.cell
   limit 10
`
