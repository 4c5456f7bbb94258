/** A schema of an OpenAPI document as people read it: one row for each member, references followed, cycles cut. */
import { followed } from '#control/catalogue/index.ts'

/** What is left of a value, and for whom: a rule of `x-release` in words (docs/reference/openapi-extensions.md). */
export interface ReleaseRule {
  readonly action: string
  /** How a mask looks, or how many characters are left. */
  readonly form?: string
  /** All of them must hold: `consent`, `scope`, `licence` or `purpose`, each with words of which one is enough. */
  readonly when: readonly { readonly of: string; readonly any: readonly string[] }[]
}

export interface SchemaNode {
  /** The member's name; empty for a whole body. */
  readonly name: string
  /** `string`, `array of object`, `string or null`, … */
  readonly type: string
  readonly required: boolean
  readonly about?: string
  /** What a value must keep to, in words. */
  readonly rules: readonly string[]
  readonly values?: readonly string[]
  readonly dataClass?: string
  /** Consent permissions of which one releases it; inherited from what holds it. */
  readonly permissions?: readonly string[]
  readonly release?: readonly ReleaseRule[]
  readonly deprecated?: true
  readonly members?: readonly SchemaNode[]
  /** One of these shapes; each with the name of its own. */
  readonly choices?: readonly { readonly title: string; readonly members: readonly SchemaNode[] }[]
  /** It repeats a shape that holds it, by this name: the tree ends here. */
  readonly again?: string
}

type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value of a document as people read it: text as it is, all else as JSON. */
export const told = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(told) : typeof value === 'string' ? [value] : []

const nameOf = (reference: unknown) =>
  typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : undefined

const typesOf = (schema: Schema): string[] => {
  const types = words(schema['type'])
  if (types.length > 0) return types
  if ('properties' in schema) return ['object']
  if ('const' in schema) return [typeof schema['const']]
  return []
}

/** Constraints of JSON Schema 2020-12 in words. */
const rulesOf = (schema: Schema): string[] => {
  const between = (least: unknown, most: unknown, unit: string) => {
    if (least === undefined && most === undefined) return []
    if (least === undefined) return [`at most ${told(most)} ${unit}`]
    if (most === undefined) return [`at least ${told(least)} ${unit}`]
    return least === most
      ? [`exactly ${told(least)} ${unit}`]
      : [`${told(least)} to ${told(most)} ${unit}`]
  }
  const range = [
    ...(schema['minimum'] === undefined ? [] : [`≥ ${told(schema['minimum'])}`]),
    ...(schema['exclusiveMinimum'] === undefined ? [] : [`> ${told(schema['exclusiveMinimum'])}`]),
    ...(schema['maximum'] === undefined ? [] : [`≤ ${told(schema['maximum'])}`]),
    ...(schema['exclusiveMaximum'] === undefined ? [] : [`< ${told(schema['exclusiveMaximum'])}`]),
  ]
  return [
    ...(typeof schema['format'] === 'string' ? [schema['format']] : []),
    ...between(schema['minLength'], schema['maxLength'], 'characters'),
    ...between(schema['minItems'], schema['maxItems'], 'items'),
    ...(range.length === 0 ? [] : [range.join(', ')]),
    ...(schema['multipleOf'] === undefined ? [] : [`a multiple of ${told(schema['multipleOf'])}`]),
    ...(typeof schema['pattern'] === 'string' ? [`matches ${schema['pattern']}`] : []),
    ...(schema['uniqueItems'] === true ? ['no item twice'] : []),
    ...(schema['default'] === undefined ? [] : [`${JSON.stringify(schema['default'])} if absent`]),
  ]
}

const conditions = ['consent', 'scope', 'licence', 'purpose'] as const

const formOf = (rule: Schema): string | undefined => {
  const form = rule['form']
  if (typeof form === 'string') return form
  if (isSchema(form)) return `first ${told(form['first'] ?? 0)}, last ${told(form['last'] ?? 0)}`
  if (rule['length'] !== undefined) return `${told(rule['length'])} characters`
  return undefined
}

const releaseOf = (schema: Schema): ReleaseRule[] | undefined => {
  const rules = schema['x-release']
  if (!Array.isArray(rules)) return undefined
  return rules.filter(isSchema).map((rule) => {
    const form = formOf(rule)
    return {
      action: told(rule['action']),
      ...(form !== undefined && { form }),
      when: conditions.flatMap((of) => {
        const any = words(rule[of])
        return any.length === 0 ? [] : [{ of, any }]
      }),
    }
  })
}

