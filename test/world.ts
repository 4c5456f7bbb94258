/**
 * The world that tests stand in: one embedded PostgreSQL for all test files, a fresh migrated database for each
 * file that asks, and a fixed noon. The server is left running between files and ended by `npm test`.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { after } from 'node:test'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { uuidv7 } from '#kernel/id.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { migrate, shapeOf } from '#platform/migrations.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'
import { type DatabaseKind, processesOf } from '#platform/rights.ts'

export const noon = Temporal.Instant.from('2026-11-22T12:00:00Z')

const root = resolve(import.meta.dirname, '..')
const migrations = join(root, 'migrations')
/** Kept apart from any running instance; PORTICO_TEST_DATA lets two suites run side by side. */
const home = resolve(root, process.env['PORTICO_TEST_DATA'] ?? '.portico-test')
/** A port of this checkout's own, so that two of them can be tested on one machine. */
const port = Number(
  process.env['PORTICO_TEST_PORT'] ??
    21_000 + (createHash('sha256').update(home).digest().readUInt16BE() % 2_000),
)
const password = 'only-for-tests'

/** Whether a process of this machine still lives. */
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** One test process at a time may start the server or build a template: a link that names its holder is the lock. */
const alone = async <T>(body: () => Promise<T>): Promise<T> => {
  mkdirSync(home, { recursive: true })
  const lock = join(home, 'holder')
  for (;;) {
    try {
      symlinkSync(String(process.pid), lock)
      break
    } catch {
      // A holder that was killed lets nobody wait for ever.
      const holder = readlinkOf(lock)
      if (holder !== undefined && !lives(Number(holder)) && readlinkOf(lock) === holder)
        rmSync(lock, { force: true })
      else await sleep(50)
    }
  }
  try {
    return await body()
  } finally {
    rmSync(lock, { force: true })
  }
}

const readlinkOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

const adminUrl = (database: string) =>
  `postgres://portico:${password}@127.0.0.1:${port}/${database}`

let server: Promise<EmbeddedPostgres> | undefined
const started = () =>
  (server ??= startPostgres({
    folder: join(home, 'postgres'),
    port,
    password,
    log: join(home, 'postgres.log'),
    maxConnections: 300,
    durable: false,
  }))

/** In tests every process is a role of the same name, whose password is its name. */
const rolesOf = (kind: DatabaseKind) =>
  Object.fromEntries(processesOf(kind).map((p) => [p, `test_${p}`]))

const template = (kind: DatabaseKind) =>
  alone(async () => {
    await started()
    const name = `template_${kind}_${shapeOf(migrations, kind).slice(0, 16)}`
    const sql = postgres(adminUrl('postgres'), { max: 1, onnotice: () => {} })
    try {
      for (const role of Object.values(rolesOf(kind)))
        if ((await sql`select 1 from pg_roles where rolname = ${role}`).length === 0)
          await sql.unsafe(`create role ${role} login password '${role}'`)
      const ready = await sql`select 1 from pg_database where datname = ${name} and datistemplate`
      if (ready.length === 0) {
        await sql.unsafe(`drop database if exists ${name}`)
        await sql.unsafe(`create database ${name}`)
        await migrate({ url: adminUrl(name), kind, root: migrations, roles: rolesOf(kind) })
        await sql.unsafe(`alter database ${name} is_template true`)
      }
      const fresh = `test_${kind}_${uuidv7().slice(0, 24)}`
      await sql.unsafe(`create database ${fresh} template ${name}`)
      return fresh
    } finally {
      await sql.end({ timeout: 1 })
    }
  })

export interface TestDatabase {
  /** A pool as the given process's role: it sees what that process may see. Closed after the tests of the file. */
  as(process: string): Postgres
  /** The address for a process that the test starts. */
  url(process: string): string
  /** As the owner, for looking behind the scenes. */
  readonly owner: Postgres
  readonly ownerUrl: string
}

/** A fresh database of a kind, migrated, with every role's rights. */
export const freshDatabase = async (kind: DatabaseKind): Promise<TestDatabase> => {
  const database = await template(kind)
  const open: Postgres[] = []
  const pool = (url: string) => {
    const opened = openPostgres(url, { name: 'test', max: 8 })
    open.push(opened)
    return opened
  }
  const url = (process: string) =>
    `postgres://test_${process}:test_${process}@127.0.0.1:${port}/${database}`
  after(async () => {
    await Promise.all(open.map((p) => p.close()))
  })
  const ownerUrl = adminUrl(database)
  return { as: (process) => pool(url(process)), url, owner: pool(ownerUrl), ownerUrl }
}

/** Runs a command at noon, as the system unless told otherwise. */
export const doing =
  (db: Postgres, actor: Actor = 'system', now: Temporal.Instant = noon) =>
  <T>(body: (work: Work) => Promise<T>): Promise<T> =>
    work(db, actor, now, body)

/** Ends the server of the tests. */
export const endWorld = async (): Promise<void> => {
  await (await started()).stop()
}
