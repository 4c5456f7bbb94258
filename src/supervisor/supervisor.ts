/** `portico start`: one machine, every process of the house, one foreground program that answers for all of them. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cell, cells } from '#kernel/cell.ts'
import type { Settings } from '#platform/config.ts'
import { prepareDatabases } from '#platform/databases.ts'
import { writeWhole } from '#platform/keys.ts'
import type { CellProcess } from '#platform/layout.ts'
import type { EmbeddedPostgres } from '#platform/postgres-server.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import { type Child, type ChildPlan, keepRunning } from './children.ts'
import { databaseSettings, makeKeys, makeRolePasswords } from './installation.ts'
import {
  cannotStart,
  checkDataDirectory,
  checkPorts,
  earlierSupervisor,
  isOurs,
  namedPorts,
} from './preflight.ts'
import {
  checkClosed,
  type Door,
  doorsOf,
  dropNamespace,
  inNamespace,
  makeNamespace,
  namespaceOf,
} from './namespaces/index.ts'
import { reportNightly } from './isolation/nightly.ts'
import { keepPostgres } from './postgres.ts'
import { probeUntilReady } from './probe.ts'
import { holdCoreOpen } from './core-window.ts'
import { runOnce, seedsOf } from './seeds.ts'

const root = join(import.meta.dirname, '..', '..')
const main = join(root, 'src', 'main.ts')
const doorkeeper = join(root, 'src', 'supervisor', 'namespaces', 'main.ts')
const simulator = join(root, 'src', 'bank', 'cores', 'legacy', 'simulator', 'main.ts')

const heapMb: Readonly<
  Record<CellProcess | 'control' | 'status' | 'simulator' | 'doors' | 'backup', number>
> = {
  control: 384,
  status: 96,
  gateway: 384,
  authorization: 256,
  bank: 256,
  vault: 128,
  courier: 128,
  simulator: 128,
  doors: 64,
  backup: 128,
}
/** The gateway has a thousand calls a second, and each leaves some fifty kilobytes behind. */
const youngMb: Partial<Record<CellProcess, number>> = { gateway: 32 }

/** What the person at the terminal is told while it starts. */
export interface StartProgress {
  step(what: string): void
}

export interface House extends Running {
  /** Resolves when a business call through both gateways has worked. */
  readonly ready: Promise<void>
  readonly adoptedPostgres: boolean
}

/** Ends what a killed supervisor left behind, except PostgreSQL, which is adopted. Refuses beside a living one. */
const takeOver = async (world: ProcessWorld) => {
  const earlier = earlierSupervisor(world.layout)
  if (!earlier) return
  if (earlier.pid !== process.pid && isOurs(earlier.pid))
    throw cannotStart(
      `Portico already runs here (process ${earlier.pid}); stop it with Ctrl-C in its terminal, or set PORTICO_DATA and PORTICO_PORT_BASE for a second one`,
    )
  const orphans = earlier.children.filter(isOurs)
  for (const pid of orphans) process.kill(pid, 'SIGTERM')
  for (let waited = 0; orphans.some(isOurs) && waited < 5_000; waited += 100) await sleep(100)
  for (const pid of orphans.filter(isOurs)) process.kill(pid, 'SIGKILL')
  rmSync(world.layout.supervisorPid, { force: true })
}

/** Those settings that concern one kind of process alone. */
const settingsNamed = (settings: Settings, names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      names.test(name) && value !== undefined ? [[name, String(value)]] : [],
    ),
  )
const forIssuers = /^PORTICO_(CUSTOMER|SUPPORT|SIGNING|SOFTWARE)_/
/** Letters to people, and what control alone decides by. */
const forLetters = /^PORTICO_(SMTP_URL|MAIL_FROM|STATUS_URL)$/
const forControl =
  /^PORTICO_(CERTIFICATION|E_SIGNATURE_(ROOTS|REVOCATIONS)|UPSTREAM_ALLOW|LINK_.+)$/
