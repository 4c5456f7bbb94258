/** The schemas of a product's OpenAPI document, with every reference followed and everything not understood refused. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'

export const documentRefused = problem(
  'gateway/document-refused',
  500,
  'A product’s OpenAPI document cannot be enforced as it stands',
)

/** Where we are in a document, for the one who has to mend it. */
export type Pointer = string

/** A JSON object whose inside is not known yet. */
export type AnyObject = Record<string, unknown>

const isObject = (value: unknown): value is AnyObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectAt = (value: unknown, pointer: Pointer): AnyObject => {
  if (!isObject(value)) throw documentRefused(`${pointer} is not an object`)
  return value
}

/** Parses a member of the document; what is wrong is said with its place. */
export const memberAt = <T extends z.ZodType>(
  schema: T,
  value: unknown,
  pointer: Pointer,
): z.output<T> => {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw documentRefused(`${pointer}: ${parsed.error.issues[0]?.message}`)
  return parsed.data
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
export const below = (pointer: Pointer, ...names: (string | number)[]): Pointer =>
  pointer + names.map((name) => `/${escaped(String(name))}`).join('')

const DEPTH_MAX = 32

/** Follows `$ref` within the document. Members beside a reference win over the referred ones (OpenAPI 3.1). */
export const followed = (
  document: AnyObject,
  value: unknown,
  pointer: Pointer,
  depth = 0,
): AnyObject => {
  const object = objectAt(value, pointer)
  const { $ref, ...beside } = object
  if ($ref === undefined) return object
  if (typeof $ref !== 'string' || !$ref.startsWith('#/'))
    throw documentRefused(`${pointer} refers outside of the document`)
  if (depth > DEPTH_MAX) throw documentRefused(`${pointer} refers to itself`)
  const names = $ref
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const target = names.reduce<unknown>((at, name) => objectAt(at, $ref)[name], document)
  if (target === undefined)
    throw documentRefused(`${pointer} refers to ${$ref}, which is not there`)
  return { ...followed(document, target, $ref, depth + 1), ...beside }
}

const annotations = new Set([
  'description',
  'title',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'deprecated',
  'default',
])
const schemaMaps = new Set(['properties'])
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf'])

/**
 * A schema of a request as plain JSON Schema 2020-12: references followed, annotations and our extensions left out.
 * Every object must be closed: what a writer may send is what is named (G13).
 */
export const plainSchema = (
  document: AnyObject,
  value: unknown,
  pointer: Pointer,
  depth = 0,
  closed = true,
): AnyObject => {
  if (depth > DEPTH_MAX) throw documentRefused(`${pointer} is too deep, or refers to itself`)
  const schema = followed(document, value, pointer)
  const plain: AnyObject = {}
  for (const [word, inner] of Object.entries(schema)) {
    const at = below(pointer, word)
    if (annotations.has(word) || word.startsWith('x-')) continue
    if (schemaMaps.has(word))
      plain[word] = Object.fromEntries(
        Object.entries(objectAt(inner, at)).map(([name, s]) => [
          name,
          plainSchema(document, s, below(at, name), depth + 1),
        ]),
      )
    else if (schemaLists.has(word)) {
      // Branches only add conditions to the object around them, which is the closed one.
      const branches = memberAt(z.array(z.unknown()), inner, at)
      plain[word] = branches.map((s, i) =>
        plainSchema(document, s, below(at, i), depth + 1, !('type' in schema)),
      )
    } else if (word === 'items' || word === 'not')
      plain[word] = plainSchema(document, inner, at, depth + 1)
    else plain[word] = inner
  }
  if (
    closed &&
    ('properties' in plain || plain['type'] === 'object') &&
    plain['additionalProperties'] !== false
  )
    throw documentRefused(`${pointer} does not set additionalProperties: false`)
  return plain
}
