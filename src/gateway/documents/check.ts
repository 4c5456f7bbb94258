/** What a request must look like, compiled once for each operation: parameters and body (JSON Schema 2020-12). */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { z } from 'zod'
import type { FieldError } from '#kernel/problem.ts'
import { readNames } from '../edge/edge.ts'
import {
  type AnyObject,
  below,
  documentRefused,
  followed,
  memberAt,
  objectAt,
  plainSchema,
  type Pointer,
} from './schema.ts'

/** As many wrong places as one answer names. */
const ERRORS_MAX = 20
export const BODY_BYTES_MAX = 1_048_576

/** Wrong places of a value; none means that it fits. */
export type Check = (value: unknown) => readonly FieldError[]

export interface ParameterCheck {
  /** `path` are decoded segments by name, `query` is the raw text, `header` asks for a header's value. */
  (
    path: Readonly<Record<string, string>>,
    query: string,
    header: (name: string) => string | undefined,
  ): readonly FieldError[]
  readonly pagesByCursor: boolean
}

export interface BodyCheck {
  readonly required: boolean
  readonly bytesMax: number
  readonly check: Check
}

const none: readonly FieldError[] = []

const fieldError =
  (root: string) =>
  (error: ErrorObject): FieldError => {
    const params: Record<string, unknown> = error.params
    const named = params['missingProperty'] ?? params['additionalProperty']
    return {
      pointer: root + error.instancePath + (typeof named === 'string' ? below('', named) : ''),
      code: error.keyword,
      detail:
        error.keyword === 'additionalProperties'
          ? 'is not a member of this request'
          : (error.message ?? 'is wrong'),
    }
  }

/** Makes a check of a plain schema. `root` is set before the pointers of what is wrong, `at` is its place in the document. */
export type CompileCheck = (schema: AnyObject, root: string, at: Pointer) => Check

/** One compiler for a product: making one costs more than using it. */
export const openCompiler = (): CompileCheck => {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    ownProperties: true,
    unicodeRegExp: true,
  })
  formats.default(ajv)
  // Most parameters stand in many operations.
  const known = new Map<string, ValidateFunction>()
  return (schema, root, at) => {
    const text = JSON.stringify(schema)
    const validate = known.get(text) ?? compiled(ajv, schema, at)
    known.set(text, validate)
    const place = fieldError(root)
    return (value) =>
      validate(value) ? none : (validate.errors ?? []).slice(0, ERRORS_MAX).map(place)
  }
}

const compiled = (ajv: Ajv2020, schema: AnyObject, at: Pointer): ValidateFunction => {
  try {
    return ajv.compile(schema)
  } catch (cause) {
    throw documentRefused(`${at}: ${(cause as Error).message}`, { cause })
  }
}

const Body = z.object({
  required: z.boolean().default(false),
  content: z.unknown(),
  'x-bytes-max': z.int().positive().max(BODY_BYTES_MAX).default(BODY_BYTES_MAX),
})

export const compileBody = (
  compile: CompileCheck,
  document: AnyObject,
  value: unknown,
  at: Pointer,
): BodyCheck | null => {
  if (value === undefined) return null
  const body = memberAt(Body, followed(document, value, at), at)
  const media = objectAt(body.content, below(at, 'content'))
  const only = Object.keys(media)
  if (only.length !== 1 || only[0] !== 'application/json')
    throw documentRefused(`${at} must be application/json and nothing else`)
  const place = below(at, 'content', 'application/json')
  const schema = plainSchema(
    document,
    objectAt(media['application/json'], place)['schema'],
    below(place, 'schema'),
  )
  return {
    required: body.required,
    bytesMax: body['x-bytes-max'],
    check: compile(schema, '', place),
  }
}

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
  schema: z.unknown(),
})

