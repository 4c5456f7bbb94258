import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { freshDatabase, noon } from '#test/world.ts'
import { cells } from '#kernel/cell.ts'
import { makeAuthority } from '#platform/certificates.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { startControl } from './control.ts'
import { seedControl } from './seed.ts'

const database = await freshDatabase('control')
const documents = ['accounts', 'payments', 'cards'].map((product) => ({
  product,
  openapi: parse(readFileSync(`src/bank/${product}/openapi.yaml`, 'utf8')) as unknown,
}))

/** A port base with nothing on it. */
const freeBase = async () => {
  for (let base = 21_000 + (process.pid % 300) * 100; ; base += 50) {
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer().once('error', () => resolve(false))
      probe.listen(base, 'localhost', () => probe.close(() => resolve(true)))
    })
    if (isFree) return base
  }
}

const settings = readSettings({
  PORTICO_DATA: mkdtempSync(join(tmpdir(), 'portico-control-')),
  PORTICO_PORT_BASE: String(await freeBase()),
  PORTICO_LOG_LEVEL: 'silent',
  PORTICO_DATABASE_URL_CONTROL: database.url('control'),
})
const layout = layoutOf(settings.PORTICO_DATA)
const world = {
  settings,
  layout,
  ports: portsOf(settings),
  log: openLog({ process: 'control' }, 'silent'),
  now: () => Temporal.Now.instant(),
}
await makeSigningKey(layout.control.snapshotKey, layout.control.snapshotPublicKey, 'EdDSA')
for (const cell of cells) {
  const files = layout.cell(cell)
  await makeAuthority(files.partnerCa, `${cell} partners`)
  await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
  makeRandomKey(files.linkKey)
}

test('seeding the demonstration bank twice changes nothing the second time', async () => {
  const db = database.as('control')

  const lines = async () =>
    (await db.one(z.object({ n: z.bigint() }))`select count(*) as n from journal.entry`).n

  await seedControl(db, noon, { documents })
  const first = await lines()
  await seedControl(db, noon, { documents })

  assert.ok(first > 0n)
  assert.equal(await lines(), first)
})

test('control starts, serves both offices and the cells, and stops whole', async (t) => {
  const control = await startControl(world, { wellKnown: () => ({ ready: false }) })
  t.after(() => control.stop())
  const portal = `http://localhost:${world.ports.portal}`
  const headers = { 'x-portico-csrf': '1', 'content-type': 'application/json' }

  assert.deepEqual(await (await fetch(`${portal}/.well-known/portico`)).json(), {
    ready: false,
    health: [],
  })
  assert.equal((await fetch(`http://127.0.0.1:${world.ports.console}/api/me`)).status, 401)
  const registered = await fetch(`${portal}/api/registrations`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      organisation: 'Anor Telecom',
      country: 'UZ',
      declaredStatuses: ['baas-partner'],
      person: { name: 'A Person', email: 'a@anor.example', password: 'quite long enough' },
    }),
  })
  assert.equal(registered.status, 201, await registered.clone().text())
  for (const office of ['portal', 'console'] as const) {
    const answer = await fetch(`http://localhost:${world.ports[office]}/api/openapi.json`)
    assert.equal(answer.status, 200)
  }

  await control.stop()
  await assert.rejects(fetch(portal))
  const again = await startControl(world)
  await again.stop()
})

test('a port that is taken stops the start, and leaves nothing open behind', async () => {
  const thief = createServer()
  await new Promise<void>((resolve) => thief.listen(world.ports.console, 'localhost', resolve))

  await assert.rejects(startControl(world), /EADDRINUSE/)
  await assert.rejects(fetch(`http://localhost:${world.ports.portal}`))

  await new Promise((resolve) => thief.close(resolve))
  const control = await startControl(world)
  await control.stop()
})

test('without its database control does not start, and says which setting is missing', async () => {
  const { PORTICO_DATABASE_URL_CONTROL: _, ...without } = settings
  await assert.rejects(startControl({ ...world, settings: without }), {
    code: 'platform/setting',
    detail: /PORTICO_DATABASE_URL_CONTROL/,
  })
})
