/**
 * Deliveries a second: `node bench/courier.ts [--deliveries N] [--endpoints N] [--ordered] [--rounds N] [--no-silent]
 * [--profile FOLDER]`. One courier, its own process, over TLS to a partner's server in another; events from the journal,
 * signed, acknowledged, settled in a PostgreSQL that keeps what it says (fsync). One endpoint more than counted never
 * answers: it must cost the others nothing. A line of JSON a round, the CPU of each process with it: on a busy machine a
 * delivery takes longer, and hardly more.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { openLoad } from '#test/courier/load.ts'
import { openPostgres } from '#platform/db.ts'
import { migrate } from '#platform/migrations.ts'
import { startPostgres } from '#platform/postgres-server.ts'
import { processCpuSeconds, serverCpuSeconds } from './server-cpu.ts'

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '40000' },
    endpoints: { type: 'string', default: '40' },
    ordered: { type: 'boolean', default: false },
    silent: { type: 'boolean', default: true },
    rounds: { type: 'string', default: '1' },
    port: { type: 'string', default: '19720' },
    profile: { type: 'string' },
  },
  allowNegative: true,
})
const endpoints = Number(values.endpoints)
const events = Math.ceil(Number(values.deliveries) / endpoints)
const wanted = events * endpoints
const port = Number(values.port)
const SUBJECTS = 200

const folder = mkdtempSync(join(tmpdir(), 'portico-courier-'))
const server = await startPostgres({
  folder: join(folder, 'postgres'),
  port,
  password: 'only-for-measuring',
  log: join(folder, 'postgres.log'),
  durable: true,
})

/** A cell's database, migrated: courier and bank with their own rights. */
const cellDatabase = async (name: string) => {
  const { role, password } = server.superuser
  const admin = postgres(server.url(role, password, 'postgres'), { max: 1, onnotice: () => {} })
  const roles = { courier: `${name}_courier`, bank: `${name}_bank` }
  for (const one of Object.values(roles))
    await admin.unsafe(`create role ${one} login password '${one}'`)
  await admin.unsafe(`create database ${name}`)
  await admin.end()
  const root = resolve(import.meta.dirname, '..', 'migrations')
  await migrate({ url: server.url(role, password, name), kind: 'cell', root, roles })
  const url = (process: string) => server.url(`${name}_${process}`, `${name}_${process}`, name)
  return { url, as: (process: string) => openPostgres(url(process), { name: 'bench', max: 8 }) }
}

const spent = (courier: number) => ({
  courier: processCpuSeconds(courier),
  postgres: serverCpuSeconds(join(folder, 'postgres')),
  receiver: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
})

const round = async (n: number) => {
  let heard = 0
  let firstMs = 0
  let lastMs = 0
  let before = { courier: 0, postgres: 0, receiver: 0 }
  const load = await openLoad({
    endpoints: endpoints + (values.silent ? 1 : 0),
    ordered: () => values.ordered,
    behave: (at) => (at === endpoints ? () => undefined : undefined),
    hear: (at) => {
      if (at === endpoints) return
      lastMs = performance.now()
      if (heard === 0) {
        firstMs = lastMs
        before = spent(courier.pid ?? 0)
      }
      heard += 1
    },
    portBase: port + 10,
    database: await cellDatabase(`round${n}`),
    nodeArgs:
      values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
  })
  await load.write(events, SUBJECTS)
  const courier = load.start()
  while ((await load.delivered()) < wanted && courier.exitCode === null) await sleep(200)
  const after = spent(courier.pid ?? 0)
  const seconds = (lastMs - firstMs) / 1_000
  const micros = (of: keyof typeof after) => Math.round(((after[of] - before[of]) / wanted) * 1e6)
  process.stdout.write(
    `${JSON.stringify({
      deliveries: heard,
      endpoints,
      ordered: values.ordered,
      seconds: Number(seconds.toFixed(2)),
      perSecond: Math.round(wanted / seconds),
      cpuMicrosPerDelivery: {
        courier: micros('courier'),
        postgres: micros('postgres'),
        receiver: micros('receiver'),
      },
      load: loadavg().map((one) => Number(one.toFixed(1))),
    })}\n`,
  )
  courier.kill()
  await once(courier, 'exit')
  load.stop()
}

try {
  for (let n = 0; n < Number(values.rounds); n++) await round(n)
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
