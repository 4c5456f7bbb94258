/** Walks the schemas of an OpenAPI document down to their leaves and says what is wrong with each. */
import { readFieldRules } from '#gateway/field-rules.ts'
import type { FieldError } from '#kernel/problem.ts'
import { pointerOf } from '#platform/http.ts'

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const member = (value: unknown, name: string): unknown =>
  isNode(value) ? value[name] : undefined

/** A value and where it stands (RFC 6901). */
export interface Place {
  readonly value: unknown
  readonly pointer: string
}

/** Where a local reference leads; the place itself where it is none; undefined where it leads nowhere. */
export const followed = (document: unknown, place: Place): Place | undefined => {
  const reference = member(place.value, '$ref')
  if (typeof reference !== 'string') return place
  if (!reference.startsWith('#/')) return undefined
  const value = reference
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(member, document)
  return value === undefined ? undefined : { value, pointer: reference.slice(1) }
}

const hasType = (schema: Node, type: string) =>
  schema['type'] === type || (Array.isArray(schema['type']) && schema['type'].includes(type))

const isLeaf = (schema: Node) =>
  !hasType(schema, 'object') &&
  !hasType(schema, 'array') &&
  !['properties', 'allOf', 'anyOf', 'oneOf', '$ref'].some((word) => word in schema)

/**
 * A walker of one document: closed objects everywhere, a data class on every leaf of an answer. A shared schema is
 * walked once for each use, so a cycle ends.
 */
export const schemaWalker = (document: unknown, errors: FieldError[]) => {
  const seen = new Set<string>()
  const wrong = (pointer: string, code: string, detail: string) => {
    if (!errors.some((e) => e.pointer === pointer && e.code === code))
      errors.push({ pointer, code, detail })
  }
  const needsClass = (schema: Node, pointer: string) => {
    const read = readFieldRules(schema)
    if ('fault' in read)
      wrong(
        `${pointer}/${read.member}`,
        read.member === 'x-release' ? 'release-unclear' : 'no-data-class',
        read.fault,
      )
  }
  const walk = ({ value: schema, pointer }: Place, use: 'answer' | 'request'): void => {
    if (!isNode(schema)) return wrong(pointer, 'no-schema', 'a schema is an object')
    if ('$ref' in schema) {
      const target = followed(document, { value: schema, pointer })
      if (!target) return wrong(`${pointer}/$ref`, 'dangling', 'it leads nowhere in this document')
      // A shared leaf may get its class where it is used.
      if ('x-data-class' in schema && isNode(target.value) && isLeaf(target.value))
        return needsClass({ ...target.value, ...schema }, pointer)
      const visit = `${use} ${target.pointer}`
      if (seen.has(visit)) return
      seen.add(visit)
      return walk(target, use)
    }
    for (const word of ['allOf', 'anyOf', 'oneOf']) {
      const choices = schema[word]
      if (Array.isArray(choices))
        choices.forEach((value: unknown, i) =>
          walk({ value, pointer: `${pointer}/${word}/${i}` }, use),
        )
    }
    if (hasType(schema, 'object') || 'properties' in schema) {
      if (schema['additionalProperties'] !== false)
        wrong(pointer, 'open-object', 'additionalProperties must be false')
      for (const [name, value] of Object.entries(schema['properties'] ?? {}))
        walk({ value, pointer: `${pointer}/properties${pointerOf([name])}` }, use)
    } else if (hasType(schema, 'array')) {
      walk({ value: schema['items'], pointer: `${pointer}/items` }, use)
    } else if (use === 'answer' && isLeaf(schema)) needsClass(schema, pointer)
  }
  return walk
}
