/** The Merkle tree of RFC 6962 over the lines of a journal: hashes, roots and proofs. Pure; it reads through what it is given. */
import { hash } from 'node:crypto'
import { assert } from '#kernel/assert.ts'

/** Hashes in a full tile, and levels of the tree that one tile spans (C2SP tlog-tiles). */
export const TILE_WIDTH = 256
const TILE_LEVELS = 8
export const HASH_BYTES = 32

/** Filled and hashed in one breath: nothing else runs in between. */
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** SHA-256(0x00 ‖ body): also the leaf that the hash chain links, so one hash serves both. */
export const leafHash = (body: string | Uint8Array): Buffer => {
  const text = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const input = Buffer.allocUnsafe(text + 1)
  input[0] = 0
  if (typeof body === 'string') input.write(body, 1, 'utf8')
  else input.set(body, 1)
  return hash('sha256', input, 'buffer')
}

export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return hash('sha256', pair, 'buffer')
}

/** As `nodeHash`, for who hashes millions: from and to places in memory that is held already. */
export const hashPairInto = (
  target: Buffer,
  at: number,
  left: { in: Buffer; at: number },
  right: { in: Buffer; at: number },
): void => {
  left.in.copy(pair, 1, left.at, left.at + HASH_BYTES)
  right.in.copy(pair, 1 + HASH_BYTES, right.at, right.at + HASH_BYTES)
  target.write(hash('sha256', pair, 'latin1'), at, 'latin1')
}

/**
 * As `leafHash`, of the bytes `from` to `to`. The byte before them is given up: it becomes the prefix, and nothing is
 * copied.
 */
export const hashLeafInto = (
  target: Buffer,
  at: number,
  bytes: Buffer,
  [from, to]: readonly [number, number],
): void => {
  bytes[from - 1] = 0
  target.write(hash('sha256', bytes.subarray(from - 1, to), 'latin1'), at, 'latin1')
}

/** The root over a full tile of hashes that lie one behind the other. */
export const tileRoot = (hashes: Uint8Array): Buffer => {
  const nodes = Buffer.from(hashes)
  assert(nodes.length === TILE_WIDTH * HASH_BYTES, 'a tile is full')
  for (let count = TILE_WIDTH; count > 1; count /= 2)
    for (let at = 0; at < (count / 2) * HASH_BYTES; at += HASH_BYTES)
      hashPairInto(nodes, at, { in: nodes, at: 2 * at }, { in: nodes, at: 2 * at + HASH_BYTES })
  return nodes.subarray(0, HASH_BYTES)
}

/** The root of no line at all. */
export const emptyRoot = (): Buffer => hash('sha256', Buffer.alloc(0), 'buffer')

/** Largest power of two below `count` (RFC 6962 §2.1 calls it k). */
const splitOf = (count: number): number => {
  let k = 1
  while (k * 2 < count) k *= 2
  return k
}

/** The root over nodes of one level, the last of which may stand for less than the others. */
export const rootOver = (nodes: readonly Buffer[]): Buffer => {
  const [only] = nodes
  if (only === undefined) return emptyRoot()
  if (nodes.length === 1) return only
  const k = splitOf(nodes.length)
  return nodeHash(rootOver(nodes.slice(0, k)), rootOver(nodes.slice(k)))
}

/** A tile as it lies on disk: `level` 0 holds the hashes of lines, 1 the roots of full tiles of level 0, and so on. */
export interface Tile {
  readonly level: number
  readonly index: number
  readonly hashes: readonly Buffer[]
}

/** Grows from left to right, and remembers only the tiles that are not full. */
export interface GrowingTree {
  size(): number
  root(): Buffer
  /** `onFull` sees each tile at the moment when it becomes full. */
  append(leaf: Buffer, onFull: (tile: Tile) => void): void
  /** As 256 times `append`, by one who has made and seen that tile of level 0 already. */
  appendTile(root: Buffer, onFull: (tile: Tile) => void): void
  /** The tiles that are not full, lowest level first. */
  partial(): Tile[]
}

/** `open`: the tiles of a tree of `size` that are not full, by level, where one grows on. */
export const growTree = (
  size = 0,
  openTile: (level: number, index: number, width: number) => Buffer[] = () => [],
): GrowingTree => {
  let lines = size
  const open: Buffer[][] = []
  const full: number[] = []
  for (let level = 0, count = size; count > 0; level++, count = full[level - 1] ?? 0) {
    full[level] = Math.floor(count / TILE_WIDTH)
    const width = count % TILE_WIDTH
    open[level] = width === 0 ? [] : openTile(level, full[level] ?? 0, width)
    assert(open[level]?.length === width, 'a tile that is not full has another width')
  }
  const push = (level: number, node: Buffer, onFull: (tile: Tile) => void): void => {
    const hashes = (open[level] ??= [])
    hashes.push(node)
    if (hashes.length < TILE_WIDTH) return
    const index = full[level] ?? 0
    onFull({ level, index, hashes })
    full[level] = index + 1
    open[level] = []
    push(level + 1, rootOver(hashes), onFull)
  }
  return {
    size: () => lines,
    root: () => {
      let right: Buffer | undefined
      for (const nodes of open) {
        const all = right ? [...nodes, right] : nodes
        if (all.length > 0) right = rootOver(all)
      }
      return right ?? emptyRoot()
    },
    append: (leaf, onFull) => {
      lines += 1
      push(0, leaf, onFull)
    },
    appendTile: (root, onFull) => {
      assert((open[0]?.length ?? 0) === 0, 'a whole tile follows whole tiles')
      full[0] = (full[0] ?? 0) + 1
      lines += TILE_WIDTH
      push(1, root, onFull)
    },
    partial: () =>
      open.flatMap((hashes, level) =>
        hashes.length === 0 ? [] : [{ level, index: full[level] ?? 0, hashes }],
      ),
  }
}

