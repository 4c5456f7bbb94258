/** The leaves of an operation's answers, as its document describes them: what a partner could get, and by which rules. */
import { type DataClass, readFieldRules, type Rule } from '#gateway/field-rules.ts'
import type { Document, Operation } from './document.ts'
import { followed, member } from './schema-walk.ts'

export interface Field {
  // A JSON pointer into the answer in which * stands for every item of a list: /data/*/amount/currency.
  readonly pointer: string
  readonly dataClass: DataClass
  /** Lists of consent permissions, of each of which one must be held. */
  readonly behind: readonly (readonly string[])[]
  /** The first that fits decides. */
  readonly rules: readonly Rule[]
}

const DEPTH_MAX = 32
const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
const wordsOf = (value: unknown): string[] =>
  [value].flat().filter((word): word is string => typeof word === 'string')

/** Every leaf of the answers of 2xx, once. */
export const fieldsOf = (document: Document, operation: Operation): Field[] => {
  const fields = new Map<string, Field>()
  const walk = (value: unknown, pointer: string, around: Field['behind'], depth: number): void => {
    const place = followed(document, { value, pointer })
    if (!place || depth > DEPTH_MAX) return
    // Members beside a reference win over the referred ones.
    const schema = { ...objectOf(place.value), ...objectOf(value) }
    const own = wordsOf(schema['x-permission'])
    const behind = own.length === 0 ? around : [...around, own]
    const types = wordsOf(schema['type'])
    if (types.includes('array')) return walk(schema['items'], `${pointer}/*`, behind, depth + 1)
    if (types.includes('object')) {
      for (const [name, inner] of Object.entries(objectOf(schema['properties'])))
        walk(inner, `${pointer}/${escaped(name)}`, behind, depth + 1)
      return
    }
    const read = readFieldRules(schema)
    if (!('fault' in read)) fields.set(pointer, { pointer, behind, ...read })
  }
  const said = member(member(document.paths, operation.path), operation.method.toLowerCase())
  for (const [status, answer] of Object.entries(objectOf(member(said, 'responses')))) {
    const held = followed(document, { value: answer, pointer: '' })?.value
    const json = member(member(held, 'content'), 'application/json')
    if (status.startsWith('2') && json !== undefined) walk(member(json, 'schema'), '', [], 0)
  }
  return [...fields.values()]
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
