/** What an answer's schema compiles to: nodes that a projection walks, with the gates that open them. */
import { z } from 'zod'
import { DEPTH_MAX } from './json.ts'
import {
  type AnyObject,
  below,
  documentRefused,
  followed,
  memberAt,
  objectAt,
  type Pointer,
} from './schema.ts'

const DataClass = z.enum(['public', 'personal', 'financial', 'card', 'secret'])
const Permissions = z.union([z.string().transform((word) => [word]), z.array(z.string()).min(1)])
const Types = z.union([z.string().transform((word) => [word]), z.array(z.string()).min(1)])

/** Gates are sets of permissions of which one opens; a node holds the bits of its gates, 0 where it is always open. */
interface Shape {
  readonly gates: number
  readonly nullable: boolean
}
export interface Leaf extends Shape {
  readonly kind: 'leaf'
  readonly string: boolean
  readonly number: 'none' | 'integer' | 'any'
  readonly boolean: boolean
  /** Raw JSON texts that are allowed. */
  readonly values: ReadonlySet<string> | null
  readonly card: boolean
}
export interface List extends Shape {
  readonly kind: 'list'
  readonly items: Node
}
/** A member of an object, with its name as it is written: `"name"`, `"name":`, `,"name":`. */
export interface Member {
  readonly node: Node
  readonly place: number
  /** Its place as a bit: finds a name that stands twice. */
  readonly bit: number
  readonly high: boolean
  readonly required: boolean
  readonly quoted: string
  readonly first: string
  readonly further: string
}
export interface Branch extends Shape {
  readonly kind: 'object'
  readonly members: ReadonlyMap<string, Member>
  readonly order: readonly Member[]
  readonly required: number
}
export type Node = Leaf | List | Branch

export interface AnswerShape {
  readonly root: Node
  /** Permissions of each gate, by its bit. */
  readonly gates: readonly (readonly string[])[]
  readonly holdsCardData: boolean
}

const MEMBERS_MAX = 62
const GATES_MAX = 30

/** Collects the gates of one answer while it is compiled. */
interface Gates {
  readonly lists: string[][]
  cards: boolean
}

/** Compiles a schema of an answer. Throws `gateway/document-refused` where it is incomplete or not understood. */
export const compileShape = (document: AnyObject, schema: unknown, at: Pointer): AnswerShape => {
  const gates: Gates = { lists: [], cards: false }
  const root = compileNode(document, schema, at, gates, 0)
  return { root, gates: gates.lists, holdsCardData: gates.cards }
}

const gateOf = (list: string[], gates: Gates, at: Pointer): number => {
  const wanted = list.toSorted().join(' ')
  const known = gates.lists.findIndex((l) => l.join(' ') === wanted)
  if (known >= 0) return 1 << known
  if (gates.lists.length >= GATES_MAX)
    throw documentRefused(
      `${at}: more than ${GATES_MAX} different x-permission lists in one answer`,
    )
  gates.lists.push(list.toSorted())
  return 1 << (gates.lists.length - 1)
}

const understood = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'readOnly',
  'description',
  'title',
  'example',
  'examples',
  'default',
  'deprecated',
  'externalDocs',
  'x-data-class',
  'x-permission',
])

const compileNode = (
  document: AnyObject,
  value: unknown,
  at: Pointer,
  gates: Gates,
  depth: number,
): Node => {
  if (depth > DEPTH_MAX) throw documentRefused(`${at} is too deep, or refers to itself`)
  const schema = followed(document, value, at)
  const stranger = Object.keys(schema).find((word) => !understood.has(word))
  if (stranger) throw documentRefused(`${below(at, stranger)} is not understood in an answer`)
  const types = memberAt(Types, schema['type'], below(at, 'type'))
  const nullable = types.includes('null')
  const rest = types.filter((t) => t !== 'null')
  const own =
    schema['x-permission'] === undefined
      ? 0
      : gateOf(memberAt(Permissions, schema['x-permission'], below(at, 'x-permission')), gates, at)
  if (rest.includes('object') || rest.includes('array')) {
    if (rest.length > 1) throw documentRefused(`${below(at, 'type')} mixes kinds`)
    return rest[0] === 'object'
      ? compileObject(document, schema, at, gates, depth, own, nullable)
      : compileList(document, schema, at, gates, depth, own, nullable)
  }
  return compileLeaf(schema, rest, at, gates, own, nullable)
}

