import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { noon } from '#test/world.ts'
import { documentAt, isTree, type Tree } from '#kernel/changes/index.ts'
import { catalogue } from './catalogue.ts'
import { openApiWebhooks } from './event-documents.ts'
import { type Event, payloadOf } from './event.ts'
import {
  checkEventVersion,
  eventChanges,
  newestEventVersion,
  OLDEST,
  payloadFor,
} from './event-versions.ts'

const day = (text: string) => Temporal.PlainDate.from(text)
const noonDay = noon.toZonedDateTimeISO('UTC').toPlainDate()
const event = (type: string, facts: Event['facts']): Event => ({
  id: 'event_1',
  place: 1n,
  type,
  subject: 'recall_1',
  sequence: 3n,
  applicationId: null,
  happenedAt: noon,
  facts,
})
const recall = event('payments.recall-accepted', { paymentId: 'payment_1' })
const timedOut = event('cards.authorization-timed-out', { cardId: 'card_1', approved: false })

test('an event is written in the version of its endpoint, and kept in today’s', () => {
  const subject = { subject: 'recall_1', sequence: 3 }
  assert.deepEqual(payloadFor(recall, day(OLDEST)).data, { ...subject, payment: 'payment_1' })
  const today = { ...subject, paymentId: 'payment_1' }
  for (const version of [day('2026-08-03'), day('2026-11-22'), null])
    assert.deepEqual(payloadFor(recall, version).data, today)
  for (const version of [OLDEST, '2026-08-03'])
    assert.deepEqual(payloadFor(timedOut, day(version)).data, {
      ...subject,
      cardId: 'card_1',
      approved: 'declined',
    })
  assert.deepEqual(payloadFor(timedOut, null).data, {
    ...subject,
    cardId: 'card_1',
    approved: false,
  })
  assert.equal(timedOut.facts['approved'], false)
})

test('what did not change is the same in every version', () => {
  const settled = event('payments.settled', { consentId: 'consent_1' })
  assert.deepEqual(payloadFor(settled, day(OLDEST)), payloadOf(settled))
})

test('a version before the first is refused, and one that has still to come', () => {
  const unknown = { code: 'webhooks/version-unknown' }
  assert.throws(() => checkEventVersion(day('2026-05-03'), noon), unknown)
  assert.throws(() => checkEventVersion(noonDay.add({ days: 1 }), noon), unknown)
  for (const known of [day(OLDEST), newestEventVersion, noonDay, null])
    checkEventVersion(known, noon)
})

test('the document of every older version is made of today’s, and what is sent to its receivers fits it', () => {
  const document: unknown = parse(openApiWebhooks())
  assert.ok(isTree(document))
  for (const version of [OLDEST, '2026-08-03']) {
    const older = documentAt(document, version)
    for (const sent of [recall, timedOut]) {
      const schema = [
        'webhooks',
        sent.type,
        'post',
        'requestBody',
        'content',
        'application/json',
        'schema',
      ].reduce<unknown>((at, name) => (isTree(at) ? at[name] : undefined), older)
      assert.ok(isTree(schema), sent.type)
      const ajv = new Ajv2020({ strict: true, strictRequired: false })
      addFormats.default(ajv)
      const validate = ajv.compile(strictly(schema))
      assert.ok(
        validate(payloadFor(sent, day(version))),
        `${version} ${JSON.stringify(validate.errors)}`,
      )
    }
  }
})

/** With its data closed, so that a member of another version shows. */
const strictly = (schema: Tree): Tree => {
  const closed = structuredClone(schema)
  const properties = closed['properties']
  const data = isTree(properties) ? properties['data'] : undefined
  assert.ok(isTree(data))
  data['additionalProperties'] = false
  return closed
}

test('changes name events that exist', () => {
  for (const { events } of eventChanges)
    for (const type of Object.keys(events)) assert.ok(catalogue.has(type), type)
})
