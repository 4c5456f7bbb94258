/** A schema as both versions of OpenAPI mean it. */
import { type Document, type Part, parts } from './document.ts'
import { list, type Node, number, own, text, words } from './node.ts'

export interface Schema {
  readonly document: Document
  readonly node: Node
  readonly ref: string | undefined
  /** Without `null`; empty where every type is allowed. */
  readonly types: readonly string[]
  /** `nullable` of 3.0, `null` among the types of 3.1. */
  readonly nullable: boolean
}

const known = new WeakMap<Node, Schema>()

/** The schema that stands at a place; undefined where none does. `true` and `false` say nothing that a rule compares. */
export const schemaAt = (document: Document, place: unknown): Schema | undefined => {
  const part = document.at(place)
  return part && schemaOf(document, part)
}

const schemaOf = (document: Document, { node, ref }: Part): Schema => {
  const before = known.get(node)
  if (before && before.ref === ref) return before
  const type = text(node, 'type')
  const named = type === undefined ? words(node, 'type') : [type]
  const schema = {
    document,
    node,
    ref,
    types: named.filter((word) => word !== 'null').toSorted(),
    nullable:
      named.includes('null') || (document.version === '3.0' && own(node, 'nullable') === true),
  }
  known.set(node, schema)
  return schema
}

/** A subschema under a keyword. */
export const inner = (schema: Schema, keyword: string): Schema | undefined =>
  schemaAt(schema.document, own(schema.node, keyword))

/** The subschemas under a keyword that holds a list. */
export const branches = (schema: Schema, keyword: string): Schema[] =>
  list(schema.node, keyword).flatMap((value) => schemaAt(schema.document, value) ?? [])

/** The subschemas under a keyword whose members have names. */
export const members = (schema: Schema, keyword: string): Map<string, Schema> =>
  new Map(
    [...parts(schema.document, schema.node, keyword)].map(([name, part]) => [
      name,
      schemaOf(schema.document, part),
    ]),
  )

export const flag = (schema: Schema, keyword: string): boolean => own(schema.node, keyword) === true

/** A bound; that of 3.0, where a flag makes `minimum` exclusive, reads as that of 3.1. */
export const bound = (schema: Schema, keyword: string): number | undefined => {
  const inclusive = { exclusiveMinimum: 'minimum', exclusiveMaximum: 'maximum' }[keyword]
  return inclusive !== undefined && flag(schema, keyword)
    ? number(schema.node, inclusive)
    : number(schema.node, keyword)
}

/** Members that say nothing about which values are valid or what will become of them. */
const silent = (keyword: string): boolean =>
  [
    'title',
    'description',
    'example',
    'examples',
    '$comment',
    'externalDocs',
    '$id',
    '$ref',
  ].includes(keyword) ||
  (keyword.startsWith('x-') &&
    !['x-extensible-enum', 'x-sunset', 'x-stability-level'].includes(keyword))

const listsOfSchemas = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const mapsOfSchemas = ['properties', 'patternProperties', 'dependentSchemas', '$defs']
const singleSchemas = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]

/**
 * Whether two schemas allow the same, by what they say and not by how they are called. Schemas that contain themselves
 * are the same unless a difference is found: what is assumed on the way holds when the whole does. A difference needs
 * no assumption, so it is remembered at once.
 */
export const sameSchemas = () => {
  const proven = new WeakMap<Node, WeakSet<Node>>()
  const refuted = new WeakMap<Node, WeakSet<Node>>()
  const isSame = (a: Schema, b: Schema, assumed: Map<Node, Set<Node>>): boolean => {
    if (a.node === b.node && a.document === b.document) return true
    if (proven.get(a.node)?.has(b.node) || assumed.get(a.node)?.has(b.node)) return true
    if (refuted.get(a.node)?.has(b.node)) return false
    assumed.set(a.node, (assumed.get(a.node) ?? new Set()).add(b.node))
    const same = saySame(a, b, assumed)
    if (!same) refuted.set(a.node, (refuted.get(a.node) ?? new WeakSet()).add(b.node))
    return same
  }
  const saySame = (a: Schema, b: Schema, assumed: Map<Node, Set<Node>>): boolean => {
    if (a.types.join() !== b.types.join() || a.nullable !== b.nullable) return false
    const keywords = new Set([...Object.keys(a.node), ...Object.keys(b.node)])
    return [...keywords].every((keyword) => {
      if (silent(keyword) || keyword === 'type' || keyword === 'nullable') return true
      return isSameKeyword(a, b, keyword, assumed)
    })
  }
  const areSame = (a: readonly Schema[], b: readonly Schema[], assumed: Map<Node, Set<Node>>) =>
    a.length === b.length && a.every((schema, i) => isSame(schema, b[i]!, assumed))
  const isSameKeyword = (
    a: Schema,
    b: Schema,
    keyword: string,
    assumed: Map<Node, Set<Node>>,
  ): boolean => {
    if (listsOfSchemas.includes(keyword))
      return areSame(branches(a, keyword), branches(b, keyword), assumed)
    if (mapsOfSchemas.includes(keyword)) {
      const [left, right] = [members(a, keyword), members(b, keyword)]
      return (
        left.size === right.size &&
        [...left].every(([name, schema]) => {
          const other = right.get(name)
          return other !== undefined && isSame(schema, other, assumed)
        })
      )
    }
    const [left, right] = [inner(a, keyword), inner(b, keyword)]
    if (singleSchemas.includes(keyword) && left && right) return isSame(left, right, assumed)
    if (keyword.startsWith('exclusive')) return bound(a, keyword) === bound(b, keyword)
    return canonical(a, keyword) === canonical(b, keyword)
  }
  return (a: Schema, b: Schema): boolean => {
    const assumed = new Map<Node, Set<Node>>()
    const same = isSame(a, b, assumed)
    if (same)
      for (const [left, rights] of assumed) {
        const all = proven.get(left) ?? new WeakSet()
        for (const right of rights) all.add(right)
        proven.set(left, all)
      }
    return same
  }
}

/** Lists of names have no order; everything else is compared as it is written. */
const canonical = ({ node }: Schema, keyword: string): string => {
  const value = own(node, keyword)
  const sorted = Array.isArray(value) && (keyword === 'required' || keyword === 'enum')
  return JSON.stringify(sorted ? value.map((v) => JSON.stringify(v)).toSorted() : (value ?? null))
}
