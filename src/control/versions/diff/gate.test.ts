import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicationLevel, raisedLevels } from './gate.ts'
import { catalogue, compareDocuments, openDocument, ours } from './index.ts'

const today = Temporal.PlainDate.from('2026-08-10')
const order = ['INFO', 'WARN', 'ERR']

test('the levels of a publication are those of the catalogue or stricter', () => {
  for (const [id, { level }] of raisedLevels) {
    const before = catalogue.get(id)?.level
    assert.ok(before, `${id} is a rule`)
    assert.ok(order.indexOf(level) > order.indexOf(before), `${id} is raised from ${before}`)
  }
})

test('a rule of ours is none of oasdiff’s, and is judged', () => {
  for (const [id, { level }] of ours) {
    assert.equal(catalogue.get(id), undefined, id)
    assert.equal(publicationLevel(id), level)
  }
})

test('an excuse counts for the rule that it is meant for, and for no other', () => {
  assert.equal(publicationLevel('api-removed-with-deprecation'), 'ERR')
  assert.equal(publicationLevel('api-removed-with-deprecation', ['notice-has-passed']), 'INFO')
  assert.equal(publicationLevel('api-removed-with-deprecation', ['nobody-uses-it']), 'ERR')
  assert.equal(publicationLevel('request-property-removed', ['nobody-uses-it']), 'ERR')
  assert.equal(publicationLevel('endpoint-added'), 'INFO')
})

const sending = (schema: object) =>
  openDocument({
    openapi: '3.1.0',
    webhooks: {
      'cards.issued': {
        post: { requestBody: { content: { 'application/json': { schema } } }, responses: {} },
      },
    },
  })

test('what an event no longer tells breaks its receiver when events are read as received', () => {
  const before = sending({ properties: { last4: { type: 'string' } }, required: ['last4'] })
  const after = sending({ properties: {} })
  const found = (payloads: 'sent' | 'received') =>
    compareDocuments(before, after, { today, payloads }).map(
      ({ id, level, path, operation }) => `${level} ${id} ${operation} ${path}`,
    )
  assert.deepEqual(found('received'), [
    'ERR response-required-property-removed POST webhook:cards.issued',
  ])
  assert.deepEqual(found('sent'), ['WARN request-property-removed POST webhook:cards.issued'])
})

test('a new field of an event breaks no receiver', () => {
  const before = sending({ properties: {} })
  const after = sending({ properties: { last4: { type: 'string' } }, required: ['last4'] })
  assert.deepEqual(
    compareDocuments(before, after, { today, payloads: 'received' }).map(({ level }) => level),
    ['INFO'],
  )
})