/** Hashes of one tile of a tree of `size`, as many as that tree has there. */
export type ReadTile = (level: number, index: number, width: number) => Buffer[]

/** The node over the `2^height` lines from `index * 2^height`, all of which the tree has. */
const nodeAt = (read: ReadTile, size: number, height: number, index: number): Buffer => {
  const level = Math.floor(height / TILE_LEVELS)
  const span = 2 ** (height % TILE_LEVELS)
  const first = index * span
  const tile = Math.floor(first / TILE_WIDTH)
  const held = Math.floor(size / TILE_WIDTH ** level)
  const width = Math.min(TILE_WIDTH, held - tile * TILE_WIDTH)
  const offset = first % TILE_WIDTH
  return rootOver(read(level, tile, width).slice(offset, offset + span))
}

/** The root over lines `from` to `to` (not included), where `from` is a multiple of the power of two that holds them. */
const rangeRoot = (read: ReadTile, size: number, from: number, to: number): Buffer => {
  const count = to - from
  const height = Math.log2(count)
  if (Number.isInteger(height)) return nodeAt(read, size, height, from / count)
  const k = splitOf(count)
  return nodeHash(rangeRoot(read, size, from, from + k), rangeRoot(read, size, from + k, to))
}

/** The root that a tree of `size` had when it held only the first `at` lines. */
export const rootAt = (read: ReadTile, size: number, at: number): Buffer =>
  at === 0 ? emptyRoot() : rangeRoot(read, size, 0, at)

/** RFC 6962 §2.1.1: that line `index` (from 0) is among the first `size`. */
export const inclusionProof = (read: ReadTile, size: number, index: number): Buffer[] => {
  assert(index >= 0 && index < size, 'only what is in the tree has a proof')
  const path = (from: number, to: number): Buffer[] => {
    if (to - from === 1) return []
    const middle = from + splitOf(to - from)
    return index < middle
      ? [...path(from, middle), rangeRoot(read, size, middle, to)]
      : [...path(middle, to), rangeRoot(read, size, from, middle)]
  }
  return path(0, size)
}

/** RFC 6962 §2.1.2: that the first `old` of `size` lines are those that were there when there were no more. */
export const consistencyProof = (read: ReadTile, size: number, old: number): Buffer[] => {
  assert(old >= 0 && old <= size, 'a tree is consistent only with a smaller one')
  if (old === 0 || old === size) return []
  const path = (from: number, to: number, whole: boolean): Buffer[] => {
    if (old === to) return whole ? [] : [rangeRoot(read, size, from, to)]
    const middle = from + splitOf(to - from)
    return old <= middle
      ? [...path(from, middle, whole), rangeRoot(read, size, middle, to)]
      : [...path(middle, to, false), rangeRoot(read, size, from, middle)]
  }
  return path(0, size, true)
}

/** As `inclusionProof`, among leaves that are all at hand. */
export const proofAmong = (leaves: readonly Buffer[], index: number): Buffer[] => {
  assert(index >= 0 && index < leaves.length, 'only what is in the tree has a proof')
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return index < k
    ? [...proofAmong(left, index), rootOver(right)]
    : [...proofAmong(right, index - k), rootOver(left)]
}

const isOdd = (n: number) => n % 2 === 1
const half = (n: number) => Math.floor(n / 2)

/** RFC 9162 §2.1.3.2. */
export const provesInclusion = (
  proof: readonly Uint8Array[],
  claim: { leaf: Uint8Array; index: number; size: number; root: Uint8Array },
): boolean => {
  if (claim.index < 0 || claim.index >= claim.size) return false
  let [fn, sn] = [claim.index, claim.size - 1]
  let node: Buffer = Buffer.from(claim.leaf)
  for (const sibling of proof) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      node = nodeHash(sibling, node)
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else node = nodeHash(node, sibling)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && node.equals(claim.root)
}

/** RFC 9162 §2.1.4.2. */
export const provesConsistency = (
  proof: readonly Uint8Array[],
  older: { size: number; root: Uint8Array },
  newer: { size: number; root: Uint8Array },
): boolean => {
  if (older.size > newer.size) return false
  if (older.size === newer.size)
    return proof.length === 0 && Buffer.from(older.root).equals(newer.root)
  if (older.size === 0) return proof.length === 0 && emptyRoot().equals(older.root)
  const isPower = Number.isInteger(Math.log2(older.size))
  const [first, ...rest] = isPower ? [older.root, ...proof] : proof
  if (!first) return false
  let [fn, sn] = [older.size - 1, newer.size - 1]
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)]
  let [fr, sr]: [Buffer, Buffer] = [Buffer.from(first), Buffer.from(first)]
  for (const sibling of rest) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(sibling, fr)
      sr = nodeHash(sibling, sr)
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else sr = nodeHash(sr, sibling)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && fr.equals(older.root) && sr.equals(newer.root)
}
