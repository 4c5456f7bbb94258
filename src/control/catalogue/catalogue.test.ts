import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocument, bankDocuments } from '#test/documents.ts'
import { openTestOffices } from '#test/offices.ts'
import { doing, freshDatabase } from '#test/world.ts'
import { Problem } from '#kernel/problem.ts'
import * as approvals from '#control/approvals/routes.ts'
import * as staff from '#control/staff/routes.ts'
import { seedControl } from '#control/seed.ts'
import { readDocument } from './document.ts'
import { appliers, listProducts, newestPrices, seedCatalogue } from './index.ts'
import * as routes from './routes.ts'

const offices = await openTestOffices(
  {
    portal: [routes.portalRoutes],
    console: [staff.consoleRoutes, approvals.consoleRoutes, routes.consoleRoutes],
  },
  new Map(Object.entries(appliers)),
)
const { db } = offices
await seedControl(db, offices.context.world.now(), { documents: bankDocuments() })
const [product, engineering, finance, auditor] = await Promise.all(
  ['product', 'engineering', 'finance', 'auditor'].map((login) => offices.staff(login)),
)

type Change = { id: string; hash: string }
const decide = (by: typeof product, body: Record<string, unknown>, decision = 'approve') => {
  const { id, hash } = body['change'] as Change
  return by!('POST', `/api/approvals/${id}/decision`, { decision, hash, reason: 'test' })
}

/** The places that are wrong with a document, as pointer and code. */
const wrongIn = (document: unknown, productId = 'accounts') => {
  try {
    readDocument(productId, document)
    return []
  } catch (error) {
    assert.ok(error instanceof Problem)
    return (error.particulars.errors ?? []).map((e) => `${e.pointer} ${e.code}`)
  }
}

type Json = Record<string, unknown>

/** The document with another value at a place (RFC 6901), or with nothing there. */
const spoiled = (document: Json, pointer: string, value?: unknown): Json => {
  const path = pointer
    .slice(1)
    .split('/')
    .map((p) => p.replaceAll('~1', '/'))
  const last = path.pop() ?? ''
  const holder = path.reduce((at, part) => at[part] as Json, document)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return document
}

test('the bank’s own documents are whole', () => {
  for (const { product: id, openapi } of bankDocuments()) assert.deepEqual(wrongIn(openapi, id), [])
})

test('whatever is missing or wrong in a document is named by its place', () => {
  const balances = '/paths/~1accounts~1v1~1accounts~1{accountId}~1balances/get'
  const verify = '/paths/~1accounts~1v1~1ownership-verifications/post'
  const wrong = (pointer: string, value?: unknown) =>
    wrongIn(spoiled(bankDocument('accounts'), pointer, value))
  const placeOf = (pointer: string, value?: unknown) =>
    wrong(pointer, value).map((e) => e.split(' ')[0])

  const required = ['permission', 'scope', 'consent', 'upstream', 'class', 'risk']
  for (const place of [...required.map((m) => `${balances}/x-${m}`), `${balances}/operationId`])
    assert.deepEqual(placeOf(place), [place])
  assert.deepEqual(placeOf(`${balances}/x-risk`, 'none'), [`${balances}/x-risk`])
  assert.deepEqual(wrong(`${balances}/operationId`, 'getAccount'), [
    `${balances}/operationId duplicate`,
  ])
  assert.deepEqual(wrong(`${verify}/x-idempotency`), [`${verify}/x-idempotency missing`])
  const days = ['2026-05-04', '2026-05-04', '2099-01-01']
  assert.deepEqual(wrong('/x-versions', days), [
    '/x-versions/1 duplicate',
    '/x-versions/2 not-older',
  ])
  const foreign = '/paths/~1cards~1v1~1cards'
  assert.deepEqual(wrong(foreign, {}), [`${foreign} foreign-path`])
  assert.deepEqual(wrong('/openapi', '3.0.3'), ['/openapi invalid_format'])
})

