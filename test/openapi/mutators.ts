/** Changes that people make to OpenAPI documents, each with the rule that must name it. */
import {
  array,
  inside,
  followed,
  type Json,
  type OperationSite,
  record,
  type SchemaSite,
} from './sites.ts'

/** Changes the document in place; answers the rule that must be among the findings, or undefined if it found nothing to do. */
export type Mutator<Site> = (
  site: Site,
  pick: <T>(from: readonly T[]) => T | undefined,
) => string | undefined

const is = (schema: Json, type: string): boolean => schema['type'] === type
const isRequest = ({ position }: SchemaSite): boolean => position.startsWith('request')
/** The rule of a side, where the other side has none to name. */
const either = (site: SchemaSite, request: string, response: string): string =>
  isRequest(site) ? request : response
const isParameter = ({ position }: SchemaSite): boolean => position.startsWith('request-parameter')
const names = (schema: Json): string[] => Object.keys(record(schema['properties']))
const required = (schema: Json): unknown[] => array(schema['required'])

/** An object whose properties have rules: those of a parameter have none. */
const isObject = (site: SchemaSite): boolean => names(site.schema).length > 0 && !isParameter(site)

const bounds = [
  { keyword: 'minLength', word: 'min-length', type: 'string', start: 2 },
  { keyword: 'maxLength', word: 'max-length', type: 'string', start: 200 },
  { keyword: 'minimum', word: 'min', type: 'integer', start: 2 },
  { keyword: 'maximum', word: 'max', type: 'integer', start: 200 },
  { keyword: 'minItems', word: 'min-items', type: 'array', start: 2 },
] as const

