import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { compileProduct } from './operation.ts'
import { compileRoutes } from './routes.ts'
import { type AnyObject, objectAt } from './schema.ts'
import { SnapshotProduct } from '../snapshot.ts'

const documentOf = (id: string): AnyObject =>
  objectAt(
    parse(readFileSync(join(import.meta.dirname, `../../bank/${id}/openapi.yaml`), 'utf8')),
    id,
  )

const product = (id: string, change: (document: AnyObject) => void = () => {}) => {
  const document = documentOf(id)
  change(document)
  return SnapshotProduct.parse({
    id,
    version: '2026-11-22',
    versions: ['2026-11-22'],
    openapi: document,
  })
}

const products = globSync(join(import.meta.dirname, '../../bank/*/openapi.yaml')).map((path) =>
  basename(dirname(path)),
)

/** Every operationId that stands under the paths of a document. */
const written = (id: string) =>
  Object.values(objectAt(documentOf(id)['paths'], id)).flatMap((item) =>
    Object.values(objectAt(item, id)).map((operation) =>
      String(objectAt(operation, id)['operationId']),
    ),
  )

/** A place in a document, by its names. */
const at = (document: AnyObject, ...names: string[]): AnyObject =>
  names.reduce((found, name) => objectAt(found[name], name), document)

test('every operation of the bank’s documents compiles', () => {
  const operations = products.flatMap((id) => compileProduct(product(id)))

  assert.deepEqual(operations.map((o) => o.id).toSorted(), products.flatMap(written).toSorted())
  const routes = compileRoutes(operations)
  for (const { template, method, id } of operations)
    assert.equal(routes.find(template.replaceAll(/\{\w+\}/g, 'x'))?.operations.get(method)?.id, id)
})

test('card data is declared on one operation only, and that one is the vault’s', () => {
  const operations = products.flatMap((id) => compileProduct(product(id)))
  const holding = operations.filter((o) => o.answers.values().some((p) => p?.holdsCardData))

  assert.deepEqual(
    holding.map((o) => [o.id, o.upstream]),
    [['revealCard', 'vault']],
  )
})

const balances = ['paths', '/accounts/v1/accounts/{accountId}/balances', 'get'] as const

for (const [what, change, wrong] of [
  [
    'without a permission',
    (d) => delete at(d, ...balances)['x-permission'],
    /x-permission|balances\/get/,
  ],
  ['without a scope', (d) => delete at(d, ...balances)['x-scope'], /balances\/get/],
  ['without a word on consent', (d) => delete at(d, ...balances)['x-consent'], /balances\/get/],
  ['without a risk', (d) => delete at(d, ...balances)['x-risk'], /balances\/get/],
  [
    'whose consent names an unknown parameter',
    (d) => (at(d, ...balances, 'x-consent')['account'] = 'cardId'),
    /x-consent\/account/,
  ],
  [
    'with a leaf of no class',
    (d) => delete at(d, 'components', 'schemas', 'Balance', 'properties', 'type')['x-data-class'],
    /x-data-class/,
  ],
  [
    'with a leaf of class secret',
    (d) =>
      (at(d, 'components', 'schemas', 'Balance', 'properties', 'type')['x-data-class'] = 'secret'),
    /secret/,
  ],
  [
    'with card data that is not the vault’s',
    (d) =>
      (at(d, 'components', 'schemas', 'Balance', 'properties', 'type')['x-data-class'] = 'card'),
    /only the vault/,
  ],
  [
    'with an open object in an answer',
    (d) => delete at(d, 'components', 'schemas', 'Balance')['additionalProperties'],
    /additionalProperties/,
  ],
  [
    'with an open object in a request',
    (d) => delete at(d, 'components', 'schemas', 'OwnershipQuestion')['additionalProperties'],
    /additionalProperties/,
  ],
  [
    'with a word that is not understood in an answer',
    (d) => (at(d, 'components', 'schemas', 'Balance')['patternProperties'] = {}),
    /patternProperties/,
  ],
  [
    'with a reference that leads nowhere',
    (d) =>
      (at(d, 'components', 'schemas', 'BalanceList', 'properties', 'data')['items'] = {
        $ref: '#/components/schemas/Nothing',
      }),
    /Nothing/,
  ],
  [
    'with a reference to itself',
    (d) =>
      (at(d, 'components', 'schemas', 'BalanceList', 'properties', 'data')['items'] = {
        $ref: '#/components/schemas/BalanceList',
      }),
    /too deep/,
  ],
  [
    'with a POST that says nothing about idempotency',
    (d) => delete at(d, 'paths', '/accounts/v1/ownership-verifications', 'post')['x-idempotency'],
    /x-idempotency/,
  ],
  [
    'with a path of another product',
    (d) =>
      (at(d, 'paths')['/payments/v1/x'] = { get: at(d, 'paths', '/accounts/v1/accounts')['get'] }),
    /does not begin/,
  ],
] as const satisfies [string, (document: AnyObject) => unknown, RegExp][])
  test(`a document ${what} does not compile`, () => {
    assert.throws(
      () => compileProduct(product('accounts', change)),
      (error: Error & { code?: string }) =>
        error.code === 'gateway/document-refused' && wrong.test(error.message),
    )
  })