test('a leaf without a class and an object that is open are named, also behind a reference', () => {
  const leaf = (schema: object) => ({
    openapi: '3.1.0',
    info: { title: 'T', version: '2026-11-22' },
    paths: {
      '/accounts/v1/x': {
        get: {
          operationId: 'getX',
          'x-permission': 'accounts.read',
          'x-scope': 'accounts',
          'x-consent': 'none',
          'x-upstream': 'bank',
          'x-class': 'accounts',
          'x-risk': 'reference',
          responses: {
            200: {
              content: { 'application/json': { schema: { $ref: '#/components/schemas/X' } } },
            },
          },
        },
      },
    },
    components: { schemas: { X: schema } },
  })
  const closed = (properties: object) => ({
    type: 'object',
    additionalProperties: false,
    properties,
  })
  const good = { type: 'string', 'x-data-class': 'public' }
  const at = '/components/schemas/X'

  assert.deepEqual(wrongIn(leaf(closed({ a: good }))), [])
  assert.deepEqual(wrongIn(leaf(closed({ a: { type: 'string' } }))), [
    `${at}/properties/a/x-data-class no-data-class`,
  ])
  assert.deepEqual(wrongIn(leaf({ type: 'object', properties: { a: good } })), [
    `${at} open-object`,
  ])
  assert.deepEqual(
    wrongIn(leaf(closed({ list: { type: 'array', items: { oneOf: [good, { type: 'null' }] } } }))),
    [`${at}/properties/list/items/oneOf/1/x-data-class no-data-class`],
  )
  assert.deepEqual(wrongIn(leaf(closed({ a: { $ref: '#/components/schemas/Gone' } }))), [
    `${at}/properties/a/$ref dangling`,
  ])
  assert.deepEqual(wrongIn(leaf(closed({ again: { $ref: at.replace('/', '#/') } }))), [])
})

test('seeding again changes nothing, and a document that this release brings takes its place', async () => {
  const fresh = (await freshDatabase('control')).as('control')
  const events = async () => await fresh.run`select 1 from journal.entry`
  await doing(fresh)((w) => seedCatalogue(w, bankDocuments()))
  const first = await events()
  await doing(fresh)((w) => seedCatalogue(w, bankDocuments()))
  assert.equal(await events(), first)

  const [accounts, ...others] = bankDocuments()
  const renamed = {
    ...accounts!,
    openapi: { ...accounts!.openapi, info: { title: 'Other', version: '2026-11-22' } },
  }
  await doing(fresh)((w) => seedCatalogue(w, [renamed, ...others]))
  assert.equal((await listProducts(fresh))[0]?.title, 'Other')
})

test('anybody reads products, operations and list prices', async () => {
  const { status, body } = await offices.visitor('portal')('GET', '/api/products')
  assert.equal(status, 200)
  const data = body['data'] as { id: string; operations: { id: string; unitPrice: string }[] }[]
  assert.deepEqual(
    data.map((p) => p.id),
    ['accounts', 'payments', 'cards'],
  )
  const cards = data.find((p) => p.id === 'cards')
  assert.equal(cards?.operations.find((o) => o.id === 'issueCard')?.unitPrice, '3200')
})

const priced = async () => (await newestPrices(db))!.unitPrices

test('a price version takes two people and every operation, and never changes', async () => {
  const { getBalances: _, ...without } = await priced()
  const ask = (id: string, unitPrices: object) =>
    product!('POST', '/api/catalogue/prices', { id, currency: 'UZS', unitPrices, reason: 'test' })

  const missing = await ask('2026-12', without)
  assert.equal(missing.status, 422)
  assert.deepEqual(missing.body['errors'], [
    {
      pointer: '/unitPrices/getBalances',
      code: 'missing',
      detail: 'an operation on offer has no price; free is 0',
    },
  ])
  for (const wrong of ['-1', '1e3', '01', '1.1234567890123', '', 'free'])
    assert.equal(
      (await ask('2026-12', { ...(await priced()), getBalances: wrong })).status,
      400,
      wrong,
    )

  const asked = await ask('2026-12', { ...(await priced()), getBalances: '0.25' })
  assert.equal(asked.status, 202)
  assert.equal((await newestPrices(db))?.id, '2026-11')
  assert.equal((await decide(product, asked.body)).status, 403)
  assert.equal((await decide(finance, asked.body)).status, 200)
  assert.equal((await newestPrices(db))?.id, '2026-12')
  assert.equal((await priced())['getBalances'], '0.25')

  assert.equal((await ask('2026-12', await priced())).body['code'], 'catalogue/price-version-taken')
  await assert.rejects(
    db.run`update catalogue.price_version set currency = 'USD'`,
    /does not change/,
  )
  await assert.rejects(db.run`delete from catalogue.price_version`, /does not change/)
})

