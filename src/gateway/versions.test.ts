/** Callers of older versions, over the wire: their requests brought forward, answers and refusals brought back. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Answered, type Asked, openCell, refused } from '#test/gateway/cell.ts'
import { document, middle, oldest, product } from '#test/gateway/orders.ts'
import { day, type Holder } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'
import { compileProduct } from './documents/operation.ts'
import type { SnapshotLife } from './snapshot.ts'

const lives: Record<string, SnapshotLife> = {}
const betas: string[] = []
const products = [product]
const cell = await openCell({}, products, [], lives, betas)
after(() => cell.close())
const contract = {
  id: 'contract_1',
  tier: 'Gold',
  priceVersion: '2026-11',
  products: ['accounts', 'payments', 'cards', 'orders'],
}
const holder = await cell.addHolder('mtls', { contract })
const trusted = await cell.addHolder('mtls', {
  contract,
  extensions: { [oldest]: '2100-01-01T00:00:00Z' },
})
await cell.start()
await cell.publishAndWait()

const orders = '/orders/v1/orders'
const ask = async (asked: Asked, who: Holder = holder): Promise<Answered> =>
  cell.callMtls(who, await cell.token(who), { path: orders, ...asked })
const create = (body: object, version: string, key: string = crypto.randomUUID()) =>
  ask({
    method: 'POST',
    headers: { 'api-version': version, 'idempotency-key': key },
    body: JSON.stringify(body),
  })
const lastHeard = () => {
  const last = cell.heard.at(-1)
  assert.ok(last)
  return last
}
const made = { orderId: 'o1', state: 'Open', buyer: { name: 'Ann' } }

test('a request of an older version reaches the bank as today’s, and is answered as its caller knows it', async () => {
  cell.setPlay((_, response) => answerJson(response, 201, made))

  const first = await create({ priceMinor: '1250', currency: 'UZS', customer: 'Ann' }, oldest)
  const firstHeard: unknown = JSON.parse(lastHeard().body)
  const second = await create(
    { price: { amount: '12.50', currency: 'UZS' }, customer: 'Ann' },
    middle,
  )
  const secondHeard: unknown = JSON.parse(lastHeard().body)
  const today = await create({ price: { amount: '12.50', currency: 'UZS' }, buyer: 'Ann' }, day)

  const asToday = { price: { amount: '12.50', currency: 'UZS' }, buyer: 'Ann' }
  assert.deepEqual(firstHeard, asToday)
  assert.deepEqual(secondHeard, asToday)
  const older = { orderId: 'o1', state: 'Open', customer: 'Ann' }
  assert.deepEqual([first.status, first.json], [201, older])
  assert.deepEqual(second.json, older)
  assert.deepEqual(today.json, made)
  assert.equal(first.headers['api-version'], oldest)
})

test('a query is brought forward, and a list brought back item by item', async () => {
  cell.setPlay((_, response) =>
    answerJson(response, 200, { data: [made, { ...made, state: 'Shut' }] }),
  )

  const older = await ask({
    path: `${orders}?customer=Ann%20B`,
    headers: { 'api-version': middle },
  })
  const heard = lastHeard().url
  const wrong = await ask({ path: `${orders}?buyer=Ann`, headers: { 'api-version': middle } })
  const today = await ask({ path: `${orders}?buyer=Ann` })

  assert.equal(heard, `${orders}?buyer=Ann%20B`)
  assert.deepEqual(older.json, {
    data: [
      { orderId: 'o1', state: 'OPEN', customer: 'Ann' },
      { orderId: 'o1', state: 'SHUT', customer: 'Ann' },
    ],
  })
  refused(wrong, 400, 'gateway/request-invalid')
  assert.deepEqual(wrong.json['errors'], [
    { pointer: '/query/buyer', code: 'unknown', detail: 'is not a parameter of this operation' },
  ])
  assert.notEqual(older.headers['etag'], today.headers['etag'], 'each version has its validator')
  assert.equal(older.headers['vary'], 'api-version')
})

test('what is wrong is named in the words of the caller’s version, by us and by the bank', async () => {
  const wrong = await create({ priceMinor: 'much', currency: 'UZS', buyer: 'Ann' }, oldest)
  cell.setPlay((_, response) =>
    answerJson(
      response,
      422,
      {
        code: 'orders/buyer-unknown',
        title: 'Unknown',
        detail: 'nobody is called so',
        errors: [
          { pointer: '/buyer', code: 'unknown', detail: 'is not known' },
          { pointer: '/price/amount', code: 'low', detail: 'is little' },
        ],
      },
      'application/problem+json',
    ),
  )
  const body = { priceMinor: '1250', currency: 'UZS', customer: 'Ann' }
  const older = await create(body, oldest)
  const today = await create({ price: { amount: '12.50', currency: 'UZS' }, buyer: 'Ann' }, day)

  refused(wrong, 400, 'gateway/request-invalid')
  const pointers = (answered: Answered) =>
    (answered.json['errors'] as { pointer: string }[]).map((e) => e.pointer).toSorted()
  assert.deepEqual(pointers(wrong), ['/buyer', '/customer', '/priceMinor'])
  refused(older, 409, 'orders/customer-unknown')
  assert.deepEqual(pointers(older), ['/customer', '/priceMinor'])
  refused(today, 422, 'orders/buyer-unknown')
  assert.deepEqual(pointers(today), ['/buyer', '/price/amount'])
})

test('what is repeated is answered from the first time, in the version that asks; another version is another request', async () => {
  cell.setPlay((_, response) => answerJson(response, 201, made))
  const key = crypto.randomUUID()
  const body = { priceMinor: '1250', currency: 'UZS', customer: 'Ann' }

  const first = await create(body, oldest, key)
  const count = cell.heard.length
  const again = await create(body, oldest, key)
  const other = await create(
    { price: { amount: '12.50', currency: 'UZS' }, customer: 'Ann' },
    middle,
    key,
  )

  assert.equal(cell.heard.length, count, 'the bank heard of it once')
  assert.deepEqual(again.json, first.json)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  refused(other, 422, 'gateway/idempotency-key-reused')
})

test('a pin that moves between a call and its repetition makes no other request of it', async () => {
  const moving = await cell.addHolder('mtls', { contract })
  Object.assign(moving.application, { apiVersion: middle })
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 201, made))
  const asked = {
    path: '/orders/v1/closures',
    method: 'POST',
    headers: { 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ orderId: 'o1' }),
  }
  const first = await ask(asked, moving)
  Object.assign(moving.application, { apiVersion: day })
  await cell.publishAndWait()
  const count = cell.heard.length

  const again = await ask(asked, moving)

  assert.deepEqual(
    [first.status, first.json],
    [201, { orderId: 'o1', state: 'Open', customer: 'Ann' }],
  )
  assert.deepEqual([again.status, again.headers['idempotent-replayed']], [201, 'true'])
  assert.equal(cell.heard.length, count, 'the bank heard of it once')
  assert.deepEqual(
    [again.headers['api-version'], again.json],
    [day, made],
    'as its version reads now',
  )
})

test('no version brings back what is not released', async () => {
  cell.setPlay((_, response) =>
    answerJson(response, 201, { ...made, buyer: { name: 'Ann', rating: 'AAA' } }),
  )
  const body = JSON.stringify({ priceMinor: '1250', currency: 'UZS', customer: 'Ann' })
  const asked = (scope: string) =>
    cell
      .token(holder, (claims) => ({ ...claims, scope }))
      .then((token) =>
        cell.callMtls(holder, token, {
          path: orders,
          method: 'POST',
          headers: { 'api-version': oldest, 'idempotency-key': crypto.randomUUID() },
          body,
        }),
      )

  const without = await asked('payments')
  const having = await asked('payments payments:split')

  assert.deepEqual(without.json, { orderId: 'o1', state: 'Open', customer: 'Ann' })
  assert.deepEqual(having.json['buyer'], { rating: 'AAA' })
})

test('RFC 9745, RFC 8594: a version that ends says so with every answer, and only to its callers', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { data: [] }))
  lives[oldest] = {
    deprecatedAt: '2026-06-01T00:00:00Z',
    sunsetAt: '2090-07-01T00:00:00Z',
    retired: false,
    page: 'https://portal.example/versions/2026-03-02',
    brownouts: [],
  }
  await cell.publishAndWait()

  const older = await ask({ headers: { 'api-version': oldest } })
  const extended = await ask({ headers: { 'api-version': oldest } }, trusted)
  const today = await ask({})

  assert.equal(older.headers['deprecation'], '@1780272000')
  assert.equal(older.headers['sunset'], 'Sat, 01 Jul 2090 00:00:00 GMT')
  const page = '<https://portal.example/versions/2026-03-02>'
  assert.equal(
    older.headers['link'],
    `${page}; rel="deprecation", ${page}; rel="sunset", ${page}; rel="successor-version"`,
  )
  assert.equal(extended.headers['sunset'], 'Fri, 01 Jan 2100 00:00:00 GMT')
  for (const name of ['deprecation', 'sunset', 'link']) assert.equal(today.headers[name], undefined)
})

test('a brown-out refuses a version with 410 and its end, and leaves payments alone', async () => {
  const brownout = { from: '2026-01-01T00:00:00Z', to: '2095-01-01T00:00:00Z', paymentsOf: [] }
  lives[middle] = {
    deprecatedAt: '2026-06-01T00:00:00Z',
    sunsetAt: '2096-07-01T00:00:00Z',
    retired: false,
    page: 'https://portal.example/versions',
    brownouts: [brownout],
  }
  lives['2026-11-22'] = {
    ...lives[middle],
    brownouts: [{ ...brownout, to: '2026-01-02T00:00:00Z' }],
  }
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { data: [] }))

  const browned = await ask({ headers: { 'api-version': middle } })
  const over = await ask({})
  cell.setPlay((_, response) => answerJson(response, 201, made))
  const payment = await create(
    { price: { amount: '12.50', currency: 'UZS' }, customer: 'Ann' },
    middle,
  )

  refused(browned, 410, 'gateway/version-brownout')
  assert.match(String(browned.json['detail']), /2095-01-01/)
  assert.ok(browned.headers['sunset'])
  assert.equal(over.status, 200)
  assert.equal(payment.status, 201)
})

test('a version that has ended is refused with 410, but for a partner that was given more time', async () => {
  lives[oldest] = { ...(lives[oldest] as SnapshotLife), retired: true }
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { data: [] }))

  const ended = await ask({ headers: { 'api-version': oldest } })
  const unknown = await ask({ headers: { 'api-version': '2026-03-03' } })
  const given = await ask({ headers: { 'api-version': oldest } }, trusted)

  refused(ended, 410, 'gateway/version-retired')
  refused(unknown, 400, 'gateway/version-unknown')
  assert.doesNotMatch(String(unknown.json['detail']), /2026-03-02/)
  assert.match(String(unknown.json['detail']), /2026-07-01/)
  assert.equal(given.status, 200)
})

test('a version in trial is served to an application that asked for it, and to nobody by accident', async () => {
  const trying = await cell.addHolder('mtls', { contract })
  Object.assign(trying.application, { betas: [day], apiVersion: middle })
  betas.push(day)
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { data: [made] }))
  const headers = { 'api-version': day }

  const asked = await ask({ headers }, trying)
  const stable = await ask({}, trying)
  const other = await ask({ headers }, trusted)
  betas.pop()
  await cell.publishAndWait()

  assert.deepEqual(
    [asked.status, asked.json, asked.headers['api-version-stage']],
    [200, { data: [made] }, 'beta'],
  )
  assert.equal(stable.headers['api-version-stage'], undefined)
  refused(other, 400, 'gateway/version-unknown')
  assert.doesNotMatch(String(other.json['detail']), new RegExp(day))
  assert.match(String(other.json['hint']), /is a beta/)
})

test('who asked for a version in trial is served by no other product’s trial', async () => {
  const later = '2026-12-20'
  const inTrial = { ...product, versions: [...product.versions, later] }
  products[0] = { ...inTrial, openapi: { ...product.openapi, 'x-stage': 'beta' } }
  betas.push(day, later)
  const own = await cell.addHolder('mtls', { contract })
  const both = await cell.addHolder('mtls', { contract })
  Object.assign(own.application, { betas: [later], apiVersion: middle })
  Object.assign(both.application, { betas: [day, later], apiVersion: middle })
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { data: [made] }))
  const headers = { 'api-version': later }

  const asked = await ask({ headers }, own)
  const joined = await ask({ headers }, both)
  products[0] = product
  betas.length = 0
  await cell.publishAndWait()

  assert.deepEqual(
    [asked.status, asked.json, asked.headers['api-version']],
    [200, { data: [{ orderId: 'o1', state: 'OPEN', customer: 'Ann' }] }, later],
  )
  assert.deepEqual(joined.json, { data: [made] })
})

test('a chain that does not fit its document is refused before anybody is served by it', () => {
  const broken = structuredClone(document)
  const [change] = broken['x-changes']
  assert.ok(change)
  Object.assign(change, {
    operations: { createOrder: { request: [{ do: 'rename', at: '', from: 'a', to: 'b' }] } },
  })
  assert.throws(
    () => compileProduct({ id: 'orders', openapi: broken }),
    /orders#\/x-changes: orders-have-amounts, createOrder: rename at the body finds nothing/,
  )
})

test('an operation that did not change has no other form', () => {
  const unchanged = compileProduct({ id: 'orders', openapi: { ...document, 'x-changes': [] } })
  assert.ok(unchanged.every(({ older }) => older.length === 0))
})
