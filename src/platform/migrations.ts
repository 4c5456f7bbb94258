/** Plain SQL, forward only: applies what a database has not seen, then sets the rights of every role. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { type DatabaseKind, schemasOf } from './rights.ts'

export const migrationChanged = problem(
  'platform/migration-changed',
  500,
  'A migration was changed after it was applied',
)

const Applied = z.array(z.object({ name: z.string(), sha256: z.string() }))

/** The migrations of a kind of database, in the order of their names: the journal's first, then its own. */
const migrationsOf = (root: string, kind: DatabaseKind) =>
  ['journal', kind].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.sql'))
      .toSorted()
      .map((file) => {
        const text = readFileSync(join(root, folder, file), 'utf8')
        return {
          name: `${folder}/${file}`,
          text,
          sha256: createHash('sha256').update(text).digest('hex'),
        }
      }),
  )

/** A digest of all migrations and rights of a kind: two databases with the same digest have the same shape. */
export const shapeOf = (root: string, kind: DatabaseKind): string =>
  createHash('sha256')
    .update(JSON.stringify([migrationsOf(root, kind), schemasOf(kind), grants.toString()]))
    .digest('hex')

/**
 * Brings one database up to date as its owner. `roles` maps the process names of `rights.ts` to the
 * roles of this cluster. Each migration is one transaction; a run that was cut off goes on where it stopped.
 */
export const migrate = async (options: {
  url: string
  kind: DatabaseKind
  root: string
  roles: Readonly<Record<string, string>>
}): Promise<{ applied: string[] }> => {
  const sql = postgres(options.url, { max: 1, onnotice: () => {} })
  try {
    await sql`create schema if not exists portico`
    await sql`
      create table if not exists portico.migration (
        name text primary key, sha256 text not null, applied_at timestamptz not null default now())
    `
    const seen = new Map(
      Applied.parse(await sql`select name, sha256 from portico.migration`).map((m) => [
        m.name,
        m.sha256,
      ]),
    )
    const applied: string[] = []
    for (const migration of migrationsOf(options.root, options.kind)) {
      const before = seen.get(migration.name)
      if (before === migration.sha256) continue
      if (before)
        throw migrationChanged(
          `${migration.name} is not what was applied here; add a new one instead`,
        )
      await sql.begin(async (tx) => {
        await tx.unsafe(migration.text)
        await tx`insert into portico.migration (name, sha256) values (${migration.name}, ${migration.sha256})`
      })
      applied.push(migration.name)
    }
    await sql.begin((tx) => tx.unsafe(grants(options.kind, options.roles)))
    return { applied }
  } finally {
    await sql.end({ timeout: 2 })
  }
}

const keepsPeople: ReadonlySet<string> = new Set(['control', 'authorization', 'bank'])

const grants = (kind: DatabaseKind, roles: Readonly<Record<string, string>>): string => {
  const lines = schemasOf(kind).flatMap(({ schema, process, right }) => {
    const role = roles[process]
    if (!role) return []
    const tables =
      right === 'all'
        ? 'select, insert, update, delete'
        : right === 'append'
          ? 'select, insert'
          : 'select'
    return [
      `grant usage on schema ${schema} to ${role}`,
      `grant ${tables} on all tables in schema ${schema} to ${role}`,
      `grant usage on all sequences in schema ${schema} to ${role}`,
      `grant execute on all functions in schema ${schema} to ${role}`,
    ]
  })
  return [
    ...lines,
    // Only journal.seal() gives a line its place.
    ...Object.values(roles).flatMap((role) => [
      `revoke all on journal.unsealed from ${role}`,
      `revoke insert on journal.chain from ${role}`,
      `revoke execute on function journal.forget(text) from ${role}`,
    ]),
    // People are forgotten by whoever keeps them; a courier or a vault has nobody to forget.
    ...schemasOf(kind).flatMap(({ schema, process }) => {
      const role = roles[process]
      const forgets = schema === 'journal' && keepsPeople.has(process)
      return role && forgets ? [`grant execute on function journal.forget(text) to ${role}`] : []
    }),
  ].join(';\n')
}
