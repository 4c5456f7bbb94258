/** A house whose cells have networks of their own: it works as any other, and from inside of a cell nothing else is reached. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { doorsOf } from '../../src/supervisor/namespaces/doors.ts'
import {
  inNamespace,
  namespaceExists,
  namespaceOf,
} from '../../src/supervisor/namespaces/namespace.ts'
import { networkWall, reachedFrom } from '../../src/supervisor/namespaces/wall.ts'
import { freshData, portico, type StartedHouse, startedHouse } from '../house.ts'

const may = spawnSync('unshare', ['--net', 'ip', 'link']).status === 0
const skip = may ? false : 'SKIPPED: needs Linux, root, iproute2 and util-linux'

const on = { PORTICO_NETWORK_NAMESPACES: 'on' }
const options = { data: freshData(), portBase: 19_350, environment: on }
const settings = readSettings({
  ...on,
  PORTICO_DATA: options.data,
  PORTICO_PORT_BASE: String(options.portBase),
})
const world = {
  settings,
  layout: layoutOf(options.data),
  ports: portsOf(settings),
  log: openLog({ process: 'test' }, 'silent'),
  now: () => Temporal.Now.instant(),
}
const { ports } = world
const sandbox = namespaceOf(world.layout, 'sandbox')
const production = namespaceOf(world.layout, 'production')

let house: StartedHouse | undefined
const children: ChildProcess[] = []
before(async () => {
  if (may) house = await startedHouse(options)
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

test('a partner’s whole story is walked through the doors of its cell', { skip }, async () => {
  const { code, stderr } = await portico(options, 'journey', 'telecom', '--cell', 'sandbox')
  assert.equal(code, 0, stderr)
})

test(
  'from inside of a cell its own ports and database answer, and no other address',
  { skip },
  () => {
    const own = (cell: 'sandbox' | 'production') => [ports.postgres, ports[cell].gateway]
    for (const [namespace, cell] of [
      [sandbox, 'sandbox'],
      [production, 'production'],
    ] as const) {
      const addresses = own(cell).map((port) => `127.0.0.1:${port}`)
      assert.deepEqual(reachedFrom(namespace, addresses), addresses)
    }
    const wall = networkWall(world)
    assert.deepEqual(wall?.open, [])
    assert.ok((wall?.tried ?? 0) >= 30)
  },
)

test('a door that should not be is found', { skip }, async () => {
  const [program = '', ...words] = inNamespace(sandbox)
  const doorkeeper = resolve(import.meta.dirname, '../../src/supervisor/namespaces/main.ts')
  const foreign = ports.production.gateway
  const path = join(world.layout.run, `door-production-in-${foreign}.sock`)
  const hole = [{ listen: { host: '127.0.0.1', port: foreign }, to: { path } }]
  children.push(
    spawn(program, [...words, process.execPath, doorkeeper, '--doors', JSON.stringify(hole)], {
      stdio: 'ignore',
    }),
  )
  const found = `sandbox reaches 127.0.0.1:${foreign}`
  for (let tries = 0; tries < 60 && !networkWall(world)?.open.includes(found); tries++)
    await sleep(1_000)
  assert.deepEqual(networkWall(world)?.open, [found])
  children.pop()?.kill('SIGKILL')
})

test('the doctor says that the networks are apart', { skip }, async () => {
  const { stdout } = await portico(options, 'doctor')
  assert.match(
    stdout,
    /networks of the cells: apart: \d+ addresses tried from inside, none answers/,
  )
})

test('a door stands for each public port of a cell, its database and its core, and for nothing else', () => {
  const listened = (cell: 'sandbox' | 'production') =>
    doorsOf(world, cell).inside.flatMap(({ listen }) => ('port' in listen ? [listen.port] : []))
  assert.deepEqual(listened('sandbox'), [ports.postgres])
  assert.deepEqual(listened('production'), [ports.postgres, ports.core])
})

test('a setting that needs a route refuses the start, by name', { skip }, async () => {
  const { code, stderr } = await portico(
    {
      ...options,
      data: freshData(),
      portBase: 19_380,
      environment: { ...on, PORTICO_VALKEY_URL: 'redis://10.0.0.1:6379' },
    },
    'start',
  )
  assert.equal(code, 1)
  assert.match(stderr, /PORTICO_VALKEY_URL/)
})

test('when the house is stopped its namespaces go', { skip }, async () => {
  assert.ok(namespaceExists(sandbox) && namespaceExists(production))
  await house?.stop()
  house = undefined
  assert.ok(!namespaceExists(sandbox) && !namespaceExists(production))
})
