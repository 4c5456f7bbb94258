import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { z } from 'zod'
import { noon } from '#test/world.ts'
import { catalogue, factsOf, namesEvents } from './catalogue.ts'
import { toldByControl } from './desk-contract.ts'
import { payloadOf } from './event.ts'
import { asyncApi, openApiWebhooks } from './event-documents.ts'

const Schema = z.record(z.string(), z.unknown())
const Async = z.object({
  asyncapi: z.literal('3.0.0'),
  channels: z.object({
    endpoint: z.object({ messages: z.record(z.string(), z.object({ $ref: z.string() })) }),
  }),
  operations: z.record(z.string(), z.object({ messages: z.array(z.object({ $ref: z.string() })) })),
  components: z.object({
    messages: z.record(z.string(), z.object({ name: z.string(), payload: Schema })),
  }),
})
const Webhooks = z.object({
  openapi: z.literal('3.1.0'),
  webhooks: z.record(
    z.string(),
    z.object({
      post: z.object({
        requestBody: z.object({
          content: z.object({ 'application/json': z.object({ schema: Schema }) }),
        }),
      }),
    }),
  ),
})
const async = Async.parse(parse(asyncApi()))
const webhooks = Webhooks.parse(parse(openApiWebhooks()))
const ajv = new Ajv2020({ strict: true, strictRequired: false })
addFormats.default(ajv)

/** A value for every fact; what a fact does not take is left out. */
const everything = {
  approved: true,
  accountsRevoked: 1,
  cardId: 'card_1',
  consentId: 'consent_1',
  daysInArrears: 3,
  executeAt: '2026-11-23T00:00:00Z',
  failed: 1,
  legId: 'leg_1',
  paymentId: 'payment_1',
  reason: 'a word',
  reasonCode: 'AC04',
  rejection: 'AC04',
  replacementFor: 'card_0',
  settled: 2,
  shipping: 'SENT',
  splitPaymentId: 'split_1',
  status: 'BLOCKED',
  version: 2,
  name: 'Dilnoza Karimova',
  pan: '4111111111111111',
}

test('every event of the catalogue is in both documents, and what is sent fits them', () => {
  const messages = Object.values(async.components.messages)
  assert.deepEqual(messages.map(({ name }) => name).toSorted(), [...catalogue.keys()].toSorted())
  assert.deepEqual(Object.keys(webhooks.webhooks).toSorted(), [...catalogue.keys()].toSorted())
  for (const { name: type, payload } of messages) {
    const sent = payloadOf({
      id: 'event_1',
      place: 1n,
      type,
      subject: 'payment_1',
      sequence: 1n,
      applicationId: 'application_1',
      happenedAt: noon,
      facts: factsOf(type, everything),
    })
    assert.ok(Buffer.byteLength(JSON.stringify(sent)) < 20_000)
    for (const schema of [
      payload,
      webhooks.webhooks[type]?.post.requestBody.content['application/json'].schema ?? {},
    ]) {
      const validate = ajv.compile(schema)
      assert.ok(validate(sent), `${type}: ${ajv.errorsText(validate.errors)}`)
      const data = z
        .object({ properties: z.object({ data: z.object({ properties: Schema }) }) })
        .parse(schema).properties.data.properties
      assert.deepEqual(
        Object.keys(sent.data).filter((member) => !(member in data)),
        [],
        type,
      )
    }
  }
})

test('references of the AsyncAPI document lead somewhere', () => {
  const messages = async.channels.endpoint.messages
  for (const { $ref } of Object.values(messages))
    assert.ok(async.components.messages[$ref.replace('#/components/messages/', '')], $ref)
  for (const operation of Object.values(async.operations))
    for (const { $ref } of operation.messages)
      assert.ok(messages[$ref.replace('#/channels/endpoint/messages/', '')], $ref)
})

test('nothing of a line goes with its event but what the catalogue names, and only in shape', () => {
  for (const type of catalogue.keys()) {
    const told = JSON.stringify(factsOf(type, everything))
    assert.doesNotMatch(told, /Dilnoza|4111/, type)
  }
  assert.deepEqual(factsOf('payments.rejected', { reasonCode: { name: 'x' }, consentId: 7 }), {})
  assert.deepEqual(factsOf('customers.added', everything), {})
})

test('a subscription names what exists', () => {
  for (const pattern of ['*', 'payments.*', 'payments.settled'])
    assert.ok(namesEvents(pattern), pattern)
  for (const pattern of [
    '',
    'pay*',
    'payments',
    'payments.',
    '**',
    'customers.*',
    'payments.settled.*',
  ])
    assert.ok(!namesEvents(pattern), pattern)
})

test('what control tells is in the catalogue', () => {
  assert.deepEqual(
    [...toldByControl].filter((type) => !catalogue.has(type)),
    [],
  )
})

test('the documents in docs/reference are those of the code', () => {
  const page = (name: string) =>
    readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8')
  assert.equal(page('asyncapi.yaml'), asyncApi())
  assert.equal(page('webhooks.openapi.yaml'), openApiWebhooks())
})
