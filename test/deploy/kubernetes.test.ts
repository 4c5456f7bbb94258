/** The manifests against the code and the map: who is started, with which settings and keys, bounded how, reaching whom. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { cells } from '#kernel/cell.ts'
import { Settings } from '#platform/config.ts'
import { databases } from '#platform/databases.ts'
import { layoutOf } from '#platform/layout.ts'
import { evidenceKeyPath } from '#journal/index.ts'
import { cellProcesses, reachTable } from './reach.ts'

const root = 'deploy/kubernetes'

const Container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()).optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).optional(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).optional(),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ cpu: z.string(), memory: z.string() }),
  }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  startupProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
})
const Items = z.object({ items: z.array(z.object({ key: z.string(), path: z.string() })) })
const Pod = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  securityContext: z.looseObject({
    runAsNonRoot: z.literal(true),
    seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
  }),
  containers: z.array(Container),
  initContainers: z.array(Container).optional(),
  volumes: z.array(z.looseObject({ name: z.string(), secret: z.unknown().optional() })),
})
const Workload = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet', 'Job']),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ template: z.looseObject({ spec: Pod }) }),
})

const Labels = z.record(z.string(), z.string())
const Selector = z.strictObject({
  matchLabels: Labels.optional(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .optional(),
})
const Peer = z.strictObject({
  podSelector: Selector.optional(),
  namespaceSelector: Selector.optional(),
  ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
})
const Ports = z
  .array(z.object({ port: z.union([z.string(), z.number()]), protocol: z.string().optional() }))
  .min(1)
const Policy = z.object({
  kind: z.literal('NetworkPolicy'),
  metadata: z.object({ name: z.string(), labels: Labels.optional() }),
  spec: z.strictObject({
    podSelector: Selector,
    policyTypes: z.array(z.string()),
    ingress: z.array(z.strictObject({ from: z.array(Peer).optional(), ports: Ports })).optional(),
    egress: z.array(z.strictObject({ to: z.array(Peer).min(1), ports: Ports })).optional(),
  }),
})
type Policy = z.output<typeof Policy>

const Kind = z.looseObject({ kind: z.string() })
type Document = z.output<typeof Kind>
const read = new Map<string, Document[]>()
const documentsIn = (folder: string): Document[] => {
  const held = read.get(folder)
  if (held) return held
  const documents = documentsOf(folder)
  read.set(folder, documents)
  return documents
}
const documentsOf = (folder: string): Document[] =>
  globSync(`${root}/${folder}/*.yaml`).flatMap((file) =>
    parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => {
      assert.deepEqual(document.errors, [], file)
      const parsed = Kind.safeParse(document.toJS())
      return parsed.success ? [parsed.data] : []
    }),
  )
const workloadsIn = (folder: string) =>
  documentsIn(folder)
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind))
    .map((document) => Workload.parse(document))
const policiesIn = (folder: string) =>
  documentsIn(folder)
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map((document) => Policy.parse(document))

const NAME = 'app.kubernetes.io/name'
const nameIn = ({ podSelector }: { podSelector?: z.output<typeof Selector> | undefined }) =>
  podSelector?.matchLabels?.[NAME]

test('every process of a cell and of the control plane is one workload, started by its own words', () => {
  const words = (folder: string) =>
    workloadsIn(folder)
      .map(({ spec }) => spec.template.spec.containers[0]?.args?.join(' ') ?? '')
      .toSorted()
  assert.deepEqual(
    words('cell'),
    cellProcesses.map((name) => `start ${name} --cell $(CELL)`).toSorted(),
  )
  assert.deepEqual(words('control'), ['migrate', 'start control', 'start status'])
})

test('every process is asked whether it started, is ready and lives, and every container is bounded', () => {
  for (const folder of ['cell', 'control'])
    for (const { kind, metadata, spec } of workloadsIn(folder)) {
      const [own] = spec.template.spec.containers
      assert.ok(own)
      if (kind === 'Job') continue
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const)
        assert.ok(own[probe], `${metadata.name} has no ${probe}`)
      const health = own.env?.find(({ name }) => name === 'HEALTH')?.value ?? ''
      assert.match(health, /^(socket|port) /, metadata.name)
    }
})

test('every setting exists, and a wrong value would refuse the start of no pod', () => {
  for (const place of ['control', ...cells]) {
    const lines = readFileSync(`${root}/${place}/settings.env`, 'utf8').trim().split('\n')
    const common = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
    for (const { metadata, spec } of workloadsIn(place === 'control' ? 'control' : 'cell')) {
      const own = spec.template.spec.containers[0]?.env ?? []
      const named = own.filter(({ name }) => name.startsWith('PORTICO_'))
      const said = { ...common, ...Object.fromEntries(named.map((e) => [e.name, e.value])) }
      assert.deepEqual(
        Settings.safeParse(said).error?.issues ?? [],
        [],
        `${metadata.name} of ${place}`,
      )
    }
  }
})

const leaves = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(leaves)
      : []

test('every key that is mounted is one that there is, and card keys are mounted for the vault alone', () => {
  const layout = layoutOf('/x')
  const places = (cell: 'sandbox' | 'production') => {
    const files = layout.cell(cell)
    const called = (['gateway', 'authorization', 'vault'] as const).map((server) =>
      leaves(files.tls(server)),
    )
    return [
      ...leaves(files),
      ...called.flat(),
      ...(['gateway', 'authorization'] as const).map((server) => files.nonceKey(server)),
      ...(['bank', 'vault'] as const).map((upstream) => files.callerKey(upstream)),
      ...(['bank', 'courier'] as const).map((of) => files.askKey(of)),
    ]
  }
  const journals = databases.map(({ database }) => evidenceKeyPath('/x', database))
  const all = new Set([
    ...leaves(layout),
    ...places('sandbox'),
    ...places('production'),
    ...journals,
  ])
  for (const folder of ['cell', 'control'])
    for (const { metadata, spec } of workloadsIn(folder))
      for (const { name, secret } of spec.template.spec.volumes) {
        const items = Items.safeParse(secret)
        if (!items.success || name !== (folder === 'cell' ? 'cell-keys' : 'house-keys')) continue
        for (const { key, path } of items.data.items) {
          const at = folder === 'cell' ? `/x/keys/sandbox/${path}` : `/x/keys/${path}`
          assert.ok(all.has(at), `${metadata.name}: there is no ${at}`)
          assert.equal(key, path.replaceAll('/', '_'))
          if (path.includes('kek.key')) assert.equal(metadata.name, 'vault')
          if (path.includes('partner-ca/ca.key')) assert.equal(metadata.name, 'control')
        }
      }
})

/** In a cell: the base; and what each cell reaches outside. `names` are name servers, for everybody. */
const edgesOf = (policies: readonly Policy[], outside: readonly Policy[]) => {
  const edges = new Map<string, Set<string>>()
  for (const { metadata, spec } of [...policies, ...outside]) {
    const from = nameIn({ podSelector: spec.podSelector })
    if (!from || metadata.name === 'names') continue
    const to = edges.get(from) ?? new Set()
    edges.set(from, to)
    for (const peer of (spec.egress ?? []).flatMap(({ to: peers }) => peers)) {
      const tag = metadata.labels?.['portico.bank.example/reaches']
      const name = peer.ipBlock ? tag : nameIn(peer)
      assert.ok(name, `${metadata.name} lets ${from} reach somebody without a name`)
      if (peer.namespaceSelector)
        assert.deepEqual(
          [name, peer.namespaceSelector.matchLabels],
          ['control', { 'kubernetes.io/metadata.name': 'portico-control' }],
          'another namespace is reached for control alone',
        )
      to.add(name)
    }
  }
  return edges
}

