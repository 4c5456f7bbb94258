/** What an answer's schema compiles to: nodes with the conditions that open them, and what each leaf may become. */
import { z } from 'zod'
import {
  conditionNames,
  type ConditionName,
  type DataClass,
  readFieldRules,
  type Rule,
} from '../field-rules.ts'
import { DEPTH_MAX } from '../documents/json.ts'
import { type Change, changeOf } from './mask.ts'
import {
  type AnyObject,
  below,
  documentRefused,
  followed,
  memberAt,
  objectAt,
  type Pointer,
} from '../documents/schema.ts'

const Permissions = z.union([z.string().transform((word) => [word]), z.array(z.string()).min(1)])
const Types = z.union([z.string().transform((word) => [word]), z.array(z.string()).min(1)])

/** A condition that a call meets or does not: one of these words, of this kind. */
export interface Condition {
  readonly kind: ConditionName
  readonly words: readonly string[]
}

/** `needs` are the bits of the conditions that must all be met; 0 where there is none. */
interface Shape {
  readonly needs: number
  readonly nullable: boolean
}
/** A way in which a leaf may leave. */
export interface Way {
  readonly needs: number
  readonly drop: boolean
  readonly change: Change | null
}
export interface Leaf extends Shape {
  readonly kind: 'leaf'
  /** Its place in `fields`. */
  readonly field: number
  readonly pointer: string
  readonly string: boolean
  readonly number: 'none' | 'integer' | 'any'
  readonly boolean: boolean
  /** Raw JSON texts that are allowed. */
  readonly values: ReadonlySet<string> | null
  /** Tried in order; where none fits, the leaf is dropped. */
  readonly ways: readonly Way[]
  /** What it holds looks like a secret or a card number, and may: card data, a signed token. */
  readonly unguarded: boolean
}
export interface List extends Shape {
  readonly kind: 'list'
  readonly items: Node
}
/** A member of an object, with its name as it is written: `"name":`. */
export interface Member {
  readonly node: Node
  readonly place: number
  readonly required: boolean
  readonly name: string
  readonly written: string
}
export interface Branch extends Shape {
  readonly kind: 'object'
  readonly members: readonly Member[]
  readonly required: number
  /** `minProperties`: an answer that has fewer of its members is none, though none of them is required by name. */
  readonly least: number
}
export type Node = Leaf | List | Branch

// A leaf's address is a JSON pointer in which * stands for every item of a list: /data/*/amount/currency.
export interface Field {
  readonly pointer: string
  readonly dataClass: DataClass
  /** Lists of consent permissions, of each of which one must be held: those of the leaf and of what it stands in. */
  readonly behind: readonly (readonly string[])[]
  /** As they are written; the first that fits decides. */
  readonly rules: readonly Rule[]
}

export interface AnswerShape {
  readonly root: Node
  /** By their bits. */
  readonly conditions: readonly Condition[]
  readonly fields: readonly Field[]
  readonly holdsCardData: boolean
}

const MEMBERS_MAX = 62
const CONDITIONS_MAX = 30
const FIELDS_MAX = 512

/** Collects what belongs to the whole answer while it is compiled. */
interface Answer {
  readonly document: AnyObject
  readonly conditions: Condition[]
  readonly fields: Field[]
}

/** Compiles a schema of an answer. Throws `gateway/document-refused` where it is incomplete or not understood. */
export const compileShape = (document: AnyObject, schema: unknown, at: Pointer): AnswerShape => {
  const answer: Answer = { document, conditions: [], fields: [] }
  const root = compileNode(answer, schema, { at, pointer: '', depth: 0, behind: [] })
  if (root.kind === 'leaf') throw documentRefused(`${at} is neither an object nor a list`)
  const { conditions, fields } = answer
  return { root, conditions, fields, holdsCardData: fields.some((f) => f.dataClass === 'card') }
}

/** Where we are: in the document, in the answer, and how deep. */
interface Where {
  readonly at: Pointer
  readonly pointer: string
  readonly depth: number
  readonly behind: Field['behind']
}
const member = (where: Where, name: string): Where => ({
  ...where,
  at: below(where.at, 'properties', name),
  pointer: below(where.pointer, name),
  depth: where.depth + 1,
})
const item = (where: Where): Where => ({
  ...where,
  at: below(where.at, 'items'),
  pointer: below(where.pointer, '*'),
  depth: where.depth + 1,
})

const bitOf = (answer: Answer, kind: ConditionName, list: readonly string[], at: Pointer) => {
  const words = list.toSorted()
  const known = answer.conditions.findIndex(
    (c) => c.kind === kind && c.words.join(' ') === words.join(' '),
  )
  if (known >= 0) return 1 << known
  if (answer.conditions.length >= CONDITIONS_MAX)
    throw documentRefused(`${at}: more than ${CONDITIONS_MAX} different conditions in one answer`)
  answer.conditions.push({ kind, words })
  return 1 << (answer.conditions.length - 1)
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
  'minProperties',
  'maxProperties',
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
  'x-release',
])

