import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExchangeFailed, openUpstreams } from './upstream.ts'

const folder = mkdtempSync(join(tmpdir(), 'up-'))
const sockets = { bank: join(folder, 'bank.sock'), vault: join(folder, 'vault.sock') }
let reply: (response: ServerResponse) => void
let asked = 0
const server = createServer((request, response) => {
  asked++
  request.resume().on('end', () => reply(response))
})
await new Promise<void>((resolve) => server.listen(sockets.bank, resolve))
const upstreams = openUpstreams(sockets)
after(async () => {
  await upstreams.close()
  server.closeAllConnections()
  server.close()
})

const ask = (upstream: 'bank' | 'vault' = 'bank', withinMs = 2_000) =>
  upstreams.ask(
    { product: 'accounts', upstream },
    { method: 'POST', path: '/x', headers: {}, body: Buffer.from('{}') },
    withinMs,
  )
const failureOf = async (asking: Promise<unknown>) => {
  const error = await asking.then(
    () => assert.fail('it was answered'),
    (e: unknown) => e,
  )
  assert.ok(error instanceof ExchangeFailed, String(error))
  return { sent: error.sent, late: error.late }
}

test('an answer comes with its status, its media type and whether it is encoded', async () => {
  reply = (response) =>
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"a":1}')
  assert.deepEqual(await ask(), {
    status: 201,
    contentType: 'application/json',
    encoded: false,
    body: Buffer.from('{"a":1}'),
  })
  reply = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
  assert.equal((await ask()).encoded, true)
})

test('G15: an upstream that hangs is given up at the deadline, before and in the middle of its answer', async () => {
  for (const hang of [
    () => {},
    (response: ServerResponse) => void response.writeHead(200).write('{'),
  ]) {
    reply = hang
    const startedMs = performance.now()
    assert.deepEqual(await failureOf(ask('bank', 150)), { sent: true, late: true })
    assert.ok(performance.now() - startedMs < 1_000)
  }
})

test('G66: what was sent is never sent again; what never left is tried once more', async () => {
  asked = 0
  reply = (response) => response.socket?.destroy()
  assert.deepEqual(await failureOf(ask()), { sent: true, late: false })
  assert.equal(asked, 1)
  assert.deepEqual(await failureOf(ask('vault')), { sent: false, late: false })
})

test('G33: calls of one product do not pile up in front of the core', async () => {
  reply = (response) => void sleep(200).then(() => response.writeHead(200).end('{}'))
  const outcomes = await Promise.allSettled(Array.from({ length: 140 }, () => ask('bank', 5_000)))
  const refused = outcomes.filter((o) => o.status === 'rejected')
  assert.equal(refused.length, 12)
  assert.ok(refused.every((o) => (o.reason as { code?: string }).code === 'gateway/core-protected'))
})
