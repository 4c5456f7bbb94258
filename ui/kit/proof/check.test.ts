import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { signCheckpoint, signerOf } from '#journal/note.ts'
import { leafHash, proofAmong, rootOver } from '#journal/tree.ts'
import { makeSigningKey } from '#platform/keys.ts'
import { checkLine, leadsToBatch } from './check.ts'

const folder = mkdtempSync(join(tmpdir(), 'portico-check-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const signer = signerOf(
  'portico-journal/control',
  'log',
  await makeSigningKey(join(folder, 'key.json'), join(folder, 'key.pub'), 'EdDSA'),
)
const bodies = Array.from(
  { length: 21 },
  (_, n) => `{"event":"tests.kept","n":${n},"text":"Ўзбек"}`,
)
const leaves = bodies.map((body) => leafHash(body))
const note = signCheckpoint(signer, {
  origin: signer.name,
  size: bodies.length,
  root: rootOver(leaves),
})
const base64 = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('base64'))
const given = (n: number) => ({
  checkpoint: note,
  vkey: signer.vkey,
  seq: String(n + 1),
  body: bodies[n] ?? '',
  proof: base64(proofAmong(leaves, n)),
})

test('the browser finds every line where the server proved it, signed by the log', async () => {
  for (const n of bodies.keys())
    assert.deepEqual(await checkLine(given(n)), { leads: true, signed: true })
})

test('the browser is shown no other line, place, path, root or signature', async () => {
  const good = given(13)
  const others = [
    { ...good, body: `${good.body} ` },
    { ...good, seq: '13' },
    { ...good, seq: '99' },
    { ...good, proof: good.proof.slice(1) },
    { ...good, proof: [...good.proof, good.proof[0] ?? ''] },
  ]
  for (const other of others) assert.equal((await checkLine(other)).leads, false)
  const forged = { ...good, checkpoint: note.replace('\n21\n', '\n22\n') }
  assert.equal((await checkLine(forged)).signed, false)
  const unknown = { ...good, vkey: signer.vkey.replace('+', 'x+') }
  assert.equal((await checkLine(unknown)).signed, false)
})

test('a call leads to the root that the line of its batch says, and to no other', async () => {
  const line = (root: Buffer) => JSON.stringify({ data: { root: root.toString('hex') } })
  const call = {
    text: bodies[4] ?? '',
    index: 4,
    size: leaves.length,
    proof: base64(proofAmong(leaves, 4)),
  }
  assert.equal(await leadsToBatch(call, line(rootOver(leaves))), true)
  assert.equal(await leadsToBatch(call, line(leafHash('x'))), false)
  assert.equal(await leadsToBatch({ ...call, text: 'x' }, line(rootOver(leaves))), false)
})
