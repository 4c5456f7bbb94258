/**
 * Documents for a projection, with a canary in every place that the caller was not granted. Schemas, callers and answers
 * are made of one seed; what must come out is worked out beside the making, by none of the code that is tried.
 */
import { assert } from '#kernel/assert.ts'

/** In letters and, for places of numbers, in digits. */
export const CANARY = 'CaNaRy'
export const CANARY_DIGITS = '86753098'

export const holdsCanary = (text: string): boolean =>
  text.includes(CANARY) || text.includes(CANARY_DIGITS)

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

const kinds = ['consent', 'scope', 'licence', 'purpose'] as const
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
type Rule = When &
  (
    | { action: 'release' | 'drop' }
    | {
        action: 'mask'
        form: 'account-number' | 'phone' | 'name' | 'email' | { first: number; last: number }
      }
    | { action: 'truncate'; length: number }
    | { action: 'tokenise'; prefix: string }
  )
interface Leaf {
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
interface Branch {
  readonly kind: 'object'
  readonly behind: string[] | null
  readonly members: readonly {
    readonly name: string
    readonly spec: Spec
    readonly required: boolean
  }[]
}
export type Spec = Leaf | List | Branch

const holdsOne = (
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

/** The rule that decides over a leaf; undefined: nothing of it is for the caller. */
const ruleFor = (leaf: Leaf, caller: Caller): Rule | undefined => {
  if (leaf.behind && !holdsOne(caller, 'consent', leaf.behind)) return undefined
  if (leaf.rules === null) return { action: 'release' }
  const rule = leaf.rules.find((r) =>
    kinds.every((kind) => {
      const list = r[kind]
      return list === undefined || holdsOne(caller, kind, list)
    }),
  )
  return rule?.action === 'drop' ? undefined : rule
}

const isOpen = (spec: Spec, caller: Caller): boolean => {
  if (spec.behind && !holdsOne(caller, 'consent', spec.behind)) return false
  if (spec.kind === 'leaf') return ruleFor(spec, caller) !== undefined
  if (spec.kind === 'list') return isOpen(spec.item, caller)
  return spec.members.length === 0 || spec.members.some((m) => isOpen(m.spec, caller))
}

/** Stands for a name that the gateway made up: it must be there, and say nothing. */
export const PSEUDONYM = /^(?:tok|ref)_[0-9a-f]{8,32}$/

/** A text, and what must come of it: a value, or `undefined` where nothing may. */
interface Made {
  readonly text: string
  readonly expected: unknown
}

const plainTexts = [
  '',
  'x',
  'Rent of May',
  'ünï',
  'a"b',
  'back\\slash',
  'line\nbreak',
  '数字',
  '😀 smile',
  '</script>',
]

const makeOpenLeaf = (dice: Dice, leaf: Leaf, rule: Rule): Made => {
  if (leaf.nullable && dice.chance(0.2)) return { text: 'null', expected: null }
  switch (leaf.type) {
    case 'boolean':
      return dice.chance(0.5)
        ? { text: 'true', expected: true }
        : { text: 'false', expected: false }
    case 'integer': {
      const n = dice.below(2_000_001) - 1_000_000
      return { text: String(n), expected: n }
    }
    case 'number': {
      const text = dice.pick(['0', '-0.5', '1e3', '12.50', '1E-2', '123456789012345', '-7'])
      return { text, expected: Number(text) }
    }
    case 'string':
      break
  }
  const [value, expected] = changed(dice, rule)
  return { text: spelled(dice, value), expected }
}

/** A value whose hidden part is a canary, and what must be left of it. */
const changed = (dice: Dice, rule: Rule): [string, unknown] => {
  switch (rule.action) {
    case 'drop':
    case 'release': {
      const value = dice.pick(plainTexts)
      return [value, value]
    }
    case 'truncate': {
      const kept = Array.from({ length: rule.length }, () => dice.pick(['k', 'ж', '😀'])).join('')
      return [kept + CANARY, kept]
    }
    case 'tokenise':
      return [`${CANARY}${dice.below(9)}`, PSEUDONYM]
    case 'mask':
      break
  }
  const { form } = rule
  if (typeof form === 'object') return [`ab${CANARY}xyz`, 'ab***xyz']
  if (form === 'account-number') return [`${CANARY}${CANARY_DIGITS}4321`, '***4321']
  if (form === 'phone') return [`+998 ${CANARY_DIGITS} 67`, '+998***67']
  if (form === 'name') return [`D${CANARY} K${CANARY}`, 'D*** K***']
  return [`d${CANARY}@namuna.uz`, 'd***@namuna.uz']
}

/** A string as JSON, in one of its many spellings. */
const spelled = (dice: Dice, value: string): string => {
  const plain = JSON.stringify(value)
  if (dice.chance(0.8)) return plain
  let text = '"'
  for (let i = 0; i < value.length; i++) {
    const escape = `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`
    const own = JSON.stringify(value[i]).slice(1, -1)
    text += dice.chance(0.4)
      ? dice.chance(0.5)
        ? escape
        : escape.replace(/[a-f]/g, (c) => c.toUpperCase())
      : own
  }
  // A half of a pair is escaped by JSON.stringify, and joins its other half again when it is read.
  return `${text}"`
}

/** Anything at all, made of canaries: what stands where nobody was granted or nothing declared. */
const makeForbidden = (dice: Dice, depth: number): string => {
  switch (dice.below(depth > 3 ? 3 : 6)) {
    case 0:
      return spelled(dice, CANARY)
    case 1:
      return CANARY_DIGITS
    case 2:
      return `-${CANARY_DIGITS}.5e2`
    case 3:
      return `[${makeForbidden(dice, depth + 1)},${makeForbidden(dice, depth + 1)}]`
    case 4:
      return `{${spelled(dice, CANARY)}:${makeForbidden(dice, depth + 1)}}`
    default:
      return `"${CANARY.repeat(1 + dice.below(20))}"`
  }
}

const space = (dice: Dice): string =>
  dice.chance(0.06) ? dice.pick([' ', '\n', '\t', '  \r\n']) : ''

/** A text for a spec; `open` is false within what is not for the caller. */
const make = (dice: Dice, spec: Spec, caller: Caller, open: boolean): Made => {
  if (!open || !isOpen(spec, caller)) {
    // Where nobody looks it may have any shape, also the declared one.
    if (dice.chance(0.5)) return { text: makeForbidden(dice, 0), expected: undefined }
    return { text: makeClosed(dice, spec, caller), expected: undefined }
  }
  switch (spec.kind) {
    case 'leaf': {
      const rule = ruleFor(spec, caller)
      assert(rule, 'an open leaf has a rule')
      return makeOpenLeaf(dice, spec, rule)
    }
    case 'list': {
      const items = Array.from({ length: dice.below(3) }, () => make(dice, spec.item, caller, true))
      return {
        text: `[${items.map((m) => space(dice) + m.text).join(`${space(dice)},`)}${space(dice)}]`,
        expected: items.map((m) => m.expected),
      }
    }
    case 'object':
      return makeObject(dice, spec, caller, true)
  }
}

const makeClosed = (dice: Dice, spec: Spec, caller: Caller): string => {
  if (spec.kind === 'leaf') return makeForbidden(dice, 0)
  if (spec.kind === 'list') return `[${makeClosed(dice, spec.item, caller)}]`
  return makeObject(dice, spec, caller, false).text
}

const makeObject = (dice: Dice, spec: Branch, caller: Caller, open: boolean): Made => {
  const parts: string[] = []
  const expected: Record<string, unknown> = {}
  const members = dice.chance(0.3) ? spec.members.toSorted(() => dice.below(3) - 1) : spec.members
  for (const { name, spec: inner, required } of members) {
    if (!required && dice.chance(0.2)) continue
    if (dice.chance(0.1)) parts.push(stranger(dice, parts.length))
    const made = make(dice, inner, caller, open)
    parts.push(`${spelled(dice, name)}${space(dice)}:${space(dice)}${made.text}`)
    if (made.expected !== undefined) expected[name] = made.expected
  }
  if (dice.chance(0.15)) parts.push(stranger(dice, parts.length))
  return {
    text: `{${space(dice)}${parts.join(`${space(dice)},${space(dice)}`)}${space(dice)}}`,
    expected,
  }
}

/** A member that nobody declared. */
const stranger = (dice: Dice, n: number): string =>
  `${spelled(dice, `zz${n}${dice.pick(['', CANARY, 'aaa', 'ж'])}`)}:${makeForbidden(dice, 0)}`

/** An answer of a bank, and what must be released of it; `anything` where it is refused or released, without a canary. */
export interface Answer {
  readonly text: string
  readonly expected: unknown
  readonly broken: boolean
}

export const makeAnswer = (dice: Dice, spec: Spec, caller: Caller): Answer => {
  assert(spec.kind === 'object', 'an answer is an object')
  const { text, expected } = makeObject(dice, spec, caller, true)
  if (!dice.chance(0.2)) return { text, expected, broken: false }
  return { text: broken(dice, text), expected: undefined, broken: true }
}

/** What banks should not send, and some day will. */
const broken = (dice: Dice, text: string): string => {
  const at = dice.below(text.length)
  switch (dice.below(9)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text + dice.pick([CANARY, `"${CANARY}"`, `,{"aaa":"${CANARY}"}`, '\u0000', '}'])
    case 2:
      // Every first name of an object stands twice, once with a canary.
      return text.replace(
        /\{\s*("(?:[^"\\]|\\.)*")/g,
        (whole, name: string) => `{${name}:"${CANARY}",${whole.slice(1)}`,
      )
    case 3:
      return text.replace(
        /^\{\s*("(?:[^"\\]|\\.)*")(.*)\}$/s,
        (_, name: string, rest: string) => `{${name}${rest},${name}:"${CANARY}"}`,
      )
    case 4:
      return `{"zz":${'['.repeat(40)}"${CANARY}"${']'.repeat(40)},${text.slice(1)}`
    case 5:
      return `{"zz":${CANARY_DIGITS.repeat(4)},${text.slice(1)}`
    case 6:
      return (
        text.slice(0, at) +
        dice.pick(['"', '\\', ',', ':', '{', ']', '\u2028', '\ud800', '0']) +
        text.slice(at + 1)
      )
    case 7:
      return text.replace('":', `":{"${CANARY}":"${CANARY}"},"zz":`)
    default:
      return `\ufeff${text}`
  }
}

/** Whether what was released is what must be, with any pseudonym where one is expected. */
export const isExpected = (released: unknown, expected: unknown): boolean => {
  if (expected === PSEUDONYM) return typeof released === 'string' && PSEUDONYM.test(released)
  if (Array.isArray(expected))
    return (
      Array.isArray(released) &&
      released.length === expected.length &&
      expected.every((one, i) => isExpected(released[i], one))
    )
  if (typeof expected !== 'object' || expected === null)
    return Object.is(released, expected) || released === expected
  if (typeof released !== 'object' || released === null || Array.isArray(released)) return false
  const names = Object.keys(expected)
  return (
    Object.keys(released).length === names.length &&
    names.every(
      (name) =>
        Object.hasOwn(released, name) &&
        isExpected(Reflect.get(released, name), Reflect.get(expected, name)),
    )
  )
}
