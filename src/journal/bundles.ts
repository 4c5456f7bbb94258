/** Lines in bundles against the lowest hashes of the tree: work that needs nothing else, so every core can take a part. */
import { Problem } from '#kernel/problem.ts'
import { bundleBytes, tileBytes, tileUnreadable } from './tiles.ts'
import { HASH_BYTES, hashLeafInto, TILE_WIDTH } from './tree.ts'
import { asTile, type BrokenLine, type Span, type SpanResult } from './span.ts'

/** The hashes of the lines of one bundle, one behind the other; `undefined` where it is not so many lines. */
const hashesOf = (bundle: Buffer, width: number): Buffer | undefined => {
  const hashes = Buffer.allocUnsafe(width * HASH_BYTES)
  let at = 0
  for (let i = 0; i < width; i++) {
    if (at + 2 > bundle.length) return undefined
    const from = at + 2
    const to = from + bundle.readUInt16BE(at)
    if (to > bundle.length) return undefined
    hashLeafInto(hashes, i * HASH_BYTES, bundle, [from, to])
    at = to
  }
  return at === bundle.length ? hashes : undefined
}

/** The first hash that differs; `-1` where none does. */
export const firstDifference = (a: Buffer, b: Buffer): number => {
  if (a.equals(b)) return -1
  for (let at = 0; ; at += HASH_BYTES)
    if (a.compare(b, at, at + HASH_BYTES, at, at + HASH_BYTES) !== 0) return at / HASH_BYTES
}

/** Which line of a bundle is the first that does not hash to what its tile says; `undefined` where it is not so many lines. */
export const firstWrong = (bundle: Buffer, tile: Buffer): number | undefined => {
  const lines = hashesOf(bundle, tile.length / HASH_BYTES)
  return lines && firstDifference(tile, lines)
}

/** The hashes of a tile, and the first line of its bundle that is another. */
export const checkBundle = (
  folder: string,
  index: number,
  width: number,
): { hashes: Buffer; broken?: BrokenLine } => {
  const first = index * TILE_WIDTH + 1
  try {
    const hashes = tileBytes(folder, 0, index, width)
    const wrong = firstWrong(bundleBytes(folder, index, width), hashes)
    if (wrong === undefined)
      throw tileUnreadable(`the bundle of lines ${first} and on is not ${width} lines`)
    if (wrong < 0) return { hashes }
    return {
      hashes,
      broken: { line: first + wrong, why: 'its text is not the text that was hashed' },
    }
  } catch (error) {
    if (error instanceof Problem)
      return { hashes: Buffer.alloc(0), broken: { line: first, why: error.detail } }
    throw error
  }
}

/** The tiles of a span, up to the first line that is not what was hashed. */
export const checkBundles = (folder: string, { from, to, open }: Span): SpanResult => {
  const tiles: SpanResult['tiles'] = []
  for (let line = from; line < to; line += TILE_WIDTH) {
    const index = line / TILE_WIDTH
    const { hashes, broken } = checkBundle(folder, index, Math.min(TILE_WIDTH, to - line))
    if (broken) return { tiles, broken }
    tiles.push(asTile(hashes, open.includes(index)))
  }
  return { tiles }
}