/** Reads the schemas of one document. */
export const schemaReader = (document: unknown) => {
  /** A schema with its reference followed; what stands beside `$ref` adds to it (JSON Schema 2020-12 §8.2.3.1). */
  const resolved = (raw: unknown): { schema: Schema; name: string | undefined } => {
    let schema: Schema = isSchema(raw) ? raw : {}
    let name: string | undefined
    for (let hops = 0; '$ref' in schema && hops < 16; hops++) {
      const { $ref, ...beside } = schema
      name = nameOf($ref)
      const target = followed(document, { value: { $ref }, pointer: '' })?.value
      schema = { ...(isSchema(target) ? target : {}), ...beside }
    }
    const parts = schema['allOf']
    if (!Array.isArray(parts)) return { schema, name }
    const { allOf: _, ...own } = schema
    return { schema: [own, ...parts.map((part) => resolved(part).schema)].reduce(merged), name }
  }

  const membersOf = (schema: Schema, within: Inherited): SchemaNode[] => {
    const required = new Set(words(schema['required']))
    const properties = schema['properties']
    return Object.entries(isSchema(properties) ? properties : {}).map(([name, value]) =>
      read(value, { ...within, name, required: required.has(name) }),
    )
  }

  const choicesOf = (schema: Schema, within: Inherited) => {
    const choices = schema['oneOf'] ?? schema['anyOf']
    if (!Array.isArray(choices)) return undefined
    const shapes = choices.map((choice) => resolved(choice))
    if (shapes.every((shape) => !('properties' in shape.schema))) return undefined
    return shapes.map(({ schema: shape, name }, i) => ({
      title: told(shape['title'] ?? name ?? `Choice ${i + 1}`),
      members: membersOf(shape, within),
    }))
  }

  const typeOf = (schema: Schema): string => {
    const types = typesOf(schema)
    if (types.includes('array')) {
      const items = resolved(schema['items'])
      return `array of ${items.name ?? (typesOf(items.schema).join(' or ') || 'anything')}`
    }
    if (types.length > 0) return types.join(' or ')
    const choices = schema['oneOf'] ?? schema['anyOf']
    if (Array.isArray(choices))
      return [...new Set(choices.map((c) => typeOf(resolved(c).schema)))].join(' or ')
    return 'anything'
  }

  const read = (raw: unknown, at: Inherited & { name: string; required: boolean }): SchemaNode => {
    const { schema, name: shape } = resolved(raw)
    const permissions = words(schema['x-permission'])
    const held = permissions.length > 0 ? permissions : at.permissions
    const isList = typesOf(schema).includes('array')
    const inner = isList ? resolved(schema['items']) : { schema, name: shape }
    const node = {
      name: at.name,
      type: typeOf(schema),
      required: at.required,
      ...(typeof schema['description'] === 'string' && { about: schema['description'] }),
      rules: [...rulesOf(schema), ...(isList ? rulesOf(inner.schema) : [])],
    }
    if (inner.name !== undefined && at.path.includes(inner.name))
      return { ...node, again: inner.name }
    const within: Inherited = {
      permissions: held,
      path: inner.name === undefined ? at.path : [...at.path, inner.name],
    }
    const values = valuesOf(inner.schema)
    const release = releaseOf(inner.schema)
    const members = membersOf(inner.schema, within)
    const choices = choicesOf(inner.schema, within)
    const dataClass = inner.schema['x-data-class'] ?? schema['x-data-class']
    return {
      ...node,
      ...(values && { values }),
      ...(typeof dataClass === 'string' && { dataClass }),
      ...(held.length > 0 && { permissions: held }),
      ...(release && { release }),
      ...(schema['deprecated'] === true && { deprecated: true as const }),
      ...(members.length > 0 && { members }),
      ...(choices && { choices }),
    }
  }

  return (schema: unknown): SchemaNode =>
    read(schema, { name: '', required: true, permissions: [], path: [] })
}

interface Inherited {
  readonly permissions: readonly string[]
  /** Names of the shapes that hold this one. */
  readonly path: readonly string[]
}

const valuesOf = (schema: Schema): string[] | undefined => {
  if ('const' in schema) return [told(schema['const'])]
  const values = schema['enum']
  return Array.isArray(values) ? values.map(told) : undefined
}

/** Parts of an `allOf` as one: members and requirements add up, else the later word holds. */
const merged = (one: Schema, other: Schema): Schema => ({
  ...one,
  ...other,
  ...((isSchema(one['properties']) || isSchema(other['properties'])) && {
    properties: {
      ...(isSchema(one['properties']) && one['properties']),
      ...(isSchema(other['properties']) && other['properties']),
    },
  }),
  ...((one['required'] ?? other['required']) !== undefined && {
    required: [...new Set([...words(one['required']), ...words(other['required'])])],
  }),
})
