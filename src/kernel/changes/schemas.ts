/** What the steps of a change do to schemas: each is taken back, so that the schema says what an older version has. */
import type { Step } from './change.ts'
import { isTree, type Tree } from './values.ts'

/** A change does not fit the document that it stands in. */
export class ChangeUnfit extends Error {
  override readonly name = 'ChangeUnfit'
}

export const objectIn = (holder: Tree, member: string): Tree => {
  const found = holder[member]
  if (!isTree(found)) throw new ChangeUnfit(`${member} is missing`)
  return found
}

export const listAt = (holder: Tree, member: string): unknown[] => {
  const found = holder[member]
  return Array.isArray(found) ? found : []
}

const DEPTH_MAX = 32

/**
 * A member of a document that is about to be changed: what it refers to is written in its place first, so that nobody else
 * who refers to the same is changed with it.
 */
export const inlined = (
  document: Tree,
  holder: Tree | unknown[],
  member: string | number,
): Tree => {
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    const held: unknown = Reflect.get(holder, member)
    if (!isTree(held)) throw new ChangeUnfit(`${member} is missing`)
    const { $ref, ...beside } = held
    if ($ref === undefined) return held
    if (typeof $ref !== 'string' || !$ref.startsWith('#/'))
      throw new ChangeUnfit(`${member} refers outside of the document`)
    const target = $ref
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, name) => (isTree(at) ? at[name] : undefined), document)
    if (!isTree(target)) throw new ChangeUnfit(`${$ref} is not there`)
    Reflect.set(holder, member, { ...structuredClone(target), ...beside })
  }
  throw new ChangeUnfit(`${member} refers to itself`)
}

type Side = 'request' | 'answer'

/** Takes a step back in the schema of `media`. */
export const changeSchema = (document: Tree, media: Tree, step: Step, side: Side): void => {
  const objects = [...objectsAt(document, media, 'schema', step.at.split('/').slice(1))]
  const changed = objects.filter((object) => takenBack(document, object, step, side))
  if (changed.length === 0)
    throw new ChangeUnfit(`${step.do} at ${step.at === '' ? 'the body' : step.at} finds nothing`)
}

const branchWords = ['allOf', 'oneOf', 'anyOf']

/** Every object schema at a place: of a composition, each branch. */
const objectsAt = function* (
  document: Tree,
  holder: Tree | unknown[],
  member: string | number,
  names: readonly string[],
): Generator<Tree> {
  const schema = inlined(document, holder, member)
  for (const word of branchWords) {
    const branches = schema[word]
    if (Array.isArray(branches))
      for (let i = 0; i < branches.length; i++) yield* objectsAt(document, branches, i, names)
  }
  const [name, ...rest] = names
  if (name === undefined) {
    if (isTree(schema['properties'])) yield schema
  } else if (name === '*') {
    if (isTree(schema['items'])) yield* objectsAt(document, schema, 'items', rest)
  } else {
    const properties = schema['properties']
    if (isTree(properties) && name in properties) yield* objectsAt(document, properties, name, rest)
  }
}

const requiredOf = (schema: Tree): string[] =>
  listAt(schema, 'required').filter((name) => typeof name === 'string')

const setRequired = (schema: Tree, names: readonly string[]) => {
  if (names.length === 0) delete schema['required']
  else schema['required'] = [...new Set(names)]
}

/** Puts a member in the place of another, so that a document reads in its usual order. */
const replaced = (schema: Tree, name: string, entries: readonly (readonly [string, unknown])[]) => {
  const properties = objectIn(schema, 'properties')
  for (const [other] of entries)
    if (other !== name && other in properties)
      throw new ChangeUnfit(`${other} is there already, and cannot be there twice`)
  schema['properties'] = Object.fromEntries(
    Object.entries(properties).flatMap((entry) => (entry[0] === name ? entries : [entry])),
  )
}

