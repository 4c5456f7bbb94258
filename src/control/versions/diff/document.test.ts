import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#kernel/problem.ts'
import { compareDocuments, openDocument, readDocument } from './index.ts'

const today = Temporal.PlainDate.from('2026-08-10')

/** A document whose one operation takes the schema. */
const taking = (schema: unknown, { openapi = '3.1.0', schemas = {} } = {}) => ({
  openapi,
  info: { title: 'A', version: '1' },
  paths: {
    '/a': {
      post: {
        requestBody: { content: { 'application/json': { schema } } },
        responses: { '200': { description: 'Done' } },
      },
    },
  },
  components: { schemas },
})

const ids = (base: unknown, revision: unknown) =>
  compareDocuments(openDocument(base), openDocument(revision), { today }).map(({ id }) => id)

const refusal = (act: () => unknown): Problem => {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'nothing was refused' })
}

test('a reference that leads out of the document is refused and named', () => {
  const document = taking({ $ref: 'https://evil.example/schema.yaml#/A' })
  const { code, detail } = refusal(() => openDocument(document))
  assert.equal(code, 'versions/reference-refused')
  assert.match(detail, /evil\.example.*#\/paths\/~1a\/post\/requestBody/)
})

test('a file beside the document is as far outside as a foreign host', () => {
  assert.equal(
    refusal(() => openDocument(taking({ $ref: './other.yaml' }))).code,
    'versions/reference-refused',
  )
})

test('an example may hold whatever it likes, and a property may be called $ref or example', () => {
  const schema = {
    type: 'object',
    example: { $ref: 'https://elsewhere.example' },
    properties: { $ref: { type: 'string' }, example: { $ref: '#/components/schemas/A' } },
  }
  const after = { ...schema, properties: { ...schema.properties, $ref: { type: 'integer' } } }
  const schemas = { A: { type: 'string' } }
  assert.deepEqual(ids(taking(schema, { schemas }), taking(after, { schemas })), [
    'request-property-type-changed',
  ])
})

test('an external reference below a property called example is refused as well', () => {
  const schema = { properties: { example: { $ref: 'other.yaml' } } }
  assert.equal(refusal(() => openDocument(taking(schema))).code, 'versions/reference-refused')
})

test('a reference that leads nowhere, or back to itself, is refused when it is needed', () => {
  const nowhere = openDocument(taking({ $ref: '#/components/schemas/None' }))
  assert.match(
    refusal(() => compareDocuments(nowhere, nowhere, { today })).detail,
    /leads to no object/,
  )
  const circle = openDocument(
    taking(
      { $ref: '#/components/schemas/A' },
      { schemas: { A: { $ref: '#/components/schemas/B' }, B: { $ref: '#/components/schemas/A' } } },
    ),
  )
  assert.match(refusal(() => compareDocuments(circle, circle, { today })).detail, /back to itself/)
})

test('a schema that contains itself is compared once', () => {
  const tree = (type: string) =>
    taking(
      { $ref: '#/components/schemas/Tree' },
      {
        schemas: {
          Tree: {
            type: 'object',
            properties: {
              name: { type },
              children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
            },
          },
        },
      },
    )
  assert.deepEqual(ids(tree('string'), tree('string')), [])
  assert.deepEqual(ids(tree('string'), tree('integer')), ['request-property-type-changed'])
})

test('two schemas that contain each other are the same under other names', () => {
  const pair = (a: string, b: string) =>
    taking(
      { $ref: `#/components/schemas/${a}` },
      {
        schemas: {
          [a]: { properties: { next: { $ref: `#/components/schemas/${b}` } } },
          [b]: { properties: { next: { $ref: `#/components/schemas/${a}` } } },
        },
      },
    )
  assert.deepEqual(ids(pair('A', 'B'), pair('C', 'D')), [
    'api-schema-removed',
    'api-schema-removed',
  ])
})

test('schemas that fan out without end are refused, not walked', () => {
  const doubling = (leaf: string) => {
    const schemas: Record<string, unknown> = { L40: { type: leaf } }
    for (let i = 0; i < 40; i += 1) {
      const next = { $ref: `#/components/schemas/L${i + 1}` }
      schemas[`L${i}`] = { properties: { left: next, right: next } }
    }
    return taking({ $ref: '#/components/schemas/L0' }, { schemas })
  }
  const [base, revision] = [doubling('string'), doubling('integer')].map(openDocument)
  const { detail } = refusal(() => compareDocuments(base!, revision!, { today, pairsMax: 5000 }))
  assert.match(detail, /more than 5000 changed schemas/)
  assert.deepEqual(ids(doubling('string'), doubling('string')), [])
})

test('null and exclusive bounds mean the same in 3.0 and in 3.1', () => {
  const old = taking(
    {
      properties: {
        name: { type: 'string', nullable: true },
        count: { type: 'integer', minimum: 1, exclusiveMinimum: true },
      },
    },
    { openapi: '3.0.3' },
  )
  const now = taking({
    properties: {
      name: { type: ['string', 'null'] },
      count: { type: 'integer', exclusiveMinimum: 1 },
    },
  })
  assert.deepEqual(ids(old, now), [])
})

test('what stands beside a reference counts in 3.1 and not in 3.0', () => {
  const beside = (openapi: string, maxLength: number) =>
    taking(
      { properties: { name: { $ref: '#/components/schemas/Name', maxLength } } },
      { openapi, schemas: { Name: { type: 'string' } } },
    )
  assert.deepEqual(ids(beside('3.1.0', 5), beside('3.1.0', 3)), [
    'request-property-max-length-decreased',
  ])
  assert.deepEqual(ids(beside('3.0.3', 5), beside('3.0.3', 3)), [])
})

test('members that every object inherits are no properties', () => {
  const before = taking({ properties: { constructor: { type: 'string' } } })
  const after = taking(
    JSON.parse('{"properties":{"constructor":{"type":"string"},"__proto__":{"type":"string"}}}'),
  )
  assert.deepEqual(ids(before, after), ['new-optional-request-property'])
  assert.deepEqual(
    ids(taking({ type: 'object' }), taking({ type: 'object', required: ['toString'] })),
    [],
  )
})

test('what is no OpenAPI 3.0 or 3.1 is refused with its place or its version', () => {
  assert.match(refusal(() => readDocument('swagger: "2.0"')).detail, /missing/)
  assert.match(refusal(() => readDocument('openapi: 3.2.0')).detail, /3\.2\.0/)
  assert.match(refusal(() => readDocument('a: [1')).detail, /^line 1/)
  assert.match(refusal(() => readDocument('- a')).detail, /no object/)
})

test('aliases that multiply without end are refused', () => {
  const levels = Array.from({ length: 12 }, (_, i) => {
    const inside = i === 0 ? 'x' : Array.from({ length: 9 }, () => `*l${i - 1}`).join(', ')
    return `l${i}: &l${i} [${inside}]`
  })
  const { detail } = refusal(() => readDocument(['openapi: 3.1.0', ...levels].join('\n')))
  assert.match(detail, /aliases/)
})

test('YAML and JSON read alike', () => {
  const yaml =
    'openapi: 3.1.0\npaths:\n  /a:\n    get: { deprecated: true, x-sunset: 2099-01-01 }\n'
  const json =
    '{"openapi":"3.1.0","paths":{"/a":{"get":{"deprecated":true,"x-sunset":"2099-01-01"}}}}'
  assert.deepEqual(compareDocuments(readDocument(yaml), readDocument(json), { today }), [])
})

test('the name of a parameter in a path is nobody’s business, its type is', () => {
  const path = (name: string, type: string) => ({
    openapi: '3.1.0',
    paths: {
      [`/a/{${name}}/b`]: {
        get: {
          parameters: [{ name, in: 'path', required: true, schema: { type } }],
          responses: {},
        },
      },
    },
  })
  assert.deepEqual(ids(path('id', 'string'), path('aId', 'string')), [])
  assert.deepEqual(ids(path('id', 'string'), path('aId', 'integer')), [
    'request-parameter-type-changed',
  ])
})

test('a parameter of the whole path counts for its operations, wherever it is written', () => {
  const parameter = (type: string) => ({ name: 'p', in: 'query', schema: { type } })
  const shared = (type: string) => ({
    openapi: '3.1.0',
    paths: { '/a': { parameters: [parameter(type)], get: { responses: {} } } },
  })
  const own = (type: string) => ({
    openapi: '3.1.0',
    paths: { '/a': { get: { parameters: [parameter(type)], responses: {} } } },
  })
  assert.deepEqual(ids(shared('string'), own('string')), [])
  assert.deepEqual(ids(shared('string'), own('integer')), ['request-parameter-type-changed'])
})
