/** The walls between the cells of one installation, each of them tried: database roles, sockets, keys, upstreams. */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { cells } from '#kernel/cell.ts'
import { databases } from '#platform/databases.ts'
import { openPostgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { makeRolePasswords } from '../installation.ts'
import { networkWall, sharedNetwork } from '../namespaces/index.ts'

export interface Wall {
  readonly wall: string
  readonly tried: number
  /** What was found open: it must be none. */
  readonly open: readonly string[]
}

const One = z.object({ one: z.number() })

const connects = async (url: string): Promise<boolean> => {
  const db = openPostgres(url, { name: 'isolation', max: 1 })
  try {
    await db.one(One)`select 1 as one`
    return true
  } catch {
    return false
  } finally {
    await db.close()
  }
}

/** Every role at every database: it gets into its own, and into no other. */
const databaseRoles = async (world: ProcessWorld): Promise<Wall> => {
  const { roles } = makeRolePasswords(world.layout)
  const open: string[] = []
  let tried = 0
  for (const [role, password] of Object.entries(roles))
    for (const place of databases) {
      const own = Object.values(place.roles).includes(role)
      const url = `postgres://${role}:${password}@127.0.0.1:${world.ports.postgres}/${place.database}`
      tried++
      const entered = await connects(url)
      if (entered && !own) open.push(`${role} gets into ${place.database}`)
      // A role that gets in nowhere would make every other refusal worth nothing.
      if (!entered && own) open.push(`${role} does not get into its own ${place.database}`)
    }
  return { wall: 'database roles at databases that are not theirs', tried, open }
}

const OTHERS = 0o007
const OTHERS_WRITE = 0o022

/** Who connects to a Unix socket must be able to write it and to reach its folder: nobody but the house's own user. */
const sockets = ({ layout }: ProcessWorld): Wall => {
  const all = globSync(join(layout.run, '*.sock'))
  const isOpen = (path: string) =>
    (statSync(path).mode & OTHERS_WRITE) !== 0 && (statSync(dirname(path)).mode & OTHERS) !== 0
  return {
    wall: 'sockets for other users of the machine',
    tried: all.length,
    open: all.filter(isOpen),
  }
}

const digestOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** No key, certificate or authority stands in both cells, and none can be read by another user. */
const keys = ({ layout }: ProcessWorld): Wall => {
  const folder = (cell: string) => join(layout.data, 'keys', cell)
  const [one, two] = cells.map((cell) =>
    globSync('**/*', { cwd: folder(cell), withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  const [here = [], there = []] = [one, two]
  const seen = new Map(here.map((path) => [digestOf(path), path]))
  const shared = there.flatMap((path) => {
    const same = seen.get(digestOf(path))
    return same ? [`${same} and ${path} are the same`] : []
  })
  const closed = (statSync(join(layout.data, 'keys')).mode & 0o077) === 0
  const readable = closed
    ? []
    : [...here, ...there].filter(
        (path) => (statSync(path).mode & 0o077) !== 0 && /\.(key|json)$/.test(path),
      )
  return {
    wall: 'keys and authorities that both cells have',
    tried: here.length * there.length,
    open: [...shared, ...readable],
  }
}

const Published = z.object({
  content: z.object({
    issuer: z.object({
      issuer: z.string(),
      audience: z.string(),
      keys: z.array(z.looseObject({ kid: z.string() })),
    }),
    upstreams: z.array(z.object({ id: z.string(), address: z.string() })).optional(),
    applications: z.array(z.object({ id: z.string() })),
    certificates: z.array(z.object({ sha256: z.string() })),
  }),
})

/** What the gateways of a cell hold now; undefined where none has started here. */
const published = ({ layout }: ProcessWorld, cell: 'sandbox' | 'production') => {
  const folder = layout.cell(cell).snapshots
  if (!existsSync(folder)) return undefined
  const newest = globSync('gateway-*.json', { cwd: folder }).toSorted().at(-1)
  return newest === undefined
    ? undefined
    : Published.parse(JSON.parse(readFileSync(join(folder, newest), 'utf8'))).content
}

/** What one cell's gateways know, the other's do not: issuer, keys, applications, certificates, systems of the bank. */
const knowledge = (world: ProcessWorld): Wall => {
  const [one, two] = cells.map((cell) => published(world, cell))
  const words = (content: typeof one) =>
    content
      ? [
          `issuer ${content.issuer.issuer}`,
          `audience ${content.issuer.audience}`,
          ...content.issuer.keys.map(({ kid }) => `issuer key ${kid}`),
          ...(content.upstreams ?? []).map(({ address }) => `system ${new URL(address).origin}`),
          ...content.applications.map(({ id }) => `application ${id}`),
          ...content.certificates.map(({ sha256 }) => `certificate ${sha256}`),
        ]
      : []
  const there = new Set(words(two))
  const here = words(one)
  return {
    wall: 'what the gateways of both cells know',
    tried: here.length + there.size,
    open: here.filter((word) => there.has(word)),
  }
}

export const tryWalls = async (world: ProcessWorld): Promise<Wall[]> => [
  await databaseRoles(world),
  sockets(world),
  keys(world),
  knowledge(world),
  networkWall(world) ?? { wall: `networks: ${sharedNetwork}`, tried: 0, open: [] },
]
