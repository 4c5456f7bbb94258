/** An OpenAPI 3.0 or 3.1 document, complete in itself: references stay inside it. */
import { LineCounter, parseDocument } from 'yaml'
import { problem } from '#kernel/problem.ts'
import { child, isNode, type Node, node, own, text } from './node.ts'

export const documentUnreadable = problem(
  'versions/document-unreadable',
  422,
  'The document cannot be read as OpenAPI 3.0 or 3.1',
)
export const referenceRefused = problem(
  'versions/reference-refused',
  422,
  'A reference of the document cannot be followed',
)

/** A part of the document and, where it was named, by which reference. */
export interface Part {
  readonly node: Node
  readonly ref?: string
}

export interface Document {
  readonly root: Node
  readonly version: '3.0' | '3.1'
  /** The object that stands here or to which the reference here leads; undefined where there is no object. */
  readonly at: (value: unknown) => Part | undefined
}

/** Reads YAML or JSON. */
export const readDocument = (source: string): Document => {
  if (source.trimStart().startsWith('{')) {
    const value = jsonOf(source)
    if (value !== undefined) return openDocument(value)
  }
  const lines = new LineCounter()
  const parsed = parseDocument(source, { lineCounter: lines, logLevel: 'silent' })
  const [fault] = parsed.errors
  if (fault) {
    const at = lines.linePos(fault.pos[0])
    throw documentUnreadable(`line ${at.line}, column ${at.col}: ${fault.code}`)
  }
  return openDocument(asJson(parsed))
}

/** What only looks like JSON may still be YAML, which knows braces too and says where it goes wrong. */
const jsonOf = (source: string): unknown => {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

/** YAML aliases that multiply without end are a known attack; the library counts them. */
const asJson = (parsed: ReturnType<typeof parseDocument>): unknown => {
  try {
    return parsed.toJS({ maxAliasCount: 1000 })
  } catch (cause) {
    throw documentUnreadable('its aliases multiply beyond what a description needs', { cause })
  }
}

/** Opens a document that is already parsed. */
export const openDocument = (value: unknown): Document => {
  const root = node(value)
  if (!root) throw documentUnreadable('it is no object')
  const version = text(root, 'openapi')?.match(/^3\.[01](?=\.)/)?.[0]
  if (version !== '3.0' && version !== '3.1')
    throw documentUnreadable(
      `its member openapi is ${JSON.stringify(own(root, 'openapi')) ?? 'missing'}, neither 3.0.x nor 3.1.x`,
    )
  refuseExternal(root)
  const merged = new WeakMap<Node, Part>()
  const at = (place: unknown): Part | undefined => {
    if (!isNode(place)) return undefined
    const ref = text(place, '$ref')
    if (ref === undefined) return { node: place }
    const known = merged.get(place)
    if (known) return known
    const target = followed(root, ref)
    // What stands beside a reference counts since 3.1 (JSON Schema 2020-12 §8.2.3.1), and not before.
    const beside = Object.keys(place).length > 1 && version === '3.1'
    const part = { ref, node: beside ? { ...target, ...place, $ref: undefined } : target }
    merged.set(place, part)
    return part
  }
  return { root, version, at }
}

const followed = (root: Node, ref: string, trail: readonly string[] = []): Node => {
  if (trail.includes(ref)) throw referenceRefused(`${ref} leads back to itself`)
  const target = partsOf(ref).reduce<unknown>(
    (place, name) => (Array.isArray(place) ? place[Number(name)] : own(node(place), name)),
    root,
  )
  if (target === true || target === false) return target ? {} : { not: {} }
  if (!isNode(target)) throw referenceRefused(`${ref} leads to no object of this document`)
  const further = text(target, '$ref')
  return further === undefined ? target : followed(root, further, [...trail, ref])
}

const partsOf = (ref: string): string[] => {
  if (ref === '#') return []
  if (!ref.startsWith('#/'))
    throw referenceRefused(`${ref} is an anchor; only JSON pointers (RFC 6901) are followed`)
  try {
    return decodeURIComponent(ref.slice(2))
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  } catch (cause) {
    throw referenceRefused(`${ref} is no URI fragment`, { cause })
  }
}

/** Members whose value is data of the API and not part of its description. */
const data = new Set(['example', 'examples', 'default', 'enum', 'const'])
/** Members whose members are named by the author: a property may be called `example`. */
const named = new Set(['properties', 'patternProperties', 'schemas', 'parameters', '$defs'])

const refuseExternal = (root: Node): void => {
  const seen = new Set<object>()
  const look = (value: unknown, pointer: string, byName: boolean): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    const ref = isNode(value) && !byName ? text(value, '$ref') : undefined
    if (ref !== undefined && !ref.startsWith('#'))
      throw referenceRefused(`${ref} at ${pointer} leads out of the document, where nobody follows`)
    for (const [name, inner] of Object.entries(value))
      if (byName || (!data.has(name) && !name.startsWith('x-')))
        look(
          inner,
          `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          !byName && named.has(name),
        )
  }
  look(root, '#', false)
}

/** Members of a map of the document, each followed where it is a reference. */
export const parts = (
  document: Document,
  parent: Node | undefined,
  name: string,
): Map<string, Part> =>
  new Map(
    Object.entries(child(parent, name) ?? {}).flatMap(([key, value]) => {
      const part = document.at(value)
      return part ? [[key, part] as const] : []
    }),
  )
