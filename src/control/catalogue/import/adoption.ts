/**
 * A bank's document of its own system as the document of a product: in 3.1, its paths below the product's name, without
 * what a gateway has no use for, and every object closed. What it cannot make right it leaves, to be named by the checks.
 */
import { convertedSchema, isForeign, type Note, under } from './conversion.ts'
import { isObject, type Json, type JsonObject } from './source.ts'

export interface Adopting {
  readonly product: string
  readonly upstream: string
  /** Day of the version. */
  readonly version: string
}

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const
const parts = ['schemas', 'parameters', 'responses', 'requestBodies'] as const

export const adopted = (
  source: JsonObject,
  { product, upstream, version }: Adopting,
): { document: JsonObject; notes: readonly Note[] } => {
  const old = typeof source['openapi'] === 'string' && source['openapi'].startsWith('3.0.')
  const notes: Note[] = []
  const context: Context = { old, notes, upstream, prefix: '', source }
  const info = isObject(source['info']) ? source['info'] : {}
  const paths: JsonObject = {}
  for (const [path, item] of Object.entries(objectOf(source['paths']))) {
    if (isForeign(path)) continue
    // A document that was written for the platform has its paths below the product's name already.
    const own = path.startsWith(`/${product}/`)
    const placed = own ? path : `/${product}/v1${path === '/' ? '' : path}`
    const prefix = own ? '' : `/${product}/v1`
    paths[placed] = adoptedItem(item, under('', 'paths', placed), { ...context, prefix })
  }
  const components = objectOf(source['components'])
  const kept: JsonObject = {}
  for (const part of parts) {
    const held = Object.entries(objectOf(components[part]))
    if (held.length === 0) continue
    kept[part] = Object.fromEntries(
      held.map(([name, value]) => [
        name,
        adoptedPart(part, value, under('', 'components', part, name), context),
      ]),
    )
  }
  return {
    document: {
      openapi: old ? '3.1.0' : (source['openapi'] ?? null),
      info: { title: info['title'] ?? product, version },
      paths,
      ...(Object.keys(kept).length > 0 && { components: kept }),
    },
    notes,
  }
}

interface Context {
  readonly old: boolean
  readonly notes: Note[]
  readonly upstream: string
  readonly prefix: string
  readonly source: JsonObject
}

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const adoptedItem = (value: Json, pointer: string, context: Context): JsonObject => {
  const item: JsonObject = {}
  for (const [word, inner] of Object.entries(objectOf(value))) {
    const at = under(pointer, word)
    if (methods.some((method) => method === word)) item[word] = adoptedOperation(inner, at, context)
    else if (word === 'parameters') item[word] = adoptedParameters(inner, at, context)
    else if (word === 'head' || word === 'options' || word === 'trace')
      context.notes.push({ pointer: at, detail: `${word} is not offered; it is answered 405` })
  }
  return item
}

const operationWords = new Set(['operationId', 'summary', 'description', 'deprecated', 'tags'])

const adoptedOperation = (value: Json, pointer: string, context: Context): JsonObject => {
  const source = objectOf(value)
  const operation: JsonObject = {}
  for (const [word, inner] of Object.entries(source))
    if (operationWords.has(word) || (word.startsWith('x-') && !isForeign(word)))
      operation[word] = inner
  operation['x-upstream'] = context.upstream
  if (context.prefix !== '') operation['x-upstream-prefix'] = context.prefix
  if (source['parameters'] !== undefined)
    operation['parameters'] = adoptedParameters(
      source['parameters'],
      under(pointer, 'parameters'),
      context,
    )
  if (source['requestBody'] !== undefined)
    operation['requestBody'] = adoptedBody(
      source['requestBody'],
      under(pointer, 'requestBody'),
      context,
    )
  const answers: JsonObject = {}
  for (const [status, answer] of Object.entries(objectOf(source['responses']))) {
    const at = under(pointer, 'responses', status)
    if (/^[2-5]\d\d$/.test(status)) answers[status] = adoptedAnswer(answer, at, status, context)
    else if (!isForeign(status))
      context.notes.push({
        pointer: at,
        detail: `only a single status is passed on; ${status} is answered 502`,
      })
  }
  operation['responses'] = answers
  return operation
}

/** Headers that the gateway reads itself, or takes from nobody. */
const headersReadElsewhere = new Set(['authorization', 'accept', 'content-type', 'idempotency-key'])

const adoptedParameters = (value: Json, pointer: string, context: Context): Json => {
  if (!Array.isArray(value)) return value
  return value.flatMap((one, i) => {
    const name = isObject(one) && one['in'] === 'header' ? one['name'] : undefined
    if (typeof name === 'string' && headersReadElsewhere.has(name.toLowerCase())) return []
    return [adoptedParameter(one, under(pointer, i), context)]
  })
}

const adoptedParameter = (value: Json, pointer: string, context: Context): Json => {
  const parameter = objectOf(value)
  if (typeof parameter['$ref'] === 'string') return { $ref: parameter['$ref'] }
  const { name = null, in: place = null, required = false, description, schema } = parameter
  const whole = { name, in: place, required, ...(description !== undefined && { description }) }
  return { ...whole, schema: convertedSchema(schema, under(pointer, 'schema'), context) }
}