const forNats = /^PORTICO_NATS_/
const forGateways =
  /^PORTICO_(EDGE_|CORE_(CALLS|QUIET)$|(TRUSTED_PROXY|VALKEY_(URL|MODE|MASTER)|GATEWAYS_MAX|OTLP_URL|UPSTREAM_ALLOW|LIMITS_PATIENCE_MS|CACHE_MIB)$)/

/** Of a cell's processes all but the courier: it alone has a way to the outside, and nobody has one to it. */
const closedIn: readonly CellProcess[] = ['gateway', 'authorization', 'bank', 'vault']

/** The programs that carry bytes between a cell's network and this machine's; none where they are one. */
const doorPlans = (world: ProcessWorld): ChildPlan[] =>
  world.settings.PORTICO_NETWORK_NAMESPACES === 'off'
    ? []
    : cells.flatMap((cell) => {
        const doors = doorsOf(world, cell)
        const plan = (name: string, side: readonly Door[]): ChildPlan => ({
          name,
          program: doorkeeper,
          args: ['--doors', JSON.stringify(side)],
          environment: {},
          heapMb: heapMb.doors,
        })
        return [
          plan(`doors-${cell}-outside`, doors.outside),
          {
            ...plan(`doors-${cell}-inside`, doors.inside),
            before: inNamespace(namespaceOf(world.layout, cell)),
          },
        ]
      })

