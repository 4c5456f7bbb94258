/** The log as others read it over HTTP: C2SP tlog-tiles, nothing beyond what its checkpoint has signed. */
import { readFileSync } from 'node:fs'
import { problem } from '#kernel/problem.ts'
import { readCheckpoint } from './note.ts'
import {
  bundleBytes,
  checkpointPath,
  readNote,
  rememberingTiles,
  tileBytes,
  witnessedPath,
} from './tiles.ts'
import { consistencyProof, TILE_WIDTH } from './tree.ts'

export const logResourceUnknown = problem(
  'journal/log-resource',
  404,
  'The log has no such resource',
)

export interface TilePlace {
  readonly level: number | 'entries'
  readonly index: number
  readonly width: number
}

const LEVEL_MAX = 63

/** Reads `<L>/<N>[.p/<W>]` in its one spelling: 1234067 is `x001/x234/067`. */
export const placeOfTile = (path: string): TilePlace | undefined => {
  const [, word = '', groups = '', partial] =
    /^(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? []
  if (groups === '' || /^0\d/.test(word) || groups.startsWith('x000/')) return undefined
  const level = word === 'entries' ? word : Number(word)
  const index = Number(groups.replaceAll(/[x/]/g, ''))
  const width = partial === undefined ? TILE_WIDTH : Number(partial)
  if (!Number.isSafeInteger(index) || (partial !== undefined && width >= TILE_WIDTH))
    return undefined
  return level !== 'entries' && level > LEVEL_MAX ? undefined : { level, index, width }
}

/** The newest signed checkpoint, and the newest that a witness has co-signed. */
export const notesOf = (folder: string) => ({
  checkpoint: readNote(checkpointPath(folder)),
  witnessed: readNote(witnessedPath(folder)),
})

/** The public key of the log, as verifiers pin it. */
export const readLogVkey = (path: string): string => readFileSync(path, 'utf8').trim()

/** The bytes of a tile or an entry bundle, of which the checkpoint signs every one. */
export const readResource = (folder: string, { level, index, width }: TilePlace): Buffer => {
  const { checkpoint } = notesOf(folder)
  const size = checkpoint === undefined ? 0 : readCheckpoint(checkpoint).size
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level))
  if (index * TILE_WIDTH + width > hashes)
    throw logResourceUnknown(`the checkpoint of ${size} lines has no such tile`)
  try {
    return level === 'entries'
      ? bundleBytes(folder, index, width)
      : tileBytes(folder, level, index, width)
  } catch (cause) {
    // Partial tiles stand for the sizes of checkpoints, not for every width.
    throw logResourceUnknown('no checkpoint ended in this tile at this width', { cause })
  }
}

/** That the first `from` lines are the first of `to` (RFC 6962 §2.1.2). */
export const proveConsistency = (folder: string, from: number, to: number): Buffer[] => {
  const { checkpoint } = notesOf(folder)
  const size = checkpoint === undefined ? 0 : readCheckpoint(checkpoint).size
  if (from > to || to > size)
    throw logResourceUnknown(
      `there is no tree of ${to} lines with ${from} among them; ${size} are signed`,
    )
  return consistencyProof(rememberingTiles(folder), to, from)
}
