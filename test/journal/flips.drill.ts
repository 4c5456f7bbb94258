/** Every bit of ten thousand lines, one by one: of their texts, places and links, of their bundles and of the lowest tiles. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from '#kernel/canonical.ts'
import { firstWrong } from '#journal/bundles.ts'
import { type ChainedLine, checkLine, genesis, linkHash } from '#journal/chain.ts'
import { HASH_BYTES, leafHash, TILE_WIDTH } from '#journal/tree.ts'

const LINES = 10_000

const bodyOf = (n: number) =>
  canonical({
    at: '2026-11-22T12:00:00Z',
    actor: 'staff:staff_0193f5fe000070008000000000000001',
    event: 'contracts.activated',
    subject: `contract_${String(n).padStart(32, '0')}`,
    data: { partnerId: 'partner_0193f5fe', n },
  })

/** Turns each bit of these bytes in turn and asks; every question is answered before the bit is turned back. */
const eachBit = (bytes: Buffer, [from, to]: readonly [number, number], ask: () => void): number => {
  for (let at = from; at < to; at++)
    for (let bit = 1; bit < 256; bit *= 2) {
      bytes[at] = (bytes[at] ?? 0) ^ bit
      ask()
      bytes[at] = (bytes[at] ?? 0) ^ bit
    }
  return (to - from) * 8
}
const framed = (text: Buffer) => {
  const frame = Buffer.alloc(2 + text.length)
  frame.writeUInt16BE(text.length)
  text.copy(frame, 2)
  return frame
}

test('every bit of the chain of 10,000 lines matters, and the line is named', (t) => {
  let head: Uint8Array = genesis
  let flips = 0
  let missed = 0
  for (let n = 1; n <= LINES; n++) {
    const text = Buffer.from(bodyOf(n))
    const hash = linkHash(head, text.toString())
    const links = Buffer.concat([head, hash])
    const seq = Buffer.alloc(8)
    seq.writeBigInt64BE(BigInt(n))
    const line = (): ChainedLine => ({
      seq: seq.readBigInt64BE(),
      // Bytes that are no UTF-8 stay what they are: PostgreSQL would not hold them, and no flip is explained away.
      body: text.toString('latin1'),
      previous: links.subarray(0, HASH_BYTES),
      hash: links.subarray(HASH_BYTES),
    })
    const place = { place: BigInt(n), head }
    const ask = () => {
      if (!('why' in checkLine(line(), place))) missed++
    }
    assert.ok('leaf' in checkLine(line(), place))
    for (const bytes of [text, links, seq]) flips += eachBit(bytes, [0, bytes.length], ask)
    head = hash
  }
  t.diagnostic(`${flips} bits of texts, places and links were turned, ${missed} missed`)
  assert.equal(missed, 0)
})

test('every bit of the bundles and the lowest tiles of 10,000 lines matters, and the line is named', (t) => {
  let flips = 0
  let missed = 0
  for (let first = 0; first < LINES; first += TILE_WIDTH) {
    const texts = Array.from({ length: Math.min(TILE_WIDTH, LINES - first) }, (_, i) =>
      Buffer.from(bodyOf(first + i + 1)),
    )
    const frames = texts.map(framed)
    const bundle = Buffer.concat(frames)
    const tile = Buffer.concat(texts.map((text) => leafHash(text)))
    // The verifier hashes in place, over the byte before a text: it gets a copy.
    assert.equal(firstWrong(Buffer.from(bundle), tile), -1)
    // A length that is another moves all behind it, so it is asked of the whole bundle.
    for (let i = 0, at = 0; i < texts.length; at += frames[i++]?.length ?? 0)
      flips += eachBit(bundle, [at, at + 2], () => {
        const wrong = firstWrong(Buffer.from(bundle), tile)
        if (wrong !== undefined && wrong !== i) missed++
      })
    // Each text is hashed by itself against a hash of its own, so one line tells as much as all of them.
    for (const [i, frame] of frames.entries()) {
      const own = Buffer.from(tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
      const copy = Buffer.alloc(frame.length)
      const ask = () => {
        frame.copy(copy)
        if (firstWrong(copy, own) !== 0) missed++
      }
      flips += eachBit(frame, [2, frame.length], ask)
      flips += eachBit(own, [0, own.length], ask)
    }
  }
  t.diagnostic(`${flips} bits of bundles and tiles were turned, ${missed} missed`)
  assert.equal(missed, 0)
})