const childPlans = (
  world: ProcessWorld,
  databaseOf: ReturnType<typeof databaseSettings>,
): ChildPlan[] => {
  const { settings, layout } = world
  const compiled: Record<string, string> = process.env['NODE_COMPILE_CACHE']
    ? { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }
    : {}
  const common = {
    PORTICO_DATA: layout.data,
    PORTICO_PORT_BASE: String(settings.PORTICO_PORT_BASE),
    PORTICO_LOG_LEVEL: settings.PORTICO_LOG_LEVEL,
    PORTICO_BANK_NAME: settings.PORTICO_BANK_NAME,
    PORTICO_BANK_ZONE: settings.PORTICO_BANK_ZONE,
    PORTICO_CORE_HOST: settings.PORTICO_CORE_HOST,
    PORTICO_CORE_PORT: String(world.ports.core),
    PORTICO_CORE_SESSIONS: String(settings.PORTICO_CORE_SESSIONS),
    PORTICO_CORE_BANK_CUSTOMER: settings.PORTICO_CORE_BANK_CUSTOMER,
    PORTICO_CORE_OPERATOR: settings.PORTICO_CORE_OPERATOR,
    PORTICO_BANK_COUNTRY: settings.PORTICO_BANK_COUNTRY,
    PORTICO_DEMO: settings.PORTICO_DEMO,
    ...settingsNamed(
      settings,
      /^PORTICO_(DOMAIN|LISTEN|METRICS_PORT|WITNESS_URL|WITNESS_KEY|CONTROL_URL|CONTROL_CA_FILE|DATABASE_PREPARE)$/,
    ),
    ...compiled,
  }
  // The core's password is for the one process that signs on with it.
  const secretsOf = (process: CellProcess): Record<string, string> =>
    process === 'bank' ? { PORTICO_CORE_PASSWORD: settings.PORTICO_CORE_PASSWORD } : {}
  // Where the core puts its statements down concerns the one process that reads them.
  const statementsOf = (process: CellProcess): Record<string, string> =>
    process === 'bank' ? settingsNamed(settings, /^PORTICO_CORE_STATEMENTS$/) : {}
  // What customers see, and where they sign in, concerns the authorization servers alone.
  const customersOf = (process: CellProcess): Record<string, string> =>
    process === 'authorization' ? settingsNamed(settings, forIssuers) : {}
  // NATS carries what these two are told, and what the gateway counts.
  const carriedOf = (process: CellProcess): Record<string, string> =>
    process === 'gateway' || process === 'authorization' ? settingsNamed(settings, forNats) : {}
  const edgeOf = (process: CellProcess): Record<string, string> =>
    process === 'gateway' ? settingsNamed(settings, forGateways) : {}
  // A balancer of somebody's has the addresses of the port base; each cell's gateway stands ten ports from the other's.
  const balancedOf = (process: CellProcess, cell: Cell): Record<string, string> => {
    const first = settings.PORTICO_GATEWAY_PORT
    if (process !== 'gateway' || first === undefined) return {}
    return { PORTICO_GATEWAY_PORT: String(cell === 'sandbox' ? first : first + 10) }
  }
  const keysOf = (process: CellProcess): Record<string, string> =>
    process === 'vault' ? settingsNamed(settings, /^PORTICO_(KEY_SERVICE_|DATA_KEY_)/) : {}
  const outsideOf = (process: CellProcess): Record<string, string> =>
    process === 'courier' ? settingsNamed(settings, /^PORTICO_PARTNER_ALLOW$/) : {}
  const inCell = (process: CellProcess): ChildPlan[] =>
    cells.map((cell) => ({
      name: `${process}-${cell}`,
      args: ['start', process, '--cell', cell],
      environment: {
        ...common,
        ...secretsOf(process),
        ...statementsOf(process),
        ...customersOf(process),
        ...edgeOf(process),
        ...balancedOf(process, cell),
        ...carriedOf(process),
        ...outsideOf(process),
        ...keysOf(process),
        ...databaseOf(process, cell),
      },
      heapMb: heapMb[process],
      ...(youngMb[process] !== undefined && { youngMb: youngMb[process] }),
      ...(settings.PORTICO_NETWORK_NAMESPACES === 'on' &&
        closedIn.includes(process) && { before: inNamespace(namespaceOf(layout, cell)) }),
    }))
  const core: ChildPlan[] =
    settings.PORTICO_DEMO === 'on'
      ? [
          {
            name: 'core-simulator',
            program: simulator,
            args: [
              '--port',
              String(world.ports.core),
              '--control-port',
              String(world.ports.coreControl),
              '--data',
              layout.cell('production').core,
              '--window',
              settings.PORTICO_DEMO_CORE_WINDOW,
            ],
            environment: compiled,
            heapMb: heapMb.simulator,
          },
        ]
      : []
  return [
    {
      name: 'control',
      args: ['start', 'control'],
      environment: {
        ...common,
        ...settingsNamed(settings, forLetters),
        ...settingsNamed(settings, forControl),
        ...settingsNamed(settings, forNats),
        ...databaseOf('control'),
      },
      heapMb: heapMb.control,
    },
    {
      name: 'status',
      args: ['start', 'status'],
      environment: {
        ...common,
        ...settingsNamed(settings, forLetters),
        ...settingsNamed(settings, /^PORTICO_STATUS_STALE_MINUTES$/),
      },
      heapMb: heapMb.status,
    },
    ...doorPlans(world),
    ...core,
    ...inCell('bank'),
    ...inCell('authorization'),
    ...inCell('gateway'),
    ...inCell('vault'),
    ...inCell('courier'),
    ...backupPlan(world, common),
  ]
}

/** The process that copies everything elsewhere, where it is told to which place. */
const backupPlan = (
  { settings, layout }: ProcessWorld,
  environment: Readonly<Record<string, string>>,
): ChildPlan[] => {
  const { PORTICO_BACKUP: folder, PORTICO_BACKUP_KEYS: keys } = settings
  if (!folder) return []
  if (!keys)
    throw cannotStart(
      'PORTICO_BACKUP needs PORTICO_BACKUP_KEYS: keys lie apart from what they open',
    )
  const args = ['backup', 'follow', folder, '--keys', keys]
  const { PORTICO_CORE_OPERATOR: _, ...env } = environment
  return [
    {
      name: 'backup',
      args,
      environment: { ...env, PORTICO_DATA: layout.data },
      heapMb: heapMb.backup,
    },
  ]
}

