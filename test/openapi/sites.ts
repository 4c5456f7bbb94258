/** Where an OpenAPI document can be changed: its operations, and every schema that one of them reaches. */

export type Json = Record<string, unknown>

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const inside = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>((place, name) => (isJson(place) ? place[name] : undefined), value)

export const record = (value: unknown): Json => (isJson(value) ? value : {})

export const array = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

export interface OperationSite {
  readonly document: Json
  readonly path: string
  readonly method: string
  readonly item: Json
  readonly operation: Json
}

export interface SchemaSite {
  readonly at: OperationSite
  readonly schema: Json
  /** Whose rules are asked: the word that ids begin with. */
  readonly position:
    | 'request-body'
    | 'request-property'
    | 'response-body'
    | 'response-property'
    | 'request-parameter'
    | 'request-parameter-property'
  /** A parameter that must be sent, a property that must be there. */
  readonly demanded: boolean
}

export const followed = (document: Json, value: unknown): Json | undefined => {
  const reference = inside(value, '$ref')
  if (typeof reference !== 'string') return isJson(value) ? value : undefined
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  return followed(document, inside(document, ...names))
}

const methods = ['get', 'put', 'post', 'delete', 'patch']

export const operationSites = (document: Json): OperationSite[] =>
  Object.entries(record(document['paths'])).flatMap(([path, value]) => {
    const item = record(value)
    return methods.flatMap((method) => {
      const operation = item[method]
      return isJson(operation) ? [{ document, path, method, item, operation }] : []
    })
  })

/** Every schema that the operation takes or gives, once for each position. */
export const schemaSites = (at: OperationSite): SchemaSite[] => {
  const { document, operation, item } = at
  const sites: SchemaSite[] = []
  const seen = new Set<unknown>()
  const visit = (value: unknown, position: SchemaSite['position'], demanded: boolean): void => {
    const schema = followed(document, value)
    if (!schema || seen.has(schema)) return
    seen.add(schema)
    sites.push({ at, schema, position, demanded })
    const below = propertyOf(position)
    const go = (inner: unknown) => visit(inner, below, false)
    const required = array(schema['required'])
    for (const [name, property] of Object.entries(record(schema['properties'])))
      visit(property, below, required.includes(name))
    for (const keyword of ['items', 'additionalProperties']) go(schema[keyword])
    for (const keyword of ['oneOf', 'anyOf', 'allOf']) array(schema[keyword]).forEach(go)
  }
  const bodies = (holder: unknown, position: SchemaSite['position']) => {
    seen.clear()
    // Of what is no JSON, everything reads as text, and other rules hold.
    for (const [type, media] of Object.entries(
      record(inside(followed(document, holder), 'content')),
    ))
      if (type.includes('json')) visit(inside(media, 'schema'), position, false)
  }
  for (const value of [...array(item['parameters']), ...array(operation['parameters'])]) {
    seen.clear()
    const parameter = followed(document, value)
    visit(parameter?.['schema'], 'request-parameter', parameter?.['required'] === true)
  }
  bodies(operation['requestBody'], 'request-body')
  for (const response of Object.values(record(operation['responses'])))
    bodies(response, 'response-body')
  return sites
}

const propertyOf = (position: SchemaSite['position']): SchemaSite['position'] =>
  position.startsWith('response')
    ? 'response-property'
    : position.startsWith('request-parameter')
      ? 'request-parameter-property'
      : 'request-property'
