import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { foreignDocument, mutated, mutations, ownDocuments } from '#test/openapi/mutations.ts'
import type { Json } from '#test/openapi/sites.ts'
import { catalogue, compareDocuments, openDocument } from './index.ts'

const documents = ownDocuments().map(({ product, document }) => ({ file: product, document }))
documents.push({ file: 'other', document: foreignDocument })

const today = Temporal.PlainDate.from('2026-08-10')
const compared = (base: Json, revision: Json) =>
  compareDocuments(openDocument(base), openDocument(revision), { today })

test('every change that people make to our documents is named by its rule', () => {
  const placeless = mutations.filter((name) => {
    const found = documents
      .values()
      .map(({ document }) => ({ document, change: mutated(document, name, 0) }))
      .find(({ change }) => change !== undefined)
    if (!found?.change) return true
    const { revision, rule } = found.change
    assert.ok(catalogue.has(rule), `${rule} is a rule`)
    const ids = compared(found.document, revision).map(({ id }) => id)
    assert.ok(
      ids.includes(rule),
      `${name} should be ${rule}, found ${[...new Set(ids)].join(', ') || 'nothing'}`,
    )
    return false
  })
  assert.deepEqual(placeless, [])
})

test('wherever a change falls, its rule is found, and the document does not differ from itself', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.constantFrom(...mutations),
      fc.nat({ max: 10_000 }),
      ({ file, document }, name, chosen) => {
        const change = mutated(document, name, chosen)
        if (!change) return
        const ids = compared(document, change.revision).map(({ id }) => id)
        assert.ok(ids.includes(change.rule), `${file}: ${name} should be ${change.rule}`)
        assert.deepEqual(compared(change.revision, structuredClone(change.revision)), [])
      },
    ),
    { numRuns: 60 },
  )
})
