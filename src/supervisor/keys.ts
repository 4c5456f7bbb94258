/** `portico keys`: the signing keys and secrets of a cell's issuer, at the terminal of the same installation. */
import { type Actor, work } from '#journal/index.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { renewRandomKey } from '#platform/keys.ts'
import type { CellWorld } from '#platform/process.ts'
import {
  activateKey,
  listSigningKeys,
  publishKey,
  removeKey,
  replaceKeys,
  retireKey,
  type SigningKey,
  tellKeys,
} from '#authorization/keys/index.ts'
import { databaseSettings, makeRolePasswords } from './installation.ts'

export const keyVerbs = [
  'list',
  'publish',
  'activate',
  'retire',
  'remove',
  'emergency',
  'renew',
] as const
export type KeyVerb = (typeof keyVerbs)[number]

const addressOf = ({ settings, layout, ports, cell }: CellWorld): string => {
  if (settings.PORTICO_DATABASE_URL_AUTHORIZATION)
    return settings.PORTICO_DATABASE_URL_AUTHORIZATION
  const url = (role: string, password: string, database: string) =>
    `postgres://${role}:${password}@127.0.0.1:${ports.postgres}/${database}`
  const { roles } = makeRolePasswords(layout)
  return (
    databaseSettings(url, roles)('authorization', cell)['PORTICO_DATABASE_URL_AUTHORIZATION'] ?? ''
  )
}

const actor: Actor = 'system'

const change = async (
  world: CellWorld,
  db: Postgres,
  verb: Exclude<KeyVerb, 'list' | 'renew'>,
  kid: string,
): Promise<SigningKey> => {
  const files = world.layout.cell(world.cell)
  const changed = await work(db, actor, world.now(), (w) => {
    switch (verb) {
      case 'publish':
        return publishKey(w, files)
      case 'activate':
        return activateKey(w, kid)
      case 'retire':
        return retireKey(w, kid)
      case 'remove':
        return removeKey(w, kid)
      case 'emergency':
        return replaceKeys(w, files)
    }
  })
  await tellKeys(db, files)
  return changed
}

const lineOf = ({
  kid,
  state,
  publishedAt,
  activatedAt,
  retiredAt,
  removedAt,
  denied,
}: SigningKey) =>
  [
    denied ? 'denied   ' : state.padEnd(9),
    kid,
    `published ${publishedAt.toString({ smallestUnit: 'second' })}`,
    ...(activatedAt ? [`active from ${activatedAt.toString({ smallestUnit: 'second' })}`] : []),
    ...(retiredAt ? [`until ${retiredAt.toString({ smallestUnit: 'second' })}`] : []),
    ...(removedAt ? [`removed ${removedAt.toString({ smallestUnit: 'second' })}`] : []),
  ].join('  ')

/** Does it and prints the keys as they are then. The running servers take them within a second. */
export const manageKeys = async (
  world: CellWorld,
  { verb, what, json }: { verb: KeyVerb; what: string; json: boolean },
): Promise<number> => {
  if (verb === 'renew') {
    const files = world.layout.cell(world.cell)
    renewRandomKey(what === 'cookie' ? files.cookieKey : files.nonceKey('authorization'))
    process.stderr.write(
      `${what}: a new secret is in force; the one before it is good for its life\n`,
    )
    return 0
  }
  const db = openPostgres(addressOf(world), { name: 'keys', max: 2 })
  try {
    if (verb !== 'list') await change(world, db, verb, what)
    const keys = await listSigningKeys(db)
    process.stdout.write(json ? `${JSON.stringify(keys)}\n` : `${keys.map(lineOf).join('\n')}\n`)
    return 0
  } finally {
    await db.close()
  }
}
