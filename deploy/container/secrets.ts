/**
 * `node deploy/container/secrets.ts KEYS HOST:PORT FOLDER`: for each process a file with its own database address, and the
 * owner's. Out of the passwords that `portico ceremony` made; nobody has to copy one by hand, and no process gets another's.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { databases } from '#platform/databases.ts'

const [keys, server, folder] = process.argv.slice(2)
if (!keys || !server || !folder) {
  process.stderr.write('secrets.ts KEYS HOST:PORT FOLDER\n')
  process.exit(2)
}
const passwords = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(join(keys, 'database-roles.json'), 'utf8')))
mkdirSync(folder, { recursive: true, mode: 0o700 })

const write = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  chmodSync(path, 0o600)
}
const addressOf = (role: string, database: string) =>
  `postgres://${role}:${passwords[role] ?? ''}@${server}/${database}`

for (const { database, kind, roles } of databases)
  for (const [process_, role] of Object.entries(roles)) {
    const cell = kind === 'control' ? '' : `-${database.split('_')[0]}`
    write(
      `${process_}${cell}.env`,
      `PORTICO_DATABASE_URL_${process_.toUpperCase()}=${addressOf(role, database)}\n`,
    )
  }
write('owner.env', `PORTICO_DATABASE_URL_OWNER=${addressOf('portico', 'postgres')}\n`)
write('postgres-owner', passwords['portico'] ?? '')
