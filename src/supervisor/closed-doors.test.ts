import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { closedDoors } from './closed-doors.ts'

const listening = (at: object): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(at, () => resolve(server))
  })

test('a house is whole when every process takes connections, and who does not is named', async () => {
  const data = mkdtempSync(join(tmpdir(), 'doors-'))
  const layout = layoutOf(data)
  mkdirSync(layout.run)
  const office = await listening({ host: 'localhost', port: 0 })
  const address = office.address()
  assert.ok(address !== null && typeof address !== 'string')
  const at = portsOf(readSettings({ PORTICO_DATA: data }))
  const ports = { ...at, portal: address.port, console: address.port, status: address.port }
  const world = { layout, ports }

  const before = await closedDoors(world)
  assert.deepEqual(before.slice(0, 3), ['control', 'gateway-sandbox', 'authorization-sandbox'])
  assert.equal(before.length, 11)
  const processes = ['gateway', 'authorization', 'bank', 'vault', 'courier'] as const
  const opened = await Promise.all(
    [
      layout.control.socket,
      ...(['sandbox', 'production'] as const).flatMap((cell) =>
        processes.map((name) => layout.cell(cell).socket(name)),
      ),
    ].map((path) => listening({ path })),
  )
  assert.deepEqual(await closedDoors(world), [])
  office.close()
  assert.deepEqual(await closedDoors(world), ['portal', 'console', 'status'])

  for (const server of opened) server.close()
  rmSync(data, { recursive: true, force: true })
})
