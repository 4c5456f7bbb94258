/** One change at a time of our own documents, each reproducible: by the document, the change's name and a number. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { operationMutators, schemaMutators } from './mutators.ts'
import { isJson, type Json, operationSites, schemaSites } from './sites.ts'

const root = join(import.meta.dirname, '..', '..')

/** What the bank publishes, by product. */
export const ownDocuments = (): { readonly product: string; readonly document: Json }[] =>
  globSync('src/bank/*/openapi.yaml', { cwd: root })
    .toSorted()
    .map((file) => {
      const document: unknown = parse(readFileSync(join(root, file), 'utf8'))
      assert.ok(isJson(document), `${file} is an object`)
      return { product: basename(dirname(file)), document }
    })

/** Words that no document of ours uses. */
export const foreignDocument: Json = {
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

export const mutations: readonly string[] = [
  ...Object.keys(schemaMutators),
  ...Object.keys(operationMutators),
]

export interface Mutated {
  readonly revision: Json
  /** The rule that must name the change. */
  readonly rule: string
}

/** Chooses by a number that fast-check shrinks; walks on from there until the change finds a place. */
export const mutated = (document: Json, name: string, chosen: number): Mutated | undefined => {
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
