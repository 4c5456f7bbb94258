/** Proofs for those whom lines are about: that what they did stands in the journal that was signed, and nobody changed it. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { isSignedBy, readCheckpoint, type Verifier } from './note.ts'
import { checkpointPath, readNote, rememberingTiles } from './tiles.ts'
import { inclusionProof, leafHash, provesInclusion } from './tree.ts'
import type { Actor } from './index.ts'

const ProvenRow = z.object({ seq: z.bigint(), body: z.string() })

/** A line as it was hashed, and the hashes that lead from it to the root of the checkpoint (RFC 6962 §2.1.1). */
export interface ProvenLine extends z.output<typeof ProvenRow> {
  readonly proof: readonly Buffer[]
}
export interface ProvenLines {
  /** The signed note whose root the proofs lead to; undefined while nothing is signed. */
  readonly checkpoint: string | undefined
  readonly lines: readonly ProvenLine[]
}

/** What came about a partner by itself is told of these rooms, for others may hold what it is not told. */
const toldRooms = ['partners', 'contracts', 'licences', 'billing', 'budgets', 'usage', 'webhooks']
const tellable = toldRooms.map((room) => `${room}.%`)

/** A line that names somebody of the bank is the bank's own: a proof shows it whole, so nobody else gets one. */
export const namesStaff = (body: string): boolean => body.includes('staff_')

export interface AskedProofs {
  readonly actors: readonly Actor[]
  /** Lines about this partner that nobody of the bank stands in, of rooms that it is told of. */
  readonly partnerId?: string
  readonly before: bigint
  readonly limit: number
}

/** What these actors did and what came about the partner, before the place `before`, newest first, with proofs. */
export const provenLines = async (
  db: Db,
  folder: string,
  { actors, partnerId, before, limit }: AskedProofs,
): Promise<ProvenLines> => {
  const note = readNote(checkpointPath(folder))
  if (note === undefined) return { checkpoint: undefined, lines: [] }
  const { size } = readCheckpoint(note)
  const end = before <= BigInt(size) ? before : BigInt(size) + 1n
  const about = partnerId
    ? sql`(e.body::jsonb ->> 'subject' = ${partnerId} or e.body::jsonb #>> '{data,partnerId}' = ${partnerId})
          and e.body::jsonb ->> 'event' like any(${tellable})`
    : sql`false`
  const rows = await db.many(ProvenRow)`
    select c.seq, e.body
      from journal.entry e
      join journal.chain c on c.entry_id = e.id
     where (e.body::jsonb ->> 'actor' = any(${actors}) or (${about}))
       and e.body not like '%staff\\_%'
       and c.seq < ${end}
     order by c.seq desc
     limit ${limit}
  `
  return proven(folder, note, rows)
}

/** One line by its place, or by what it is about and its event; with its proof unless nothing is signed over it yet. */
export const provenLine = async (
  db: Db,
  folder: string,
  asked: { seq: bigint } | { event: string; subject: string },
): Promise<{ checkpoint: string | undefined; line: LineAbout } | undefined> => {
  const which =
    'seq' in asked
      ? sql`c.seq = ${asked.seq}`
      : sql`e.body::jsonb ->> 'subject' = ${asked.subject} and e.body::jsonb ->> 'event' = ${asked.event}`
  const row = await db.maybe(ProvenRow)`
    select c.seq, e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where ${which}
     order by c.seq
     limit 1
  `
  if (!row) return undefined
  const note = readNote(checkpointPath(folder))
  const isSigned = note !== undefined && row.seq <= BigInt(readCheckpoint(note).size)
  const [line] = isSigned ? proven(folder, note, [row]).lines : [{ ...row, proof: null }]
  return line && { checkpoint: note, line }
}

/** Tiles of a checkpoint stay while they are asked for: a partial one until there is the full one that begins like it. */
const proven = (
  folder: string,
  checkpoint: string,
  rows: readonly z.output<typeof ProvenRow>[],
): ProvenLines => {
  const { size } = readCheckpoint(checkpoint)
  const read = rememberingTiles(folder)
  const lines = rows.map((row) => ({
    ...row,
    proof: inclusionProof(read, size, Number(row.seq) - 1),
  }))
  return { checkpoint, lines }
}

/** A line of a matter: with its proof, unless it came after the newest checkpoint. */
export type LineAbout = z.output<typeof ProvenRow> & { readonly proof: readonly Buffer[] | null }

/** Lines in which any of these words stands, of a time, in order: of a matter and all that hangs on it. */
export const provenAbout = async (
  db: Db,
  folder: string,
  asked: {
    words: readonly string[]
    from: Temporal.Instant
    to: Temporal.Instant
    limit: number
    /** Places of further lines that these ones are understood by. */
    besides?: (places: readonly bigint[]) => Promise<readonly bigint[]>
  },
): Promise<{
  checkpoint: string | undefined
  lines: readonly LineAbout[]
  besides: readonly LineAbout[]
}> => {
  const patterns = asked.words.map((word) => `%${word.replace(/[\\%_]/g, String.raw`\$&`)}%`)
  const rows = await db.many(ProvenRow)`
    select c.seq, e.body
      from journal.entry e
      join journal.chain c on c.entry_id = e.id
     where e.body like any(${patterns})
       and (e.body::jsonb ->> 'at')::timestamptz >= ${asked.from}
       and (e.body::jsonb ->> 'at')::timestamptz < ${asked.to}
     order by c.seq
     limit ${asked.limit}
  `
  const places = (await asked.besides?.(rows.map(({ seq }) => seq))) ?? []
  const besides = await db.many(ProvenRow)`
    select c.seq, e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where c.seq = any(${places}::bigint[])
     order by c.seq
     limit ${places.length + 1}
  `
  // One checkpoint for all of them, so that they lead to one root.
  const note = readNote(checkpointPath(folder))
  return {
    checkpoint: note,
    lines: provenByNow(folder, note, rows),
    besides: provenByNow(folder, note, besides),
  }
}

/** Lines in order, with proofs as far as the checkpoint reaches. */
const provenByNow = (
  folder: string,
  note: string | undefined,
  rows: readonly z.output<typeof ProvenRow>[],
): LineAbout[] => {
  const size = note === undefined ? 0 : readCheckpoint(note).size
  const signed = rows.filter(({ seq }) => Number(seq) <= size)
  const lines = note === undefined || signed.length === 0 ? [] : proven(folder, note, signed).lines
  return [...lines, ...rows.slice(signed.length).map((row) => ({ ...row, proof: null }))]
}

/** Why a line is not what a checkpoint says; undefined where its proof leads to the root. Needs nothing but what it is given. */
export const unprovenBecause = (
  checkpoint: string,
  line: { readonly seq: number; readonly body: string; readonly proof: readonly Uint8Array[] },
): string | undefined => {
  const { size, root } = readCheckpoint(checkpoint)
  const claim = { leaf: leafHash(line.body), index: line.seq - 1, size, root }
  return provesInclusion(line.proof, claim)
    ? undefined
    : `line ${line.seq} does not lead to the root that was signed`
}

/** Whether a note is one of this log, signed by its key. */
export const signedByLog = (checkpoint: string, log: Verifier): boolean =>
  isSignedBy(readCheckpoint(checkpoint), log)
