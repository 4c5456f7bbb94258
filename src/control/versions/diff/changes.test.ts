import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { catalogue, compareDocuments, openDocument, unsaid } from './index.ts'

const today = Temporal.PlainDate.from('2026-08-10')

const answer = (base: unknown, revision: unknown): string[] =>
  compareDocuments(openDocument(base), openDocument(revision), { today }).map(
    ({ id, operation, path }) => `${id} ${operation} ${path}`,
  )
const idsOf = (answers: readonly string[]) => answers.map((one) => one.split(' ')[0] ?? '')

/** Smallest pairs of documents for each rule, with the answers of oasdiff 1.15.0. */
const changes = z
  .array(z.object({ answer: z.array(z.string()), base: z.unknown(), revision: z.unknown() }))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'oasdiff', 'changes.json'), 'utf8')))

const operation = (members: object) => ({
  openapi: '3.1.0',
  paths: { '/a': { post: { responses: { '200': { description: 'Done' } }, ...members } } },
})
const taking = (schema?: object) =>
  operation({ requestBody: { content: { 'application/json': schema ? { schema } : {} } } })
const giving = (schema?: object) =>
  operation({
    responses: {
      '200': { description: 'Done', content: { 'application/json': schema ? { schema } : {} } },
    },
  })
const asking = (schema: object) => operation({ parameters: [{ name: 'p', in: 'query', schema }] })
const heading = (schema: object) =>
  operation({ responses: { '200': { description: 'Done', headers: { H: { schema } } } } })
const having = (property: object) => ({ type: 'object', properties: { a: property } })

/** Rules that are newer than oasdiff 1.15.0, or that it applies to less than what they say. */
const newer: Readonly<Record<string, readonly [base: object, revision: object]>> = {
  'request-body-media-type-schema-added': [taking(), taking({ type: 'string' })],
  'response-body-media-type-schema-removed': [giving({ type: 'string' }), giving()],
  'request-parameter-became-not-nullable': [
    asking({ type: ['string', 'null'] }),
    asking({ type: 'string' }),
  ],
  'request-parameter-property-became-not-nullable': [
    asking(having({ type: ['string', 'null'] })),
    asking(having({ type: 'string' })),
  ],
  'request-parameter-property-enum-value-removed': [
    asking(having({ enum: ['a', 'b'] })),
    asking(having({ enum: ['a'] })),
  ],
  'request-property-stability-decreased': [
    taking(having({ 'x-stability-level': 'stable' })),
    taking(having({ 'x-stability-level': 'beta' })),
  ],
  'response-property-stability-decreased': [
    giving(having({ 'x-stability-level': 'beta' })),
    giving(having({})),
  ],
  'response-header-became-nullable': [
    heading({ type: 'string' }),
    heading({ type: ['string', 'null'] }),
  ],
  'response-header-type-changed': [heading({ type: 'string' }), heading({ type: 'integer' })],
  'response-header-type-generalized': [heading({ type: 'integer' }), heading({ type: 'number' })],
  ...Object.fromEntries(
    ['items', 'properties'].flatMap((word) => {
      const keyword = word === 'items' ? 'unevaluatedItems' : 'unevaluatedProperties'
      return (['request', 'response'] as const).flatMap((side) => {
        const document = side === 'request' ? taking : giving
        return [
          [
            `${side}-body-unevaluated-${word}-added`,
            [document({}), document({ [keyword]: false })],
          ],
          [
            `${side}-body-unevaluated-${word}-removed`,
            [document({ [keyword]: false }), document({})],
          ],
          [
            `${side}-property-unevaluated-${word}-added`,
            [document(having({})), document(having({ [keyword]: false }))],
          ],
          [
            `${side}-property-unevaluated-${word}-removed`,
            [document(having({ [keyword]: false })), document(having({}))],
          ],
        ] as const
      })
    }),
  ),
}

test('the smallest change for each rule gets the answer that oasdiff 1.15.0 gives, and no other', () => {
  for (const { answer: theirs, base, revision } of changes)
    assert.deepEqual(answer(base, revision).toSorted(), theirs.toSorted(), JSON.stringify(revision))
})

test('rules that oasdiff 1.15.0 does not know are said as their names promise', () => {
  for (const [id, [base, revision]] of Object.entries(newer))
    assert.deepEqual(answer(base, revision), [`${id} POST /a`])
})

test('every rule of the catalogue is said by some change, or has a reason never to be said', () => {
  const said = new Set([...changes.flatMap((one) => idsOf(one.answer)), ...Object.keys(newer)])
  const silent = [...catalogue.keys()].filter((id) => !said.has(id) && !unsaid.has(id))
  assert.deepEqual(silent, [])
  assert.deepEqual(
    [...unsaid.keys()].filter((id) => said.has(id) || !catalogue.has(id)),
    [],
  )
})
