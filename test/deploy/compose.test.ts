/** The compose file against the code that it starts: processes, settings, ports, files, and who could reach whom. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { cells } from '#kernel/cell.ts'
import { Settings, portsOf } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { cellProcesses } from './reach.ts'

const Service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  env_file: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  networks: z.array(z.string()).optional(),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).optional(),
  volumes: z
    .array(
      z.union([
        z.string(),
        z.strictObject({
          type: z.literal('bind'),
          source: z.string(),
          target: z.string(),
          read_only: z.boolean().optional(),
        }),
      ]),
    )
    .optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  mem_limit: z.string().optional(),
  depends_on: z.record(z.string(), z.unknown()).optional(),
})
type Service = z.output<typeof Service>

const { services, networks } = z
  .object({
    services: z.record(z.string(), Service),
    networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
  })
  .parse(parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }))

const ours = Object.entries(services).filter(([, { image }]) => image.includes('portico'))
const started = ours.filter(([, { command }]) => command?.[0] === 'start')
const cellOf = (name: string) => cells.find((cell) => name.endsWith(`-${cell}`))

test('every process of the house is one service, and nothing is started that there is not', () => {
  const expected = [
    'start control',
    'start status',
    ...cells.flatMap((cell) => cellProcesses.map((name) => `start ${name} --cell ${cell}`)),
  ]
  const words = started.map(([, { command }]) => command?.join(' ') ?? '')
  assert.deepEqual(words.toSorted(), expected.toSorted())
})

test('every setting exists, and its value is one', () => {
  for (const [name, { environment = {} }] of ours) {
    const said = Object.fromEntries(
      Object.entries(environment).flatMap(([key, value]) =>
        key.startsWith('PORTICO_')
          ? // A variable of whoever starts it: `${NAME:-default}`, or an example of what is asked for.
            [
              [
                key,
                value.replace(/^\$\{[A-Z_]+(?::-([^}]*)|:\?[^}]*)?\}$/, '$1') ||
                  'open.bank.example',
              ],
            ]
          : [],
      ),
    )
    assert.deepEqual(Settings.safeParse(said).error?.issues ?? [], [], name)
  }
})

test('published are the public ports of each process and no other', () => {
  const ports = portsOf(Settings.parse({}))
  const expected: Record<string, number[]> = {
    control: [ports.portal, ports.console],
    status: [ports.status],
    ...Object.fromEntries(
      cells.flatMap((cell) => [
        [`gateway-${cell}`, [ports[cell].gateway, ports[cell].gatewayMtls]],
        [`authorization-${cell}`, [ports[cell].authorization, ports[cell].authorizationMtls]],
        [`vault-${cell}`, [ports[cell].vault]],
      ]),
    ),
  }
  const published = Object.fromEntries(
    Object.entries(services).flatMap(([name, { ports: list }]) =>
      list ? [[name, list.map((pair) => Number(pair.split(':')[0]))]] : [],
    ),
  )
  assert.deepEqual(published, expected)
})

const namesOf = ({ networks: list = [] }: Service) => list

test('no process of a cell shares a network, a volume or a key of a cell with the other', () => {
  for (const [name, service] of ours) {
    const cell = cellOf(name)
    if (!cell) continue
    const other = cell === 'sandbox' ? 'production' : 'sandbox'
    const touched = [
      ...namesOf(service),
      ...(service.volumes ?? []).map((v) => (typeof v === 'string' ? v : v.source)),
      ...(service.env_file ?? []),
    ]
    assert.deepEqual(
      touched.filter((what) => what.includes(other)),
      [],
      name,
    )
  }
  for (const network of Object.keys(networks)) {
    const here = ours.filter(([, service]) => namesOf(service).includes(network))
    assert.ok(new Set(here.flatMap(([name]) => cellOf(name) ?? [])).size <= 1, network)
  }
})

test('a way to the outside have couriers and whoever is published; a vault has none but its page', () => {
  const isOpen = (network: string) => networks[network]?.internal !== true
  const open = ours
    .filter(([, service]) => namesOf(service).some(isOpen))
    .map(([name]) => name)
    .toSorted()
  const withDoor = ['gateway', 'authorization', 'vault', 'courier'].flatMap((process) =>
    cells.map((cell) => `${process}-${cell}`),
  )
  // The core of production stands in the bank's own network.
  assert.deepEqual(open, ['control', 'status', 'bank-production', ...withDoor].toSorted())
  for (const cell of cells)
    assert.deepEqual(namesOf(services[`vault-${cell}`]!), [`vault-${cell}`, `cards-${cell}`])
  for (const cell of cells) assert.equal(services[`link-${cell}`]?.network_mode, 'none')
})

test('nobody is root, writes to its own files, gains a right or lacks a bound', () => {
  for (const [name, service] of ours) {
    assert.equal(service.user, '65532:65532', name)
    assert.equal(service.read_only, true, name)
    assert.deepEqual(service.cap_drop, ['ALL'], name)
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
    if (name !== 'migrate') assert.ok(service.mem_limit, name)
  }
})

test('a process gets its own database address and no other, from a file', () => {
  for (const [name, { env_file: files = [], environment = {} }] of started) {
    const process = name.split('-')[0] ?? ''
    assert.deepEqual(
      Object.keys(environment).filter((key) => key.includes('DATABASE')),
      [],
      name,
    )
    if (process === 'status') assert.deepEqual(files, [])
    else assert.deepEqual(files, [`\${PORTICO_SECRETS:-./secrets}/${name}.env`])
  }
})

/** Secrets that a process must never see: here only its own kind can open what they close. */
const onlyFor = (cell: 'sandbox' | 'production') => {
  const { layout, data } = { layout: layoutOf('/x').cell(cell), data: '/x/' }
  return Object.entries({
    [layout.vault.kek]: 'vault',
    [layout.issuerKeys]: 'authorization',
    [layout.onceKey]: 'gateway',
    [layout.webhookKey.key]: 'courier',
    [layout.claimsKeys.key]: 'bank',
    [layout.partnerCa.key]: 'control',
  }).map(([path, process]) => [path.slice(data.length), process] as const)
}

test('a secret is mounted for the one process whose it is, and for it alone', () => {
  for (const cell of cells)
    for (const [path, process] of onlyFor(cell)) {
      const holders = ours
        .filter(([, { volumes = [] }]) =>
          volumes.some((volume) => {
            if (typeof volume === 'string') return false
            const place = volume.target.replace('/var/lib/portico/', '')
            return path === place || path.startsWith(`${place}/`)
          }),
        )
        .map(([name]) => name)
      assert.deepEqual(holders, [process === 'control' ? 'control' : `${process}-${cell}`], path)
    }
})
