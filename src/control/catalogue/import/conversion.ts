/**
 * OpenAPI 3.0 as 3.1: the schemas of 3.0 are a dialect of their own, those of 3.1 are JSON Schema 2020-12. And what no
 * reader here has a use for is left out: what shows, what links, what other vendors add.
 */
import { isObject, type Json, type JsonObject } from './source.ts'

/** Something that the import did of itself, for the one who reads the result. */
export interface Note {
  readonly pointer: string
  readonly detail: string
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
export const under = (pointer: string, ...names: (string | number)[]): string =>
  pointer + names.map((name) => `/${escaped(String(name))}`).join('')

/** Words of ours; every other `x-` belongs to somebody else. */
const ours = new Set([
  'x-permission',
  'x-scope',
  'x-consent',
  'x-upstream',
  'x-upstream-prefix',
  'x-class',
  'x-risk',
  'x-idempotency',
  'x-units',
  'x-budget',
  'x-sca-max-age',
  'x-card-data',
  'x-cache',
  'x-signature',
  'x-data-class',
  'x-release',
  'x-bytes-max',
])
const leftOut = new Set([
  'xml',
  'discriminator',
  'externalDocs',
  'example',
  'examples',
  '$comment',
  'writeOnly',
  'readOnly',
  '$schema',
  '$id',
])
/** Formats that are checked; another one is a remark, and a check that is not made must not look like one. */
const formats = new Set([
  'date',
  'time',
  'date-time',
  'duration',
  'uri',
  'uri-reference',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'regex',
  'uuid',
  'int32',
  'int64',
  'float',
  'double',
  'jwt',
  'jws',
  'jwe',
])
const lists = ['allOf', 'anyOf', 'oneOf'] as const

export const isForeign = (word: string): boolean => word.startsWith('x-') && !ours.has(word)

/** A schema of OpenAPI 3.0 (`old`) or 3.1, and all within it. */
export const convertedSchema = (
  value: Json | undefined,
  pointer: string,
  context: { readonly old: boolean; readonly notes: Note[] },
): Json => {
  if (!isObject(value)) return value ?? null
  const { old, notes } = context
  // In 3.0 nothing counts beside a reference.
  if (old && typeof value['$ref'] === 'string') return { $ref: value['$ref'] }
  const schema: JsonObject = {}
  for (const [word, inner] of Object.entries(value)) {
    const at = under(pointer, word)
    if (leftOut.has(word) || isForeign(word)) continue
    if (word === 'properties' && isObject(inner))
      schema[word] = Object.fromEntries(
        Object.entries(inner).map(([name, one]) => [
          name,
          convertedSchema(one, under(at, name), context),
        ]),
      )
    else if (lists.some((list) => list === word) && Array.isArray(inner))
      schema[word] = inner.map((one, i) => convertedSchema(one, under(at, i), context))
    else if (word === 'items' || word === 'not' || word === 'additionalProperties')
      schema[word] = convertedSchema(inner, at, context)
    else schema[word] = inner
  }
  if (schema['type'] === undefined && isObject(schema['properties'])) schema['type'] = 'object'
  if (schema['type'] === undefined && schema['items'] !== undefined) schema['type'] = 'array'
  if (old) {
    asJsonSchema(schema, pointer, notes)
    withoutOddFormat(schema, pointer, notes)
  } else withoutOddFormat(schema, pointer, notes)
  return schema
}

const asJsonSchema = (schema: JsonObject, pointer: string, notes: Note[]) => {
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    const exclusive = schema[flag]
    if (typeof exclusive !== 'boolean') continue
    delete schema[flag]
    const limit = schema[bound]
    if (!exclusive || limit === undefined) continue
    schema[flag] = limit
    delete schema[bound]
  }
  const { nullable } = schema
  delete schema['nullable']
  // OpenAPI 3.0.3: nullable says something only beside a type of the same schema.
  if (nullable !== true) return
  if (typeof schema['type'] === 'string') {
    schema['type'] = [schema['type'], 'null']
    if (Array.isArray(schema['enum']) && !schema['enum'].includes(null))
      schema['enum'] = [...schema['enum'], null]
  } else notes.push({ pointer, detail: 'nullable without a type says nothing and was left out' })
}

const withoutOddFormat = (schema: JsonObject, pointer: string, notes: Note[]) => {
  const { format } = schema
  if (typeof format !== 'string' || formats.has(format)) return
  delete schema['format']
  if (format === 'byte') schema['contentEncoding'] = 'base64'
  else if (format === 'binary')
    notes.push({ pointer, detail: 'JSON holds no binary: format binary was left out' })
  else if (format !== 'password')
    notes.push({ pointer, detail: `format ${format} is checked by nobody and was left out` })
}
