/** Lines as PostgreSQL holds them: their chain, and the lowest hashes of the tree, span by span. */
import { Problem } from '#kernel/problem.ts'
import type { Postgres } from '#platform/db.ts'
import { firstDifference } from './bundles.ts'
import { asTile, type BrokenLine, type Source, type Span, type SpanResult } from './span.ts'
import { tileBytes } from './tiles.ts'
import { HASH_BYTES, hashLeafInto, hashPairInto, TILE_WIDTH } from './tree.ts'

/** What a binary COPY begins with: its signature, flags, and the length of an extension that nobody has. */
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')
const HEADER_BYTES = HEADER.length + 8
const FIELDS = 4

type Tiles = Extract<Source, { kind: 'rows' }>['tiles']

/** The first line of a tile that is not the one on disk. */
const unlike = (folder: string, index: number, hashes: Buffer): BrokenLine | undefined => {
  const first = index * TILE_WIDTH + 1
  try {
    const kept = tileBytes(folder, 0, index, hashes.length / HASH_BYTES)
    const wrong = firstDifference(kept, hashes)
    return wrong < 0
      ? undefined
      : { line: first + wrong, why: 'it is not the line that was taken into the tree' }
  } catch (error) {
    if (error instanceof Problem) return { line: first, why: error.detail }
    throw error
  }
}

/** Walks the rows of one span in the order in which they come. */
const walker = (span: Span, tiles: Tiles) => {
  const done: SpanResult['tiles'] = []
  const before = Buffer.alloc(HASH_BYTES)
  const head = Buffer.alloc(HASH_BYTES)
  const linked = Buffer.alloc(HASH_BYTES)
  const leaves = Buffer.alloc(TILE_WIDTH * HASH_BYTES)
  let next = span.from
  let broken: BrokenLine | undefined

  const found = (line: number, why: string) => {
    broken ??= { line, why }
  }
  const endTile = () => {
    const width = next % TILE_WIDTH || TILE_WIDTH
    const index = (next - width) / TILE_WIDTH
    const hashes = leaves.subarray(0, width * HASH_BYTES)
    const signed = Math.min(width, (tiles?.signed ?? 0) - index * TILE_WIDTH)
    const wrong =
      tiles && signed > 0
        ? unlike(tiles.folder, index, hashes.subarray(0, signed * HASH_BYTES))
        : undefined
    if (wrong) found(wrong.line, wrong.why)
    else done.push(asTile(hashes, broken !== undefined || span.open.includes(index)))
  }

  /** One row: place, link before, link, text; each with the length of its bytes before it. */
  const take = (chunk: Buffer) => {
    let at = chunk.subarray(0, HEADER.length).equals(HEADER) ? HEADER_BYTES : 0
    if (broken || chunk.readInt16BE(at) !== FIELDS) return
    at += 2
    const field = (): readonly [number, number] => {
      const from = at + 4
      at = from + chunk.readInt32BE(at)
      return [from, at]
    }
    const [seq] = field()
    const line = next + 1
    if (chunk.readBigInt64BE(seq) !== BigInt(line)) return found(line, `entry ${line} is missing`)
    const [previous, previousEnd] = field()
    if (next === span.from) chunk.copy(before, 0, previous, previous + HASH_BYTES)
    else if (chunk.compare(head, 0, HASH_BYTES, previous, previous + HASH_BYTES) !== 0)
      return found(line, 'it is not chained to the entry before it')
    const [kept, keptEnd] = field()
    if (previousEnd - previous !== HASH_BYTES || keptEnd - kept !== HASH_BYTES)
      return found(line, 'its links are no hashes')
    const place = (next % TILE_WIDTH) * HASH_BYTES
    hashLeafInto(leaves, place, chunk, field())
    hashPairInto(linked, 0, { in: chunk, at: previous }, { in: leaves, at: place })
    if (chunk.compare(linked, 0, HASH_BYTES, kept, kept + HASH_BYTES) !== 0)
      return found(line, 'its text is not the text that was hashed')
    linked.copy(head)
    next++
    if (next % TILE_WIDTH === 0) endTile()
  }

  const end = (): SpanResult => {
    if (!broken && next < span.to) found(next + 1, `entry ${next + 1} is missing`)
    if (next % TILE_WIDTH !== 0) endTile()
    return { tiles: done, links: { before, last: head }, broken }
  }
  return { take, end }
}

/** The chain and the hashes of a span, as the database has them. */
export const checkRows = async (db: Postgres, tiles: Tiles, span: Span): Promise<SpanResult> => {
  const rows = await db.copyRows`
    select c.seq, c.previous, c.hash, e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where c.seq > ${span.from}
       and c.seq <= ${span.to}
     order by c.seq
  `
  const walk = walker(span, tiles)
  await new Promise<void>((resolve, reject) => {
    rows.on('data', walk.take)
    rows.once('end', resolve)
    rows.once('error', reject)
  })
  return walk.end()
}
