/** The databases of an installation: control, a cell and a vault for each cell; a role for each process. */
import postgres from 'postgres'
import { type Cell, cells } from '#kernel/cell.ts'
import { migrate } from './migrations.ts'
import type { EmbeddedPostgres } from './postgres-server.ts'
import { type DatabaseKind, processesOf } from './rights.ts'

export interface DatabaseName {
  readonly database: string
  readonly kind: DatabaseKind
  /** Process name → role of this cluster. */
  readonly roles: Readonly<Record<string, string>>
}

const named = (database: string, kind: DatabaseKind, cell?: Cell): DatabaseName => ({
  database,
  kind,
  roles: Object.fromEntries(
    processesOf(kind).map((process) => [process, cell ? `${cell}_${process}` : process]),
  ),
})

export const databases: readonly DatabaseName[] = [
  named('control', 'control'),
  ...cells.flatMap((cell) => [
    named(`${cell}_cell`, 'cell', cell),
    named(`${cell}_vault`, 'vault', cell),
  ]),
]

/** Role passwords by role name. */
export type RolePasswords = Readonly<Record<string, string>>

export const roleNames = (): string[] => [
  ...new Set(databases.flatMap((d) => Object.values(d.roles))),
]

/** Makes roles and databases that are missing, migrates all of them. Safe to run again after a half-finished run. */
export const prepareDatabases = async (
  server: Pick<EmbeddedPostgres, 'url' | 'superuser'>,
  passwords: RolePasswords,
  migrationsRoot: string,
  only: readonly DatabaseName[] = databases,
): Promise<void> => {
  const { role: admin, password } = server.superuser
  const sql = postgres(server.url(admin, password, 'postgres'), { max: 1, onnotice: () => {} })
  try {
    for (const [role, secret] of Object.entries(passwords)) {
      const known = await sql`select 1 from pg_roles where rolname = ${role}`
      const verb = known.length === 0 ? 'create' : 'alter'
      // Names and passwords are ours (letters, digits, _), so they may stand in the text; DDL takes no parameters.
      await sql.unsafe(
        `${verb} role ${role} login nosuperuser nocreatedb nocreaterole password '${secret}'`,
      )
    }
    for (const { database, roles } of only) {
      const known = await sql`select 1 from pg_database where datname = ${database}`
      if (known.length === 0) await sql.unsafe(`create database ${database}`)
      await sql.unsafe(`revoke all on database ${database} from public`)
      for (const role of Object.values(roles))
        await sql.unsafe(`grant connect on database ${database} to ${role}`)
    }
  } finally {
    await sql.end({ timeout: 2 })
  }
  await Promise.all(
    only.map(({ database, kind, roles }) =>
      migrate({ url: server.url(admin, password, database), kind, root: migrationsRoot, roles }),
    ),
  )
}
