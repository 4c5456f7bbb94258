import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices } from '#test/offices.ts'
import { doing } from '#test/world.ts'
import { seedCatalogue } from '#control/catalogue/index.ts'
import { operationModel } from './model.ts'
import { portalRoutes } from './routes.ts'
import { schemaReader } from './schema-tree.ts'
import { FoundView, GuideView, OperationView, ReferenceView, RefusalsView } from './views.ts'

const offices = await openTestOffices({ portal: [portalRoutes], console: [] })
await doing(offices.db)((w) => seedCatalogue(w, bankDocuments()))
const visitor = offices.visitor('portal')
const get = async <T>(view: z.ZodType<T>, path: string): Promise<T> => {
  const { status, body } = await visitor('GET', path)
  assert.equal(status, 200, JSON.stringify(body))
  return view.parse(body)
}
const { data: products } = await get(ReferenceView, '/api/reference')

interface Node {
  readonly name: string
  readonly dataClass?: string | undefined
  readonly again?: string | undefined
  readonly members?: readonly Node[] | undefined
  readonly choices?: readonly { readonly members: readonly Node[] }[] | undefined
}

const leavesOf = (node: Node): Node[] => {
  const inside = [...(node.members ?? []), ...(node.choices ?? []).flatMap((c) => c.members)]
  return inside.length === 0 ? [node] : inside.flatMap(leavesOf)
}

test('every operation and event of every product is readable, each leaf of an answer with its class', async () => {
  let operations = 0
  for (const product of products)
    for (const { id, method } of product.operations) {
      const model = await get(OperationView, `/api/reference/${product.id}/${id}`)
      operations++
      if (method === 'EVT') continue
      assert.ok(model.needs && model.needs.scope !== '' && model.needs.permissions.length > 0, id)
      assert.ok(model.answers.length > 0, id)
      assert.ok(
        model.refusals.some((r) => r.status === 401 && r.code !== ''),
        id,
      )
      for (const { node, media } of model.answers.flatMap((a) => a.bodies))
        for (const leaf of leavesOf(node))
          assert.ok(leaf.dataClass ?? leaf.again, `${id} ${media} ${leaf.name}`)
      assert.deepEqual(Object.keys(model.samples ?? {}).length, 5)
    }
  assert.ok(operations > 120)
})

test('an operation says what it takes, what releases each member, and how it refuses', async () => {
  const model = await get(OperationView, '/api/reference/accounts/listTransactions')
  assert.equal(model.path, '/accounts/v1/accounts/{accountId}/transactions')
  assert.deepEqual(model.needs?.consent?.permissions, [
    'ReadTransactionsBasic',
    'ReadTransactionsDetail',
  ])
  const [answer] = model.answers
  const data = answer?.bodies[0]?.node.members?.find((m) => m.name === 'data')
  const remittance = data?.members?.find((m) => m.name === 'transactionInformation')
  assert.equal(data?.type, 'array of Transaction')
  assert.equal(remittance?.dataClass, 'personal')
  assert.deepEqual(remittance?.permissions, ['ReadTransactionsDetail'])
  assert.deepEqual(remittance?.rules, ['at most 500 characters'])
  assert.ok(model.refusals.some((r) => r.code === 'gateway/token-invalid' && r.status === 401))
})

test('what does not exist is refused by name', async () => {
  for (const [path, code] of [
    ['/api/reference/nothing/listAccounts', 'catalogue/product-not-found'],
    ['/api/reference/accounts/nothing', 'reference/operation-not-found'],
    ['/api/reference/accounts/listAccounts?version=2001-01-01', 'reference/version-not-found'],
    ['/api/guides/nothing', 'reference/guide-not-found'],
    ['/api/products/nothing/postman.json', 'catalogue/product-not-found'],
  ] as const) {
    const { status, body } = await visitor('GET', path)
    assert.deepEqual([status, body['code']], [404, code], path)
  }
})