/** What stands inside decides too: a container in which nothing is open for a caller is not there for them. */
const inherited = (own: number, inside: readonly number[]) =>
  own !== 0
    ? own
    : inside.length > 0 && inside.every((g) => g !== 0)
      ? inside.reduce((a, b) => a | b, 0)
      : 0

const compileObject = (
  document: AnyObject,
  schema: AnyObject,
  at: Pointer,
  gates: Gates,
  depth: number,
  own: number,
  nullable: boolean,
): Branch => {
  if (schema['additionalProperties'] !== false)
    throw documentRefused(`${at} does not set additionalProperties: false`)
  const properties = Object.entries(objectAt(schema['properties'], below(at, 'properties')))
  if (properties.length > MEMBERS_MAX)
    throw documentRefused(`${at} has more than ${MEMBERS_MAX} members`)
  const required = new Set(
    memberAt(z.array(z.string()).default([]), schema['required'], below(at, 'required')),
  )
  const members = new Map(
    properties.map(([name, inner], i): [string, Member] => {
      const node = compileNode(document, inner, below(at, 'properties', name), gates, depth + 1)
      const quoted = JSON.stringify(name)
      return [
        name,
        {
          node,
          place: i,
          bit: 1 << (i % 31),
          high: i >= 31,
          required: required.has(name),
          quoted,
          first: `${quoted}:`,
          further: `,${quoted}:`,
        },
      ]
    }),
  )
  const missing = [...required].find((name) => !members.has(name))
  if (missing !== undefined)
    throw documentRefused(`${below(at, 'required')} names ${missing}, which is no member`)
  return {
    kind: 'object',
    gates: inherited(
      own,
      [...members.values()].map((m) => m.node.gates),
    ),
    nullable,
    members,
    order: [...members.values()],
    required: required.size,
  }
}

const compileList = (
  document: AnyObject,
  schema: AnyObject,
  at: Pointer,
  gates: Gates,
  depth: number,
  own: number,
  nullable: boolean,
): List => {
  const items = compileNode(document, schema['items'], below(at, 'items'), gates, depth + 1)
  return { kind: 'list', gates: inherited(own, [items.gates]), nullable, items }
}

const leafTypes = new Set(['string', 'integer', 'number', 'boolean'])

const compileLeaf = (
  schema: AnyObject,
  types: readonly string[],
  at: Pointer,
  gates: Gates,
  own: number,
  nullable: boolean,
): Leaf => {
  const dataClass = memberAt(DataClass, schema['x-data-class'], below(at, 'x-data-class'))
  if (dataClass === 'secret')
    throw documentRefused(`${at} is of class secret: it is never released`)
  if (types.length === 0 || !types.every((t) => leafTypes.has(t)))
    throw documentRefused(`${below(at, 'type')} is not understood in an answer`)
  const list = schema['const'] === undefined ? schema['enum'] : [schema['const']]
  const values =
    list === undefined
      ? null
      : new Set(
          memberAt(z.array(z.unknown()).min(1), list, below(at, 'enum')).map((v) =>
            JSON.stringify(v),
          ),
        )
  if (dataClass === 'card') gates.cards = true
  return {
    kind: 'leaf',
    gates: own,
    nullable,
    string: types.includes('string'),
    number: types.includes('number') ? 'any' : types.includes('integer') ? 'integer' : 'none',
    boolean: types.includes('boolean'),
    values,
    card: dataClass === 'card',
  }
}
