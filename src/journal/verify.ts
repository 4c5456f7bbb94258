/** Whether a journal is the one that was signed: its lines, its tiles, its checkpoints, and what a witness remembers of it. */
import { Problem } from '#kernel/problem.ts'
import { checkBundle, checkedSpans } from './bundles.ts'
import { type ChainedLine, type ChainReport, verifyChain } from './chain.ts'
import { isGoodSignature, readCheckpoint, type SignedCheckpoint, type Verifier } from './note.ts'
import { checkpointPath, readNote, readTile, witnessedPath } from './tiles.ts'
import { type GrowingTree, growTree, type Tile, TILE_WIDTH } from './tree.ts'

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
      if (folder !== undefined && tree.size() === signed) comparePartial(folder, tree, newest)
      if (tree.size() === checks.next()) checks.compare()
    })
    if (!chain.whole) return chain
    checks.end()
    return { ...chain, signed: BigInt(signed), witnessed: sizeBy(anchors, 'the witness') }
  } catch (error) {
    return reportOf(error, tree.size() + 1)
  }
}

/** A living log may have replaced the tiles that were not full; then its root alone speaks for them. */
const comparePartial = (folder: string, tree: GrowingTree, note: string | undefined): void => {
  try {
    for (const tile of tree.partial()) compareTile(folder, tile)
  } catch (error) {
    if (readNote(checkpointPath(folder)) === note) throw error
  }
}

/** The evidence alone, wherever its folder was carried: no database, no network, every core. */
export const verifyEvidence = async (folder: string, trust: Trust): Promise<EvidenceReport> => {
  const tree = growTree()
  try {
    const { anchors, newest } = anchorsOf(folder, trust)
    if (newest === undefined) throw new Broken(1, 'there is no checkpoint')
    const signed = Number(sizeBy(anchors, 'the log'))
    const checks = comparing(anchors, tree)
    const onFull = (tile: Tile) => {
      if (tile.level > 0) compareTile(folder, tile)
    }
    const takeLines = (hashes: readonly Buffer[]) => {
      for (const hash of hashes) {
        tree.append(hash, onFull)
        if (tree.size() === checks.next()) checks.compare()
      }
    }
    const takeTile = (root: Buffer) => {
      const next = checks.next()
      const index = tree.size() / TILE_WIDTH
      if (next !== undefined && next < tree.size() + TILE_WIDTH)
        takeLines(readTile(folder)(0, index, TILE_WIDTH))
      else tree.appendTile(root, onFull)
      if (tree.size() === checks.next()) checks.compare()
    }
    for await (const { roots, broken } of checkedSpans(folder, Math.floor(signed / TILE_WIDTH))) {
      for (const root of roots) takeTile(Buffer.from(root))
      if (broken) throw new Broken(broken.line, broken.why)
    }
    const width = signed % TILE_WIDTH
    if (width > 0) {
      const { hashes, broken } = checkBundle(folder, Math.floor(signed / TILE_WIDTH), width)
      if (broken) throw new Broken(broken.line, broken.why)
      takeLines(hashes)
    }
    for (const tile of tree.partial()) compareTile(folder, tile)
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
