/** `portico migrate`: every database of this installation, brought up to date while the house stands still or runs. */
import { join } from 'node:path'
import { prepareDatabases } from '#platform/databases.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makeRolePasswords } from './installation.ts'

const root = join(import.meta.dirname, '..', '..')

/** A server that others run: the owner's address, and of it those of the other roles. */
const serverAt = (owner: string): Pick<EmbeddedPostgres, 'url' | 'superuser'> => {
  const at = new URL(owner)
  return {
    superuser: { role: decodeURIComponent(at.username), password: decodeURIComponent(at.password) },
    url: (role, password, database) => {
      const url = new URL(owner)
      url.username = role
      url.password = password
      url.pathname = `/${database}`
      return url.href
    },
  }
}

export const migrateAll = async ({ layout, ports, settings }: ProcessWorld): Promise<number> => {
  const passwords = makeRolePasswords(layout)
  if (settings.PORTICO_DATABASE_URL_OWNER) {
    const server = serverAt(settings.PORTICO_DATABASE_URL_OWNER)
    await prepareDatabases(server, passwords.roles, join(root, 'migrations'))
    process.stderr.write('every database is up to date\n')
    return 0
  }
  const server = await startPostgres({
    folder: layout.postgres,
    port: ports.postgres,
    password: passwords.superuser,
    log: join(layout.logs, 'postgres.log'),
  })
  try {
    await prepareDatabases(server, passwords.roles, join(root, 'migrations'))
    process.stderr.write('every database is up to date\n')
    return 0
  } finally {
    // A server that was running before this command belongs to whoever started it.
    if (!server.adopted) await server.stop()
  }
}
