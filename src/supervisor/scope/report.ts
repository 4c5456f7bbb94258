/** The scope of PCI DSS, proven: where card data can be, and that a number that went through the house is nowhere else. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { type Cell, cells } from '#kernel/cell.ts'
import { work } from '#journal/index.ts'
import { databases } from '#platform/databases.ts'
import { openPostgres } from '#platform/db.ts'
import { writeWhole } from '#platform/keys.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { controlAddress, makeRolePasswords } from '../installation.ts'
import { earlierSupervisor } from '../preflight.ts'
import { connected, inventory, neverKept, notSearched, standard } from './inventory.ts'
import {
  type Found,
  joined,
  searchDatabase,
  searchFiles,
  searchMemory,
  spellingsOf,
} from './search.ts'

const Place = z.object({
  place: z.string(),
  bytes: z.number().int(),
  found: z.array(z.object({ where: z.string(), spelling: z.string() })),
  /** `unseen`: the search did not even find what must be there, or could not look. */
  verdict: z.enum(['clean', 'found', 'unseen']),
})
type Place = z.output<typeof Place>

export const ScopeReport = z.object({
  format: z.literal('portico.card-scope/3'),
  at: z.string(),
  /** What was looked at: an assessor's evidence names it. */
  of: z.object({ release: z.string(), runtime: z.string(), machine: z.string(), keys: z.string() }),
  cell: z.enum(cells),
  canaries: z.number().int(),
  spellings: z.number().int(),
  standard: z.string(),
  inventory: z.array(z.object({ place: z.string(), holds: z.string(), requirement: z.string() })),
  connected: z.array(z.object({ system: z.string(), why: z.string(), partedBy: z.string() })),
  neverKept: z.array(z.object({ what: z.string(), because: z.string(), requirement: z.string() })),
  notSearched: z.array(z.string()),
  places: z.array(Place),
  ok: z.boolean(),
})
export type ScopeReport = z.output<typeof ScopeReport>

const judged = (place: string, found: Found | undefined): Place => ({
  place,
  bytes: found?.bytes ?? 0,
  found: [...(found?.hits ?? [])],
  verdict: !found?.seen ? 'unseen' : found.hits.length > 0 ? 'found' : 'clean',
})

/** `portico start gateway --cell sandbox`, from a command line. */
const nameOf = (pid: number): string => {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    if (words.includes('--control-port')) return 'core simulator'
    if (words.includes('--doors')) return `door ${pid}`
    const [, name] = /\bstart ?(.*)$/.exec(words) ?? []
    return name === '' ? 'supervisor' : (name ?? `process ${pid}`)
  } catch {
    return `process ${pid}`
  }
}

