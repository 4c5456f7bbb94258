/** Whether a journal is the one that was signed: its lines, its tiles, its checkpoints, and what a witness remembers of it. */
import { Problem } from '#kernel/problem.ts'
import { z } from 'zod'
import { openPostgres } from '#platform/db.ts'
import { checkBundle, checkBundles } from './bundles.ts'
import { type ChainedLine, type ChainReport, genesis, verifyChain } from './chain.ts'
import { isGoodSignature, readCheckpoint, type SignedCheckpoint, type Verifier } from './note.ts'
import { checkedSpans, type Span, type SpanResult, spansOf } from './span.ts'
import { checkpointPath, keptWidths, readNote, readTile, witnessedPath } from './tiles.ts'
import { type GrowingTree, growTree, HASH_BYTES, type Tile, TILE_WIDTH } from './tree.ts'

/** What the verifier knows from elsewhere than from what it verifies. */
export interface Trust {
  readonly log: Verifier
  readonly witnesses: readonly Verifier[]
  /** Co-signed checkpoints as the witness itself keeps them. */
  readonly remembered: readonly string[]
}

export type EvidenceReport =
  | {
      readonly whole: true
      readonly entries: bigint
      readonly head: string
      /** Lines that the log has signed, and of these those that a witness has. */
      readonly signed: bigint
      readonly witnessed: bigint
    }
  | Extract<ChainReport, { whole: false }>

interface Anchor extends SignedCheckpoint {
  readonly by: 'the log' | 'the witness'
}

/** Ends a verification at the first line that is not what it was. */
class Broken extends Error {
  readonly line: number
  constructor(line: number, why: string) {
    super(why)
    this.line = line
  }
}

const reportOf = (error: unknown, line: number): Extract<ChainReport, { whole: false }> => {
  if (error instanceof Broken)
    return { whole: false, brokenAt: BigInt(error.line), why: error.message }
  if (error instanceof Problem) return { whole: false, brokenAt: BigInt(line), why: error.detail }
  throw error
}

/** Every signature must be a good one of a key that we know: a line that nobody can check could hide anything. */
const anchorOf = (note: string, trust: Trust, by: Anchor['by']): Anchor => {
  const anchor = { ...readCheckpoint(note), by }
  const known = [trust.log, ...trust.witnesses]
  const signers = anchor.signatures.map((line) =>
    known.find((key) => isGoodSignature(anchor.text, line, key)),
  )
  if (anchor.origin !== trust.log.name || !signers.includes(trust.log))
    throw new Broken(1, `the checkpoint of ${anchor.size} lines is not signed by ${trust.log.name}`)
  const isWitnessed = signers.some((key) => key?.kind === 'witness')
  if (by === 'the witness' && trust.witnesses.length > 0 && !isWitnessed)
    throw new Broken(1, `the checkpoint of ${anchor.size} lines is not signed by the witness`)
  if (signers.includes(undefined) && (by === 'the log' || trust.witnesses.length > 0))
    throw new Broken(1, `the checkpoint of ${anchor.size} lines has a signature that is not good`)
  return anchor
}

const anchorsOf = (folder: string | undefined, trust: Trust) => {
  const newest = folder === undefined ? undefined : readNote(checkpointPath(folder))
  const witnessed = folder === undefined ? undefined : readNote(witnessedPath(folder))
  const anchors = [
    ...(newest === undefined ? [] : [anchorOf(newest, trust, 'the log')]),
    ...[...trust.remembered, ...(witnessed === undefined ? [] : [witnessed])].map((note) =>
      anchorOf(note, trust, 'the witness'),
    ),
  ].toSorted((a, b) => a.size - b.size)
  return { anchors, newest }
}