/** Starts everything in order; what fails is named in one sentence, and nothing that was started stays behind. */
export const startHouse = async (world: ProcessWorld, progress: StartProgress): Promise<House> => {
  const { settings, layout, ports, log } = world
  const closed = settings.PORTICO_NETWORK_NAMESPACES === 'on'
  if (closed) checkClosed(settings)
  checkDataDirectory(layout)
  await takeOver(world)
  await checkPorts(namedPorts(ports, world.settings.PORTICO_DEMO === 'on'))
  writeWhole(layout.supervisorPid, JSON.stringify({ pid: process.pid, children: [] }))

  let postgres: EmbeddedPostgres | undefined
  const children: Child[] = []
  let nightly: Running | undefined
  const remember = () =>
    writeWhole(
      layout.supervisorPid,
      JSON.stringify({ pid: process.pid, children: children.flatMap((c) => c.pid() ?? []) }),
    )
  const stop = async () => {
    await nightly?.stop()
    await Promise.all(children.map((child) => child.stop()))
    await postgres?.stop()
    for (const cell of cells) if (closed) dropNamespace(namespaceOf(layout, cell))
    rmSync(layout.supervisorPid, { force: true })
  }
  try {
    for (const cell of cells) if (closed) makeNamespace(namespaceOf(layout, cell))
    progress.step('keys and certificates')
    await makeKeys(layout)
    const passwords = makeRolePasswords(layout)
    progress.step('PostgreSQL')
    const server = {
      folder: layout.postgres,
      port: ports.postgres,
      password: passwords.superuser,
      log: join(layout.logs, 'postgres.log'),
    }
    postgres = await keepPostgres(server, log)
    progress.step('databases')
    await prepareDatabases(postgres, passwords.roles, join(root, 'migrations'))

    const databaseOf = databaseSettings(postgres.url, passwords.roles)
    progress.step('processes')
    const plans = childPlans(world, databaseOf)
    const start = (plan: ChildPlan) => {
      children.push(keepRunning(plan, { main, logs: layout.logs, log, onChange: remember }))
      // Its own change came before it stood in the list.
      remember()
    }
    const seeds = seedsOf(world, plans)
    const seeding = (name: string) =>
      Promise.all(seeds.filter((s) => s.name.startsWith(name)).map((s) => runOnce(s, main)))
    const [controlPlan, ...others] = plans
    for (const plan of others) start(plan)
    const coreByItsDay =
      settings.PORTICO_DEMO === 'on' ? await holdCoreOpen(world.ports.coreControl) : undefined
    if (seeds.length > 0) progress.step('demonstration bank')
    await Promise.all([
      // Control needs its policy before it publishes anything.
      seeding('control').then(() => controlPlan && start(controlPlan)),
      seeding('bank'),
      ...(existsSync(join(root, 'ui', 'dist', 'portal')) ? [] : [buildPages()]),
    ])
    progress.step('first calls through both gateways')
    const control = children.find((child) => child.plan.name === 'control')
    nightly = reportNightly(world, main, {
      ...settingsNamed(settings, /^PORTICO_(DATA|PORT_BASE|LOG_LEVEL|BANK_ZONE|DEMO)$/),
      PORTICO_DATA: layout.data,
    })
    const ready = probeUntilReady(world, (state) => control?.send({ ready: state }))
    void ready.then(coreByItsDay, () => {})
    return { ready, adoptedPostgres: postgres.adopted, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const buildPages = async () => {
  const { spawn } = await import('node:child_process')
  const vite = spawn(
    process.execPath,
    [
      join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--config',
      'ui/vite.config.ts',
    ],
    {
      cwd: root,
      stdio: 'ignore',
    },
  )
  const code = await new Promise<number | null>((resolve) => {
    vite.once('error', () => resolve(1))
    vite.once('exit', resolve)
  })
  if (code !== 0) throw cannotStart('the pages cannot be built; run npm run build:ui to see why')
}
