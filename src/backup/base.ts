/** A base copy of a running PostgreSQL, over an ordinary connection: no program of the server's release is needed for it. */
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { writeWhole } from '#platform/keys.ts'
import { openOwner, type OwnerSql } from '#platform/owner.ts'
import { type Base, backupUnusable, baseNote, type Shelf } from './shelf.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
const FILES_AT_ONCE = 200

/** What belongs to the running server alone, or is made anew (PostgreSQL manual, 25.3.4). Folders stay, empty. */
const emptied = [
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]
const left =
  /(^|\/)(postmaster\.(pid|opts)|pg_internal\.init|backup_label(\.old)?|tablespace_map(\.old)?|pgsql_tmp[^/]*|recovery\.signal|standby\.signal)$/
/** Says where recovery begins; it is read first after a crash, so it is copied last. */
const CONTROL = 'global/pg_control'

const Entry = z.object({ path: z.string(), folder: z.boolean(), size: z.coerce.number() })
const Started = z.object({ from: z.string(), at: z.string() })
const Stopped = z.object({ to: z.string(), label: z.string(), spaces: z.string(), at: z.string() })

const entriesOf = async (sql: OwnerSql) =>
  z.array(Entry).parse(
    await sql`
      with recursive entry (path, folder, size) as (
        select name, s.isdir, s.size
          from pg_ls_dir('.', true, false) name, pg_stat_file(name, true) s
        union all
        select e.path || '/' || name, s.isdir, s.size
          from entry e, pg_ls_dir(e.path, true, false) name, pg_stat_file(e.path || '/' || name, true) s
         where e.folder and e.path <> all (${emptied})
      )
      -- What went away between the two looks has no state.
      select path, folder, coalesce(size, 0) as size from entry where folder is not null order by path
    `,
  )

const Piece = z.array(z.object({ bytes: z.instanceof(Buffer).nullable() })).length(1)
type File = Base['files'][number]

/** A large file, piece by piece. */
const copyLarge = async (
  sql: OwnerSql,
  folder: string,
  path: string,
  size: number,
): Promise<File> => {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(join(folder, path), 'w', 0o600)
  try {
    while (bytes < size) {
      const length = Math.min(CHUNK_BYTES, size - bytes)
      const [piece] = Piece.parse(
        await sql`select pg_read_binary_file(${path}, ${bytes}, ${length}, true) as bytes`,
      )
      // It became shorter, or is gone: the log says so again, and recovery does it again.
      if (!piece?.bytes?.length) break
      await file.write(piece.bytes)
      hash.update(piece.bytes)
      bytes += piece.bytes.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { path, bytes, sha256: hash.digest('hex') }
}

const Small = z.array(z.object({ path: z.string(), bytes: z.instanceof(Buffer).nullable() }))

/** Many small files with one question: a database is hundreds of them. */
const copySmall = async (sql: OwnerSql, folder: string, paths: string[]): Promise<File[]> => {
  const read = Small.parse(
    await sql`
      select path, pg_read_binary_file(path, 0, ${CHUNK_BYTES}, true) as bytes
        from unnest(${paths}::text[]) as path
    `,
  )
  return Promise.all(
    read.map(async ({ path, bytes }) => {
      const content = bytes ?? Buffer.alloc(0)
      await writeFile(join(folder, path), content, { mode: 0o600, flush: true })
      return {
        path,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      }
    }),
  )
}

/** Groups that fit into one answer each. */
const grouped = (entries: readonly { path: string; size: number }[]): string[][] => {
  const groups: string[][] = []
  let room = 0
  for (const { path, size } of entries) {
    const group = groups.at(-1)
    if (!group || size > room || group.length === FILES_AT_ONCE) {
      groups.push([path])
      room = CHUNK_BYTES - size
    } else {
      group.push(path)
      room -= size
    }
  }
  return groups
}

/** Takes one. It counts for nothing before it stands under its name, and for nothing without the log up to its end. */
export const takeBase = async (
  url: string,
  shelf: Shelf,
  timeline: number,
): Promise<{ name: string; base: Base }> => {
  // The back-up belongs to the session that began it: one connection, for as long as it takes.
  const session = openOwner(url, 1)
  try {
    const [started] = z.array(Started).parse(
      await session`
        select pg_backup_start('portico', true)::text as "from",
               to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
      `,
    )
    assert(started, 'a query without a table answers one row')
    const name = started.at.replaceAll(/[-:]/g, '')
    const folder = `${shelf.base(name)}.part`
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const entries = (await entriesOf(session)).filter(({ path }) => !left.test(path))
    if (entries.some(({ path }) => path.startsWith('pg_tblspc/')))
      throw backupUnusable('the server has tablespaces; back it up with its own tools')
    const folders = entries.filter((entry) => entry.folder).map(({ path }) => path)
    for (const path of folders) mkdirSync(join(folder, path), { recursive: true, mode: 0o700 })
    const files: File[] = []
    const copied = entries.filter((entry) => !entry.folder && entry.path !== CONTROL)
    // A file that grows meanwhile is read as it was listed; the log holds the rest.
    const isSmall = ({ size }: { size: number }) => size < CHUNK_BYTES / 4
    for (const paths of grouped(copied.filter(isSmall)))
      files.push(...(await copySmall(session, folder, paths)))
    for (const { path, size } of copied.filter((entry) => !isSmall(entry)))
      files.push(await copyLarge(session, folder, path, size))
    files.push(...(await copySmall(session, folder, [CONTROL])))
    const [stopped] = z.array(Stopped).parse(
      await session`
        select lsn::text as "to", labelfile as label, spcmapfile as spaces,
               to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
          from pg_backup_stop(false)
      `,
    )
    assert(stopped, 'a function answers one row')
    writeWhole(join(folder, 'backup_label'), stopped.label)
    files.push({
      path: 'backup_label',
      bytes: Buffer.byteLength(stopped.label),
      sha256: createHash('sha256').update(stopped.label).digest('hex'),
    })
    const base: Base = {
      startedAt: started.at,
      finishedAt: stopped.at,
      timeline,
      from: started.from,
      to: stopped.to,
      files,
      folders,
    }
    writeWhole(join(folder, baseNote), JSON.stringify(base))
    mkdirSync(dirname(shelf.base(name)), { recursive: true })
    renameSync(folder, shelf.base(name))
    return { name, base }
  } finally {
    await session.end({ timeout: 2 })
  }
}
