import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { documents } from '#bank/documents.ts'
import { documentOf, mediaOf } from '#bank/lint/rule.ts'
import { catalogue } from '../../src/courier/catalogue.ts'

/** A question, and no event: the courier asks it at once, and nothing is recorded before it is answered. */
const QUESTION = 'cards.authorization-decision'

const Payload = z.strictObject({
  type: z.string(),
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
})

/** The webhooks of the documents, each with the example of its body. */
const described = documents.flatMap((document) =>
  Object.entries(documentOf(document).webhooks)
    .filter(([name]) => name !== QUESTION)
    .map(([name, { post }]) => {
      const [body] = mediaOf(document.raw, post['requestBody'])
      return { product: document.product, name, shown: body?.shown[0]?.[1] }
    }),
)

test('the documents describe every event that the courier brings of their rooms, and no other', () => {
  const rooms = new Set(documents.map(({ product }) => product))
  const brought = [...catalogue.keys()].filter(
    (type) => rooms.has(type.split('.')[0] ?? '') && !type.startsWith('sandbox.'),
  )
  assert.deepEqual(described.map(({ name }) => name).toSorted(), brought.toSorted())
})

test('a webhook is shown with what the courier puts into it: its subject, its place, and the facts of its kind', () => {
  for (const { name, shown } of described) {
    const { type, data } = Payload.parse(shown)
    assert.equal(type, name)
    const facts = catalogue.get(name)?.facts ?? []
    assert.deepEqual(
      Object.keys(data).toSorted(),
      ['subject', 'sequence', 'applicationId', ...facts].toSorted(),
      name,
    )
  }
})

test('an event has one name everywhere: in the journal, in the reference and on the wire', () => {
  const reference = readFileSync(
    join(import.meta.dirname, '..', '..', 'docs', 'reference', 'events.md'),
    'utf8',
  )
  for (const { name } of described) assert.ok(reference.includes(`| \`${name}\` |`), name)
  const others = [...reference.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name)
  assert.ok(others.length > 150)
  for (const name of others) assert.match(name, /^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/)
})
