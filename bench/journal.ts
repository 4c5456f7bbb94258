/**
 * The journal in figures: `node bench/journal.ts append|verify|rows [--lines N] [--port 19990]`.
 * append: lines a second through `work` over an embedded PostgreSQL that syncs, sealed and taken into the tree; the goal is 5,000.
 * verify: the evidence alone. rows: straight from the database. Of both the goal is 10 million lines in 60 s.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { assert } from '#kernel/assert.ts'
import { canonical } from '#kernel/canonical.ts'
import { makeSigningKey, writeWhole } from '#platform/keys.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { migrate } from '#platform/migrations.ts'
import { startPostgres } from '#platform/postgres-server.ts'
import { keepRound } from '#journal/evidence.ts'
import { type EvidenceReport, verifyDatabase, verifyEvidence, work } from '#journal/index.ts'
import { signCheckpoint, signerOf } from '#journal/note.ts'
import { checkpointPath, writeBundle, writeTile } from '#journal/tiles.ts'
import { growTree, leafHash, TILE_WIDTH } from '#journal/tree.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { lines: { type: 'string' }, port: { type: 'string', default: '19990' } },
})
const GOAL = { appendedASecond: 5_000, verifiedASecond: 10_000_000 / 60 }
const root = mkdtempSync(join(tmpdir(), 'portico-bench-journal-'))
const folder = join(root, 'evidence')
const signer = signerOf(
  'portico-journal/bench',
  'log',
  await makeSigningKey(join(root, 'key.json'), join(root, 'key.pub'), 'EdDSA'),
)
const trust = { log: signer, witnesses: [], remembered: [] }
const at = Temporal.Instant.from('2026-11-22T12:00:00Z')
const factsOf = (n: number) => ({
  subject: `payment_${String(n).padStart(32, '0')}`,
  data: { partnerId: 'partner_0193f5fe', amount: { amount: '12.50', currency: 'UZS' } },
})
const event = 'payments.accepted'

const say = (figures: object) => process.stdout.write(`${JSON.stringify(figures)}\n`)
const seconds = async (body: () => Promise<unknown>) => {
  const started = performance.now()
  await body()
  return (performance.now() - started) / 1000
}
const rate = (what: string, count: number, took: number, goal: number) =>
  say({
    [what]: count,
    seconds: Number(took.toFixed(2)),
    linesASecond: Math.round(count / took),
    goal: Math.round(goal),
    reached: count / took >= goal,
    cores: availableParallelism(),
    // Of the last minute: what others did meanwhile.
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  })

const writeLog = (lines: number) => {
  const tree = growTree()
  for (let from = 0; from < lines; from += TILE_WIDTH) {
    const count = Math.min(TILE_WIDTH, lines - from)
    const bodies = Array.from({ length: count }, (_, i) =>
      Buffer.from(canonical({ at: at.toString(), actor: 'system', event, ...factsOf(from + i) })),
    )
    writeBundle(folder, from / TILE_WIDTH, bodies)
    for (const body of bodies) tree.append(leafHash(body), (tile) => writeTile(folder, tile))
  }
  for (const tile of tree.partial()) writeTile(folder, tile)
  const note = { origin: signer.name, size: lines, root: tree.root() }
  writeWhole(checkpointPath(folder), signCheckpoint(signer, note))
}

const verified = async (what: string, lines: number, check: () => Promise<EvidenceReport>) => {
  const before = process.cpuUsage()
  const took = await seconds(async () => {
    const report = await check()
    assert(report.whole && report.entries === BigInt(lines), 'what was just written is whole')
  })
  const { user, system } = process.cpuUsage(before)
  rate(what, lines, took, GOAL.verifiedASecond)
  say({ microsOfOurCpuALine: Number(((user + system) / lines).toFixed(2)) })
}

const verify = async () => {
  const lines = Number(values.lines ?? 1_000_000)
  writeLog(lines)
  await verified('verifiedFromBundles', lines, () => verifyEvidence(folder, trust))
}

const appended = async (db: Postgres, perCommand: number, commands: number) => {
  let next = 0
  const writer = async () => {
    while (next < commands) {
      const command = next++
      await work(db, 'system', at, async (w) => {
        for (let i = 0; i < perCommand; i++) {
          const { subject, data } = factsOf(command * perCommand + i)
          await w.record(event, subject, data)
        }
      })
    }
  }
  const took = await seconds(() => Promise.all(Array.from({ length: 8 }, writer)))
  const lines = commands * perCommand
  rate(`appendedWith${perCommand}ACommand`, lines, took, GOAL.appendedASecond)
}

const takenIntoTree = async (db: Postgres) => {
  let size = 0
  const took = await seconds(async () => {
    for (let before = -1; before !== size;) {
      before = size
      size = await keepRound(db, { folder, signer })
    }
  })
  rate('takenIntoTree', size, took, GOAL.appendedASecond)
}

const inDatabase = async (body: (db: Postgres, url: string) => Promise<void>) => {
  const password = 'only-for-measuring'
  const server = await startPostgres({
    folder: join(root, 'postgres'),
    port: Number(values.port),
    password,
    log: join(root, 'postgres.log'),
    maxConnections: 20,
    durable: true,
  })
  try {
    const url = (name: string) => server.url(server.superuser.role, password, name)
    const admin = postgres(url('postgres'), { max: 1, onnotice: () => {} })
    await admin`create database control`
    await admin.end()
    const migrations = resolve(import.meta.dirname, '../migrations')
    await migrate({ url: url('control'), kind: 'control', root: migrations, roles: {} })
    const db = openPostgres(url('control'), { name: 'bench', max: 8 })
    try {
      await body(db, url('control'))
    } finally {
      await db.close()
    }
  } finally {
    await server.stop()
  }
}

const append = () =>
  inDatabase(async (db) => {
    const lines = Number(values.lines ?? 50_000)
    await appended(db, 1, Math.ceil(lines / 10))
    await appended(db, 10, Math.ceil(lines / 10))
    await appended(db, 100, Math.ceil(lines / 100))
    await takenIntoTree(db)
  })

const rows = () =>
  inDatabase(async (db, url) => {
    const lines = Number(values.lines ?? 500_000)
    await appended(db, 1_000, Math.ceil(lines / 1_000))
    await takenIntoTree(db)
    await db.run`vacuum analyze journal.entry, journal.chain`
    const kept = Math.ceil(lines / 1_000) * 1_000
    await verified('verifiedFromRows', kept, () => verifyDatabase(url, trust, folder))
  })

const parts: Readonly<Record<string, () => Promise<void>>> = { append, verify, rows }
try {
  for (const name of positionals) {
    const part = parts[name]
    assert(part, `${name} is none of ${Object.keys(parts).join(', ')}`)
    await part()
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
