/**
 * Field release: an answer is built anew from what its schema names and this caller may see, never pruned (G50).
 * One pass over the text; numbers and plain strings pass as they stand (G54), all else fails closed (G53).
 */
import { z } from 'zod'
import { decodeString, DEPTH_MAX, JsonReader } from './json.ts'
import {
  type AnyObject,
  below,
  documentRefused,
  followed,
  memberAt,
  objectAt,
  type Pointer,
} from './schema.ts'

/** An answer that is not what the document declares. It is withheld as a whole. */
export class NotAsDeclared extends Error {
  override readonly name = 'NotAsDeclared'
}

export interface Released {
  readonly text: string
  /** Places [start, end) of `text` that hold card data on purpose: pairs of offsets. */
  readonly cardData: readonly number[]
}

export interface Projection {
  /** `permissions` are those of the consent behind the call. Throws `NotAsDeclared` or `JsonRefused`. */
  release(text: string, permissions: ReadonlySet<string>): Released
  readonly holdsCardData: boolean
}

const DataClass = z.enum(['public', 'personal', 'financial', 'card', 'secret'])
const Permissions = z.union([z.string().transform((word) => [word]), z.array(z.string()).min(1)])
const Types = z.union([z.string().transform((word) => [word]), z.array(z.string()).min(1)])

/** Gates are sets of permissions of which one opens; a node holds the bits of its gates, 0 where it is always open. */
interface Shape {
  readonly gates: number
  readonly nullable: boolean
}
interface Leaf extends Shape {
  readonly kind: 'leaf'
  readonly string: boolean
  readonly number: 'none' | 'integer' | 'any'
  readonly boolean: boolean
  /** Raw JSON texts that are allowed. */
  readonly values: ReadonlySet<string> | null
  readonly card: boolean
}
interface List extends Shape {
  readonly kind: 'list'
  readonly items: Node
}
interface Member {
  readonly node: Node
  /** Place among the members: finds a name that stands twice. */
  readonly bit: number
  readonly high: boolean
  readonly required: boolean
  /** `"name":` as it is written. */
  readonly written: string
}
interface Branch extends Shape {
  readonly kind: 'object'
  readonly members: ReadonlyMap<string, Member>
  readonly required: number
}
type Node = Leaf | List | Branch

const MEMBERS_MAX = 62
const GATES_MAX = 30

/** Collects the gates of one answer while it is compiled. */
interface Gates {
  readonly lists: string[][]
  cards: boolean
}

export const compileProjection = (
  document: AnyObject,
  schema: unknown,
  at: Pointer,
): Projection => {
  const gates: Gates = { lists: [], cards: false }
  const root = compileNode(document, schema, at, gates, 0)
  const { lists } = gates
  return {
    holdsCardData: gates.cards,
    release: (text, permissions) => {
      let open = 0
      for (let i = 0; i < lists.length; i++)
        if (lists[i]?.some((p) => permissions.has(p))) open |= 1 << i
      const run = new Run(text, open)
      run.value(root, 0)
      run.reader.end()
      return { text: run.out, cardData: run.cardData }
    },
  }
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
      return [
        name,
        {
          node,
          bit: 1 << (i % 31),
          high: i >= 31,
          required: required.has(name),
          written: `${JSON.stringify(name)}:`,
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

const NULL = 'null'

/** One answer on its way through a projection. */
class Run {
  readonly reader: JsonReader
  readonly open: number
  readonly cardData: number[] = []
  out = ''

  constructor(text: string, open: number) {
    this.reader = new JsonReader(text)
    this.open = open
  }

  value(node: Node, depth: number): void {
    if (node.nullable && this.reader.peek() === 0x6e) {
      this.#wordIs(NULL)
      this.out += NULL
      return
    }
    if (depth > DEPTH_MAX) this.reader.refuse('too-deep')
    if (node.kind === 'leaf') this.#leaf(node)
    else if (node.kind === 'object') this.#object(node, depth)
    else this.#list(node, depth)
  }

  #object(node: Branch, depth: number): void {
    const { reader, open } = this
    if (reader.peek() !== 0x7b) throw new NotAsDeclared('an object was declared')
    reader.at++
    this.out += '{'
    let low = 0
    let high = 0
    let required = 0
    let unknown: Set<string> | undefined
    let written = false
    for (let first = true; reader.more(0x7d, first); first = false) {
      const name = reader.name()
      const member = node.members.get(name)
      if (member === undefined) {
        unknown ??= new Set()
        if (unknown.has(name)) reader.refuse('duplicate-name')
        unknown.add(name)
        reader.skip(depth + 1)
        continue
      }
      if (((member.high ? high : low) & member.bit) !== 0) reader.refuse('duplicate-name')
      if (member.high) high |= member.bit
      else low |= member.bit
      if (member.required) required++
      const { gates } = member.node
      if (gates !== 0 && (gates & open) === 0) {
        reader.skip(depth + 1)
        continue
      }
      this.out += written ? `,${member.written}` : member.written
      written = true
      this.value(member.node, depth + 1)
    }
    if (required !== node.required) throw new NotAsDeclared('a required member is missing')
    this.out += '}'
  }

  #list(node: List, depth: number): void {
    const { reader } = this
    if (reader.peek() !== 0x5b) throw new NotAsDeclared('a list was declared')
    reader.at++
    const visible = node.items.gates === 0 || (node.items.gates & this.open) !== 0
    this.out += '['
    let written = false
    for (let first = true; reader.more(0x5d, first); first = false) {
      if (!visible) {
        reader.skip(depth + 1)
        continue
      }
      if (written) this.out += ','
      written = true
      this.value(node.items, depth + 1)
    }
    this.out += ']'
  }

  #leaf(node: Leaf): void {
    const { reader } = this
    const c = reader.peek()
    let text: string
    if (c === 0x22) {
      const start = reader.string()
      // An escaped spelling is written plainly, so that the guard behind us reads what a partner would.
      text = reader.text.slice(start, reader.at)
      if (reader.escaped) text = JSON.stringify(decodeString(text))
      if (!node.string) throw new NotAsDeclared('no string was declared')
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const start = reader.number()
      text = reader.text.slice(start, reader.at)
      if (node.number === 'none' || (node.number === 'integer' && !/^-?\d+$/.test(text)))
        throw new NotAsDeclared('no such number was declared')
    } else if (c === 0x7b || c === 0x5b) throw new NotAsDeclared('one value was declared')
    else {
      const start = reader.word()
      text = reader.text.slice(start, reader.at)
      if (text === NULL || !node.boolean)
        throw new NotAsDeclared('neither null nor a truth value was declared')
    }
    if (node.values !== null && !node.values.has(text))
      throw new NotAsDeclared('a value is none of the declared ones')
    if (node.card) this.cardData.push(this.out.length, this.out.length + text.length)
    this.out += text
  }

  #wordIs(word: string): void {
    const start = this.reader.word()
    if (this.reader.text.slice(start, this.reader.at) !== word)
      throw new NotAsDeclared(`${word} was declared`)
  }
}