test('search finds an operation by a word of its path, a member and a code; Uzbek signs tell nothing apart', async () => {
  const find = async (words: string) =>
    (await get(FoundView, `/api/search?q=${encodeURIComponent(words)}`)).data
  assert.equal(
    (await find('list transactions'))[0]?.address,
    '/reference/accounts/listTransactions',
  )
  assert.ok(
    (await find('transactionInformation')).some((f) => f.address.endsWith('listTransactions')),
  )
  assert.ok((await find('token-invalid')).some((f) => f.kind === 'refusal'))
  assert.ok((await find('idempotency')).some((f) => f.kind === 'guide'))
  assert.deepEqual(await find('so’m'), await find('soʻm'))
  assert.deepEqual(await find('zzzzzzzz'), [])
})

test('every code of refusal is told once, with the operations that name it', async () => {
  const { data } = await get(RefusalsView, '/api/refusals')
  assert.equal(new Set(data.map((r) => r.code)).size, data.length)
  const invalid = data.find((r) => r.code === 'gateway/token-invalid')
  assert.ok(invalid && invalid.operations.length > 80)
})

test('guides are pages whose links lead to pages; what looks like HTML is text', async () => {
  const { body } = await visitor('GET', '/api/guides')
  const ids = z
    .array(z.object({ id: z.string() }))
    .parse(body['data'])
    .map((g) => g.id)
  assert.equal(ids[0], 'first-call')
  for (const id of ids) {
    const guide = await get(GuideView, `/api/guides/${id}`)
    assert.ok(guide.title !== '' && guide.about !== '', id)
    assert.doesNotMatch(guide.html, /<script|<img|javascript:/i)
    for (const [, href = ''] of guide.html.matchAll(/href="([^"]*)"/g))
      assert.match(href, /^(https:\/\/|#|\/)/, `${id}: ${href}`)
  }
})

test('allOf is one shape, a cycle ends with its name, oneOf is told as choices', () => {
  const read = schemaReader({
    components: {
      schemas: {
        Tree: {
          type: 'object',
          required: ['value'],
          properties: {
            value: { type: ['string', 'null'], maxLength: 3, 'x-data-class': 'public' },
            below: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
          },
        },
        Named: { type: 'object', properties: { name: { type: 'string' } } },
      },
    },
  })
  const node = read({
    allOf: [{ $ref: '#/components/schemas/Tree' }, { $ref: '#/components/schemas/Named' }],
  })
  assert.deepEqual(
    node.members?.map((m) => [m.name, m.required, m.type]),
    [
      ['value', true, 'string or null'],
      ['below', false, 'array of Tree'],
      ['name', false, 'string'],
    ],
  )
  const below = node.members?.[1]
  assert.equal(below?.members?.[1]?.again, 'Tree')

  const choice = read({
    oneOf: [
      { title: 'By name', $ref: '#/components/schemas/Named' },
      { $ref: '#/components/schemas/Tree' },
    ],
  })
  assert.deepEqual(
    choice.choices?.map((c) => c.title),
    ['By name', 'Tree'],
  )
  assert.equal(operationModel({}, 'any'), undefined)
})

test('a product leaves as a Postman collection, and all of it for a language model', async () => {
  const { body } = await visitor('GET', '/api/products/accounts/postman.json')
  const collection = z
    .object({
      item: z.array(
        z.object({ name: z.string(), item: z.array(z.looseObject({ name: z.string() })) }),
      ),
    })
    .parse(body)
  const accounts = products.find((p) => p.id === 'accounts')
  assert.equal(
    collection.item.flatMap((folder) => folder.item).length,
    accounts?.operations.filter((o) => o.method !== 'EVT').length,
  )
  const headers = { host: `localhost:${offices.context.world.ports.portal}` }
  const text = await offices.portal.inject({ url: '/llms.txt', headers })
  assert.match(
    text.payload,
    /- \[GET \/accounts\/v1\/accounts\]\(\/reference\/accounts\/listAccounts\)/,
  )
  const guide = await offices.portal.inject({ url: '/guides/first-call.md', headers })
  assert.match(guide.payload, /^# Your first call/)
})
