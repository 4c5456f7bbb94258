import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factOf } from '#gateway/field-facts.ts'
import { compareDocuments, type Finding, openDocument } from './diff/index.ts'
import { noticesOf } from './hit.ts'

type Body = Record<string, unknown>
const properties = {
  purpose: { type: 'string', enum: ['RENT', 'TAX'] },
  note: { type: 'string', maxLength: 35 },
  months: { type: 'integer', minimum: 1, maximum: 60 },
  tags: { type: 'array', maxItems: 10, items: { type: 'string' } },
  inner: { type: 'object', properties: { id: { type: ['string', 'null'] } } },
}
const answer = { type: 'object', properties: { data: { type: 'array', items: properties.inner } } }
const json = (schema: Body) => ({ content: { 'application/json': { schema } } })
const limit = { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 200 } }
const written = (change: (parts: Body) => void = () => {}) => {
  const parts: Body = structuredClone({
    parameters: [limit],
    properties,
    required: [],
    answer,
    statuses: { 404: { description: 'No' } },
  })
  change(parts)
  const { parameters, required, statuses } = parts
  return {
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    paths: {
      '/things': {
        post: {
          operationId: 'createThing',
          parameters,
          requestBody: json({ type: 'object', required, properties: parts['properties'] }),
          responses: {
            200: { description: 'Yes', ...json(parts['answer'] as Body) },
            ...(statuses as Body),
          },
        },
      },
    },
  }
}

const today = Temporal.PlainDate.from('2026-11-24')
const findings = (change: (parts: Body) => void): Finding[] =>
  compareDocuments(openDocument(written()), openDocument(written(change)), { today })
const inBody = (parts: Body) => parts['properties'] as Record<string, Body>

/** Whether each of these callers notices the one thing that changed. */
const hit = (id: string, change: (parts: Body) => void, ...callers: string[][]): boolean[] => {
  const found = findings(change).find((one) => one.id === id)
  assert.ok(
    found,
    `${id} among ${findings(change)
      .map((one) => one.id)
      .join(' ')}`,
  )
  const notices = noticesOf(found)
  assert.ok(notices, id)
  return callers.map((facts) => notices(facts.map(factOf)))
}

test('a word of an enumeration that goes hits who sends that word', () => {
  const change = (parts: Body) =>
    void (inBody(parts)['purpose'] = { type: 'string', enum: ['RENT'] })
  const ids = ['body #/purpose sent', 'body #/purpose enum:TAX']
  const others = ['body #/purpose sent', 'body #/purpose enum:RENT']
  assert.deepEqual(hit('request-property-enum-value-removed', change, ids, others, []), [
    true,
    false,
    false,
  ])
})

test('a bound that tightens hits who goes beyond it', () => {
  const shorter = (parts: Body) => void (inBody(parts)['note'] = { type: 'string', maxLength: 20 })
  const note = (bucket: string) => ['body #/note sent', `body #/note length:${bucket}`]
  assert.deepEqual(
    hit(
      'request-property-max-length-decreased',
      shorter,
      note('[17,20]'),
      note('[21,24]'),
      [],
      ['body #/note sent'],
    ),
    [false, true, false, true],
  )
  const fewer = (parts: Body) =>
    void (inBody(parts)['months'] = { type: 'integer', minimum: 11, maximum: 50 })
  const months = (bucket: string) => ['body #/months sent', `body #/months number:${bucket}`]
  assert.deepEqual(
    hit('request-property-max-decreased', fewer, months('[21,50]'), months('[51,100]')),
    [false, true],
  )
  assert.deepEqual(
    hit('request-property-min-increased', fewer, months('[11,20]'), months('[1,10]')),
    [false, true],
  )
  const page = (parts: Body) =>
    void (parts['parameters'] = [{ ...limit, schema: { type: 'integer', maximum: 100 } }])
  const asked = (bucket: string) => ['query #/limit sent', `query #/limit number:${bucket}`]
  assert.deepEqual(
    hit('request-parameter-max-decreased', page, asked('[51,100]'), asked('[101,200]')),
    [false, true],
  )
  const items = (parts: Body) => void (inBody(parts)['tags'] = { ...properties.tags, minItems: 5 })
  const tags = (bucket: string) => ['body #/tags sent', `body #/tags length:${bucket}`]
  assert.deepEqual(
    hit('request-property-min-items-increased', items, tags('[3,4]'), tags('[5,6]')),
    [true, false],
  )
})

test('what becomes required hits who leaves it out; what goes, who sends it; what may not be null, who sends null', () => {
  const required = (parts: Body) => void (parts['required'] = ['note'])
  assert.deepEqual(
    hit('request-property-became-required', required, ['body #/note absent'], ['body #/note sent']),
    [true, false],
  )
  const gone = (parts: Body) => void delete inBody(parts)['note']
  assert.deepEqual(
    hit('request-property-removed', gone, ['body #/note absent'], ['body #/note sent']),
    [false, true],
  )
  const inner = (parts: Body) =>
    void (inBody(parts)['inner'] = { type: 'object', properties: { id: { type: 'string' } } })
  assert.deepEqual(
    hit(
      'request-property-became-not-nullable',
      inner,
      ['body #/inner/id null'],
      ['body #/inner/id sent'],
    ),
    [true, false],
  )
  const needed = (parts: Body) => {
    inBody(parts)['inner'] = {
      ...properties.inner,
      required: ['by'],
      properties: { ...properties.inner.properties, by: { type: 'string' } },
    }
  }
  assert.deepEqual(
    hit(
      'new-required-request-property',
      needed,
      ['body # sent', 'body #/inner absent'],
      ['body # sent', 'body #/inner sent'],
    ),
    [false, true],
  )
  const unnamed = (parts: Body) => void (parts['parameters'] = [])
  assert.deepEqual(
    hit('request-parameter-removed', unnamed, ['query #/limit sent'], ['query #/limit absent']),
    [true, false],
  )
})

test('what goes from an answer hits who gets it', () => {
  const bare = (parts: Body) =>
    void (parts['answer'] = {
      type: 'object',
      properties: { data: { type: 'array', items: { type: 'object' } } },
    })
  assert.deepEqual(
    hit(
      'response-optional-property-removed',
      bare,
      ['200 #/data/items/id sent'],
      ['200 # sent', '200 # received'],
    ),
    [true, false],
  )
  const fewer = (parts: Body) => void (parts['statuses'] = {})
  assert.deepEqual(
    hit('response-non-success-status-removed', fewer, ['404 # received'], ['200 # received']),
    [true, false],
  )
})

test('where calls cannot tell, everybody who calls is hit', () => {
  const added = (parts: Body) =>
    void (parts['parameters'] = [
      limit,
      { name: 'day', in: 'query', required: true, schema: { type: 'string' } },
    ])
  const [found] = findings(added)
  assert.equal(found?.id, 'new-required-request-parameter')
  assert.equal(noticesOf(found), undefined)
  for (const text of [
    'the operation is gone',
    'the property `a`b` of the request body is gone',
    'the property `x/additionalProperties/y` of the request body is gone',
  ])
    assert.equal(noticesOf({ id: 'request-property-removed', text }), undefined, text)
  assert.equal(noticesOf({ id: 'commercial-scope-changed', text: 'the request body' }), undefined)
  const chosen = noticesOf({
    id: 'request-property-removed',
    text: 'the property `oneOf[#/components/schemas/A]/note` of the request body is gone',
  })
  assert.equal(chosen?.([factOf('body #/note sent')]), true, 'a choice is no member')
})
