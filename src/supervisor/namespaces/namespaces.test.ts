/** Two networks with doors, as the supervisor makes them, and an echo on this machine in the place of the database. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cell, cells } from '#kernel/cell.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { checkClosed, type Door, doorsOf } from './doors.ts'
import {
  dropNamespace,
  inNamespace,
  makeNamespace,
  namespaceExists,
  namespaceOf,
} from './namespace.ts'
import { networkWall, reachedFrom } from './wall.ts'

const may = spawnSync('unshare', ['--net', 'ip', 'link']).status === 0
const skip = may ? false : 'SKIPPED: needs Linux, root, iproute2 and util-linux'

const listening = async (): Promise<{ server: Server; port: number }> => {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}
const echo = await listening()
const settings = readSettings({ PORTICO_PORT_BASE: '19350' })
const world = {
  settings,
  layout: layoutOf(mkdtempSync(join(tmpdir(), 'ns-'))),
  ports: { ...portsOf(settings), postgres: echo.port },
  log: openLog({ process: 'test' }, 'silent'),
  now: () => Temporal.Now.instant(),
}
const name = (cell: Cell) => namespaceOf(world.layout, cell)
const children: ChildProcess[] = []
after(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const cell of cells) dropNamespace(name(cell))
  echo.server.close()
})

const keeper = join(import.meta.dirname, 'main.ts')
const keep = (doors: readonly Door[], before: readonly string[] = []): ChildProcess => {
  const words = ['--disable-warning=ExperimentalWarning', keeper, '--doors', JSON.stringify(doors)]
  const [program = '', ...rest] = [...before, process.execPath, ...words]
  const child = spawn(program, rest, { stdio: 'ignore' })
  children.push(child)
  return child
}
const eventually = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 60 && !holds(); tries++) await sleep(500)
  assert.ok(holds())
}

test('what would need a route refuses the start, by name', () => {
  checkClosed(settings)
  for (const [setting, value] of [
    ['PORTICO_VALKEY_URL', 'redis://10.0.0.1:6379'],
    ['PORTICO_NATS_URL', 'nats://10.0.0.1:4222'],
    ['PORTICO_CONTROL_URL', 'https://10.0.0.1:8405'],
    ['PORTICO_KEY_SERVICE_URL', 'https://keys.bank.example'],
    ['PORTICO_CORE_HOST', '10.0.0.2'],
  ] as const)
    assert.throws(() => checkClosed(readSettings({ [setting]: value })), new RegExp(setting))
})

test('a cell has doors to its database and its core, and none to anything of the other cell', () => {
  const { postgres, core } = world.ports
  for (const [cell, wanted] of [
    ['sandbox', [postgres]],
    ['production', [postgres, core]],
  ] as const) {
    const out = doorsOf(world, cell).inside.flatMap(({ listen }) =>
      'port' in listen ? [listen.port] : [],
    )
    assert.deepEqual(out, wanted)
  }
})

test(
  'from inside of a cell its database is reached through its door, and no other address at all',
  { skip },
  async () => {
    assert.equal(networkWall(world), undefined, 'there is no wall before there are networks')
    for (const cell of cells) {
      makeNamespace(name(cell))
      const { inside, outside } = doorsOf(world, cell)
      keep(outside)
      keep(inside, inNamespace(name(cell)))
    }
    const database = `127.0.0.1:${echo.port}`
    await eventually(() => cells.every((cell) => reachedFrom(name(cell), [database]).length === 1))

    // Taken as it is: what is carried through a door comes back byte by byte.
    const script = `require('node:net').connect(${echo.port}, '127.0.0.1').on('data', (d) => { process.stdout.write(d); process.exit() }).write('through the door')`
    const [program, ...words] = [...inNamespace(name('sandbox')), process.execPath, '-e', script]
    // Not in one go: the echo is in this very process.
    const talker = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] })
    children.push(talker)
    const [echoed] = await once(talker.stdout, 'data')
    assert.equal(String(echoed), 'through the door')

    const wall = networkWall(world)
    assert.deepEqual(wall?.open, [])
    assert.ok((wall?.tried ?? 0) > 20)
  },
)

test('a door inwards leads to the cell’s own port, where nobody else’s is', { skip }, async () => {
  const { gateway } = world.ports.sandbox
  const server = `require('node:net').createServer((s) => s.end('sandbox')).listen(${gateway}, 'localhost')`
  const [program, ...words] = [...inNamespace(name('sandbox')), process.execPath, '-e', server]
  children.push(spawn(program, words, { stdio: 'ignore' }))
  const said = () =>
    new Promise<string>((resolve) => {
      let text = ''
      const socket = connect({ host: 'localhost', port: gateway })
      socket.on('data', (bytes) => (text += bytes.toString('utf8')))
      socket.on('error', () => {})
      socket.on('close', () => resolve(text))
    })
  let heard = ''
  for (let tries = 0; tries < 60 && heard === ''; tries++) {
    heard = await said()
    if (heard === '') await sleep(500)
  }
  assert.equal(heard, 'sandbox')
})

test(
  'a door that should not be is found, and so is a cell whose proof proves nothing',
  { skip },
  async () => {
    const foreign = await listening()
    const portal = { ...world, ports: { ...world.ports, portal: foreign.port } }
    const path = join(world.layout.run, 'hole.sock')
    const to = { host: '127.0.0.1', port: foreign.port }
    keep([{ listen: { path }, to }])
    const hole = keep([{ listen: to, to: { path } }], inNamespace(name('sandbox')))
    const open = `sandbox reaches 127.0.0.1:${foreign.port}`
    await eventually(() => networkWall(portal)?.open.includes(open) ?? false)
    hole.kill('SIGKILL')
    await eventually(() => networkWall(portal)?.open.length === 0)
    foreign.server.close()

    const nothing = { ...world, ports: { ...world.ports, postgres: foreign.port } }
    assert.match(networkWall(nothing)?.open.join() ?? '', /proves nothing/)
  },
)

test('a namespace that a killed house left is made anew, and goes with the house', { skip }, () => {
  makeNamespace(name('sandbox'))
  assert.deepEqual(reachedFrom(name('sandbox'), [`127.0.0.1:${echo.port}`]), [])
  for (const cell of cells) dropNamespace(name(cell))
  assert.ok(cells.every((cell) => !namespaceExists(name(cell))))
})