/** Compares a growing tree with what was signed at each size. */
const comparing = (anchors: readonly Anchor[], tree: GrowingTree) => {
  let next = 0
  let good = 0
  const compare = () => {
    for (; anchors[next]?.size === tree.size(); next++) {
      const anchor = anchors[next]
      if (!anchor?.root.equals(tree.root()))
        throw new Broken(
          good + 1,
          `lines ${good + 1} to ${anchor?.size} are not those that ${anchor?.by} signed`,
        )
      good = anchor.size
    }
  }
  compare()
  return {
    compare,
    /** The next size at which something was signed. */
    next: () => anchors[next]?.size,
    end: () => {
      const missing = anchors.at(-1)
      if (missing && missing.size > tree.size())
        throw new Broken(
          tree.size() + 1,
          `line ${tree.size() + 1} is missing: ${missing.by} signed ${missing.size} lines`,
        )
    },
  }
}

const sizeBy = (anchors: readonly Anchor[], by: Anchor['by']) =>
  BigInt(anchors.findLast((anchor) => anchor.by === by)?.size ?? 0)

/** A tile that we made again against the one on disk; names the first line below the first hash that differs. */
const compareTile = (folder: string, { level, index, hashes }: Tile): void => {
  const span = TILE_WIDTH ** level
  const first = index * TILE_WIDTH * span + 1
  let kept: Buffer[]
  try {
    kept = readTile(folder)(level, index, hashes.length)
  } catch (error) {
    if (error instanceof Problem) throw new Broken(first, error.detail)
    throw error
  }
  const wrong = hashes.findIndex((hash, i) => !kept[i]?.equals(hash))
  if (wrong >= 0)
    throw new Broken(
      first + wrong * span,
      level === 0
        ? 'it is not the line that was taken into the tree'
        : `tile ${level}/${index} is not over these lines`,
    )
}

/** The chain from its first line, and on the way the tiles and every checkpoint. Without a folder: chain and memory. */
export const verifyJournal = async (
  lines: AsyncIterable<ChainedLine>,
  trust: Trust | undefined,
  folder?: string,
): Promise<EvidenceReport> => {
  const tree = growTree()
  try {
    const { anchors, newest } = trust
      ? anchorsOf(folder, trust)
      : { anchors: [], newest: undefined }
    if (folder !== undefined && trust && newest === undefined)
      throw new Broken(1, 'its checkpoint is missing')
    const checks = comparing(anchors, tree)
    const signed = Number(sizeBy(anchors, 'the log'))
    const onFull = (tile: Tile) => {
      if (folder !== undefined && (tile.index + 1) * TILE_WIDTH ** (tile.level + 1) <= signed)
        compareTile(folder, tile)
    }
    const chain = await verifyChain(lines, (leaf) => {
      tree.append(leaf, onFull)
      if (folder !== undefined && tree.size() === signed) comparePartials(folder, tree)
      if (tree.size() === checks.next()) checks.compare()
    })
    if (!chain.whole) return chain
    checks.end()
    return { ...chain, signed: BigInt(signed), witnessed: sizeBy(anchors, 'the witness') }
  } catch (error) {
    return reportOf(error, tree.size() + 1)
  }
}

/** Partial tiles of earlier checkpoints begin as the one that stands now. */
const comparePartials = (folder: string, tree: GrowingTree): void => {
  for (const tile of tree.partial()) {
    const first = tile.index * TILE_WIDTH ** (tile.level + 1) + 1
    for (const width of keptWidths(folder, tile.level, tile.index))
      if (width <= tile.hashes.length)
        compareTile(folder, { ...tile, hashes: tile.hashes.slice(0, width) })
    if (tile.level > 0) continue
    for (const width of keptWidths(folder, 'entries', tile.index)) {
      if (width > tile.hashes.length) continue
      const { broken } = checkBundle(folder, tile.index, width)
      if (broken) throw new Broken(Math.max(broken.line, first), broken.why)
    }
  }
}