/** Changes of a schema, for each position that has a rule for it. */
export const schemaMutators: Readonly<Record<string, Mutator<SchemaSite>>> = {
  ...Object.fromEntries(
    bounds.flatMap(({ keyword, word, type, start }) => {
      const moved =
        (step: number, verb: string): Mutator<SchemaSite> =>
        (site) => {
          const value = site.schema[keyword]
          if (!is(site.schema, type) || typeof value !== 'number' || value + step < 0)
            return undefined
          if (site.position === 'request-parameter-property') return undefined
          // An answer breaks where a bound loosens, and has no rule for the rest.
          const loosens = keyword.startsWith('min') ? step < 0 : step > 0
          if (!isRequest(site) && !loosens) return undefined
          if (keyword === 'minItems' && loosens && isRequest(site) && !isParameter(site))
            return undefined
          site.schema[keyword] = value + step
          return `${site.position}-${word}-${verb}`
        }
      const set: Mutator<SchemaSite> = (site) => {
        if (!is(site.schema, type) || site.schema[keyword] !== undefined || !isRequest(site))
          return undefined
        if (site.position === 'request-parameter-property') return undefined
        site.schema[keyword] = start
        const fromNothing = keyword === 'minLength' || keyword === 'minItems'
        return `${site.position}-${word}-${fromNothing ? 'increased' : 'set'}`
      }
      return [
        [`${keyword} raised`, moved(1, 'increased')],
        [`${keyword} lowered`, moved(-1, 'decreased')],
        [`${keyword} set`, set],
      ] as const
    }),
  ),
  'maxLength unset': (site) => {
    if (isRequest(site) || !is(site.schema, 'string') || site.schema['maxLength'] === undefined)
      return undefined
    delete site.schema['maxLength']
    return `${site.position}-max-length-unset`
  },
  'property removed': (site, pick) => {
    const name = isObject(site) ? pick(names(site.schema)) : undefined
    if (name === undefined) return undefined
    const needed = required(site.schema).includes(name)
    site.schema['properties'] = Object.fromEntries(
      Object.entries(record(site.schema['properties'])).filter(([other]) => other !== name),
    )
    site.schema['required'] = required(site.schema).filter((other) => other !== name)
    return either(
      site,
      'request-property-removed',
      `response-${needed ? 'required' : 'optional'}-property-removed`,
    )
  },
  'required property added': (site) => {
    if (!isObject(site)) return undefined
    site.schema['properties'] = {
      ...record(site.schema['properties']),
      addedHere: { type: 'string' },
    }
    site.schema['required'] = [...required(site.schema), 'addedHere']
    return either(site, 'new-required-request-property', 'response-required-property-added')
  },
  'optional property added': (site) => {
    if (!isObject(site)) return undefined
    site.schema['properties'] = {
      ...record(site.schema['properties']),
      addedHere: { type: 'string' },
    }
    return either(site, 'new-optional-request-property', 'response-optional-property-added')
  },
  'property became required': (site, pick) => {
    const open = names(site.schema).filter(
      (name) =>
        !required(site.schema).includes(name) &&
        followed(site.at.document, inside(site.schema, 'properties', name))?.['default'] ===
          undefined,
    )
    const name = isObject(site) ? pick(open) : undefined
    if (name === undefined) return undefined
    site.schema['required'] = [...required(site.schema), name]
    return either(site, 'request-property-became-required', 'response-property-became-required')
  },
  'property became optional': (site, pick) => {
    const name = isObject(site)
      ? pick(required(site.schema).filter((one) => names(site.schema).includes(String(one))))
      : undefined
    if (name === undefined) return undefined
    site.schema['required'] = required(site.schema).filter((other) => other !== name)
    return either(site, 'request-property-became-optional', 'response-property-became-optional')
  },
  'string became integer': (site) => {
    if (!is(site.schema, 'string')) return undefined
    site.schema['type'] = 'integer'
    delete site.schema['format']
    return site.position === 'request-parameter-property'
      ? 'request-parameter-property-type-specialized'
      : `${site.position}-type-changed`
  },
  'integer became number': (site) => {
    if (!is(site.schema, 'integer')) return undefined
    site.schema['type'] = 'number'
    return `${site.position}-type-${isRequest(site) ? 'generalized' : 'changed'}`
  },
  'object became string': (site) => {
    if (!is(site.schema, 'object') || isParameter(site)) return undefined
    site.schema['type'] = 'string'
    return `${site.position}-type-changed`
  },
  'became nullable': (site) => {
    if (typeof site.schema['type'] !== 'string' || isParameter(site)) return undefined
    site.schema['type'] = [site.schema['type'], 'null']
    return `${site.position}-became-nullable`
  },
  'format added': (site) => {
    if (!is(site.schema, 'string') || site.schema['format'] !== undefined) return undefined
    site.schema['format'] = 'uuid'
    return `${site.position}-type-${site.position === 'request-parameter-property' ? 'specialized' : 'changed'}`
  },
  'enum value removed': (site) => {
    const values = array(site.schema['enum'])
    if (values.length < 2) return undefined
    site.schema['enum'] = values.slice(1)
    return site.position === 'response-body'
      ? 'response-mediatype-enum-value-removed'
      : `${site.position}-enum-value-removed`
  },
  'enum value added': (site) => {
    const values = array(site.schema['enum'])
    if (
      values.length === 0 ||
      site.position.endsWith('body') ||
      site.position === 'request-parameter-property'
    )
      return undefined
    site.schema['enum'] = [...values, 'added_here']
    return `${site.position}-enum-value-added`
  },
  'became an enum': (site) => {
    if (!is(site.schema, 'string') || site.schema['enum'] !== undefined || !isRequest(site))
      return undefined
    if (site.position === 'request-parameter-property') return undefined
    site.schema['enum'] = ['one', 'two']
    return `${site.position}-became-enum`
  },
  'pattern added': (site) => {
    if (!is(site.schema, 'string') || site.schema['pattern'] !== undefined) return undefined
    if (site.position.endsWith('body') || site.position === 'request-parameter-property')
      return undefined
    site.schema['pattern'] = '^[A-Z]{3}$'
    return `${site.position}-pattern-added`
  },
  'pattern changed': (site) => {
    if (typeof site.schema['pattern'] !== 'string') return undefined
    if (site.position.endsWith('body') || site.position === 'request-parameter-property')
      return undefined
    site.schema['pattern'] = `${site.schema['pattern']}|^x$`
    return `${site.position}-pattern-changed`
  },
  'default added': (site) => {
    if (
      !is(site.schema, 'string') ||
      site.schema['default'] !== undefined ||
      (site.demanded && isParameter(site))
    )
      return undefined
    if (site.position === 'request-parameter-property') return undefined
    site.schema['default'] = 'added_here'
    return `${site.position}-default-value-added`
  },
  'const added': (site) => {
    if (!is(site.schema, 'string') || site.schema['const'] !== undefined || isParameter(site))
      return undefined
    site.schema['const'] = 'only'
    return `${site.position}-const-added`
  },
  'choice added': (site) => {
    const keyword = ['oneOf', 'anyOf'].find((word) => array(site.schema[word]).length > 0)
    if (keyword === undefined || isParameter(site)) return undefined
    site.schema[keyword] = [
      ...array(site.schema[keyword]),
      { type: 'object', properties: { addedHere: { type: 'string' } } },
    ]
    return `${site.position}-${keyword === 'oneOf' ? 'one' : 'any'}-of-added`
  },
  'choice removed': (site) => {
    const keyword = ['oneOf', 'anyOf'].find((word) => array(site.schema[word]).length > 1)
    if (keyword === undefined || isParameter(site)) return undefined
    site.schema[keyword] = array(site.schema[keyword]).slice(1)
    return `${site.position}-${keyword === 'oneOf' ? 'one' : 'any'}-of-removed`
  },
  'demand added by allOf': (site) => {
    if (!is(site.schema, 'object') || isParameter(site)) return undefined
    site.schema['allOf'] = [...array(site.schema['allOf']), { required: ['id'], minProperties: 2 }]
    return `${site.position}-all-of-added`
  },
  'became write-only': (site) => {
    if (!site.position.endsWith('-property') || isParameter(site)) return undefined
    if (!is(site.schema, 'boolean')) return undefined
    site.schema['writeOnly'] = true
    const side = isRequest(site) ? 'request' : 'response'
    return `${side}-${site.demanded ? 'required' : 'optional'}-property-became-write-only`
  },
  'deprecated with a past sunset': (site) => {
    if (
      !['request-property', 'response-property'].includes(site.position) ||
      site.schema['deprecated'] === true
    )
      return undefined
    Object.assign(site.schema, { deprecated: true, 'x-sunset': '2020-01-01' })
    return `${site.position}-sunset-date-too-small`
  },
}

