/** Schemas of answers, callers who hold something of what opens them, and the canary: all made of one seed. */
import { assert } from '#kernel/assert.ts'

/** In letters and, for places of numbers, in digits. */
export const CANARY = 'CaNaRy'
export const CANARY_DIGITS = '86753098'

const spells = (text: string): boolean => text.includes(CANARY) || text.includes(CANARY_DIGITS)

/** In whatever spelling of JSON. */
export const holdsCanary = (text: string): boolean =>
  spells(text) ||
  (text.includes('\\u') &&
    spells(
      text.replaceAll(/\\u([0-9a-f]{4})/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    ))

/** mulberry32: small, quick, the same everywhere. */
export const openDice = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <T>(list: readonly T[]): T => {
    const found = list[below(list.length)]
    assert(found !== undefined, 'one picks from a list that has something')
    return found
  }
  return { below, pick, chance: (p: number): boolean => next() < p }
}
export type Dice = ReturnType<typeof openDice>

export const kinds = ['consent', 'scope', 'licence', 'purpose'] as const
const words = {
  consent: ['P1', 'P2', 'P3'],
  scope: ['s1', 's2'],
  licence: ['fuzz.read', 'fuzz.other'],
  purpose: ['Q1', 'Q2'],
}

/** What a made-up caller holds. */
export interface Caller {
  readonly consent: ReadonlySet<string>
  readonly scope: ReadonlySet<string>
  readonly licence: string
  readonly purpose: string | undefined
}
export const makeCaller = (dice: Dice): Caller => ({
  consent: new Set(words.consent.filter(() => dice.chance(0.5))),
  scope: new Set(words.scope.filter(() => dice.chance(0.5))),
  licence: 'fuzz.read',
  purpose: dice.chance(0.3) ? undefined : dice.pick(words.purpose),
})

type When = Partial<Record<(typeof kinds)[number], string[]>>
export type Rule = When &
  (
    | { action: 'release' | 'drop' }
    | {
        action: 'mask'
        form: 'account-number' | 'phone' | 'name' | 'email' | { first: number; last: number }
      }
    | { action: 'truncate'; length: number }
    | { action: 'tokenise'; prefix: string }
  )
export interface Leaf {
  readonly kind: 'leaf'
  readonly type: 'string' | 'integer' | 'number' | 'boolean'
  readonly nullable: boolean
  readonly behind: string[] | null
  readonly rules: readonly Rule[] | null
}
interface List {
  readonly kind: 'list'
  readonly behind: string[] | null
  readonly item: Spec
}
export interface Branch {
  readonly kind: 'object'
  readonly behind: string[] | null
  readonly members: readonly {
    readonly name: string
    readonly spec: Spec
    readonly required: boolean
  }[]
}
export type Spec = Leaf | List | Branch

export const holdsOne = (
  caller: Caller,
  kind: (typeof kinds)[number],
  list: readonly string[],
): boolean => {
  const held = caller[kind]
  return list.some((word) => (typeof held === 'object' ? held.has(word) : held === word))
}

const makeWhen = (dice: Dice): When => {
  const when: When = {}
  for (const kind of kinds)
    if (dice.chance(0.35))
      when[kind] = words[kind]
        .filter((_, i) => i === 0 || dice.chance(0.5))
        .slice(dice.below(2) === 0 ? 0 : -1)
  return when
}

const makeRule = (dice: Dice, type: Leaf['type']): Rule => {
  const when = makeWhen(dice)
  const action = type === 'string' ? dice.below(5) : dice.below(2)
  if (action === 0) return { ...when, action: 'release' }
  if (action === 1) return { ...when, action: 'drop' }
  if (action === 2) return { ...when, action: 'truncate', length: 1 + dice.below(6) }
  if (action === 3) return { ...when, action: 'tokenise', prefix: dice.pick(['tok', 'ref']) }
  const form = dice.pick([
    'account-number',
    'phone',
    'name',
    'email',
    { first: 2, last: 3 },
  ] as const)
  return { ...when, action: 'mask', form }
}

const isConditional = (rule: Rule) => kinds.some((kind) => rule[kind] !== undefined)

const makeLeaf = (dice: Dice): Leaf => {
  const type = dice.pick(['string', 'string', 'string', 'integer', 'number', 'boolean'] as const)
  const rules: Rule[] = []
  if (dice.chance(0.6))
    for (let n = 1 + dice.below(3); n > 0; n--) {
      const rule = makeRule(dice, type)
      rules.push(rule)
      if (!isConditional(rule)) break
    }
  return {
    kind: 'leaf',
    type,
    nullable: dice.chance(0.15),
    behind: dice.chance(0.3) ? [dice.pick(words.consent)] : null,
    rules: rules.length > 0 ? rules : null,
  }
}

const oddNames = ['ж', 'ü', 'a/b', 'a~b', 'naïve', '数', 'with space', '😀']

export const makeSpec = (dice: Dice, depth = 0): Spec => {
  const kind = depth === 0 ? 1 : dice.below(depth > 3 ? 1 : 4)
  const behind = dice.chance(0.12) && depth > 0 ? [dice.pick(words.consent)] : null
  if (kind === 1) {
    const count = depth === 0 ? 2 + dice.below(4) : dice.below(5)
    // No two names are one slip of a key apart.
    const members = Array.from({ length: count }, (_, i) => ({
      name: `${String.fromCodePoint(97 + i)}${String.fromCodePoint(97 + i).repeat(2)}${dice.chance(0.2) ? dice.pick(oddNames) : ''}`,
      spec: makeSpec(dice, depth + 1),
      required: dice.chance(0.4),
    }))
    return { kind: 'object', behind, members }
  }
  if (kind === 2) return { kind: 'list', behind, item: makeSpec(dice, depth + 1) }
  return makeLeaf(dice)
}

/** A spec as the document of a product says it. */
export const schemaOf = (spec: Spec): Record<string, unknown> => {
  const behind = spec.behind === null ? {} : { 'x-permission': spec.behind }
  if (spec.kind === 'list') return { ...behind, type: 'array', items: schemaOf(spec.item) }
  if (spec.kind === 'object')
    return {
      ...behind,
      type: 'object',
      additionalProperties: false,
      required: spec.members.filter((m) => m.required).map((m) => m.name),
      properties: Object.fromEntries(spec.members.map((m) => [m.name, schemaOf(m.spec)])),
    }
  return {
    ...behind,
    type: spec.nullable ? [spec.type, 'null'] : spec.type,
    'x-data-class': 'personal',
    ...(spec.rules && { 'x-release': spec.rules }),
  }
}
