/** A journal's tree on disk: C2SP tlog-tiles, with the lines themselves as entry bundles beside the hashes. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { problem } from '#kernel/problem.ts'
import { writeWhole } from '#platform/keys.ts'
import { HASH_BYTES, type ReadTile, type Tile, TILE_WIDTH } from './tree.ts'

export const tileUnreadable = problem('journal/tile', 500, 'A tile of the journal is not whole')

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

const keep = (path: string, content: Uint8Array) => {
  mkdirSync(dirname(path), { recursive: true })
  writeWhole(path, content)
}

export const writeTile = (folder: string, { level, index, hashes }: Tile): void =>
  keep(tilePath(folder, level, index, hashes.length), Buffer.concat(hashes))

/** Writes the lines of one tile of level 0. */
export const writeBundle = (folder: string, index: number, bodies: readonly Buffer[]): void => {
  const parts = bodies.flatMap((body) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(body.length)
    return [length, body]
  })
  keep(tilePath(folder, 'entries', index, bodies.length), Buffer.concat(parts))
}

const partialsPath = (folder: string, level: number | 'entries', index: number): string =>
  `${tilePath(folder, level, index, TILE_WIDTH)}.p`

/** What stood for a tile until it was full: partial tiles of every checkpoint stay until then (tlog-tiles). */
export const dropPartials = (folder: string, level: number, index: number): void => {
  const kinds = level === 0 ? ([level, 'entries'] as const) : [level]
  for (const kind of kinds)
    rmSync(partialsPath(folder, kind, index), { recursive: true, force: true })
}

/** How wide the partial tiles are that are kept of this place. */
export const keptWidths = (folder: string, level: number | 'entries', index: number): number[] => {
  const path = partialsPath(folder, level, index)
  return existsSync(path) ? readdirSync(path).map(Number).filter(Number.isInteger) : []
}

const read = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw tileUnreadable(`${path} cannot be read`, { cause })
  }
}

/** A partial tile that is gone has become a full one: its beginning is the same (tlog-tiles). */
const standing = (folder: string, level: number | 'entries', index: number, width: number) => {
  const path = tilePath(folder, level, index, width)
  const full = tilePath(folder, level, index, TILE_WIDTH)
  return width < TILE_WIDTH && !existsSync(path) && existsSync(full) ? full : path
}

/** The hashes of a tile one behind the other, or a problem that names the file. */
export const tileBytes = (folder: string, level: number, index: number, width: number): Buffer => {
  const path = standing(folder, level, index, width)
  const bytes = read(path)
  const held = path.endsWith(`/${width}`) ? width : TILE_WIDTH
  if (bytes.length !== held * HASH_BYTES) throw tileUnreadable(`${path} has another length`)
  return bytes.subarray(0, width * HASH_BYTES)
}

/** The hashes of a tile, each by itself. */
export const readTile =
  (folder: string): ReadTile =>
  (level, index, width) => {
    const bytes = tileBytes(folder, level, index, width)
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

/** The bytes of the lines of one tile of level 0: `width` of them, each behind its length. */
export const bundleBytes = (folder: string, index: number, width: number): Buffer => {
  const path = standing(folder, 'entries', index, width)
  const bytes = read(path)
  if (width === TILE_WIDTH || path.endsWith(`/${width}`)) return bytes
  let at = 0
  for (let i = 0; i < width && at + 2 <= bytes.length; i++) at += 2 + bytes.readUInt16BE(at)
  return bytes.subarray(0, at)
}

/** The lines of one tile of level 0: the file must be exactly `width` of them. */
export const readBundle = (folder: string, index: number, width: number): Buffer[] => {
  const bytes = bundleBytes(folder, index, width)
  const bodies: Buffer[] = []
  let at = 0
  while (bodies.length < width && at + 2 <= bytes.length) {
    const to = at + 2 + bytes.readUInt16BE(at)
    if (to > bytes.length) break
    bodies.push(bytes.subarray(at + 2, to))
    at = to
  }
  if (bodies.length !== width || at !== bytes.length)
    throw tileUnreadable(`the bundle of tile ${index} is not ${width} lines`)
  return bodies
}

export const readNote = (path: string): string | undefined =>
  existsSync(path) ? read(path).toString('utf8') : undefined

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
