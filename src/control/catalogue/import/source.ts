/** A document as somebody hands it in: text in YAML or JSON, read within limits, before anything in it is believed. */
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { problem } from '#kernel/problem.ts'

export const sourceRefused = problem('catalogue/source-refused', 422, 'The document cannot be read')

export const SOURCE_CHARACTERS_MAX = 1_000_000
const DEPTH_MAX = 64
const NODES_MAX = 100_000
/** What YAML's aliases may unfold to, as yaml counts it. */
const ALIASES_MAX = 100

export type Json = string | number | boolean | null | Json[] | JsonObject
export interface JsonObject {
  [name: string]: Json
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The document's value; throws `catalogue/source-refused` for what is no such document, or too much of one. */
export const readSource = (text: string): JsonObject => {
  if (text.length > SOURCE_CHARACTERS_MAX)
    throw sourceRefused(`it is longer than ${SOURCE_CHARACTERS_MAX} characters`)
  const lines = new LineCounter()
  // YAML 1.2 contains JSON; a name that stands twice is an error in both.
  const parsed = parseDocument(text, { uniqueKeys: true, lineCounter: lines, stringKeys: true })
  const [error] = parsed.errors
  if (error) throw sourceRefused(error.message.split('\n')[0] ?? 'it is neither YAML nor JSON')
  let nodes = 0
  visit(parsed, (_, node, path) => {
    if (++nodes > NODES_MAX) throw sourceRefused(`it has more than ${NODES_MAX} parts`)
    if (path.length > 2 * DEPTH_MAX) throw sourceRefused(`it is nested deeper than ${DEPTH_MAX}`)
    if (isMap(node) && node.items.some(({ key }) => isScalar(key) && key.value === '__proto__'))
      throw sourceRefused('a member is called __proto__')
  })
  const value = unfolded(() => parsed.toJS({ maxAliasCount: ALIASES_MAX }))
  if (!isObject(value)) throw sourceRefused('it is no object')
  if (depthOf(value) > DEPTH_MAX) throw sourceRefused(`it is nested deeper than ${DEPTH_MAX}`)
  return value
}

/** Plain JSON, without what YAML knows besides: an alias becomes a copy, a date its text. */
const unfolded = (read: () => unknown): Json => {
  try {
    const text = JSON.stringify(read())
    if (text.length > 4 * SOURCE_CHARACTERS_MAX) throw sourceRefused('its aliases unfold too far')
    const value: Json = JSON.parse(text)
    return value
  } catch (cause) {
    if (cause instanceof ReferenceError || cause instanceof TypeError)
      throw sourceRefused('its aliases unfold too far, or into themselves', { cause })
    throw cause
  }
}

const depthOf = (value: Json): number =>
  typeof value === 'object' && value !== null
    ? 1 + Object.values(value).reduce<number>((most, inner) => Math.max(most, depthOf(inner)), 0)
    : 0