const responses = (operation: Json): Json => record(operation['responses'])
const body = ({ document, operation }: OperationSite): Json | undefined =>
  followed(document, operation['requestBody'])
const without = (all: Json, name: string): Json =>
  Object.fromEntries(Object.entries(all).filter(([other]) => other !== name))
const parameters = (operation: Json): unknown[] => array(operation['parameters'])

/** Changes of an operation. */
export const operationMutators: Readonly<Record<string, Mutator<OperationSite>>> = {
  'operation removed': ({ item, method }) => {
    if (Object.keys(item).filter((word) => word !== 'parameters').length < 2) return undefined
    delete item[method]
    return 'api-removed-without-deprecation'
  },
  'path removed': ({ document, path }) => {
    document['paths'] = without(record(document['paths']), path)
    return 'api-path-removed-without-deprecation'
  },
  'operation added': ({ document, operation }) => {
    document['paths'] = { ...record(document['paths']), '/added-here': { get: operation } }
    return 'endpoint-added'
  },
  'operation deprecated': ({ operation }) => {
    if (operation['deprecated'] === true) return undefined
    operation['deprecated'] = true
    return 'endpoint-deprecated'
  },
  'operation deprecated too late': ({ operation }) => {
    if (operation['deprecated'] === true) return undefined
    Object.assign(operation, { deprecated: true, 'x-sunset': '2020-01-01' })
    return 'api-sunset-date-too-small'
  },
  'operation renamed': ({ operation }) => {
    const named = operation['operationId'] !== undefined
    operation['operationId'] = 'renamedHere'
    return named ? 'api-operation-id-removed' : 'api-operation-id-added'
  },
  'required parameter added': ({ operation }) => {
    operation['parameters'] = [
      ...parameters(operation),
      { name: 'addedHere', in: 'query', required: true, schema: { type: 'string' } },
    ]
    return 'new-required-request-parameter'
  },
  'optional parameter added': ({ operation }) => {
    operation['parameters'] = [
      ...parameters(operation),
      { name: 'x-added-here', in: 'header', schema: { type: 'string' } },
    ]
    return 'new-optional-request-parameter'
  },
  'parameter removed': ({ document, operation }) => {
    const gone = parameters(operation).find((one) => followed(document, one)?.['in'] !== 'path')
    if (gone === undefined) return undefined
    operation['parameters'] = parameters(operation).filter((other) => other !== gone)
    return 'request-parameter-removed'
  },
  'parameter became required': ({ document, operation }) => {
    const open = parameters(operation).find((one) => followed(document, one)?.['required'] !== true)
    if (open === undefined) return undefined
    operation['parameters'] = parameters(operation).map((one) =>
      one === open ? { ...followed(document, one), required: true } : one,
    )
    return 'request-parameter-became-required'
  },
  'request body became required': (site) => {
    const found = body(site)
    if (!found || found['required'] === true) return undefined
    site.operation['requestBody'] = { ...found, required: true }
    return 'request-body-became-required'
  },
  'request body became optional': (site) => {
    const found = body(site)
    if (found?.['required'] !== true) return undefined
    site.operation['requestBody'] = { ...found, required: false }
    return 'request-body-became-optional'
  },
  'request body removed': ({ operation }) => {
    if (operation['requestBody'] === undefined) return undefined
    delete operation['requestBody']
    return 'request-body-removed'
  },
  'request body added': ({ operation }) => {
    if (operation['requestBody'] !== undefined) return undefined
    operation['requestBody'] = {
      required: true,
      content: { 'application/json': { schema: { type: 'object' } } },
    }
    return 'request-body-added-required'
  },
  'request media type replaced': (site) => {
    const content = record(body(site)?.['content'])
    const media = content['application/json']
    if (media === undefined) return undefined
    site.operation['requestBody'] = {
      ...body(site),
      content: { ...without(content, 'application/json'), 'text/csv': media },
    }
    return 'request-body-media-type-removed'
  },
  'answer replaced': ({ operation }) => {
    const status = Object.keys(responses(operation)).find((word) => word.startsWith('2'))
    if (status === undefined) return undefined
    operation['responses'] = {
      ...without(responses(operation), status),
      '299': responses(operation)[status],
    }
    return 'response-success-status-removed'
  },
  'refusal removed': ({ operation }) => {
    const status = Object.keys(responses(operation)).find((word) => /^4\d\d$/.test(word))
    if (status === undefined) return undefined
    operation['responses'] = without(responses(operation), status)
    return 'response-non-success-status-removed'
  },
  'answer without its media type': ({ document, operation }) => {
    const status = Object.keys(responses(operation)).find((word) => word.startsWith('2'))
    const answer =
      status === undefined ? undefined : followed(document, responses(operation)[status])
    if (status === undefined || answer?.['content'] === undefined) return undefined
    operation['responses'] = { ...responses(operation), [status]: without(answer, 'content') }
    return 'response-media-type-removed'
  },
  'header removed': ({ document, operation }) => {
    const status = Object.keys(responses(operation)).find(
      (word) =>
        Object.keys(record(followed(document, responses(operation)[word])?.['headers'])).length > 0,
    )
    const answer =
      status === undefined ? undefined : followed(document, responses(operation)[status])
    if (status === undefined || !answer) return undefined
    const [name = '', header] = Object.entries(record(answer['headers']))[0] ?? []
    operation['responses'] = {
      ...responses(operation),
      [status]: { ...answer, headers: without(record(answer['headers']), name) },
    }
    return followed(document, header)?.['required'] === true
      ? 'required-response-header-removed'
      : 'optional-response-header-removed'
  },
  'security added': ({ document, operation }) => {
    const schemes = Object.keys(record(inside(document, 'components', 'securitySchemes')))
    const [scheme] = schemes
    const known = array(operation['security'])
    if (scheme === undefined || known.some((one) => record(one)[scheme] !== undefined))
      return undefined
    operation['security'] = [...known, { [scheme]: [] }]
    return 'api-security-added'
  },
  'scope added': ({ operation }) => {
    const [first] = array(operation['security'])
    const [scheme] = Object.keys(record(first))
    if (scheme === undefined) return undefined
    operation['security'] = [
      { ...record(first), [scheme]: [...array(record(first)[scheme]), 'added:here'] },
      ...array(operation['security']).slice(1),
    ]
    return 'api-security-scope-added'
  },
}
