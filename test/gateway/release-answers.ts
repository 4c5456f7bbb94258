/**
 * Documents of a bank for a schema, with a canary in every place that the caller was not granted. What must come out is
 * worked out beside the making, by none of the code that is tried.
 */
import { assert } from '#kernel/assert.ts'
import {
  type Branch,
  CANARY,
  CANARY_DIGITS,
  type Caller,
  type Dice,
  holdsOne,
  kinds,
  type Leaf,
  type Rule,
  type Spec,
} from './release-fuzz.ts'

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