test('who may reach whom is the table of ARCHITECTURE: no way more, and none less', () => {
  const table = reachTable()
  assert.equal(table.size, cellProcesses.length + 2)
  const compare = (
    edges: Map<string, Set<string>>,
    processes: readonly string[],
    place: string,
  ) => {
    for (const process of processes)
      assert.deepEqual(
        [...(edges.get(process) ?? [])].toSorted(),
        [...(table.get(process)?.may ?? [])].toSorted(),
        `${process} of ${place}`,
      )
  }
  for (const cell of cells)
    compare(edgesOf(policiesIn('cell'), policiesIn(cell)), cellProcesses, cell)
  compare(edgesOf(policiesIn('control'), []), ['control', 'status'], 'the control plane')
})

test('whoever is reached in the cluster takes exactly those whom the table sends', () => {
  const table = reachTable()
  const policies = policiesIn('cell')
  for (const process of ['bank', 'vault', 'courier']) {
    const own = policies.find((p) => nameIn({ podSelector: p.spec.podSelector }) === process)
    const taken = (own?.spec.ingress ?? [])
      .flatMap(({ from = [] }) => from.map((peer) => nameIn(peer) ?? ''))
      .toSorted()
    const sent = cellProcesses.filter((from) => table.get(from)?.may.has(process)).toSorted()
    assert.deepEqual(taken, sent, process)
  }
})

test('nothing is allowed that is not said: in each namespace everybody is denied first', () => {
  for (const folder of ['cell', 'control']) {
    const [deny] = policiesIn(folder).filter(({ spec }) => !spec.podSelector.matchLabels)
    assert.deepEqual(deny?.spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  }
})

test('the internet of a courier has no address of the bank’s own network in it', () => {
  for (const cell of cells) {
    const blocks = policiesIn(cell)
      .filter(({ metadata }) => metadata.name === 'courier-internet')
      .flatMap(({ spec }) => spec.egress ?? [])
      .flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock))
    for (const range of [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '169.254.0.0/16',
      '127.0.0.0/8',
    ])
      assert.ok(blocks[0]?.except?.includes(range), `${range} in the ${cell}`)
  }
})

test('no address outside is one cell’s and the other’s, but of the witness, the provider and the internet', () => {
  const addressesOf = (cell: string) =>
    policiesIn(cell)
      .filter(
        ({ metadata }) =>
          !['internet', 'witness', 'provider'].includes(
            metadata.labels?.['portico.bank.example/reaches'] ?? '',
          ),
      )
      .flatMap(({ spec }) => spec.egress ?? [])
      .flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock?.cidr))
  const sandbox = new Set(addressesOf('sandbox'))
  assert.deepEqual(
    addressesOf('production').filter((address) => sandbox.has(address)),
    [],
  )
})
