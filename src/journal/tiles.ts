/** A journal's tree on disk: C2SP tlog-tiles, with the lines themselves as entry bundles beside the hashes. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { problem } from '#kernel/problem.ts'
import { writeWhole } from '#platform/keys.ts'
import { HASH_BYTES, type ReadTile, type Tile, TILE_WIDTH } from './tree.ts'

export const tileUnreadable = problem('journal/tile', 500, 'A tile of the journal is not whole')

/** A line that is longer than its length's two bytes can say has a file of its own; its place in the bundle says 0. */
const ENTRY_BYTES_MAX = 0xffff

/** 1234067 is `x001/x234/067`: no directory has more than a thousand names. */
const placeOf = (index: number): string => {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  return groups.join('/')
}

export const tilePath = (
  folder: string,
  level: number | 'entries',
  index: number,
  width: number,
): string =>
  join(
    folder,
    'tile',
    String(level),
    width === TILE_WIDTH ? placeOf(index) : `${placeOf(index)}.p/${width}`,
  )

export const checkpointPath = (folder: string): string => join(folder, 'checkpoint')
/** The last checkpoint that a witness has co-signed: from behind it nothing goes away unseen. */
export const witnessedPath = (folder: string): string => join(folder, 'witnessed')
const longPath = (folder: string, line: number) => join(folder, 'tile', 'long', placeOf(line))

const keep = (path: string, content: Uint8Array) => {
  mkdirSync(dirname(path), { recursive: true })
  writeWhole(path, content)
}

export const writeTile = (folder: string, { level, index, hashes }: Tile): void =>
  keep(tilePath(folder, level, index, hashes.length), Buffer.concat(hashes))

/** Writes the lines of one tile of level 0. */
export const writeBundle = (folder: string, index: number, bodies: readonly Buffer[]): void => {
  const parts = bodies.flatMap((body, i) => {
    const length = Buffer.alloc(2)
    if (body.length > ENTRY_BYTES_MAX) {
      keep(longPath(folder, index * TILE_WIDTH + i), body)
      return [length]
    }
    length.writeUInt16BE(body.length)
    return [length, body]
  })
  keep(tilePath(folder, 'entries', index, bodies.length), Buffer.concat(parts))
}

/** Tiles that a larger one of the same place has replaced. */
export const dropPartial = (folder: string, tile: Tile): void => {
  rmSync(tilePath(folder, tile.level, tile.index, tile.hashes.length), { force: true })
  if (tile.level === 0)
    rmSync(tilePath(folder, 'entries', tile.index, tile.hashes.length), { force: true })
}

const read = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw tileUnreadable(`${path} cannot be read`, { cause })
  }
}

/** The hashes of a tile, or a problem that names the file. */
export const readTile =
  (folder: string): ReadTile =>
  (level, index, width) => {
    const path = tilePath(folder, level, index, width)
    const bytes = read(path)
    if (bytes.length !== width * HASH_BYTES) throw tileUnreadable(`${path} has another length`)
    return Array.from({ length: width }, (_, i) =>
      bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
    )
  }

/** As `readTile`, for one who comes back to the same tiles. */
export const rememberingTiles = (folder: string): ReadTile => {
  const seen = new Map<string, Buffer[]>()
  const fresh = readTile(folder)
  return (level, index, width) => {
    const name = `${level}/${index}/${width}`
    const held = seen.get(name) ?? fresh(level, index, width)
    seen.set(name, held)
    return held
  }
}

/** The lines of one tile of level 0: the file must be exactly `width` of them. */
export const readBundle = (folder: string, index: number, width: number): Buffer[] => {
  const path = tilePath(folder, 'entries', index, width)
  const bytes = read(path)
  const bodies: Buffer[] = []
  let at = 0
  while (bodies.length < width && at + 2 <= bytes.length) {
    const length = bytes.readUInt16BE(at)
    at += 2
    if (at + length > bytes.length) break
    bodies.push(
      length === 0
        ? read(longPath(folder, index * TILE_WIDTH + bodies.length))
        : bytes.subarray(at, at + length),
    )
    at += length
  }
  if (bodies.length !== width || at !== bytes.length)
    throw tileUnreadable(`${path} is not ${width} lines`)
  return bodies
}

export const readNote = (path: string): string | undefined =>
  existsSync(path) ? read(path).toString('utf8') : undefined

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