const adoptedBody = (value: Json, pointer: string, context: Context): Json => {
  const body = objectOf(value)
  if (typeof body['$ref'] === 'string') return { $ref: body['$ref'] }
  const { required = false, description } = body
  return {
    required,
    ...(description !== undefined && { description }),
    ...(body['x-bytes-max'] !== undefined && { 'x-bytes-max': body['x-bytes-max'] }),
    content: adoptedContent(body['content'], under(pointer, 'content'), 'request', context),
  }
}

const adoptedAnswer = (value: Json, pointer: string, status: string, context: Context): Json => {
  const answer = objectOf(value)
  if (typeof answer['$ref'] === 'string') return { $ref: answer['$ref'] }
  const description = answer['description'] ?? status
  // What a system says of its refusals is not passed on: partners read the platform's own problems.
  if (!status.startsWith('2') || answer['content'] === undefined) return { description }
  return {
    description,
    content: adoptedContent(answer['content'], under(pointer, 'content'), 'answer', context),
  }
}

const adoptedContent = (
  value: Json | undefined,
  pointer: string,
  use: 'answer' | 'request',
  context: Context,
): JsonObject => {
  const content: JsonObject = {}
  for (const [media, inner] of Object.entries(objectOf(value))) {
    const at = under(pointer, media)
    const json = /^application\/json(?:; ?charset=utf-8)?$/i.test(media)
    const schema = convertedSchema(objectOf(inner)['schema'], under(at, 'schema'), context)
    if (json) content['application/json'] = { schema: closed(schema, at, use, context) }
    else context.notes.push({ pointer: at, detail: `${media} is not passed on; only JSON is` })
  }
  return content
}

const adoptedPart = (
  part: (typeof parts)[number],
  value: Json,
  pointer: string,
  context: Context,
): Json => {
  switch (part) {
    case 'schemas':
      return closed(convertedSchema(value, pointer, context), pointer, 'answer', context)
    case 'parameters':
      return adoptedParameter(value, pointer, context)
    case 'requestBodies':
      return adoptedBody(value, pointer, context)
    case 'responses':
      return adoptedAnswer(value, pointer, '200', context)
  }
}

const isOpen = (value: Json | undefined) => value === undefined || value === true

/** Objects that name their members let in no others; `allOf` of objects becomes the one object that it describes. */
const closed = (
  value: Json,
  pointer: string,
  use: 'answer' | 'request',
  context: Context,
  depth = 0,
): Json => {
  if (!isObject(value)) return value
  const schema = joined(value, context, 0)
  const next = (one: Json, ...names: (string | number)[]) =>
    closed(one, under(pointer, ...names), use, context, depth + 1)
  if (isObject(schema['properties'])) {
    if (isOpen(schema['additionalProperties'])) schema['additionalProperties'] = false
    schema['properties'] = Object.fromEntries(
      Object.entries(schema['properties']).map(([name, one]) => [
        name,
        next(one, 'properties', name),
      ]),
    )
  }
  if (schema['items'] !== undefined) schema['items'] = next(schema['items'], 'items')
  for (const list of ['anyOf', 'oneOf'] as const) {
    const choices = schema[list]
    if (Array.isArray(choices)) schema[list] = choices.map((one, i) => next(one, list, i))
  }
  return schema
}

const JOINS_MAX = 16

/** `allOf` as one schema, where its parts are objects that do not contradict each other; else as it was. */
const joined = (schema: JsonObject, context: Context, depth: number): JsonObject => {
  const { allOf, ...rest } = schema
  if (!Array.isArray(allOf) || depth > JOINS_MAX) return { ...schema }
  const whole: JsonObject = { ...rest }
  const properties: JsonObject = { ...objectOf(rest['properties']) }
  const required = new Set<Json>(Array.isArray(rest['required']) ? rest['required'] : [])
  for (const part of allOf) {
    const found = joined(resolved(part, context), context, depth + 1)
    const extra = Object.keys(found).filter(
      (word) => !['type', 'properties', 'required', 'additionalProperties'].includes(word),
    )
    const fits =
      found['type'] === 'object' && extra.every((w) => w === 'title' || w === 'description')
    if (!fits) return { ...schema }
    for (const [name, one] of Object.entries(objectOf(found['properties']))) {
      if (name in properties) return { ...schema }
      properties[name] = one
    }
    if (Array.isArray(found['required'])) for (const name of found['required']) required.add(name)
  }
  whole['type'] ??= 'object'
  return {
    ...whole,
    properties,
    ...(required.size > 0 && { required: [...required] }),
  }
}

/** The schema that a part of `allOf` refers to, converted; the part itself where it refers to none of this document. */
const resolved = (part: Json, context: Context): JsonObject => {
  const reference = objectOf(part)['$ref']
  const name =
    typeof reference === 'string' ? /^#\/components\/schemas\/([^/]+)$/.exec(reference)?.[1] : ''
  if (!name) return objectOf(part)
  const found = objectOf(objectOf(context.source['components'])['schemas'])
  return objectOf(convertedSchema(found[name], '', { old: context.old, notes: [] }))
}
