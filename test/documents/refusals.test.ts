import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemKinds } from '#kernel/problem.ts'
import { documents } from '#bank/documents.ts'
import { refusals } from '#bank/lint/refusals.ts'
import { realIdentifiers } from '#platform/real-identifiers.ts'
import '../../src/gateway/gateway.ts'
import '../../src/bank/cores/core.ts'
import '../../src/bank/nobody-real.ts'

const ofTheGateway = /^(gateway|consents|licences|contracts|partners)\//

/** Of no operation that a document describes: about no operation at all, of our own house, or of a system that was brought. */
const ofNoOperation = new Set([
  'gateway/caller-gone',
  'gateway/certificate-refused',
  'gateway/directory-refused',
  'gateway/document-refused',
  'gateway/method-not-allowed',
  'gateway/operation-not-found',
  'gateway/snapshot-refused',
  'gateway/token-malformed',
  'gateway/upstream-refused',
])
/** Said of the operations that can find nothing: those are in the documents, and no rule knows them. */
const ofSome = 'gateway/not-found'

test('the refusals that the documents are held to are the gateway’s own, each with its status', () => {
  for (const { code, status, title } of refusals) {
    const kind = problemKinds.get(code)
    assert.equal(kind?.status, status, code)
    assert.equal(kind?.title, title, code)
  }
})

test('whatever the gateway can refuse a partner is in that list', () => {
  const listed = new Set(refusals.map(({ code }) => code))
  const unlisted = [...problemKinds.keys()].filter(
    (code) =>
      ofTheGateway.test(code) && !listed.has(code) && !ofNoOperation.has(code) && code !== ofSome,
  )
  assert.deepEqual(unlisted, [])
})

test('no document shows an identifier that could be somebody’s', () => {
  for (const { product, text } of documents)
    assert.deepEqual(realIdentifiers(text), [], `in ${product}`)
})
