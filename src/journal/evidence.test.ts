import assert from 'node:assert/strict'
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeSigningKey } from '#platform/keys.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { type EvidenceKeeper, keepRound } from './evidence.ts'
import { seal, work } from './index.ts'
import { readCheckpoint, signCheckpoint, type Signer, signerOf } from './note.ts'
import { checkpointPath, writeBundle, writeTile } from './tiles.ts'
import { growTree, leafHash, TILE_WIDTH } from './tree.ts'
import { chainLines } from './follow.ts'
import { type Trust, verifyEvidence, verifyJournal } from './verify.ts'

const root = mkdtempSync(join(tmpdir(), 'portico-evidence-'))
after(() => rmSync(root, { recursive: true, force: true }))

const signerNamed = async (name: string): Promise<Signer> =>
  signerOf(
    'portico-journal/test',
    'log',
    await makeSigningKey(join(root, `${name}.json`), join(root, `${name}.pub`), 'EdDSA'),
  )
const signer = await signerNamed('ours')
const trust: Trust = { log: signer, witnesses: [], remembered: [] }

const database = await freshDatabase('control')
const db = database.as('control')
let made = 0
const folderNamed = (name: string) => join(root, name)

const write = async (count: number) => {
  for (let left = count; left > 0; left -= 1000)
    await work(db, 'system', noon, async (w) => {
      for (let i = Math.min(left, 1000); i > 0; i--)
        await w.record('tests.kept', String(++made), { n: made, text: 'Ўзбекистон' })
    })
  await seal(db)
}
const keepAll = async (keeper: EvidenceKeeper): Promise<number> => {
  for (let size = -1; ;) {
    const reached = await keepRound(db, keeper)
    if (reached === size) return size
    size = reached
  }
}

/** A log in a folder without a database: `text` says what its lines are. */
const logOf = (
  name: string,
  lines: number,
  text: (n: number) => string = (n) => `{"event":"tests.kept","n":${n}}`,
  by: Signer = signer,
) => {
  const folder = folderNamed(name)
  const tree = growTree()
  const bodies = Array.from({ length: lines }, (_, i) => Buffer.from(text(i + 1)))
  for (let at = 0; at < lines; at += TILE_WIDTH)
    writeBundle(folder, at / TILE_WIDTH, bodies.slice(at, at + TILE_WIDTH))
  for (const body of bodies) tree.append(leafHash(body), (tile) => writeTile(folder, tile))
  for (const tile of tree.partial()) writeTile(folder, tile)
  const note = signCheckpoint(by, { origin: by.name, size: lines, root: tree.root() })
  writeFileSync(checkpointPath(folder), note)
  return { folder, note }
}

const filesOf = (folder: string) =>
  globSync('**/*', { cwd: folder })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** Turns one bit, asks, and turns it back. */
const withFlip = async <T>(path: string, byte: number, bit: number, ask: () => Promise<T>) => {
  const bytes = readFileSync(path)
  const turned = Buffer.from(bytes)
  turned.writeUInt8(turned.readUInt8(byte) ^ (1 << bit), byte)
  writeFileSync(path, turned)
  const answer = await ask()
  writeFileSync(path, bytes)
  return answer
}

test('the evidence of a journal is whole, in rounds of any size', async () => {
  const keeper = { folder: folderNamed('rounds'), signer }
  for (const count of [1, 254, 1, 1, 300]) {
    await write(count)
    assert.equal(await keepAll(keeper), made)
  }
  const longest = 'x'.repeat(65_300)
  await work(db, 'system', noon, (w) => w.record('tests.long', 'l', { text: longest }))
  made += 1
  assert.equal(await keepAll(keeper), made)
  await assert.rejects(
    work(db, 'system', noon, (w) =>
      w.record('tests.long', 'l', { text: `${longest}${'x'.repeat(300)}` }),
    ),
    /no line any more/,
  )

  const live = await verifyJournal(chainLines(db), trust, keeper.folder)
  const alone = await verifyEvidence(keeper.folder, trust)
  assert.deepEqual([live.whole, alone.whole], [true, true])
  assert.equal(alone.whole && alone.entries, BigInt(made))
})

test('a round that was killed before its checkpoint is done again by the next', async () => {
  const keeper = { folder: folderNamed('killed'), signer }
  await keepAll(keeper)
  const before = readFileSync(checkpointPath(keeper.folder))
  const kept = folderNamed('killed-copy')
  cpSync(keeper.folder, kept, { recursive: true })
  await write(400)
  await keepAll(keeper)
  // What a kill leaves: new tiles beside the old ones, and the old checkpoint.
  cpSync(keeper.folder, kept, { recursive: true, force: false })
  writeFileSync(checkpointPath(kept), before)

  assert.equal(await keepAll({ folder: kept, signer }), made)
  assert.equal((await verifyEvidence(kept, trust)).whole, true)
  assert.equal((await verifyJournal(chainLines(db), trust, kept)).whole, true)
})