const compileNode = (answer: Answer, value: unknown, around: Where): Node => {
  const { at, depth } = around
  if (depth > DEPTH_MAX) throw documentRefused(`${at} is too deep, or refers to itself`)
  const schema = followed(answer.document, value, at)
  const stranger = Object.keys(schema).find((word) => !understood.has(word))
  if (stranger) throw documentRefused(`${below(at, stranger)} is not understood in an answer`)
  const types = memberAt(Types, schema['type'], below(at, 'type'))
  const rest = types.filter((t) => t !== 'null')
  const said = schema['x-permission']
  const own = said === undefined ? [] : memberAt(Permissions, said, below(at, 'x-permission'))
  const where = own.length === 0 ? around : { ...around, behind: [...around.behind, own] }
  const needs = own.length === 0 ? 0 : bitOf(answer, 'consent', own, at)
  const shape = { nullable: types.includes('null'), needs }
  if (!rest.includes('object') && !rest.includes('array'))
    return compileLeaf(answer, schema, rest, where, shape)
  if (rest.length > 1) throw documentRefused(`${below(at, 'type')} mixes kinds`)
  if (schema['x-release'] !== undefined || schema['x-data-class'] !== undefined)
    throw documentRefused(`${at} is no leaf; its leaves say how they leave`)
  return rest[0] === 'object'
    ? compileObject(answer, schema, where, shape)
    : {
        ...shape,
        kind: 'list',
        items: compileNode(answer, schema['items'], item(where)),
      }
}

const compileObject = (
  answer: Answer,
  schema: AnyObject,
  where: Where,
  shape: { needs: number; nullable: boolean },
): Branch => {
  const { at } = where
  if (schema['additionalProperties'] !== false)
    throw documentRefused(`${at} does not set additionalProperties: false`)
  const properties = Object.entries(objectAt(schema['properties'], below(at, 'properties')))
  if (properties.length > MEMBERS_MAX)
    throw documentRefused(`${at} has more than ${MEMBERS_MAX} members`)
  const required = new Set(
    memberAt(z.array(z.string()).default([]), schema['required'], below(at, 'required')),
  )
  const members = properties.map(([name, inner], place): Member => ({
    node: compileNode(answer, inner, member(where, name)),
    place,
    required: required.has(name),
    name,
    written: `${JSON.stringify(name)}:`,
  }))
  const missing = [...required].find((name) => !members.some((m) => m.name === name))
  if (missing !== undefined)
    throw documentRefused(`${below(at, 'required')} names ${missing}, which is no member`)
  const least = memberAt(z.int().default(0), schema['minProperties'], below(at, 'minProperties'))
  return { ...shape, kind: 'object', members, required: required.size, least }
}

const leafTypes = new Set(['string', 'integer', 'number', 'boolean'])
/** Strings that are signed or encrypted tokens by their nature. */
const tokenFormats = new Set(['jwt', 'jws', 'jwe'])

const compileLeaf = (
  answer: Answer,
  schema: AnyObject,
  types: readonly string[],
  { at, pointer, behind }: Where,
  shape: { needs: number; nullable: boolean },
): Leaf => {
  const read = readFieldRules(schema)
  if ('fault' in read) throw documentRefused(`${below(at, read.member)}: ${read.fault}`)
  if (types.length === 0 || !types.every((t) => leafTypes.has(t)))
    throw documentRefused(`${below(at, 'type')} is not understood in an answer`)
  if (answer.fields.length >= FIELDS_MAX)
    throw documentRefused(`${at}: more than ${FIELDS_MAX} leaves in one answer`)
  const list = schema['const'] === undefined ? schema['enum'] : [schema['const']]
  const values =
    list === undefined
      ? null
      : new Set(
          memberAt(z.array(z.unknown()).min(1), list, below(at, 'enum')).map((v) =>
            JSON.stringify(v),
          ),
        )
  const { dataClass, rules } = read
  answer.fields.push({ pointer, dataClass, behind, rules })
  return {
    ...shape,
    kind: 'leaf',
    field: answer.fields.length - 1,
    pointer,
    string: types.includes('string'),
    number: types.includes('number') ? 'any' : types.includes('integer') ? 'integer' : 'none',
    boolean: types.includes('boolean'),
    values,
    ways: rules.map((rule) => ({
      needs: conditionNames.reduce((bits, kind) => {
        const words = rule[kind]
        return words === undefined ? bits : bits | bitOf(answer, kind, words, at)
      }, 0),
      drop: rule.action === 'drop',
      change: changeOf(rule),
    })),
    unguarded: dataClass === 'card' || tokenFormats.has(String(schema['format'])),
  }
}
