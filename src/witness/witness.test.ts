import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeSigningKey } from '#platform/keys.ts'
import { openLog } from '#platform/log.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { haveWitnessed, keepRound } from '#journal/evidence.ts'
import { chainLines, work } from '#journal/index.ts'
import { isSignedBy, readCheckpoint, readVkey, signCheckpoint, signerOf } from '#journal/note.ts'
import { checkpointPath, readTile, witnessedPath } from '#journal/tiles.ts'
import { consistencyProof, growTree, leafHash } from '#journal/tree.ts'
import { verifyJournal } from '#journal/verify.ts'
import { writeAddCheckpoint } from '#journal/witnessing.ts'
import { startWitness } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'portico-witness-'))
after(() => rmSync(root, { recursive: true, force: true }))

const logNamed = async (name: string) =>
  signerOf(
    `portico-journal/${name}`,
    'log',
    await makeSigningKey(join(root, `${name}.json`), join(root, `${name}.pub`), 'EdDSA'),
  )
const world = { log: openLog({ process: 'witness' }, 'silent'), now: () => noon }
const folder = join(root, 'witness')
let witness = await startWitness(world, { folder, port: 0 })
after(() => witness.stop())
const trusted: string[] = []
const trusts = (vkey: string) => {
  trusted.push(vkey)
  writeFileSync(join(folder, 'logs'), `${trusted.join('\n')}\n`)
}

const post = (old: number, proof: Buffer[], note: string) =>
  fetch(`${witness.url}/add-checkpoint`, {
    method: 'POST',
    body: writeAddCheckpoint({ old, proof, note }),
  })

/** A tree of so many lines, small enough for one tile, with what it says of itself. */
const stateOf = (log: Awaited<ReturnType<typeof logNamed>>, size: number, salt = '') => {
  const tree = growTree()
  for (let n = 0; n < size; n++) tree.append(leafHash(`${salt}${n}`), () => {})
  const hashes = tree.partial().flatMap((tile) => [...tile.hashes])
  return {
    note: signCheckpoint(log, { origin: log.name, size, root: tree.root() }),
    since: (old: number) => consistencyProof(() => hashes, size, old),
  }
}

test('C2SP tlog-witness: a log that only grew is co-signed, by a signature that others can check', async () => {
  const log = await logNamed('grows')
  trusts(log.vkey)
  const verifier = readVkey(witness.vkey)
  for (const [old, size] of [
    [0, 3],
    [3, 3],
    [3, 8],
    [8, 100],
  ] as const) {
    const { note, since } = stateOf(log, size)
    const answer = await post(old, since(old), note)
    assert.equal(answer.status, 200)
    assert.ok(isSignedBy(readCheckpoint(note + (await answer.text())), verifier))
  }
})

test('C2SP tlog-witness: each wrong question has its status, and leaves the memory as it was', async () => {
  const log = await logNamed('asks')
  const stranger = await logNamed('stranger')
  assert.equal((await post(0, [], stateOf(log, 5).note)).status, 404)
  trusts(log.vkey)
  assert.equal((await post(0, [], stateOf(log, 5).note)).status, 200)

  const grown = stateOf(log, 9)
  const { origin, size, root: at } = readCheckpoint(grown.note)
  const forged = signCheckpoint(stranger, { origin, size, root: at })
  const other = stateOf(log, 9, 'other')
  assert.equal((await post(5, grown.since(5), forged)).status, 403)
  assert.equal((await post(5, other.since(5), other.note)).status, 422)
  assert.equal((await post(5, [], grown.note)).status, 422)
  assert.equal((await post(10, [], grown.note)).status, 400)
  assert.equal((await post(5, [], stateOf(log, 5, 'other').note)).status, 409)
  const behind = await post(3, grown.since(3), grown.note)
  assert.deepEqual(
    [behind.status, behind.headers.get('content-type'), await behind.text()],
    [409, 'text/x.tlog.size', '5\n'],
  )
  assert.equal(
    (await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: 'x' })).status,
    400,
  )
  assert.equal((await post(5, grown.since(5), grown.note)).status, 200)
})

test('what a witness has signed it remembers over a restart', async () => {
  const log = await logNamed('restarts')
  trusts(log.vkey)
  assert.equal((await post(0, [], stateOf(log, 50).note)).status, 200)
  await witness.stop()
  witness = await startWitness(world, { folder, port: 0 })
  const rolledBack = stateOf(log, 20)
  assert.equal((await post(0, [], rolledBack.note)).status, 409)
  assert.equal((await post(20, [], rolledBack.note)).status, 409)
})

test('a journal that is rolled back together with its evidence is refused and found by the witness', async () => {
  const signer = await logNamed('whole')
  trusts(signer.vkey)
  const database = await freshDatabase('control')
  const db = database.as('control')
  const verifier = readVkey(witness.vkey)
  const keeper = { folder: join(root, 'evidence'), signer }
  const ours = { url: witness.url, verifier }
  const write = (count: number) =>
    work(db, 'system', noon, async (w) => {
      for (let n = 0; n < count; n++) await w.record('tests.kept', String(n), { n })
    })
  const remembered = async () => {
    const answer = await fetch(
      `${witness.url}/remembered?origin=${encodeURIComponent(signer.name)}`,
    )
    return ((await answer.json()) as { data: string[] }).data
  }
  await write(300)
  await keepRound(db, keeper)
  await haveWitnessed(keeper.folder, ours)
  await write(400)
  await keepRound(db, keeper)
  await haveWitnessed(keeper.folder, ours)
  assert.ok(
    isSignedBy(readCheckpoint(readFileSync(witnessedPath(keeper.folder), 'utf8')), verifier),
  )
  const trust = { log: signer, witnesses: [verifier], remembered: await remembered() }
  const live = await verifyJournal(chainLines(db), trust, keeper.folder)
  assert.deepEqual(live.whole && [live.signed, live.witnessed], [700n, 700n])

  // Everything that the owner of the machine can put back: the database of an hour ago, its evidence, its key.
  const hourAgo = await freshDatabase('control')
  const earlier = hourAgo.as('control')
  await work(earlier, 'system', noon, async (w) => {
    for (let n = 0; n < 300; n++) await w.record('tests.kept', String(n), { n })
  })
  const old = { ...keeper, folder: join(root, 'evidence-of-an-hour-ago') }
  await keepRound(earlier, old)
  await assert.rejects(haveWitnessed(old.folder, ours), /rolled back/)
  const report = await verifyJournal(chainLines(earlier), trust, old.folder)
  assert.deepEqual(!report.whole && report.brokenAt, 301n)

  // And a new past of the same length, signed with the stolen key.
  await work(earlier, 'system', noon, async (w) => {
    for (let n = 0; n < 500; n++) await w.record('tests.invented', String(n), { n })
  })
  await keepRound(earlier, old)
  await assert.rejects(haveWitnessed(old.folder, ours), /422/)
  assert.ok(readCheckpoint(readFileSync(checkpointPath(old.folder), 'utf8')).size === 800)
  assert.ok(readTile(old.folder)(0, 0, 256).length === 256)
  const invented = await verifyJournal(chainLines(earlier), trust, old.folder)
  assert.deepEqual(!invented.whole && invented.brokenAt, 301n)
})