/** PostgreSQL's processes: shared buffers, and what each connection holds. */
const postgresPids = (world: ProcessWorld): number[] => {
  const file = join(world.layout.postgres, 'postmaster.pid')
  if (!existsSync(file)) return []
  const main = Number(readFileSync(file, 'utf8').split('\n')[0])
  const children = globSync(`/proc/${main}/task/*/children`).flatMap((path) =>
    readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
  return [main, ...children]
}

/** Searches everything that this installation keeps or runs for these numbers. */
export const searchHouse = async (
  world: ProcessWorld,
  numbers: readonly string[],
): Promise<Place[]> => {
  const { layout, ports } = world
  const spellings = numbers.flatMap(spellingsOf)
  const { superuser } = makeRolePasswords(layout)
  const places: Place[] = []
  for (const { database } of databases) {
    const url = `postgres://portico:${superuser}@127.0.0.1:${ports.postgres}/${database}`
    const found = await searchDatabase(url, { spellings, control: '{"' })
    places.push(judged(`every row of ${database}`, found))
  }
  const files = (place: string, folder: string, control: string, but?: RegExp) =>
    existsSync(folder) &&
    places.push(judged(place, searchFiles(folder, { spellings, control }, but)))
  files('files of PostgreSQL: tables, indexes, write-ahead log', layout.postgres, 'vault')
  files('logs', layout.logs, 'level')
  files('spools of usage', join(layout.data, 'spool'), 'operation')
  files('snapshots', join(layout.data, 'snapshots'), 'portico')
  files('every other file', layout.data, 'kty', /\/(?:postgres|log|spool|snapshots)\//)

  const ours = earlierSupervisor(layout)
  const memory = (place: string, pids: readonly number[]) => {
    const found = pids.map((pid) => searchMemory(pid, { spellings, control: 'portico' }))
    // A connection that ended since it was listed has no memory left to search.
    const seen = found.filter((one) => one !== undefined)
    places.push(judged(`memory of ${place}`, seen.length === 0 ? undefined : joined(seen)))
  }
  for (const pid of ours ? [ours.pid, ...ours.children] : []) memory(nameOf(pid), [pid])
  memory('PostgreSQL: shared buffers and connections', postgresPids(world))
  return places
}

const Package = z.object({ version: z.string() })

const whatIsLookedAt = ({ settings }: ProcessWorld): ScopeReport['of'] => ({
  release: Package.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')),
  ).version,
  runtime: `Node ${process.versions.node}`,
  machine: hostname(),
  keys: settings.PORTICO_KEY_SERVICE_URL === undefined ? 'a file' : 'a key service',
})

/** The report on numbers that went through the house; kept as a file. */
export const reportScope = async (
  world: ProcessWorld,
  cell: Cell,
  numbers: readonly string[],
): Promise<ScopeReport> => {
  const places = await searchHouse(world, numbers)
  const report: ScopeReport = {
    format: 'portico.card-scope/3',
    at: world.now().toString({ smallestUnit: 'second' }),
    of: whatIsLookedAt(world),
    cell,
    canaries: numbers.length,
    spellings: numbers.flatMap(spellingsOf).length,
    standard,
    inventory: [...inventory],
    connected: [...connected],
    neverKept: [...neverKept],
    notSearched: [...notSearched],
    places,
    ok: places.every(({ verdict }) => verdict === 'clean'),
  }
  const name = `${report.at.replaceAll(/[:.]/g, '-')}-${cell}.json`
  writeWhole(
    join(world.layout.data, 'reports', 'card-scope', name),
    JSON.stringify(report, null, 2),
  )
  return report
}

/** A line in control's journal, with the places that were not clean. */
export const recordScope = async (
  world: ProcessWorld,
  { ok, places, at, cell }: ScopeReport,
): Promise<void> => {
  const db = openPostgres(controlAddress(world), { name: 'card scope', max: 1 })
  try {
    await work(db, 'system', world.now(), (w) =>
      w.record('vault.scope-reported', cell, {
        at,
        ok,
        places: places.length,
        notClean: places.filter(({ verdict }) => verdict !== 'clean').map(({ place }) => place),
      }),
    )
  } finally {
    await db.close()
  }
}

const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`

export const inMarkdown = ({
  at,
  of,
  cell,
  canaries,
  spellings,
  places,
  ok,
  ...rest
}: ScopeReport): string =>
  [
    `# Card data of ${cell}, ${at}`,
    '',
    `Portico ${of.release}, ${of.runtime}, on ${of.machine}; key-encrypting keys in ${of.keys}.`,
    '',
    `${canaries} card numbers were issued and revealed through the house, then searched for in ${spellings} spellings.`,
    ok
      ? 'They are nowhere but where they may be.'
      : '**They were found, or a place could not be searched.**',
    '',
    `| where card data can be | what it holds | ${rest.standard} |`,
    '| --- | --- | --- |',
    ...rest.inventory.map(
      ({ place, holds, requirement }) => `| ${place} | ${holds} | ${requirement} |`,
    ),
    '',
    '| in scope, being connected | why | parted from the vault by |',
    '| --- | --- | --- |',
    ...rest.connected.map(({ system, why, partedBy }) => `| ${system} | ${why} | ${partedBy} |`),
    '',
    `| kept nowhere | because | ${rest.standard} |`,
    '| --- | --- | --- |',
    ...rest.neverKept.map(
      ({ what, because, requirement }) => `| ${what} | ${because} | ${requirement} |`,
    ),
    '',
    '| searched | size | verdict |',
    '| --- | --- | --- |',
    ...places.map(
      ({ place, bytes, found, verdict }) =>
        `| ${place} | ${mib(bytes)} | ${verdict}${found.length > 0 ? `: ${found.map(({ where, spelling }) => `${where} (${spelling})`).join(', ')}` : ''} |`,
    ),
    '',
    'Queues and outboxes (jobs, webhooks, letters, usage) are rows of these databases and files of the spools: they were searched with them.',
    '',
    `Not searched, and to be looked at by other means: ${rest.notSearched.join('; ')}.`,
    '',
    'The scope is to be confirmed at least every twelve months, and when something of it changes (12.5.2): this report is the evidence for the part that is this installation.',
    '',
  ].join('\n')
