/** Makes an installation out of a back-up: to the last round, or to an earlier moment. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import {
  evidenceFolder,
  evidenceKeyPath,
  evidenceVkeyPath,
  lastPlace,
  linesBehind,
} from '#journal/index.ts'
import { databases } from '#platform/databases.ts'
import { type EmbeddedPostgres, startPostgres, takeOver } from '#platform/postgres-server.ts'
import { openPostgres } from '#platform/db.ts'
import type { Layout } from '#platform/layout.ts'
import { openOwner } from '#platform/owner.ts'
import { checkBackup } from './check.ts'
import { backupUnusable, findShelf } from './shelf.ts'

export interface Restoring {
  readonly layout: Layout
  readonly folder: string
  readonly keys: string
  readonly port: number
  readonly until?: Temporal.Instant | undefined
  readonly step: (what: string) => void
}

export interface Restored {
  /** The last thing that happened in the restored databases cannot be later. */
  readonly at: string
  /** By database: lines of the journal that were signed and are not in what was restored. */
  readonly abandoned: Readonly<Record<string, number>>
  /** Where their texts are, when there are any. */
  readonly aside?: string
}

const RECOVERY_MS_MAX = 3_600_000

/** As the server takes it while it recovers: it knows no abbreviation of a zone then, “Z” included. */
const recoveryTime = (until: Temporal.Instant): string =>
  until
    .toString({ smallestUnit: 'microsecond', roundingMode: 'floor' })
    .replace('T', ' ')
    .replace('Z', '+00')

/** What the server reads at its first start: go on to the end of the log, or to the moment, and be a server then. */
export const recoverySettings = (until: Temporal.Instant | undefined): string =>
  [
    '',
    '# Written by portico backup restore; without a meaning once recovery is over.',
    // Every file of the log already lies where it is looked for when this says that there is none.
    `restore_command = 'exit 1'`,
    `recovery_target_timeline = 'current'`,
    ...(until
      ? [`recovery_target_time = '${recoveryTime(until)}'`, `recovery_target_action = 'promote'`]
      : []),
    '',
  ].join('\n')

const layOut = async ({ layout, folder, keys, until, step }: Restoring): Promise<string> => {
  if (existsSync(layout.postgres) || existsSync(join(layout.data, 'keys')))
    throw backupUnusable(
      `${layout.data} already holds an installation; set PORTICO_DATA to an empty place`,
    )
  const passwords = join(keys, 'keys', 'database-roles.json')
  if (!existsSync(passwords)) throw backupUnusable(`${keys} holds no keys of an installation`)
  step('checking the back-up')
  const { at, base, log, faults } = await checkBackup(folder, until)
  if (faults.length > 0) throw backupUnusable(`it is not whole: ${faults.slice(0, 5).join('; ')}`)
  const shelf = findShelf(folder)
  step('files')
  mkdirSync(layout.data, { recursive: true, mode: 0o700 })
  cpSync(join(keys, 'keys'), join(layout.data, 'keys'), {
    recursive: true,
    preserveTimestamps: true,
  })
  cpSync(shelf.files, layout.data, { recursive: true, preserveTimestamps: true })
  const half = `${layout.postgres}.part`
  cpSync(shelf.base(base), half, { recursive: true })
  mkdirSync(join(half, 'pg_wal'), { recursive: true, mode: 0o700 })
  for (const name of log) copyFileSync(join(shelf.wal, name), join(half, 'pg_wal', name))
  writeFileSync(join(half, 'recovery.signal'), '')
  appendFileSync(join(half, 'postgresql.auto.conf'), recoverySettings(until))
  takeOver(half)
  renameSync(half, layout.postgres)
  return at
}

const Recovering = z.array(z.object({ recovering: z.boolean() })).length(1)

const untilRecovered = async (server: EmbeddedPostgres): Promise<void> => {
  const { role, password } = server.superuser
  const sql = openOwner(server.url(role, password, 'postgres'), 1)
  try {
    const from = performance.now()
    for (;;) {
      const [now] = Recovering.parse(await sql`select pg_is_in_recovery() as recovering`)
      if (now && !now.recovering) return
      if (performance.now() - from > RECOVERY_MS_MAX)
        throw backupUnusable('recovery does not come to its end; see log/postgres.log')
      await sleep(200)
    }
  } finally {
    await sql.end({ timeout: 2 })
  }
}

/**
 * Lines that were signed before and are not in the journal any more. Evidence cannot be made to forget: it is set aside
 * with its key, and the journal begins a new log. Their texts tell what has to be done again by hand.
 */
const setAside = async (server: EmbeddedPostgres, layout: Layout, at: string) => {
  const abandoned: Record<string, number> = {}
  const aside = join(layout.data, `evidence-behind-${at.replaceAll(/[^0-9TZ]/g, '')}`)
  const { role, password } = server.superuser
  for (const { database } of databases) {
    // What was never signed cannot be less than was signed.
    if (!existsSync(join(evidenceFolder(layout.data, database), 'checkpoint'))) continue
    const db = openPostgres(server.url(role, password, database), { name: 'restore', max: 1 })
    try {
      const lines = linesBehind(evidenceFolder(layout.data, database), await lastPlace(db))
      abandoned[database] = lines.length
      if (lines.length === 0) continue
      mkdirSync(aside, { recursive: true, mode: 0o700 })
      writeFileSync(join(aside, `${database}.ndjson`), lines.map((l) => `${l}\n`).join(''), {
        mode: 0o600,
      })
      renameSync(evidenceFolder(layout.data, database), join(aside, database))
      // Two trees of one key would be two truths: the new log signs with a new one, made at the next start.
      for (const key of [
        evidenceKeyPath(layout.data, database),
        evidenceVkeyPath(layout.data, database),
      ])
        if (existsSync(key)) renameSync(key, join(aside, `${database}-${basename(key)}`))
    } finally {
      await db.close()
    }
  }
  const any = Object.values(abandoned).some((lines) => lines > 0)
  return { abandoned, ...(any && { aside }) }
}

const Passwords = z.looseObject({ portico: z.string() })

/** Leaves a stopped installation that `portico start` goes on with. */
export const restoreBackup = async (options: Restoring): Promise<Restored> => {
  const { layout, port, step } = options
  const at = await layOut(options)
  step('recovery')
  const { portico: password } = Passwords.parse(
    JSON.parse(readFileSync(layout.databaseRoles, 'utf8')),
  )
  const server = await startPostgres({
    folder: layout.postgres,
    port,
    password,
    log: join(layout.logs, 'postgres.log'),
    patienceMs: RECOVERY_MS_MAX,
  })
  try {
    await untilRecovered(server)
    step('journals')
    const reached = options.until?.toString() ?? at
    return { at: reached, ...(await setAside(server, layout, reached)) }
  } finally {
    await server.stop()
  }
}
