/** Proofs for those whom lines are about: that what they did stands in the journal that was signed, and nobody changed it. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Problem } from '#kernel/problem.ts'
import { isSignedBy, readCheckpoint, type Verifier } from './note.ts'
import { checkpointPath, readNote, rememberingTiles, tileUnreadable } from './tiles.ts'
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

/** A keeper may replace the tiles that were not full while we read them: then there is a newer checkpoint to read from. */
const TRIES = 5

/** What these actors did, before the place `before`, newest first, with proofs. */
export const provenLines = async (
  db: Db,
  folder: string,
  asked: { actors: readonly Actor[]; before: bigint; limit: number },
): Promise<ProvenLines> => {
  const note = readNote(checkpointPath(folder))
  if (note === undefined) return { checkpoint: undefined, lines: [] }
  const { size } = readCheckpoint(note)
  const end = asked.before <= BigInt(size) ? asked.before : BigInt(size) + 1n
  const rows = await db.many(ProvenRow)`
    select c.seq, e.body
      from journal.entry e
      join journal.chain c on c.entry_id = e.id
     where e.body::jsonb ->> 'actor' = any(${asked.actors})
       and c.seq < ${end}
     order by c.seq desc
     limit ${asked.limit}
  `
  return proven(folder, rows)
}

const proven = (folder: string, rows: readonly z.output<typeof ProvenRow>[]): ProvenLines => {
  for (let tries = 1; ; tries++) {
    const checkpoint = readNote(checkpointPath(folder)) ?? ''
    const { size } = readCheckpoint(checkpoint)
    const read = rememberingTiles(folder)
    try {
      const lines = rows.map((row) => ({
        ...row,
        proof: inclusionProof(read, size, Number(row.seq) - 1),
      }))
      return { checkpoint, lines }
    } catch (error) {
      const isReplaced = error instanceof Problem && error.code === tileUnreadable.code
      if (!isReplaced || tries === TRIES) throw error
    }
  }
}

/** A line of a matter: with its proof, unless it came after the newest checkpoint. */
export type LineAbout = z.output<typeof ProvenRow> & { readonly proof: readonly Buffer[] | null }

/** Lines in which any of these words stands, of a time, in order: of a matter and all that hangs on it. */
export const provenAbout = async (
  db: Db,
  folder: string,
  asked: { words: readonly string[]; from: Temporal.Instant; to: Temporal.Instant; limit: number },
): Promise<{ checkpoint: string | undefined; lines: readonly LineAbout[] }> => {
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
  const note = readNote(checkpointPath(folder))
  const size = note === undefined ? 0 : readCheckpoint(note).size
  const signed = rows.filter(({ seq }) => Number(seq) <= size)
  const { checkpoint, lines } =
    signed.length === 0 ? { checkpoint: note, lines: [] } : proven(folder, signed)
  return {
    checkpoint,
    lines: [...lines, ...rows.slice(signed.length).map((row) => ({ ...row, proof: null }))],
  }
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