test('of two keepers at once one writes, and what is written is whole', async () => {
  const keeper = { folder: folderNamed('raced'), signer }
  await write(300)
  await Promise.all([keepAll(keeper), keepAll(keeper), keepAll(keeper)])
  await keepAll(keeper)
  assert.equal((await verifyJournal(chainLines(db), trust, keeper.folder)).whole, true)
})

test('a journal that holds fewer lines than were signed gets no more signatures, and is named', async () => {
  const { folder } = logOf('shrunk', made + 10)
  await assert.rejects(keepRound(db, { folder, signer }), /nothing more is signed/)
  const report = await verifyJournal(chainLines(db), trust, folder)
  assert.equal(report.whole, false)
})

test('lines that are missing at the end are found by what was signed', async () => {
  const keeper = { folder: folderNamed('truncated'), signer }
  const size = await keepAll(keeper)
  const cut = async function* () {
    for await (const line of chainLines(db)) if (line.seq < BigInt(size - 2)) yield line
  }
  const report = await verifyJournal(cut(), trust, keeper.folder)
  assert.deepEqual(!report.whole && report.brokenAt, BigInt(size - 2))
})

test('a rewritten journal whose chain was made again is found at its first changed line', async () => {
  const { folder } = logOf('ours', 1000)
  const { folder: theirs } = logOf(
    'theirs',
    1000,
    (n) => `{"event":"tests.kept","n":${n === 613 ? 0 : n}}`,
  )
  // Their lines under our tiles and our signature.
  cpSync(join(theirs, 'tile', 'entries'), join(folder, 'tile', 'entries'), { recursive: true })
  const report = await verifyEvidence(folder, trust)
  assert.deepEqual(!report.whole && report.brokenAt, 613n)
})

test('a journal that was signed again, by another key or by the stolen one, is found', async () => {
  const { note } = logOf('signed-once', 1000)
  const changed = (n: number) => `{"event":"tests.kept","n":${n === 613 ? 0 : n}}`
  const stranger = logOf('signed-by-stranger', 1000, changed, await signerNamed('stranger'))
  const byStranger = await verifyEvidence(stranger.folder, trust)
  assert.match(byStranger.whole ? '' : byStranger.why, /not signed by/)

  const again = logOf('signed-again', 1200, changed)
  assert.equal((await verifyEvidence(again.folder, trust)).whole, true)
  const earlier = logOf('signed-earlier', 600).note
  const remembered = { ...trust, remembered: [earlier, note] }
  const byMemory = await verifyEvidence(again.folder, remembered)
  assert.deepEqual(byMemory.whole ? byMemory : [byMemory.brokenAt, byMemory.why], [
    601n,
    'lines 601 to 1000 are not those that the witness signed',
  ])
})

test('a journal that was rolled back to an earlier good state is found by what is remembered', async () => {
  const { note } = logOf('later', 700)
  const { folder } = logOf('rolled-back', 500)
  assert.equal((await verifyEvidence(folder, trust)).whole, true)
  const report = await verifyEvidence(folder, { ...trust, remembered: [note] })
  assert.deepEqual(!report.whole && report.brokenAt, 501n)
})

test('every bit of a small log matters: lines, tiles and checkpoint', async () => {
  const { folder } = logOf('small', 3)
  let flips = 0
  for (const path of filesOf(folder))
    for (let byte = 0; byte < statSync(path).size; byte++)
      for (let bit = 0; bit < 8; bit++, flips++) {
        const report = await withFlip(path, byte, bit, () => verifyEvidence(folder, trust))
        assert.equal(report.whole, false, `${path} byte ${byte} bit ${bit}`)
      }
  assert.ok(flips > 2500)
})

test('a bit anywhere in 10,000 lines is found, and the line is named', async () => {
  const { folder } = logOf('ten-thousand', 10_000)
  assert.equal((await verifyEvidence(folder, trust)).whole, true)
  const bundles = filesOf(join(folder, 'tile', 'entries'))
  const tiles = filesOf(join(folder, 'tile')).filter((path) => !bundles.includes(path))
  for (const [i, path] of [...bundles, ...tiles].entries()) {
    const byte = (i * 7919) % statSync(path).size
    const report = await withFlip(path, byte, i % 8, () => verifyEvidence(folder, trust))
    assert.equal(report.whole, false, `${path} byte ${byte}`)
    const [, place] = /entries\/(\d+)/.exec(path) ?? []
    if (place !== undefined && !report.whole)
      assert.equal(Math.floor((Number(report.brokenAt) - 1) / TILE_WIDTH), Number(place))
  }
})

test('a note has one spelling', () => {
  const { note } = logOf('note', 3)
  assert.equal(readCheckpoint(note).size, 3)
  for (const other of [note.replace('\n3\n', '\n03\n'), note.slice(0, -1), `${note}\n`])
    assert.throws(() => readCheckpoint(other))
})
