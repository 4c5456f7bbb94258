/** Writes `documents/`: the types of every operation, from the bank's OpenAPI documents. `node sdk/typescript/generate.ts`; a test says when it is due. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')

type Json = Readonly<Record<string, unknown>>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const word = (value: unknown): string => (typeof value === 'string' ? value : '')

const isName = (text: string) => /^[A-Za-z_$][\w$]*$/.test(text)
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const member = (text: string) => (isName(text) ? text : quoted(text))
const comment = (text: string) =>
  text === '' ? '' : `/** ${text.replaceAll('*/', '*\u200b/').replaceAll(/\s+/g, ' ').trim()} */\n`

/** A schema as a type. What the document leaves open stays `unknown`. */
const typeOf = (schema: unknown): string => {
  if (schema === true) return 'unknown'
  const said = object(schema)
  const reference = word(said['$ref'])
  if (reference) return basename(reference)
  if ('const' in said) return literal(said['const'])
  if (Array.isArray(said['enum'])) return said['enum'].map(literal).join(' | ')
  const parts = [
    ...list(said['allOf']).map(typeOf),
    ...['oneOf', 'anyOf'].flatMap((name) => {
      const choices = [...new Set(list(said[name]).map(typeOf))]
      // Choices that only say what is required beside which leave the type as it is.
      return choices.length === 0 || choices.includes('unknown') ? [] : [`(${choices.join(' | ')})`]
    }),
    ...ownType(said),
  ].filter((part) => part !== 'unknown')
  return parts.length === 0 ? 'unknown' : parts.join(' & ')
}

const literal = (value: unknown) =>
  typeof value === 'string' ? quoted(value) : JSON.stringify(value)

const ownType = (said: Json): string[] => {
  const types = [said['type']].flat().filter((type) => typeof type === 'string')
  if (types.length === 0) return 'properties' in said ? [objectType(said)] : []
  return [
    types
      .map((type) => {
        if (type === 'object') return objectType(said)
        if (type === 'array') return `readonly ${wrapped(typeOf(said['items'] ?? true))}[]`
        if (type === 'integer') return 'number'
        return type
      })
      .join(' | '),
  ].map((type) => (types.length > 1 ? `(${type})` : type))
}

const wrapped = (type: string) => (/[|&]/.test(type) ? `(${type})` : type)

const objectType = (said: Json): string => {
  const properties = Object.entries(object(said['properties']))
  const required = new Set(list(said['required']))
  const more = said['additionalProperties']
  if (properties.length === 0)
    return more === undefined || more === false
      ? 'Readonly<Record<string, unknown>>'
      : `Readonly<Record<string, ${typeOf(more)}>>`
  const members = properties.map(([name, schema]) => {
    const { description } = object(schema)
    const mark = required.has(name) ? '' : '?'
    return `${comment(word(description))}readonly ${member(name)}${mark}: ${typeOf(schema)}`
  })
  return `{\n${members.join('\n')}\n}`
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly said: Json
  readonly parameters: readonly Json[]
}

const followed = (document: Json, value: unknown): Json => {
  const reference = word(object(value)['$ref'])
  if (!reference) return object(value)
  return object(
    reference
      .split('/')
      .slice(1)
      .reduce<unknown>((at, name) => object(at)[name], document),
  )
}

const operationsOf = (document: Json): Operation[] =>
  Object.entries(object(document['paths'])).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const said = object(object(item)[method])
      const id = word(said['operationId'])
      if (!id) return []
      const shared = list(object(item)['parameters'])
      const parameters = [...shared, ...list(said['parameters'])].map((one) =>
        followed(document, one),
      )
      return [{ id, method: method.toUpperCase(), path, said, parameters }]
    }),
  )

const inPlace = ({ parameters }: Operation, place: string): string => {
  const members = parameters
    .filter((one) => one['in'] === place)
    .map(
      (one) =>
        `readonly ${member(word(one['name']))}${one['required'] === true ? '' : '?'}: ${typeOf(one['schema'] ?? true)}`,
    )
  return members.length === 0 ? 'undefined' : `{\n${members.join('\n')}\n}`
}

const jsonOf = (content: unknown): unknown => object(object(content)['application/json'])['schema']

const answerOf = (document: Json, { said }: Operation): string => {
  const kinds = Object.entries(object(said['responses']))
    .filter(([status]) => status.startsWith('2'))
    .map(([, answer]) => followed(document, answer)['content'])
    .map((content) => {
      const schema = jsonOf(content)
      if (schema !== undefined) return typeOf(schema)
      return Object.keys(object(content)).length === 0 ? 'undefined' : 'Uint8Array'
    })
  return [...new Set(kinds)].join(' | ') || 'undefined'
}

/** Whether a list says where it goes on even at its end. */
const isFeed = (document: Json, { said }: Operation): boolean => {
  const answer = followed(document, object(said['responses'])['200'])
  const { next } = object(followed(document, jsonOf(answer['content']))['properties'])
  return object(followed(document, next))['type'] === 'string'
}

const operationType = (document: Json, operation: Operation): string => {
  const body = jsonOf(followed(document, operation.said['requestBody'])['content'])
  return `${comment(word(operation.said['summary']))}${operation.id}: {
    path: ${inPlace(operation, 'path')}
    query: ${inPlace(operation, 'query')}
    body: ${body === undefined ? 'undefined' : typeOf(body)}
    answer: ${answerOf(document, operation)}
  }`
}

const title = (product: string) => product[0]?.toUpperCase() + product.slice(1)

/** The module of one product. */
export const moduleOf = (product: string, document: Json): string => {
  const info = object(document['info'])
  const operations = operationsOf(document)
  const schemas = Object.entries(object(object(document['components'])['schemas']))
  const types = schemas.map(([name, schema]) => {
    const { description } = object(schema)
    return `${comment(word(description))}export type ${name} = ${typeOf(schema)}`
  })
  const places = operations.map((operation) => {
    const { id, method, path, said } = operation
    const scope = quoted(word(said['x-scope']))
    const feed = isFeed(document, operation) ? ', feed: true' : ''
    return `${id}: { method: ${quoted(method)}, path: ${quoted(path)}, scope: ${scope}${feed} }`
  })
  return `/** ${word(info['title'])}, version ${word(info['version'])}. Written by \`generate.ts\` from the bank's document: do not edit. */

export const version = ${quoted(word(info['version']))}

export interface ${title(product)} {
${operations.map((operation) => operationType(document, operation)).join('\n')}
}

export const ${product} = {
${places.join(',\n')},
} as const

${types.join('\n\n')}
`
}

/** By file name. */
export const documents = (): ReadonlyMap<string, string> =>
  new Map(
    globSync('src/bank/*/openapi.yaml', { cwd: root })
      .toSorted()
      .map((file) => {
        const product = basename(dirname(file))
        const document = object(parse(readFileSync(join(root, file), 'utf8')))
        return [`${product}.ts`, moduleOf(product, document)] as const
      }),
  )

if (import.meta.main) {
  const folder = join(import.meta.dirname, 'documents')
  for (const [name, text] of documents()) writeFileSync(join(folder, name), text)
  spawnSync(join(root, 'node_modules', '.bin', 'oxfmt'), [folder], { stdio: 'inherit' })
}
