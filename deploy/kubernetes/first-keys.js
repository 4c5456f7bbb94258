// Brings the ceremony's keys to the disk where the issuer keeps and turns them. What is there already stays as it is.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [from = '', to = ''] = process.argv.slice(2)
// The names of a Secret hold no slash: `authorization_signing.json` is `authorization/signing.json`.
for (const name of readdirSync(from).filter((entry) => !entry.startsWith('.'))) {
  const path = join(to, name.replace('_', '/'))
  if (existsSync(path)) continue
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  cpSync(join(from, name), path, { dereference: true })
}
