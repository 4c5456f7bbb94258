/** What a document may be, and what becomes of it, apart from any catalogue. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '#kernel/problem.ts'
import { adopted } from './adoption.ts'
import { convertedSchema, type Note } from './conversion.ts'
import { assess, unfoldsTo } from './draft.ts'
import { overlaid } from './overlay.ts'
import { readSource } from './source.ts'
import { suggestedClass } from './suggestion.ts'

const refusedSource = (text: string) =>
  assert.throws(
    () => readSource(text),
    (error) => error instanceof Problem && error.code === 'catalogue/source-refused',
    text.slice(0, 60),
  )

test('a source that is too much, or no document, is refused before it is believed', () => {
  refusedSource('a: 1\na: 2')
  refusedSource('{"a": 1, "a": 2}')
  refusedSource('[1, 2]')
  refusedSource('just words')
  refusedSource(`${'['.repeat(200)}${']'.repeat(200)}`)
  refusedSource('{"__proto__": {"polluted": true}}')
  refusedSource(`x: ${'y'.repeat(1_000_001)}`)
  const laughs = ['a0: &a0 [l, l, l, l, l, l, l, l, l, l]']
  for (let i = 1; i < 9; i++)
    laughs.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
  refusedSource(laughs.join('\n'))
  refusedSource('a: &a { b: *a }')
})

test('OAS 3.0.3: each word of the old dialect becomes what JSON Schema 2020-12 says for it', () => {
  const notes: Note[] = []
  const converted = (schema: Parameters<typeof convertedSchema>[0]) =>
    convertedSchema(schema, '', { old: true, notes })
  assert.deepEqual(converted({ type: 'string', nullable: true, enum: ['a'] }), {
    type: ['string', 'null'],
    enum: ['a', null],
  })
  assert.deepEqual(converted({ type: 'number', minimum: 1, exclusiveMinimum: true }), {
    type: 'number',
    exclusiveMinimum: 1,
  })
  assert.deepEqual(converted({ type: 'number', maximum: 1, exclusiveMaximum: false }), {
    type: 'number',
    maximum: 1,
  })
  assert.deepEqual(converted({ $ref: '#/components/schemas/A', nullable: true }), {
    $ref: '#/components/schemas/A',
  })
  assert.deepEqual(converted({ type: 'string', format: 'byte' }), {
    type: 'string',
    contentEncoding: 'base64',
  })
  assert.deepEqual(converted({ type: 'string', format: 'binary', example: 'x', 'x-theirs': 1 }), {
    type: 'string',
  })
  assert.deepEqual(converted({ properties: { a: { type: 'integer', nullable: true } } }), {
    type: 'object',
    properties: { a: { type: ['integer', 'null'] } },
  })
})

test('a map of unknown names, a reference out of the document and a circle are named, not followed', () => {
  const draft = (schema: string) =>
    assess({
      productId: 'p',
      upstreamId: 'u',
      version: '2026-11-22',
      overlay: [],
      source: `
openapi: 3.1.0
info: { title: P, version: 1 }
paths:
  /a: { get: { operationId: getA, responses: { 200: { content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } } } }
components: { schemas: { A: ${schema} } }`,
    })
  const codes = (schema: string) => draft(schema).findings.map((f) => f.code)
  assert.ok(
    codes('{ type: object, additionalProperties: { type: string } }').includes('open-object'),
  )
  assert.ok(
    codes('{ type: object, properties: { b: { $ref: "other.yaml#/B" } } }').includes(
      'external-reference',
    ),
  )
  const circle = draft('{ type: object, properties: { a: { $ref: "#/components/schemas/A" } } }')
  assert.equal(unfoldsTo(circle.document), Number.POSITIVE_INFINITY)
})

test('paths stand below the product, and what cannot be passed on is left out and said', () => {
  const { document, notes } = adopted(
    {
      openapi: '3.0.0',
      paths: { '/x': { get: { responses: { default: {}, 200: {} } }, options: {} } },
    },
    { product: 'p', upstream: 'u', version: '2026-11-22' },
  )
  assert.deepEqual(document['paths'], {
    '/p/v1/x': {
      get: {
        'x-upstream': 'u',
        'x-upstream-prefix': '/p/v1',
        responses: { 200: { description: '200' } },
      },
    },
  })
  assert.deepEqual(notes.map((n) => n.pointer).toSorted(), [
    '/paths/~1p~1v1~1x/get/responses/default',
    '/paths/~1p~1v1~1x/options',
  ])
})

test('Overlay 1.0: an update is merged at its place, and a place that is gone is told', () => {
  const document = { a: { b: { keep: 1 } } }
  const { document: after, gone } = overlaid(document, [
    { target: '/a/b', update: { 'x-data-class': 'public' } },
    { target: '/a/c', update: { 'x-data-class': 'public' } },
    { target: '/constructor/prototype', update: { polluted: true } },
  ])
  assert.deepEqual(after, { a: { b: { keep: 1, 'x-data-class': 'public' } } })
  assert.deepEqual(gone, ['/a/c', '/constructor/prototype'])
  assert.deepEqual(document, { a: { b: { keep: 1 } } })
})

test('a name suggests a class, the more careful one first', () => {
  assert.equal(suggestedClass('cardNumber'), 'card')
  assert.equal(suggestedClass('accessToken'), 'secret')
  assert.equal(suggestedClass('customerName'), 'personal')
  assert.equal(suggestedClass('loanAmount'), 'financial')
  assert.equal(suggestedClass('statusCode'), 'public')
  assert.equal(suggestedClass('zzz'), undefined)
})
