/**
 * The cell's journal says under which registry each of its lines was written, as control's journal says it of every document:
 * by order. A line that says which registry was taken rules for all behind it, up to the next.
 */
import { latestLine, work } from '#journal/index.ts'
import type { Cell } from '#kernel/cell.ts'
import type { Db, Postgres } from '#platform/db.ts'
import type { CellWorld } from '#platform/process.ts'
import { RegistryDocument } from './registry.ts'

const TAKEN = 'registry.taken'
const LAST_PLACE = 999_999_999_999_999_999n
const subjectOf = (cell: Cell) => `${cell}/authorization`

/** The registry that ruled at a place of the cell's journal; without a place, the one that rules now. */
export const registryAt = async (
  db: Db,
  cell: Cell,
  place = LAST_PLACE,
): Promise<RegistryDocument | undefined> => {
  const line = await latestLine(db, { event: TAKEN, subject: subjectOf(cell), upTo: place })
  return line && RegistryDocument.parse(line.data)
}

/** Says that a registry was taken, unless that was said last: a server that starts again takes what it held. */
export const keepTaken = async (
  postgres: Postgres,
  cell: Cell,
  document: RegistryDocument,
  now: Temporal.Instant,
): Promise<void> => {
  const last = await registryAt(postgres, cell)
  if (last?.epoch === document.epoch && last.sha256 === document.sha256) return
  const { epoch, sha256 } = document
  await work(postgres, 'system', now, (w) => w.record(TAKEN, subjectOf(cell), { epoch, sha256 }))
}

/** Tells the journal one after the other; what cannot be written stops nobody from serving. */
export const takenTeller = (
  postgres: Postgres,
  { cell, now, log }: Pick<CellWorld, 'cell' | 'now' | 'log'>,
): ((document: RegistryDocument) => void) => {
  let telling = Promise.resolve()
  return (document) => {
    telling = telling
      .then(() => keepTaken(postgres, cell, document, now()))
      .catch((cause: unknown) => log.error({ cause }, 'the journal was not told of a registry'))
  }
}
