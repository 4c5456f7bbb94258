import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { operationMutators, schemaMutators } from '#test/openapi/mutators.ts'
import { type Json, isJson, operationSites, schemaSites } from '#test/openapi/sites.ts'
import { catalogue, compareDocuments, openDocument } from './index.ts'

const documents = globSync('src/bank/*/openapi.yaml').map((file) => {
  const document: unknown = parse(readFileSync(file, 'utf8'))
  assert.ok(isJson(document), `${file} is an object`)
  return { file, document }
})
/** Words that no document of ours uses. */
const other: Json = {
  openapi: '3.1.0',
  paths: {
    '/a': {
      post: {
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: { count: { type: 'integer' }, agreed: { type: 'boolean' } },
              },
            },
          },
        },
        responses: { '200': { description: 'Done' } },
      },
    },
  },
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'key' } } },
}
documents.push({ file: 'other', document: other })

const today = Temporal.PlainDate.from('2026-08-10')
const compared = (base: Json, revision: Json) =>
  compareDocuments(openDocument(base), openDocument(revision), { today })

/** Chooses by a number that fast-check shrinks; walks on from there until the change finds a place. */
const mutated = (
  document: Json,
  name: string,
  chosen: number,
): { revision: Json; rule: string } | undefined => {
  const revision = structuredClone(document)
  const pick = <T>(from: readonly T[]): T | undefined => from[chosen % from.length]
  const operations = operationSites(revision)
  const ofOperation = operationMutators[name]
  const ofSchema = schemaMutators[name]
  for (let i = 0; i < operations.length; i += 1) {
    const operation = operations[(chosen + i) % operations.length]!
    if (ofOperation) {
      const rule = ofOperation(operation, pick)
      if (rule !== undefined) return { revision, rule }
      continue
    }
    const sites = schemaSites(operation)
    for (let j = 0; ofSchema && j < sites.length; j += 1) {
      const rule = ofSchema(sites[(chosen + j) % sites.length]!, pick)
      if (rule !== undefined) return { revision, rule }
    }
  }
  return undefined
}

const names = [...Object.keys(schemaMutators), ...Object.keys(operationMutators)]

test('every change that people make to our documents is named by its rule', () => {
  const placeless = names.filter((name) => {
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
      fc.constantFrom(...names),
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
