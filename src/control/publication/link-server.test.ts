import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { Snapshot } from '#gateway/snapshot.ts'
import { openPublicationWorld, until } from '#test/publication.ts'
import { uuidv7 } from '#kernel/id.ts'
import { usageSender } from '#platform/link.ts'
import { suspendPartner } from '#control/partners/index.ts'
import { openLiveBoard } from '#control/usage/index.ts'
import { startPublication } from './index.ts'

const { database, db, world, doing, linkKey, linkOf, reader, register } =
  await openPublicationWorld()
const live = openLiveBoard()
const publication = await startPublication({ db, world, log: world.log, live })
after(() => publication.stop())
const sandbox = await reader('sandbox', 'gateway', Snapshot)

test('a reader that comes late hears every live revocation, and its numbers have no gap', async () => {
  for (const partner of [await register([]), await register([]), await register([])])
    await doing((w) => suspendPartner(w, partner, 'test'))
  await until('all of them', () => sandbox.revocations.length >= 3 || undefined)
  const late = await reader('sandbox', 'gateway', Snapshot)
  const known = sandbox.revocations.map((r) => r.revocation.seq)
  await until('all of them', () => late.revocations.length >= new Set(known).size || undefined)

  const seqs = late.revocations.map((r) => r.revocation.seq)
  assert.deepEqual(
    seqs,
    Array.from({ length: seqs.length }, (_, n) => n + 1),
  )
})

const ask = async (path: string, key: string, body?: unknown) => {
  const dispatcher = new Agent({ connect: { socketPath: world.layout.control.socket } })
  try {
    const answer = await request(`http://control${path}`, {
      dispatcher,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.body.text()
    return { status: answer.statusCode, body: JSON.parse(text) as { code?: string } }
  } finally {
    await dispatcher.destroy()
  }
}

test('a cell’s key opens its own paths and no others', async () => {
  await until('ready', () => publication.ready() || undefined, 20_000)
  assert.equal((await ask('/link/sandbox/gateway', linkKey('sandbox'))).status, 200)
  for (const [path, key] of [
    ['/link/production/gateway', linkKey('sandbox')],
    ['/link/production/gateway/stream', linkKey('sandbox')],
    ['/link/sandbox/gateway', linkKey('production')],
    ['/link/sandbox/gateway', ''],
  ] as const)
    assert.equal((await ask(path, key)).body.code, 'publication/link-unproven', path)
  const stolen = await ask('/link/production/usage', linkKey('sandbox'), { any: 'thing' })
  assert.equal(stolen.status, 401)
})

test('a gateway tells its second to its own cell’s board', async () => {
  const second = Math.floor(Date.now() / 1000)
  const health = { ready: true, degraded: true, reasons: ['gateway/rates-away'] }
  const report = { gateway: 'gateway_x', second, health, partners: [], untold: 0 }
  assert.equal((await ask('/link/sandbox/live', linkKey('production'), report)).status, 401)
  assert.equal(
    (await ask('/link/sandbox/live', linkKey('sandbox'), { ...report, more: 1 })).status,
    400,
  )
  assert.deepEqual(live.gateways(Temporal.Now.instant()), [])
  assert.equal((await ask('/link/sandbox/live', linkKey('sandbox'), report)).status, 200)
  const [seen] = live.gateways(Temporal.Now.instant())
  assert.deepEqual([seen?.cell, seen?.reasons], ['sandbox', ['gateway/rates-away']])
})

test('usage travels by the same line and is answered with its receipt', async () => {
  const sender = usageSender(linkOf('sandbox'))
  const partnerId = await register([])
  const record = {
    callId: uuidv7(),
    seq: 1,
    occurredAt: Temporal.Now.instant().toString(),
    partnerId,
    applicationId: 'application_x',
    product: 'cards',
    operation: 'listCards',
    contractId: null,
    priceVersion: null,
    consentId: null,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 3,
    upstreamMs: 2,
    epoch: 1,
  }
  const batch = { gateway: 'gateway_a', boot: uuidv7(), records: [record] }
  assert.deepEqual(await sender.send(batch), { seq: 1 })
  await assert.rejects(sender.send({ ...batch, records: [{ ...record, pan: '4' }] }), {
    code: 'platform/request-invalid',
  })
  await sender.close()
})

test('a reader hears a heartbeat at least once a second', async () => {
  const before = sandbox.heardAtMs()
  await sleep(1_200)
  assert.ok(sandbox.heardAtMs() > before)
})

test('while the journal cannot be read on, no heartbeat claims that it was', async () => {
  const partner = await register([])
  let release: () => void = () => {}
  const held = database.owner.transaction(async (tx) => {
    await tx.run`select 1 from publication.cursor for update`
    await new Promise<void>((resolve) => (release = resolve))
  })
  await sleep(50)
  await doing((w) => suspendPartner(w, partner, 'test'))
  const quietMs = () => performance.now() - sandbox.heardAtMs()
  try {
    // Beats come twice a second; one may still be on its way, and speaks for what was committed before.
    await until('silence', () => quietMs() > 1_200 || undefined)
  } finally {
    release()
    await held
  }
  await until('the revocation', () => sandbox.revocations.find((r) => r.revocation.id === partner))
  await until('the heartbeat', () => quietMs() < 500 || undefined)
})
