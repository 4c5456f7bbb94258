/** What a schema is put together from: allOf, anyOf, oneOf, the discriminator, and the conditional keywords. */
import type { Say } from './finding.ts'
import { child, listed, node, onlyIn, own, quoted, text, words } from './node.ts'
import { matched, type Pair, subject } from './pair.ts'
import { choiceChange } from './type-change.ts'
import { branches, members, type Schema } from './schema.ts'

const compositions = [
  { keyword: 'allOf', word: 'all-of' },
  { keyword: 'anyOf', word: 'any-of' },
  { keyword: 'oneOf', word: 'one-of' },
] as const

export const compositionRules = (
  pair: Pair,
  say: Say,
  same: (a: Schema, b: Schema) => boolean,
): void => {
  const isChoice = choiceChange(pair) !== undefined
  for (const { keyword, word } of compositions) {
    if (isChoice && keyword !== 'allOf') continue
    const { added, removed } = matched(pair.base, pair.revision, keyword, same)
    const about = `${keyword} of ${subject(pair)}`
    const labels = (all: readonly { label: string }[]) => listed(all.map(({ label }) => label))
    if (added.length > 0) say(`${pair.position}-${word}-added`, `${about} got ${labels(added)}`)
    if (removed.length > 0)
      say(`${pair.position}-${word}-removed`, `${about} lost ${labels(removed)}`)
  }
  discriminator(pair, say)
  presence(pair, say)
  lists(pair, say)
}

const discriminator = (pair: Pair, say: Say): void => {
  const [before, after] = [pair.base, pair.revision].map((s) => child(s.node, 'discriminator'))
  if (!before && !after) return
  const id = `${pair.position}-discriminator`
  const about = `the discriminator of ${subject(pair)}`
  if (!before) return say(`${id}-added`, `${about} is new`)
  if (!after) return say(`${id}-removed`, `${about} is gone`)
  const [name, newName] = [text(before, 'propertyName'), text(after, 'propertyName')]
  if (name !== newName)
    say(
      `${id}-property-name-changed`,
      `${about} is the property ${quoted(newName)} instead of ${quoted(name)}`,
    )
  const [mapping, newMapping] = [child(before, 'mapping') ?? {}, child(after, 'mapping') ?? {}]
  const added = onlyIn(Object.keys(mapping), Object.keys(newMapping))
  const deleted = onlyIn(Object.keys(newMapping), Object.keys(mapping))
  if (added.length > 0) say(`${id}-mapping-added`, `${about} also maps ${listed(added)}`)
  if (deleted.length > 0) say(`${id}-mapping-deleted`, `${about} no longer maps ${listed(deleted)}`)
  for (const [key, to] of Object.entries(newMapping))
    if (!added.includes(key) && mapping[key] !== to)
      say(
        `${id}-mapping-changed`,
        `${about} maps ${quoted(key)} to ${quoted(to)} instead of ${quoted(mapping[key])}`,
      )
}

/** Keywords that are there or not; what changes inside them is compared like every schema. */
const keywords = [
  { keyword: 'if', word: 'if' },
  { keyword: 'then', word: 'then' },
  { keyword: 'else', word: 'else' },
  { keyword: 'contains', word: 'contains' },
  { keyword: 'propertyNames', word: 'property-names' },
  { keyword: 'unevaluatedItems', word: 'unevaluated-items' },
  { keyword: 'unevaluatedProperties', word: 'unevaluated-properties' },
  { keyword: 'contentSchema', word: 'content-schema' },
]

const presence = (pair: Pair, say: Say): void => {
  const { position, base, revision } = pair
  for (const { keyword, word } of keywords) {
    // `true` allows everything, as if it were not there.
    const [before, after] = [base, revision].map(
      ({ node }) => (own(node, keyword) ?? true) !== true,
    )
    if (before === after) continue
    if (after) say(`${position}-${word}-added`, `${subject(pair)} got the constraint ${keyword}`)
    else say(`${position}-${word}-removed`, `${subject(pair)} lost the constraint ${keyword}`)
  }
  for (const { keyword, word } of [
    { keyword: 'contentMediaType', word: 'content-media-type' },
    { keyword: 'contentEncoding', word: 'content-encoding' },
  ]) {
    const [before, after] = [text(base.node, keyword), text(revision.node, keyword)]
    if (before !== after)
      say(
        `${position}-${word}-changed`,
        `${keyword} of ${subject(pair)} changed from ${quoted(before ?? 'none')} to ${quoted(after ?? 'none')}`,
      )
  }
}

const lists = (pair: Pair, say: Say): void => {
  const { position, base, revision } = pair
  const about = subject(pair)
  const [count, newCount] = [base, revision].map((s) => branches(s, 'prefixItems').length)
  if (newCount! > count!)
    say(`${position}-prefix-items-added`, `prefixItems of ${about} grew to ${newCount}`)
  if (newCount! < count!)
    say(`${position}-prefix-items-removed`, `prefixItems of ${about} shrank to ${newCount}`)
  for (const { keyword, word } of [
    { keyword: 'dependentSchemas', word: 'dependent-schema' },
    { keyword: 'patternProperties', word: 'pattern-property' },
  ]) {
    const [before, after] = [base, revision].map((s) => [...members(s, keyword).keys()])
    for (const name of onlyIn(before!, after!))
      say(`${position}-${word}-added`, `${keyword} of ${about} got ${quoted(name)}`)
    for (const name of onlyIn(after!, before!))
      say(`${position}-${word}-removed`, `${keyword} of ${about} lost ${quoted(name)}`)
  }
  dependentRequired(pair, say)
}

const dependentRequired = (pair: Pair, say: Say): void => {
  const { position, base, revision } = pair
  const [before, after] = [base, revision].map((s) => node(own(s.node, 'dependentRequired')) ?? {})
  const id = `${position}-dependent-required`
  const about = subject(pair)
  for (const name of new Set([...Object.keys(before!), ...Object.keys(after!)])) {
    const [was, is] = [words(before, name), words(after, name)]
    if (own(before, name) === undefined)
      say(`${id}-added`, `${about} with ${quoted(name)} must have ${listed(is)} too`)
    else if (own(after, name) === undefined)
      say(`${id}-removed`, `${about} with ${quoted(name)} need not have ${listed(was)}`)
    else if (was.toSorted().join() !== is.toSorted().join())
      say(
        `${id}-changed`,
        `${about} with ${quoted(name)} must have ${listed(is)} instead of ${listed(was)}`,
      )
  }
}