/** Answers whether the step has anything to do with this schema. */
const takenBack = (document: Tree, schema: Tree, step: Step, side: Side): boolean => {
  const properties = objectIn(schema, 'properties')
  const required = requiredOf(schema)
  switch (step.do) {
    case 'rename': {
      if (!(step.to in properties)) return false
      replaced(schema, step.to, [[step.from, properties[step.to]]])
      setRequired(
        schema,
        required.map((name) => (name === step.to ? step.from : name)),
      )
      return true
    }
    case 'move':
      return movedBack(document, schema, step)
    case 'add': {
      if (!(step.member in properties)) return false
      if (side === 'request' && required.includes(step.member) && step.value === undefined)
        throw new ChangeUnfit(`older callers do not send ${step.member}, which is needed`)
      replaced(schema, step.member, [])
      setRequired(
        schema,
        required.filter((name) => name !== step.member),
      )
      return true
    }
    case 'remove': {
      if (step.member in properties)
        throw new ChangeUnfit(`${step.member} is there, and was not removed`)
      properties[step.member] = structuredClone(step.schema)
      if (step.required) setRequired(schema, [...required, step.member])
      return true
    }
    case 'money': {
      if (!(step.member in properties)) return false
      const { description, ...amount } = inlined(document, properties, step.member)
      const inner = objectIn(amount, 'properties')
      const { pattern: _, format: __, examples: ___, ...text } = inlined(document, inner, 'amount')
      const minor = {
        ...text,
        ...(description !== undefined && { description }),
        pattern: '^-?[0-9]{1,18}$',
      }
      replaced(schema, step.member, [
        [step.minor, minor],
        [step.currency, inlined(document, inner, 'currency')],
      ])
      setRequired(
        schema,
        required.flatMap((n) => (n === step.member ? [step.minor, step.currency] : [n])),
      )
      return true
    }
    case 'require': {
      if (!required.includes(step.member)) return false
      setRequired(
        schema,
        required.filter((name) => name !== step.member),
      )
      return true
    }
    case 'allow': {
      if (!(step.member in properties)) return false
      setRequired(schema, [...required, step.member])
      return true
    }
    case 'map': {
      if (!(step.member in properties)) return false
      const held = inlined(document, properties, step.member)
      const words = isTree(held['items']) ? inlined(document, held, 'items') : held
      if (!Array.isArray(words['enum']))
        throw new ChangeUnfit(`${step.member} is no word of a list`)
      words['enum'] = wordsBefore(words['enum'], step)
      return true
    }
    case 'cast': {
      if (!(step.member in properties)) return false
      const held = inlined(document, properties, step.member)
      const isNullable = Array.isArray(held['type']) && held['type'].includes('null')
      const kept = Object.entries(held).filter(
        ([word]) => word.startsWith('x-') || word === 'description',
      )
      properties[step.member] = {
        type: isNullable ? [step.older, 'null'] : step.older,
        ...Object.fromEntries(kept),
        ...structuredClone(step.schema),
      }
      return true
    }
    case 'list': {
      if (!(step.member in properties)) return false
      const held = inlined(document, properties, step.member)
      properties[step.member] = inlined(document, held, 'items')
      return true
    }
    case 'widen': {
      if (!(step.member in properties)) return false
      const held = inlined(document, properties, step.member)
      for (const [word, value] of Object.entries(step.older))
        if (value === null) delete held[word]
        else held[word] = structuredClone(value)
      return true
    }
  }
}

type Move = Extract<Step, { do: 'move' }>

const movedBack = (document: Tree, schema: Tree, { from, to }: Move): boolean => {
  const found = takenOut(document, schema, to.split('/').slice(1))
  if (!found) return false
  putIn(document, schema, from.split('/').slice(1), found)
  return true
}

interface Found {
  readonly schema: Tree
  /** Whether it, and everything around it, must be there. */
  readonly required: boolean
}

const takenOut = (document: Tree, schema: Tree, names: readonly string[]): Found | undefined => {
  const [name, ...rest] = names
  const properties = schema['properties']
  if (name === undefined || !isTree(properties) || !(name in properties)) return undefined
  const required = requiredOf(schema)
  const inner = inlined(document, properties, name)
  const remove = () => {
    delete properties[name]
    setRequired(
      schema,
      required.filter((one) => one !== name),
    )
  }
  if (rest.length === 0) {
    remove()
    return { schema: inner, required: required.includes(name) }
  }
  const found = takenOut(document, inner, rest)
  if (!found) return undefined
  const isEmpty = Object.keys(objectIn(inner, 'properties')).length === 0
  const wasRequired = required.includes(name)
  if (isEmpty) remove()
  return { ...found, required: found.required && wasRequired }
}

const putIn = (document: Tree, schema: Tree, names: readonly string[], found: Found): void => {
  const [name = '', ...rest] = names
  const properties = objectIn(schema, 'properties')
  if (found.required) setRequired(schema, [...requiredOf(schema), name])
  if (rest.length === 0) {
    if (name in properties) throw new ChangeUnfit(`${name} is there already`)
    properties[name] = found.schema
    return
  }
  if (!(name in properties))
    properties[name] = { type: 'object', additionalProperties: false, properties: {} }
  putIn(document, inlined(document, properties, name), rest, found)
}

/** The words of an enumeration before they were mapped: newer ones go down, and each stands once. */
export const wordsBefore = (
  words: readonly unknown[],
  { up, down }: { up: Readonly<Record<string, string>>; down: Readonly<Record<string, string>> },
): unknown[] => {
  const lowered = words.map((word) => (typeof word === 'string' ? (down[word] ?? word) : word))
  const older = Object.keys(up).filter((word) => words.includes(up[word]))
  return [...new Set([...lowered, ...older])]
}
