import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  consistencyProof,
  emptyRoot,
  growTree,
  inclusionProof,
  leafHash,
  nodeHash,
  provesConsistency,
  provesInclusion,
  type ReadTile,
  rootAt,
} from './tree.ts'

/** RFC 6962 §2.1 word for word: slow, and independent of tiles. */
const definition = (leaves: readonly Buffer[]): Buffer => {
  const [first] = leaves
  if (!first) return emptyRoot()
  if (leaves.length === 1) return first
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)))
}

const leaves = Array.from({ length: 70_000 }, (_, n) => leafHash(String(n)))

/** Tiles in memory, as a folder would hold them. */
const grown = (size: number) => {
  const tiles = new Map<string, readonly Buffer[]>()
  const tree = growTree()
  for (const leaf of leaves.slice(0, size))
    tree.append(leaf, (tile) => tiles.set(`${tile.level}/${tile.index}`, tile.hashes))
  for (const tile of tree.partial()) tiles.set(`${tile.level}/${tile.index}`, tile.hashes)
  const read: ReadTile = (level, index, width) => {
    const hashes = tiles.get(`${level}/${index}`) ?? []
    assert.equal(hashes.length, width)
    return [...hashes]
  }
  return { tree, read }
}

test('RFC 6962: known answers of the certificate transparency test vectors', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657']
  inputs.push('606162636465666768696a6b6c6d6e6f')
  const tree = growTree()
  for (const hex of inputs) tree.append(leafHash(Buffer.from(hex, 'hex')), () => {})
  assert.equal(
    tree.root().toString('hex'),
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  )
})

test('the root of tiles is the root of the definition, at every size around a tile', () => {
  for (const size of [
    0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 700, 65_535, 65_536, 65_537, 65_900,
  ]) {
    const { tree, read } = grown(size)
    const root = definition(leaves.slice(0, size))
    assert.deepEqual(tree.root(), root)
    assert.deepEqual(rootAt(read, size, size), root)
  }
})

test('every line has a proof that it is there, and no other line has that proof', () => {
  const sizes = [1, 2, 7, 256, 257, 700, 65_900].map((size) => ({ size, ...grown(size) }))
  fc.assert(
    fc.property(fc.constantFrom(...sizes), fc.nat(), fc.nat(), ({ size, tree, read }, a, b) => {
      const index = a % size
      const other = b % size
      const proof = inclusionProof(read, size, index)
      const root = tree.root()
      const claim = { leaf: leaves[index]!, index, size, root }
      assert.ok(provesInclusion(proof, claim))
      if (other !== index) {
        assert.ok(!provesInclusion(proof, { ...claim, leaf: leaves[other]! }))
        assert.ok(!provesInclusion(proof, { ...claim, index: other }))
      }
      assert.ok(!provesInclusion([...proof, root], claim))
      if (proof.length > 0) assert.ok(!provesInclusion(proof.slice(1), claim))
    }),
    { numRuns: 300 },
  )
})

test('a larger tree proves each smaller one that it grew from, and no other', () => {
  const sizes = [1, 2, 7, 256, 257, 700, 65_900].map((size) => ({ size, ...grown(size) }))
  fc.assert(
    fc.property(fc.constantFrom(...sizes), fc.nat(), ({ size, tree, read }, n) => {
      const old = (n % size) + 1
      const proof = consistencyProof(read, size, old)
      const older = { size: old, root: rootAt(read, size, old) }
      const newer = { size, root: tree.root() }
      assert.deepEqual(older.root, definition(leaves.slice(0, old)))
      assert.ok(provesConsistency(proof, older, newer))
      assert.ok(!provesConsistency(proof, { size: old, root: leafHash('x') }, newer))
      assert.ok(!provesConsistency(proof, older, { size, root: leafHash('x') }))
      assert.ok(!provesConsistency([...proof, newer.root], older, newer))
    }),
    { numRuns: 200 },
  )
})

test('a tree that is taken up again grows to the same root', () => {
  for (const size of [1, 256, 300, 65_900]) {
    const { read } = grown(size)
    const again = growTree(size, read)
    const whole = grown(size).tree
    for (const leaf of leaves.slice(size, size + 600)) {
      again.append(leaf, () => {})
      whole.append(leaf, () => {})
    }
    assert.deepEqual(again.root(), whole.root())
  }
})
