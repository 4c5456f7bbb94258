/**
 * `portico ceremony`: makes every key that is missing, before anything runs, and prints the register that those who were
 * there sign. It shows no key: of a public one its fingerprint, of a secret one a value by which two copies are compared.
 */
import { createHash, createHmac } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cells } from '#kernel/cell.ts'
import { evidenceOwner, openKeeper } from '#journal/index.ts'
import { databases } from '#platform/databases.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet } from '#platform/keys.ts'
import type { Layout } from '#platform/layout.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makeKeys, makeRolePasswords } from './installation.ts'

/** What a process makes on its first start where it finds none: here all of it, for places that nobody may write to later. */
const makeTheRest = async (layout: Layout): Promise<void> => {
  for (const { key, publicKey } of [layout.isolation, layout.evidencePacks])
    await makeSigningKey(key, publicKey, 'EdDSA')
  makeRandomKey(layout.status.linkKey)
  makeRandomKey(layout.status.letterKey)
  for (const { database } of databases)
    await openKeeper({ layout }, { database, keys: evidenceOwner(database) })
  for (const cell of cells) {
    const files = layout.cell(cell)
    for (const key of [files.onceKey, files.releaseKey, files.upstreamKey, files.webhookSealingKey])
      makeRandomKey(key)
    await makeSigningKey(files.answerKey.key, files.answerKey.publicKey, 'ES256')
    await makeSigningKeySet(files.claimsKeys.key, files.claimsKeys.publicKeys, 'PS256')
    await makeSigningKey(files.webhookKey.key, files.webhookKey.publicKey, 'EdDSA')
  }
}

interface Registered {
  readonly path: string
  readonly kind: 'public' | 'secret'
  readonly value: string
}

const CHECK = 'portico key check'
const SHOWN = 32

/** What anybody may hold: public halves, certificates, verifier keys. */
const isPublic = (path: string) => /(^|\/)public\//.test(path) || path.endsWith('.pem')

const registerOf = (keys: string): Registered[] =>
  readdirSync(keys, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .filter((path) => statSync(join(keys, path)).isFile())
    .map((path) => {
      const bytes = readFileSync(join(keys, path))
      return isPublic(path)
        ? { path, kind: 'public', value: createHash('sha256').update(bytes).digest('hex') }
        : { path, kind: 'secret', value: checkValue(bytes) }
    })

/** A dozen hex digits of it tell two keys apart, and nobody finds a key of 256 bits by them. */
const checkValue = (bytes: Buffer) =>
  createHmac('sha256', bytes).update(CHECK).digest('hex').slice(0, SHOWN)

export const holdCeremony = async (world: ProcessWorld, json: boolean): Promise<number> => {
  const keys = join(world.layout.data, 'keys')
  const before = existsSync(keys) ? registerOf(keys).length : 0
  await makeKeys(world.layout)
  makeRolePasswords(world.layout)
  await makeTheRest(world.layout)
  const register = registerOf(keys)
  process.stderr.write(`${register.length - before} of ${register.length} files are new\n`)
  process.stdout.write(
    json
      ? `${JSON.stringify(register)}\n`
      : register
          .map(({ path, kind, value }) => `${kind}  ${value.slice(0, SHOWN)}  ${path}\n`)
          .join(''),
  )
  return 0
}
