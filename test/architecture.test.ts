import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** Ground that all stand on, the processes, and what composes them. */
const ground = ['kernel', 'platform', 'journal']

/** Who may import whom. A place may import itself and the places on its line; nothing else. */
const map: Record<string, readonly string[]> = {
  kernel: [],
  platform: ['kernel'],
  journal: ['kernel', 'platform'],
  gateway: ['kernel', 'platform'],
  authorization: ground,
  bank: ground,
  vault: ground,
  courier: ground,
  // Stands in another trust domain: it takes the words of a log, and nothing of the house.
  witness: ground,
  // Speaks from what it kept: it knows no room, and control fulfils what it wants to know.
  status: ['kernel', 'platform'],
  control: ground,
  sandbox: [...ground, 'bank'],
  // A copy of the whole installation, and the way back: it reads files and bytes, and knows no room.
  backup: ground,
  supervisor: [
    ...ground,
    'backup',
    'witness',
    'control',
    'bank',
    'sandbox',
    'authorization',
    'courier',
  ],
}

/** Rooms of control, each importing only the ground and the rooms before it; `http` composes what all routes share. */
const controlRooms = [
  'sign-in',
  'staff',
  'approvals',
  // What takes long, and how far it is.
  'tasks',
  'partners',
  // Partners are told by whoever has something to say.
  'webhooks',
  // Pure: what prices are, and what usage comes to by them.
  'rating',
  // What a document's next revision breaks.
  'versions',
  'catalogue',
  'reference',
  'licences',
  // Calls the sandbox for the portal’s readers.
  'try-it',
  'contracts',
  'usage',
  'budgets',
  // What partners ask; whether the bank answered in time is a promise that is judged.
  'support',
  'service-levels',
  'billing',
  'revenue-share',
  'forecast',
  // How dated versions end, and which one an application speaks.
  'version-lives',
  'publication',
  // What a change would do, rehearsed on what was published and called.
  'impact',
  'incidents',
  'abuse',
  'certification',
  'wind-downs',
  'evidence-packs',
  'partner-health',
  'advisory',
  // What everybody may know: measured by calls, told with incidents.
  'status',
  // Of the cells' banks, for the console.
  'reconciliation',
  // Of the cells' authorization servers, for partners and the console.
  'consents',
  // Last: they read the facts of all the others.
  'work-queues',
  'go-live',
]

/** Typed talk lives with its server side; what a reader wants of control lives with the reader. */
const contracts = [
  'bank/contract.ts',
  'bank/reconciliation/desk-contract.ts',
  'bank/payments/collections/desk-contract.ts',
  'vault/contract.ts',
  'courier/contract.ts',
  'courier/desk-contract.ts',
  'courier/business-events.ts',
  'gateway/snapshot.ts',
  'gateway/usage.ts',
  'gateway/field-report.ts',
  'gateway/field-facts.ts',
  'gateway/live-report.ts',
  'gateway/field-rules.ts',
  // Control publishes no document that the gateway's compiler would refuse.
  'gateway/documents/operation.ts',
  'status/facts.ts',
  // One rule says how things stand, wherever it is read.
  'status/judging.ts',
  'authorization/registry.ts',
  'authorization/desk.ts',
  'authorization/consents/desk-contract.ts',
]

const isTest = (path: string) => path.endsWith('.test.ts') || path.includes('.contract.')

const files = globSync('src/*/**/*.ts').map((path) => {
  const parts = path.split('/')
  return {
    path,
    place: parts[1]!,
    room: parts.length > 3 ? parts[2]! : undefined,
    text: readFileSync(path, 'utf8'),
  }
})

const importsOf = (path: string, text: string) =>
  [
    ...text.matchAll(/\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm),
  ].flatMap(([, a, b, c]) => {
    const specifier = a ?? b ?? c ?? ''
    if (specifier.startsWith('#')) return [specifier.slice(1)]
    if (!specifier.startsWith('.')) return []
    const target = new URL(specifier, `file:///${path}`).pathname.slice(1)
    return target.startsWith('src/') ? [target.slice(4)] : []
  })

const edges = files.flatMap(({ path, place, room, text }) =>
  importsOf(path, text).map((to) => {
    const [toPlace = '', toRoom] = to.split('/')
    return { path, place, room, to, toPlace, toRoom: to.split('/').length > 2 ? toRoom : undefined }
  }),
)

test('the map knows every place under src', () => {
  assert.deepEqual(
    files.map((f) => f.place).filter((place) => !(place in map)),
    [],
  )
})

test('every import follows the map', () => {
  const wrong = edges.filter(
    ({ path, place, to, toPlace }) =>
      place !== toPlace &&
      !map[place]?.includes(toPlace) &&
      !contracts.includes(to) &&
      !(isTest(path) && toPlace === 'test'),
  )
  assert.deepEqual(
    wrong.map(({ path, to }) => `${path} -> ${to}`),
    [],
  )
})

test('rooms of control import only the rooms before them', () => {
  const wrong = edges.filter(({ path, place, room, toPlace, toRoom }) => {
    if (place !== 'control' || toPlace !== 'control' || isTest(path)) return false
    if (room === undefined || room === 'http' || toRoom === 'http' || room === toRoom) return false
    return toRoom === undefined || controlRooms.indexOf(toRoom) > controlRooms.indexOf(room)
  })
  assert.deepEqual(
    wrong.map(({ path, to }) => `${path} -> ${to}`),
    [],
  )
})

