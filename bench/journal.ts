/**
 * The journal in figures: `node bench/journal.ts append|verify|flips`.
 * append: lines a second through `work`, a hundred in each transaction and one in each, sealed and taken into the tree.
 * verify: the rate of the offline verifier over BENCH_LINES lines (a million). flips: every bit of 10,000 lines, one by one; hours.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { assert } from '#kernel/assert.ts'
import { canonical } from '#kernel/canonical.ts'
import { makeSigningKey } from '#platform/keys.ts'
import { openPostgres } from '#platform/db.ts'
import { checkBundle } from '#journal/bundles.ts'
import { keepRound } from '#journal/evidence.ts'
import { verifyEvidence, work } from '#journal/index.ts'
import { signCheckpoint, signerOf } from '#journal/note.ts'
import { checkpointPath, tilePath, writeBundle, writeTile } from '#journal/tiles.ts'
import { growTree, leafHash, TILE_WIDTH } from '#journal/tree.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: 'string', default: '1000000' },
    database: { type: 'string' },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'portico-bench-journal-'))
const signer = signerOf(
  'portico-journal/bench',
  'log',
  await makeSigningKey(join(folder, 'key.json'), join(folder, 'key.pub'), 'EdDSA'),
)
const trust = { log: signer, witnesses: [], remembered: [] }
const at = '2026-11-22T12:00:00Z'
const bodyOf = (n: number) =>
  canonical({
    at,
    actor: 'system',
    event: 'payments.accepted',
    subject: `payment_${String(n).padStart(32, '0')}`,
    data: { partnerId: 'partner_0193f5fe', amount: { amount: '12.50', currency: 'UZS' } },
  })

const writeLog = (lines: number) => {
  const tree = growTree()
  for (let from = 0; from < lines; from += TILE_WIDTH) {
    const count = Math.min(TILE_WIDTH, lines - from)
    const bodies = Array.from({ length: count }, (_, i) => Buffer.from(bodyOf(from + i)))
    writeBundle(folder, from / TILE_WIDTH, bodies)
    for (const body of bodies) tree.append(leafHash(body), (tile) => writeTile(folder, tile))
  }
  for (const tile of tree.partial()) writeTile(folder, tile)
  const note = { origin: signer.name, size: lines, root: tree.root() }
  writeFileSync(checkpointPath(folder), signCheckpoint(signer, note))
}

const seconds = async (body: () => Promise<unknown>) => {
  const started = performance.now()
  await body()
  return (performance.now() - started) / 1000
}
const say = (figures: object) => process.stdout.write(`${JSON.stringify(figures)}\n`)

const verify = async () => {
  const lines = Number(values.lines)
  writeLog(lines)
  const before = process.cpuUsage()
  const took = await seconds(async () => {
    assert((await verifyEvidence(folder, trust)).whole, 'what was just written is whole')
  })
  const { user, system } = process.cpuUsage(before)
  const cpu = (user + system) / 1e6
  say({
    lines,
    seconds: took,
    linesASecond: lines / took,
    cpuSeconds: cpu,
    cores: availableParallelism(),
  })
}

/** A flip in lines or lowest hashes is seen by the check of its tile alone, which is what the verifier runs on each. */
const flips = () => {
  const lines = Number(values.lines === '1000000' ? 10_000 : values.lines)
  writeLog(lines)
  let count = 0
  let missed = 0
  const started = performance.now()
  for (let from = 0; from < lines; from += TILE_WIDTH) {
    const index = from / TILE_WIDTH
    const width = Math.min(TILE_WIDTH, lines - from)
    for (const kind of ['entries', 0] as const) {
      const path = tilePath(folder, kind, index, width)
      const bytes = readFileSync(path)
      for (let byte = 0; byte < bytes.length; byte++)
        for (let bit = 0; bit < 8; bit++, count++) {
          bytes.writeUInt8(bytes.readUInt8(byte) ^ (1 << bit), byte)
          writeFileSync(path, bytes)
          if (!checkBundle(folder, index, width).broken) missed++
          bytes.writeUInt8(bytes.readUInt8(byte) ^ (1 << bit), byte)
        }
      writeFileSync(path, bytes)
    }
  }
  say({ lines, flips: count, missed, seconds: (performance.now() - started) / 1000 })
}

const append = async () => {
  assert(values.database, 'append needs --database postgres://… of a database of its own')
  const db = openPostgres(values.database, { name: 'bench', max: 8 })
  const now = Temporal.Instant.from(at)
  try {
    for (const batch of [100, 1]) {
      const transactions = batch === 1 ? 2_000 : 200
      const rate = await seconds(async () => {
        let next = 0
        const writer = async () => {
          while (next++ < transactions)
            await work(db, 'system', now, async (w) => {
              await Promise.all(
                Array.from({ length: batch }, (_, i) =>
                  w.record('payments.accepted', `payment_${next}_${i}`, { amount: '12.50' }),
                ),
              )
            })
        }
        await Promise.all(Array.from({ length: 8 }, writer))
      })
      say({ append: batch, linesASecond: (transactions * batch) / rate })
    }
    let size = 0
    const took = await seconds(async () => {
      for (let before = -1; before !== size;) {
        before = size
        size = await keepRound(db, { folder, signer })
      }
    })
    say({ takenIntoTree: size, linesASecond: size / took })
  } finally {
    await db.close()
  }
}

try {
  for (const name of positionals)
    if (name === 'verify') await verify()
    else if (name === 'flips') flips()
    else if (name === 'append') await append()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
