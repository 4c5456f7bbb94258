/** The core's protection, from outside: through TLS, the whole pipeline and a bank that misbehaves. */
import assert from 'node:assert/strict'
import { get, type ServerResponse } from 'node:http'
import { request } from 'node:https'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCell, refused } from '#test/gateway/cell.ts'
import {
  acc,
  accountsDetail,
  type Change,
  type Holder,
  withConsent,
} from '#test/gateway/partner.ts'
import { answerJson, read } from '#test/gateway/played.ts'

const cell = await openCell()
after(() => cell.close())
const [holder, another] = [await cell.addHolder('mtls'), await cell.addHolder('mtls')]
await cell.start()
await cell.publishAndWait()

const balances = `/accounts/v1/accounts/${acc}/balances`
const present = { 'x-fapi-customer-ip-address': '192.0.2.1' }
const consented = (): Change => {
  const consentId = `consent_${crypto.randomUUID().replaceAll('-', '')}`
  return withConsent(consentId, accountsDetail())
}
const ask = async (who: Holder = holder) =>
  cell.callMtls(who, await cell.token(who, consented()), { path: balances, headers: present })
const empty = { data: [], next: null }
const usageOf = async (operation: string, status: number) => {
  for (let tries = 0; tries < 1_200; tries++) {
    const found = cell.usage.filter((u) => u.operation === operation && u.status === status)
    if (found.length > 0) return found
    await sleep(20)
  }
  return []
}

const health = () =>
  new Promise<string>((resolve, reject) =>
    get({ socketPath: cell.files.socket('gateway'), path: '/internal/health' }, (answered) => {
      read(answered).then(resolve, reject)
    }),
  )

/** Sends a call and hangs up as soon as the bank has heard of it. Answers the bank's side of it. */
const hangUp = async (options: { method: string; path: string; body?: string; key?: string }) => {
  const { method, path, body = '', key } = options
  const token = await cell.token(holder, consented())
  const heard = Promise.withResolvers<ServerResponse>()
  cell.setPlay((_, response) => heard.resolve(response))
  const asking = request({
    host: 'localhost',
    port: cell.world.ports.production.gatewayMtls,
    agent: cell.agentOf(holder),
    method,
    path,
    headers: {
      ...present,
      authorization: `Bearer ${token}`,
      ...(body !== '' && { 'content-type': 'application/json', 'content-length': body.length }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
  })
  asking.on('error', () => {})
  asking.end(body)
  const response = await heard.promise
  asking.destroy()
  return response
}

test('a caller that hangs up ends its read at the bank; nothing is billed', async () => {
  const response = await hangUp({ method: 'GET', path: balances })
  if (!response.destroyed) await new Promise((resolve) => response.once('close', resolve))
  const [line] = await usageOf('getBalances', 499)
  assert.equal(line?.code, 'gateway/caller-gone')
  assert.equal(line?.billable, false)
})

test('a write that was sent is seen through, recorded and kept for its key, although nobody listens', async () => {
  const key = crypto.randomUUID()
  const path = `/payments/v1/split-payments/split_${'0'.repeat(32)}/legs/all/release`
  const response = await hangUp({ method: 'POST', path, body: '{"reason":"DELIVERED"}', key })
  await sleep(100)
  assert.equal(response.destroyed, false)
  const refusal = { code: 'payments/leg-not-held', title: 'No', status: 409, detail: 'no' }
  answerJson(response, 409, refusal, 'application/problem+json')
  const [line] = await usageOf('releaseLeg', 409)
  assert.equal(line?.code, 'payments/leg-not-held')

  const again = await cell.callMtls(holder, await cell.token(holder), {
    method: 'POST',
    path,
    body: '{"reason":"DELIVERED"}',
    headers: { 'idempotency-key': key },
  })
  refused(again, 409, 'payments/leg-not-held')
  assert.equal(again.headers['idempotent-replayed'], 'true')
})

test('when the core is closed for its end of day, partners are told until when', async () => {
  const closed = { code: 'core/closed', title: 'Closed', status: 503, detail: 'end of day' }
  cell.setPlay((_, response) => {
    response.setHeader('retry-after', '1800')
    answerJson(response, 503, closed, 'application/problem+json')
  })
  const answered = await ask()
  refused(answered, 503, 'core/closed')
  assert.equal(answered.headers['retry-after'], '1800')
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  assert.equal((await ask()).status, 200)
})

test('RFC 6585 §4: when the bank says that something is used up, partners are told until when, and nobody else waits', async () => {
  const exhausted = { code: 'accounts/asked-enough', title: 'No', status: 429, detail: 'tomorrow' }
  cell.setPlay((_, response) => {
    response.setHeader('retry-after', '86000')
    answerJson(response, 429, exhausted, 'application/problem+json')
  })
  const answered = await ask()
  refused(answered, 429, 'accounts/asked-enough')
  assert.equal(answered.headers['retry-after'], '86000')
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  assert.equal((await ask()).status, 200)
})

test('G65: an answer to somebody else’s call reaches nobody', async () => {
  cell.setPlay((_, response) => {
    response.setHeader('portico-call', '0'.repeat(32))
    answerJson(response, 200, { data: ['CANARY'], next: null })
  })
  const answered = await ask()
  refused(answered, 502, 'gateway/upstream-failed')
  assert.ok(!answered.text.includes('CANARY'))
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  assert.equal((await ask()).status, 200)
})

test('R14: a product that fails is left alone, the health document says so, another product is served', async () => {
  cell.setPlay(({ url }, response) =>
    url.startsWith('/cards') ? void response.socket?.destroy() : answerJson(response, 200, empty),
  )
  const cards = async (who: Holder) =>
    cell.callMtls(who, await cell.token(who), { path: '/cards/v1/cards' })
  let before = cell.heard.length
  let answered = await cards(holder)
  for (let i = 0; i < 200 && answered.json['code'] !== 'gateway/upstream-unavailable'; i++) {
    before = cell.heard.length
    answered = await cards(i % 2 === 0 ? another : holder)
  }
  refused(answered, 503, 'gateway/upstream-unavailable')
  assert.ok(Number(answered.headers['retry-after']) >= 1)
  assert.equal(cell.heard.length, before, 'the bank is not asked')
  assert.match(await health(), /bank does not answer for cards: its breaker is open/)
  assert.equal((await ask()).status, 200)
})