test('a room is entered by its front door', () => {
  const open = ['kernel', 'platform', 'gateway', 'sandbox']
  const wrong = edges.filter(({ path, place, room, to, toPlace, toRoom }) => {
    if (isTest(path) || open.includes(toPlace) || contracts.includes(to)) return false
    if (place === toPlace && (room === toRoom || toRoom === undefined)) return false
    if (toRoom === 'http' || toRoom === 'cores' || room === undefined) return false
    return (
      !/(^|\/)(index|[a-z-]+)\.ts$/.test(to) || (toRoom !== undefined && !to.endsWith('/index.ts'))
    )
  })
  assert.deepEqual(
    wrong.map(({ path, to }) => `${path} -> ${to}`),
    [],
  )
})

/** Which place owns a schema: the rights of the database roles say the same thing a second time. */
const owners: Record<string, string> = {
  journal: 'journal',
  sign_in: 'control/sign-in',
  staff: 'control/staff',
  approvals: 'control/approvals',
  partners: 'control/partners',
  catalogue: 'control/catalogue',
  licences: 'control/licences',
  contracts: 'control/contracts',
  usage: 'control/usage',
  budgets: 'control/budgets',
  support: 'control/support',
  service_levels: 'control/service-levels',
  billing: 'control/billing',
  revenue_share: 'control/revenue-share',
  forecast: 'control/forecast',
  publication: 'control/publication',
  incidents: 'control/incidents',
  abuse: 'control/abuse',
  evidence_packs: 'control/evidence-packs',
  wind_downs: 'control/wind-downs',
  advisory: 'control/advisory',
  work_queues: 'control/work-queues',
  status: 'control/status',
  oauth: 'authorization',
  consents: 'authorization/consents',
  once: 'gateway',
  accesses: 'gateway',
  limits: 'gateway',
  customers: 'bank/customers',
  accounts: 'bank/accounts',
  payments: 'bank/payments',
  cards: 'bank/cards',
  kyc: 'bank/kyc',
  reconciliation: 'bank/reconciliation',
  synthetic: 'bank/cores/synthetic',
  vault: 'vault',
  courier: 'courier',
  webhooks: 'control/webhooks',
}

/** Who may also read another's schema, because its role may read nothing else of it. */
const readers: Record<string, readonly string[]> = { accesses: ['authorization/consents'] }

test('SQL names only the tables of its own room', () => {
  const table = new RegExp(
    `\\b(?:from|join|into|update)\\s+(${Object.keys(owners).join('|')})\\.[a-z_]+`,
    'g',
  )
  const wrong = files
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(table)]
        .filter(
          ([, schema]) =>
            ![owners[schema!]!, ...(readers[schema!] ?? [])].some((place) =>
              path.startsWith(`src/${place}/`),
            ),
        )
        .map(([, schema]) => `${path} -> ${schema}`),
    )
  assert.deepEqual(wrong, [])
})

test('only the wrapper imports jose, and only platform opens the driver', () => {
  const importers = (name: string) =>
    files.filter(({ text }) => text.includes(`from '${name}'`)).map(({ path }) => path)
  assert.deepEqual(
    importers('jose').filter((path) => !isTest(path)),
    ['src/platform/jose.ts'],
  )
  assert.deepEqual(
    importers('postgres').filter((path) => !path.startsWith('src/platform/')),
    [],
  )
})

test('nothing takes the time from the machine except where a world is made', () => {
  const allowed = [
    'src/main.ts',
    'src/kernel/id.ts',
    'src/platform/',
    'src/supervisor/',
    'src/bank/cores/legacy/',
  ]
  const wrong = files.filter(
    ({ path, text }) =>
      !isTest(path) &&
      /\bDate\.now\(|\bTemporal\.Now\b|new Date\(\)/.test(text) &&
      !allowed.some((a) => path.startsWith(a)),
  )
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('the simulator knows nothing of Portico', () => {
  const wrong = edges.filter(
    ({ path, to }) =>
      path.includes('/legacy/simulator/') && !isTest(path) && !to.includes('legacy/simulator/'),
  )
  assert.deepEqual(
    wrong.map(({ path, to }) => `${path} -> ${to}`),
    [],
  )
})

test('no file is without a home, and none is too long to hold in mind', () => {
  const homeless = files.filter(({ path }) =>
    /\/(utils?|common|services?|types|helpers?)(\.ts|\/)/.test(path),
  )
  assert.deepEqual(
    homeless.map((f) => f.path),
    [],
  )
  const long = files.filter(({ text }) => text.split('\n').length > 400)
  assert.deepEqual(
    long.map((f) => f.path),
    [],
  )
})

test('every migration opens with a line that says why', () => {
  const silent = globSync('migrations/*/*.sql').filter(
    (path) => !readFileSync(path, 'utf8').startsWith('--'),
  )
  assert.deepEqual(silent, [])
})

test('every dependency is pinned to an exact version', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    Record<string, string>
  >
  const loose = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d/.test(version)),
  )
  assert.deepEqual(loose, [])
  assert.ok(existsSync('package-lock.json'))
})
