/**
 * A bank of a partner's own, over the sandbox as it is seeded: `node bench/worlds.ts [--rounds 5] [--port 19642]` tells how
 * long the slowest of so many takes to be created, kept, gone back to, reset, and turned by a year. Ends with 1 where a
 * reset or a restoration takes 5 s.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { seedSynthetic } from '#bank/cores/synthetic/seed.ts'
import { openSyntheticCore } from '#bank/cores/synthetic/synthetic-core.ts'
import { keepTemplate } from '#bank/cores/synthetic/worlds.ts'
import { doDueWork } from '#bank/due-work.ts'
import { bankOver, newPartner, paperVault } from '#bank/trial.ts'
import { openPostgres } from '#platform/db.ts'
import { migrate } from '#platform/migrations.ts'
import { startPostgres } from '#platform/postgres-server.ts'
import { sandboxWorld } from '#sandbox/world.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    port: { type: 'string', default: '19642' },
  },
})
const now = () => Temporal.Now.instant()
const SECONDS_MAX = 5
const password = 'only-for-measuring'

const folder = mkdtempSync(join(tmpdir(), 'portico-worlds-'))
const server = await startPostgres({
  folder,
  port: Number(values.port),
  password,
  log: join(folder, 'postgres.log'),
  maxConnections: 20,
  durable: true,
})
try {
  const url = (database: string) =>
    server.url(server.superuser.role, server.superuser.password, database)
  const admin = postgres(url('postgres'), { max: 1, onnotice: () => {} })
  await admin.unsafe(`create role bank login password '${password}'`)
  await admin`create database sandbox_bank`
  await admin.end()
  const root = resolve(import.meta.dirname, '../migrations')
  await migrate({ url: url('sandbox_bank'), kind: 'cell', root, roles: { bank: 'bank' } })
  // As the bank, for only it may move worlds.
  const db = openPostgres(server.url('bank', password, 'sandbox_bank'), { name: 'bench', max: 4 })
  const today = now().toZonedDateTimeISO('Asia/Tashkent').toPlainDate()
  await seedSynthetic(db, sandboxWorld({ today }), now())
  await keepTemplate(db)
  const core = await openSyntheticCore({ db, now })
  const keeper = core.worlds
  if (!keeper) throw new Error('the make-believe core keeps no worlds')
  const vault = paperVault().vault
  const bank = await bankOver(db, core, { now, vault, programme: '80000101-001' })

  const slowest: Record<string, number> = {}
  const timed = async <T>(what: string, body: () => Promise<T>): Promise<T> => {
    const began = performance.now()
    const made = await body()
    slowest[what] = Math.max(slowest[what] ?? 0, (performance.now() - began) / 1_000)
    return made
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    const partnerId = newPartner()
    const worlds = keeper.of(partnerId)
    const world = await timed('create', () => worlds.create('one'))
    if (typeof world !== 'object') throw new Error('no world was created')
    const { id } = world
    await timed('choose', () => worlds.use(id))
    const taken = await timed('snapshot', () => worlds.snapshot(id))
    if (typeof taken !== 'object') throw new Error('no snapshot was taken')
    await worlds.turnClock(now().add({ hours: 365 * 24 }))
    await timed('turn by a year', () =>
      keeper.keep({ partnerId, worldId: id }, () => doDueWork(bank, partnerId)),
    )
    await timed('restore', () => worlds.restore(id, taken.id))
    await timed('reset', () => worlds.reset(id))
  }
  await db.close()
  const seconds = Object.fromEntries(
    Object.entries(slowest).map(([what, s]) => [what, Number(s.toFixed(3))]),
  )
  process.stdout.write(`${JSON.stringify({ rounds: Number(values.rounds), seconds })}\n`)
  if ((slowest['restore'] ?? 0) >= SECONDS_MAX || (slowest['reset'] ?? 0) >= SECONDS_MAX)
    process.exitCode = 1
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
