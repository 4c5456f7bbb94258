/** Proofs for those whom lines are about: that what they did stands in the journal that was signed, and nobody changed it. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Problem } from '#kernel/problem.ts'
import { readCheckpoint } from './note.ts'
import { checkpointPath, readNote, rememberingTiles, tileUnreadable } from './tiles.ts'
import { inclusionProof } from './tree.ts'
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
