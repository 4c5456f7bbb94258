/** Two schemas that stand for the same thing, before and after, and every pair below them. */
import { assert } from '#kernel/assert.ts'
import { type Node, onlyIn, own, quoted, text, words } from './node.ts'
import { branches, flag, inner, members, type Schema } from './schema.ts'

export type Position =
  | 'request-body'
  | 'request-property'
  | 'response-body'
  | 'response-property'
  | 'request-parameter'
  | 'request-parameter-property'

export interface Pair {
  readonly position: Position
  readonly base: Schema
  readonly revision: Schema
  /** Steps from the root: `cards`, `items`, `last4`. */
  readonly steps: readonly string[]
  /** Whether the object around it demands it afterwards. */
  readonly required: boolean
  /** What the root belongs to. */
  readonly root: Root
}

/** Where a comparison of schemas begins. */
export interface Root {
  readonly side: 'request' | 'response'
  /** In words: `the request body`, `the query parameter page`. */
  readonly what: string
  readonly mediaType: string
  /** Of a parameter: query, header, path or cookie. */
  readonly location?: string
}

/** In words: what a finding is about. */
export const subject = ({ steps, root }: Pair, name?: string): string => {
  const all = name === undefined ? steps : [...steps, name]
  return all.length === 0 ? root.what : `the property ${quoted(all.join('/'))} of ${root.what}`
}

/** A pair at the root of a body or parameter. */
export const rootPair = (base: Schema, revision: Schema, root: Root): Pair => ({
  base,
  revision,
  root,
  steps: [],
  required: false,
  position: root.location === undefined ? `${root.side}-body` : 'request-parameter',
})

const below: Readonly<Record<Position, Position>> = {
  'request-body': 'request-property',
  'request-property': 'request-property',
  'response-body': 'response-property',
  'response-property': 'response-property',
  'request-parameter': 'request-parameter-property',
  'request-parameter-property': 'request-parameter-property',
}

type SameSchemas = (a: Schema, b: Schema) => boolean

/** Calls back for the pair and for every different pair below it. A schema inside itself is visited once. */
export const walk = (
  root: Pair,
  { same, enter }: { same: SameSchemas; enter: (pair: Pair) => void },
  visit: (pair: Pair) => void,
): void => {
  const open = new Map<Node, Set<Node>>()
  const go = (pair: Pair): void => {
    const { base, revision } = pair
    if (open.get(base.node)?.has(revision.node) || same(base, revision)) return
    enter(pair)
    visit(pair)
    const partners = open.get(base.node) ?? new Set()
    open.set(base.node, partners.add(revision.node))
    for (const next of children(pair, same)) go(next)
    partners.delete(revision.node)
  }
  go(root)
}

const single = [
  'items',
  'additionalProperties',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]
const byName = ['patternProperties', 'dependentSchemas']

const children = (pair: Pair, same: SameSchemas): Pair[] => {
  const { base, revision } = pair
  const step = (name: string, left: Schema, right: Schema, required = false): Pair => ({
    ...pair,
    base: left,
    revision: right,
    steps: [...pair.steps, name],
    position: below[pair.position],
    required,
  })
  const demanded = words(revision.node, 'required')
  const inBoth = (keyword: string, label: (name: string) => string) => {
    const after = members(revision, keyword)
    return [...members(base, keyword)].flatMap(([name, left]) => {
      const right = after.get(name)
      if (!right) return []
      return [step(label(name), left, right, keyword === 'properties' && demanded.includes(name))]
    })
  }
  return [
    ...inBoth('properties', (name) => name),
    ...single.flatMap((keyword) => {
      const [left, right] = [inner(base, keyword), inner(revision, keyword)]
      return left && right ? [step(keyword, left, right)] : []
    }),
    ...byName.flatMap((keyword) => inBoth(keyword, (name) => `${keyword}[${name}]`)),
    ...positions(base, revision).map(([i, left, right]) => step(`prefixItems[${i}]`, left, right)),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((keyword) =>
      matched(base, revision, keyword, same).pairs.map(({ label, left, right }) =>
        step(`${keyword}[${label}]`, left, right),
      ),
    ),
  ]
}

const positions = (base: Schema, revision: Schema) => {
  const right = branches(revision, 'prefixItems')
  return branches(base, 'prefixItems').flatMap((left, i) => {
    const other = right[i]
    return other ? [[i, left, other] as const] : []
  })
}

interface Branch {
  readonly schema: Schema
  readonly label: string
}

export interface Matched {
  readonly pairs: readonly { label: string; left: Schema; right: Schema }[]
  readonly added: readonly Branch[]
  readonly removed: readonly Branch[]
}

/**
 * Which branch of a composition became which. A reference stays itself; an unnamed branch is recognised by its content,
 * else by a title of its own, else, without a title, by being the only one left on either side.
 */
export const matched = (
  base: Schema,
  revision: Schema,
  keyword: 'allOf' | 'anyOf' | 'oneOf',
  same: SameSchemas,
): Matched => {
  const left = labelled(base, keyword)
  const right = labelled(revision, keyword)
  const pairs: { label: string; left: Schema; right: Schema }[] = []
  const pairUp = (isPair: (a: Branch, b: Branch) => boolean) => {
    for (const a of left.slice()) {
      const b = right.find((candidate) => isPair(a, candidate))
      if (!b) continue
      pairs.push({ label: a.label, left: a.schema, right: b.schema })
      left.splice(left.indexOf(a), 1)
      right.splice(right.indexOf(b), 1)
    }
  }
  const unnamed = ({ schema }: Branch) => schema.ref === undefined
  const title = ({ schema }: Branch) => text(schema.node, 'title')
  pairUp((a, b) => !unnamed(a) && a.schema.ref === b.schema.ref)
  pairUp((a, b) => unnamed(a) && unnamed(b) && same(a.schema, b.schema))
  const alone = (branches: readonly Branch[], word: string | undefined) =>
    branches.filter((branch) => unnamed(branch) && title(branch) === word).length === 1
  pairUp(
    (a, b) =>
      unnamed(a) &&
      unnamed(b) &&
      title(a) !== undefined &&
      title(a) === title(b) &&
      alone(left, title(a)) &&
      alone(right, title(a)),
  )
  if (left.filter(unnamed).length === 1 && right.filter(unnamed).length === 1)
    pairUp((a, b) => unnamed(a) && unnamed(b) && title(a) === title(b))
  return { pairs, added: right, removed: left }
}

const labelled = (schema: Schema, keyword: string): Branch[] =>
  branches(schema, keyword).map((branch, i) => {
    const title = text(branch.node, 'title')
    return { schema: branch, label: branch.ref ?? title ?? `#${i + 1}` }
  })

/** Properties that came, and those that went. */
export const properties = ({ base, revision }: Pair) => {
  const [before, after] = [members(base, 'properties'), members(revision, 'properties')]
  const pick = (all: Map<string, Schema>, names: readonly string[], schema: Schema) =>
    names.map((name) => {
      const property = all.get(name)
      assert(property, 'a property is picked from those that exist')
      return {
        name,
        property,
        required: words(schema.node, 'required').includes(name),
        readOnly: flag(property, 'readOnly'),
        writeOnly: flag(property, 'writeOnly'),
        hasDefault: (own(property.node, 'default') ?? null) !== null,
      }
    })
  return {
    added: pick(after, onlyIn([...before.keys()], [...after.keys()]), revision),
    removed: pick(before, onlyIn([...after.keys()], [...before.keys()]), base),
    kept: pick(
      after,
      [...after.keys()].filter((name) => before.has(name)),
      revision,
    ),
  }
}
