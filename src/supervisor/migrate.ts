/** `portico migrate`: every database of this installation, brought up to date while the house stands still or runs. */
import { join } from 'node:path'
import { prepareDatabases } from '#platform/databases.ts'
import { startPostgres } from '#platform/postgres-server.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makeRolePasswords } from './installation.ts'

const root = join(import.meta.dirname, '..', '..')

export const migrateAll = async ({ layout, ports }: ProcessWorld): Promise<number> => {
  const passwords = makeRolePasswords(layout)
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