/** What spans come to, in order: the tree over them, its tiles above the lowest, and every checkpoint on the way. */
const takeSpans = async (
  spans: AsyncIterable<SpanResult>,
  tree: GrowingTree,
  checks: ReturnType<typeof comparing>,
  evidence: { folder: string; signed: number } | undefined,
): Promise<Uint8Array> => {
  let head: Uint8Array = genesis
  const onFull = (tile: Tile) => {
    const end = (tile.index + 1) * TILE_WIDTH ** (tile.level + 1)
    if (evidence && tile.level > 0 && end <= evidence.signed) compareTile(evidence.folder, tile)
  }
  const grown = () => {
    if (evidence && tree.size() === evidence.signed) comparePartials(evidence.folder, tree)
    if (tree.size() === checks.next()) checks.compare()
  }
  for await (const { tiles, links, broken } of spans) {
    if (links && tree.size() > 0 && !Buffer.from(links.before).equals(head))
      throw new Broken(tree.size() + 1, 'it is not chained to the entry before it')
    for (const { whole, hashes } of tiles) {
      if (whole) {
        tree.appendTile(Buffer.from(hashes), onFull)
        grown()
        continue
      }
      for (let at = 0; at < hashes.length; at += HASH_BYTES) {
        tree.append(Buffer.from(hashes.subarray(at, at + HASH_BYTES)), onFull)
        grown()
      }
    }
    if (broken) throw new Broken(broken.line, broken.why)
    if (links) head = links.last
  }
  return head
}

/** The evidence alone, wherever its folder was carried: no database, no network, every core. */
export const verifyEvidence = async (folder: string, trust: Trust): Promise<EvidenceReport> => {
  const tree = growTree()
  try {
    const { anchors, newest } = anchorsOf(folder, trust)
    if (newest === undefined) throw new Broken(1, 'there is no checkpoint')
    const signed = Number(sizeBy(anchors, 'the log'))
    const checks = comparing(anchors, tree)
    const sizes = [signed, ...anchors.map(({ size }) => size)]
    const spans =
      signed > SMALL
        ? checkedSpans({ kind: 'bundles', folder }, { lines: signed, sizes })
        : hereAndNow(spansOf(signed, sizes), (span) => checkBundles(folder, span))
    await takeSpans(spans, tree, checks, { folder, signed })
    checks.end()
    return {
      whole: true,
      entries: BigInt(signed),
      head: tree.root().toString('hex'),
      signed: BigInt(signed),
      witnessed: sizeBy(anchors, 'the witness'),
    }
  } catch (error) {
    return reportOf(error, tree.size() + 1)
  }
}

/** So few lines are done before a thread has started. */
const SMALL = 32 * TILE_WIDTH

const hereAndNow = async function* (spans: readonly Span[], check: (span: Span) => SpanResult) {
  for (const span of spans) yield check(span)
}

const Last = z.object({ last: z.bigint() })

/** As `verifyJournal`, straight from the database at `url`, with every core: for journals of millions of lines. */
export const verifyDatabase = async (
  url: string,
  trust: Trust | undefined,
  folder?: string,
): Promise<EvidenceReport> => {
  const tree = growTree()
  const db = openPostgres(url, { name: 'journal verify', max: 1 })
  try {
    // What was signed is read first: of a living journal the lines are then never fewer.
    const { anchors, newest } = trust
      ? anchorsOf(folder, trust)
      : { anchors: [], newest: undefined }
    if (folder !== undefined && trust && newest === undefined)
      throw new Broken(1, 'its checkpoint is missing')
    const { last } = await db.one(Last)`select coalesce(max(seq), 0) as last from journal.chain`
    const checks = comparing(anchors, tree)
    const signed = Number(sizeBy(anchors, 'the log'))
    const evidence = folder === undefined || !trust ? undefined : { folder, signed }
    const source = { kind: 'rows', url, tiles: evidence ?? null } as const
    const sizes = [signed, Number(last), ...anchors.map(({ size }) => size)]
    const head = await takeSpans(
      checkedSpans(source, { lines: Number(last), sizes }),
      tree,
      checks,
      evidence,
    )
    checks.end()
    return {
      whole: true,
      entries: last,
      head: Buffer.from(head).toString('hex'),
      signed: BigInt(signed),
      witnessed: sizeBy(anchors, 'the witness'),
    }
  } catch (error) {
    return reportOf(error, tree.size() + 1)
  } finally {
    await db.close()
  }
}
