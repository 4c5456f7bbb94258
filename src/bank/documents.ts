/** The documents of the bank's products, read as the tests of the bank look at them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'

export const Schema = z.looseObject({})
const Operation = z.looseObject({
  operationId: z.string(),
  'x-permission': z.union([z.string(), z.array(z.string())]),
  'x-scope': z.string(),
  'x-consent': z.union([z.literal('none'), z.looseObject({ type: z.string() })]),
  'x-upstream': z.enum(['bank', 'vault']),
  'x-sandbox-scenarios': z.array(z.string()).optional(),
  'x-class': z.enum(['payment-status', 'payment', 'accounts', 'bulk']),
  'x-risk': z.enum(['high', 'personal', 'reference']),
  'x-idempotency': z.enum(['required', 'accepted']).optional(),
  responses: z.record(z.string(), z.unknown()),
})
const Document = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), Schema) }),
})

export const products = [
  'accounts',
  'payments',
  'cards',
  'events',
  'fx',
  'kyc',
  'lending',
  'sandbox',
]
export const documents = products.map((product) => {
  const text = readFileSync(join(import.meta.dirname, product, 'openapi.yaml'), 'utf8')
  const raw: unknown = parse(text)
  return { product, text, raw, document: Document.parse(raw) }
})
export const operations = documents.flatMap(({ product, raw, document }) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      product,
      raw,
      path,
      method: method.toUpperCase(),
      operation,
    })),
  ),
)

/** RFC 6901 from the root of a document, as its own references are written. */
const at = (root: unknown, ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (node, part) =>
        typeof node === 'object' && node !== null
          ? Reflect.get(node, part.replaceAll('~1', '/').replaceAll('~0', '~'))
          : undefined,
      root,
    )
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The object that a node is or refers to: itself, no copy of it. */
export const resolved = (root: unknown, node: unknown): Record<string, unknown> => {
  assert(isObject(node), 'a reference leads to an object')
  const { $ref } = node
  return typeof $ref === 'string' ? resolved(root, at(root, $ref)) : node
}

/** Every leaf and object of a schema, with its place. */
export const walk = function* (
  root: unknown,
  node: unknown,
  place: string,
): Generator<{ place: string; schema: Record<string, unknown> }> {
  const schema = resolved(root, node)
  yield { place, schema }
  if (schema['items'] !== undefined) yield* walk(root, schema['items'], `${place}[]`)
  for (const [name, inner] of Object.entries(Schema.parse(schema['properties'] ?? {})))
    yield* walk(root, inner, `${place}.${name}`)
}
export const isLeaf = ({ type }: Record<string, unknown>) => type !== 'object' && type !== 'array'

/** Every schema of every answer of every operation. */
export const answers = operations.flatMap(({ product, raw, operation }) =>
  Object.entries(operation.responses).flatMap(([status, response]) => {
    const content = Schema.parse(resolved(raw, response)['content'] ?? {})
    return Object.entries(content).map(([type, media]) => {
      const { schema, example, examples } = Schema.parse(media)
      const shown = Object.values(Schema.parse(examples ?? {})).map(
        (one) => resolved(raw, one)['value'],
      )
      return {
        id: `${operation.operationId} ${status}`,
        product,
        raw,
        type,
        schema,
        examples: example === undefined ? shown : [example, ...shown],
      }
    })
  }),
)

/** RFC 8259 value against a schema of a document. */
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
// Of tokens: what they hold is not a document's to say.
ajv.addFormat('jwt', true)
for (const { product, document } of documents) ajv.addSchema(document, product)
const validators = new Map<string, ValidateFunction>()

/** What is wrong with a value, by a schema of a product's document; undefined where nothing is. */
export const misfit = (product: string, schema: unknown, value: unknown): string | undefined => {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${product}#/`)
  const validate = validators.get(text) ?? ajv.compile(Schema.parse(JSON.parse(text)))
  validators.set(text, validate)
  return validate(value) ? undefined : ajv.errorsText(validate.errors)
}
