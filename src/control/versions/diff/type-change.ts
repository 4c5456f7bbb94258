/** The kind of a value: type, format, null, and a choice among simple types. */
import type { Say } from './finding.ts'
import { listed, onlyIn, own, quoted, text } from './node.ts'
import { type Pair, subject } from './pair.ts'
import { branches, flag, type Schema } from './schema.ts'

/** Formats whose every value is also one of the format behind the arrow. */
const wider: Readonly<Record<string, readonly string[]>> = {
  'integer/int32': ['int64', 'bigint'],
  'integer/int64': ['bigint'],
  'number/float': ['double'],
  'string/date': ['date-time'],
  'string/time': ['date-time'],
}

const formatOf = (schema: Schema): string => text(schema.node, 'format') ?? ''

const isSameType = (a: Schema, b: Schema): boolean =>
  a.types.join() === b.types.join() && formatOf(a) === formatOf(b)

/** What is written as text, and not as JSON, has no types of its own: every value reads as a string. */
const isText = (mediaType: string): boolean => !/[/+]json($|\s*;)/.test(mediaType)

/** Whether every value of the one is a value of the other. */
const contains = (wide: Schema, narrow: Schema, mediaType: string): boolean => {
  const [to, from] = [wide.types.join(), narrow.types.join()]
  if (to !== from)
    return (
      (to === 'number' && from === 'integer') ||
      (isText(mediaType) && (to === 'string' || to === ''))
    )
  return wider[`${to}/${formatOf(narrow)}`]?.includes(formatOf(wide)) ?? false
}

export const typeRules = (pair: Pair, say: Say): void => {
  nullability(pair, say)
  const choice = choiceChange(pair)
  if (choice) listOfTypes(pair, choice, say)
  const isParameter = pair.root.location !== undefined && choice?.isRewritten !== true
  if (!isSameType(pair.base, pair.revision) && (isParameter || !choice)) typeChange(pair, say)
}

const typeChange = (pair: Pair, say: Say): void => {
  const { position, base, revision, root } = pair
  const words = `the type of ${subject(pair)} changed from ${nameOf(base)} to ${nameOf(revision)}`
  const readOnly = position === 'request-property' && flag(revision, 'readOnly')
  if (readOnly) return
  if (root.side === 'response') {
    if (!contains(base, revision, root.mediaType)) say(`${position}-type-changed`, words)
  } else if (position === 'request-parameter-property') {
    const verdict = contains(revision, base, 'application/json')
      ? 'generalized'
      : contains(revision, base, root.mediaType)
        ? 'changed'
        : 'specialized'
    say(`${position}-type-${verdict}`, words)
  } else {
    const wider = contains(revision, base, root.mediaType)
    say(`${position}-type-${wider ? 'generalized' : 'changed'}`, words)
  }
}

/** A header of an answer: text, whatever its schema says, so that only types and null are compared. */
export const headerTypeRules = (
  { base, revision, about }: { base: Schema; revision: Schema; about: string },
  say: Say,
): void => {
  if (revision.nullable && !base.nullable)
    say('response-header-became-nullable', `${about} may be null now`)
  if (isSameType(base, revision)) return
  const words = `the type of ${about} changed from ${nameOf(base)} to ${nameOf(revision)}`
  if (contains(base, revision, 'application/json')) say('response-header-type-specialized', words)
  else if (contains(revision, base, 'application/json'))
    say('response-header-type-generalized', words)
  else say('response-header-type-changed', words)
}

const nameOf = (schema: Schema): string =>
  quoted([schema.types.join(' or ') || 'any', formatOf(schema)].filter(Boolean).join('/'))

const nullability = (pair: Pair, say: Say): void => {
  const { position, base, revision } = pair
  if (base.nullable === revision.nullable) return
  if (revision.nullable) say(`${position}-became-nullable`, `${subject(pair)} may be null now`)
  else say(`${position}-became-not-nullable`, `${subject(pair)} may no longer be null`)
}

interface Choice {
  readonly types: readonly string[]
  readonly keyword?: string
  /** It says nothing of the types but their names. */
  readonly bare: boolean
}

/** A choice among unnamed simple types, written with `oneOf` or `anyOf`, or the one type of a schema without a choice. */
const choiceOf = (schema: Schema): Choice | undefined => {
  const keywords = ['oneOf', 'anyOf'].filter((keyword) => own(schema.node, keyword) !== undefined)
  const [keyword] = keywords
  if (keyword === undefined)
    return schema.types.length > 0 && isSimple(schema)
      ? { types: schema.types, bare: true }
      : undefined
  const all = branches(schema, keyword)
  const simple = all.every((branch) => branch.ref === undefined && isSimple(branch))
  if (keywords.length > 1 || schema.types.length > 0 || !simple) return undefined
  const types = all.map((branch) => branch.types[0] ?? (branch.nullable ? 'null' : ''))
  const bare = all.every((branch) => Object.keys(branch.node).join() === 'type')
  return types.includes('') ? undefined : { types: [...new Set(types)], keyword, bare }
}

const isSimple = ({ node }: Schema): boolean =>
  ['properties', 'oneOf', 'anyOf', 'allOf'].every(
    (keyword) => Object.keys(own(node, keyword) ?? {}).length === 0,
  )

/** Types that a choice gained and lost, none where it is only written otherwise; undefined where the change is no choice's. */
export const choiceChange = ({ base, revision }: Pair) => {
  const [before, after] = [choiceOf(base), choiceOf(revision)]
  if (!before || !after || (before.keyword ?? after.keyword) === undefined) return undefined
  if (before.keyword && after.keyword && before.keyword !== after.keyword) return undefined
  const gained = onlyIn(before.types, after.types)
  const lost = onlyIn(after.types, before.types)
  const isRewritten = before.keyword !== after.keyword && before.bare && after.bare
  if (gained.length + lost.length > 0) return { gained, lost, isRewritten: false }
  return isRewritten ? { gained, lost, isRewritten } : undefined
}

/** Of a gain and a loss at once, only the one that breaks is said. */
const listOfTypes = (
  pair: Pair,
  { gained, lost, isRewritten }: NonNullable<ReturnType<typeof choiceChange>>,
  say: Say,
): void => {
  if (isRewritten) return
  const widens = pair.root.side === 'request' ? lost.length === 0 : gained.length > 0
  if (widens)
    say(`${pair.position}-list-of-types-widened`, `${subject(pair)} may also be ${listed(gained)}`)
  else
    say(
      `${pair.position}-list-of-types-narrowed`,
      `${subject(pair)} may no longer be ${listed(lost)}`,
    )
}