test('a tier’s limits change with two people, and an auditor is not one of them', async () => {
  const limits = {
    rate: { perSecond: 5, burst: 5 },
    concurrency: 2,
    dailyQuota: 100,
    budgets: { 'ownership-verifications': { perSecond: 0.1, burst: 3 } },
  }
  const asked = await product!('POST', '/api/catalogue/limits', {
    tier: 'Bronze',
    limits,
    reason: 'test',
  })
  assert.equal(asked.status, 202)
  const bronze = async () => {
    const { body } = await auditor!('GET', '/api/catalogue')
    return (body['tiers'] as { name: string; limits: { rate: { burst: number } } }[]).find(
      (t) => t.name === 'Bronze',
    )?.limits.rate.burst
  }
  assert.equal((await decide(auditor, asked.body)).status, 403)
  assert.equal(await bronze(), 20)
  assert.equal((await decide(engineering, asked.body)).status, 200)
  assert.equal(await bronze(), 5)
})

test('limits that contradict themselves or name what is not on offer are refused with their reason', async () => {
  const { body } = await auditor!('GET', '/api/catalogue')
  const silver = (body['tiers'] as { name: string; limits: { policies: object[] } }[]).find(
    (t) => t.name === 'Silver',
  )!.limits
  const propose = (policy: object) =>
    product!('POST', '/api/catalogue/limits', {
      tier: 'Silver',
      limits: { ...silver, policies: [...silver.policies, policy] },
      reason: 'test',
    })
  const shape = { kind: 'rate', perSecond: 1, burst: 5 }
  const unknown = await propose({ name: 'typo', shape, appliesTo: { operations: ['listAcounts'] } })
  assert.equal(unknown.status, 422)
  assert.equal(unknown.body['code'], 'catalogue/limits-refused')
  assert.match(
    String(unknown.body['detail']),
    /listAcounts is none of the operations.*listAccounts/,
  )
  const quota = { kind: 'window', period: 'month', zone: 'Asia/Tashkent', limit: 5 }
  const contradiction = await propose({ name: 'tiny', shape: quota, whenAway: 'refuse' })
  assert.match(JSON.stringify(contradiction.body), /contradicts 1000000 in a day/)
  assert.equal((await propose({ name: 'zero', shape: { ...shape, burst: 0 } })).status, 400)
  const good = {
    name: 'reads',
    per: ['customer'],
    shape,
    appliesTo: { operations: ['listAccounts'] },
  }
  assert.equal((await propose(good)).status, 202)
})

test('access that the law opens takes no quota', async () => {
  const { body } = await auditor!('GET', '/api/catalogue')
  const { limits } = (body['tiers'] as { name: string; limits: object }[]).find(
    (t) => t.name === 'Regulated',
  )!
  const shape = { kind: 'window', period: 'day', zone: 'UTC', limit: 1_000_000 }
  const policies = [{ name: 'cap', shape, whenAway: 'refuse' }]
  const asked = await product!('POST', '/api/catalogue/limits', {
    tier: 'Regulated',
    limits: { ...limits, dailyQuota: 1_000_000, policies },
    reason: 'test',
  })
  assert.equal(asked.status, 422)
  assert.deepEqual(
    (asked.body['errors'] as { pointer: string }[]).map((e) => e.pointer),
    ['/limits/policies/0', '/limits/dailyQuota'],
  )
})

test('a version of a product is proposed whole, checked, and published by two people', async () => {
  const openapi = spoiled(bankDocument('cards'), '/info/version', '2027-01-15')
  const propose = (document: object) =>
    product!('POST', '/api/catalogue/documents', {
      product: 'cards',
      openapi: document,
      reason: 'test',
    })
  const broken = await propose({ ...openapi, info: { title: 'Cards' } })
  assert.equal(broken.body['code'], 'catalogue/document-refused')

  const asked = await propose(openapi)
  assert.equal(asked.status, 202)
  assert.equal((await decide(engineering, asked.body)).status, 200)

  const cards = (await listProducts(db)).find((p) => p.id === 'cards')
  assert.equal(cards?.version, '2027-01-15')
  assert.deepEqual(cards.versions, ['2026-05-04', '2026-08-03', '2026-11-22', '2027-01-15'])
})