/** How the text of a parameter becomes the value that its schema speaks of. Undefined: it is no such value. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  string: (text) => text,
  integer: (text) => (/^-?(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
}

interface OneParameter {
  readonly name: string
  readonly place: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly read: (text: string) => unknown
  readonly check: Check
}

/** Headers whose own step reads them, with a refusal of its own. */
const readElsewhere = new Set(['idempotency-key', 'api-version'])
const readHeaders = new Set<string>(readNames)

export const compileParameters = (
  compile: CompileCheck,
  document: AnyObject,
  values: readonly unknown[],
  template: string,
  at: Pointer,
): ParameterCheck => {
  const parameters = values.map((value, i) =>
    compileParameter(compile, document, value, below(at, i)),
  )
  const inPath = parameters.filter((p) => p.place === 'path')
  const named = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  if (inPath.length !== named.length || !inPath.every((p) => p.required && named.includes(p.name)))
    throw documentRefused(`${at} and the parameters in ${template} are not the same`)
  const inQuery = new Map(parameters.filter((p) => p.place === 'query').map((p) => [p.name, p]))
  const inHeader = parameters.filter((p) => p.place === 'header' && !readElsewhere.has(p.name))
  const unread = inHeader.find((p) => !readHeaders.has(p.name))
  if (unread)
    throw documentRefused(`${at}: the header ${unread.name} is not one that the gateway reads`)

  const check = (
    path: Readonly<Record<string, string>>,
    query: string,
    header: (name: string) => string | undefined,
  ) => {
    if (inPath.length === 0 && inHeader.length === 0 && inQuery.size === 0 && query === '')
      return none
    const errors: FieldError[] = []
    for (const p of inPath) checkOne(p, path[p.name], errors)
    for (const p of inHeader) checkOne(p, header(p.name), errors)
    checkQuery(inQuery, query, errors)
    return errors
  }
  return Object.assign(check, { pagesByCursor: inQuery.has('cursor') })
}

const compileParameter = (
  compile: CompileCheck,
  document: AnyObject,
  value: unknown,
  at: Pointer,
): OneParameter => {
  const {
    name,
    in: place,
    required,
    schema,
  } = memberAt(Parameter, followed(document, value, at), at)
  const plain = plainSchema(document, schema, below(at, 'schema'))
  const read = readers[String(plain['type'])]
  if (!read) throw documentRefused(`${at}: a parameter is a string, an integer or a boolean`)
  const written = place === 'header' ? name.toLowerCase() : name
  return { name: written, place, required, read, check: compile(plain, below('', place, name), at) }
}

const checkOne = (parameter: OneParameter, text: string | undefined, errors: FieldError[]) => {
  const pointer = below('', parameter.place, parameter.name)
  if (text === undefined) {
    if (parameter.required) errors.push({ pointer, code: 'required', detail: 'is missing' })
    return
  }
  const value = parameter.read(text)
  if (value === undefined)
    errors.push({ pointer, code: 'type', detail: 'is not of the declared type' })
  else errors.push(...parameter.check(value))
}

/** Each parameter once, none that is not declared. A `+` never gets here: the edge refuses it. */
const checkQuery = (
  declared: ReadonlyMap<string, OneParameter>,
  query: string,
  errors: FieldError[],
) => {
  const given = new Map<string, string>()
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1))
    const pointer = below('', 'query', name ?? '')
    if (name === undefined || value === undefined)
      errors.push({ pointer, code: 'encoding', detail: 'is not UTF-8' })
    else if (!declared.has(name))
      errors.push({ pointer, code: 'unknown', detail: 'is not a parameter of this operation' })
    else if (given.has(name)) errors.push({ pointer, code: 'repeated', detail: 'stands twice' })
    else given.set(name, value)
    if (errors.length >= ERRORS_MAX) return
  }
  for (const parameter of declared.values()) checkOne(parameter, given.get(parameter.name), errors)
}

/** Percent-decoded text; undefined where the bytes are not UTF-8. */
export const decoded = (text: string): string | undefined => {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
