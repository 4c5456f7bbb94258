/** Which values are allowed by name: enumerations, constants, patterns; and which one stands for none: the default. */
import type { Say } from './finding.ts'
import { list, listed, onlyIn, own, quoted, text } from './node.ts'
import { type Pair, subject } from './pair.ts'
import { flag, type Schema } from './schema.ts'

export const valueRules = (pair: Pair, say: Say): void => {
  enumeration(pair, say)
  extensibleEnumeration(pair, say)
  constant(pair, say)
  pattern(pair, say)
}

const allowed = ({ node }: Schema, keyword = 'enum'): string[] =>
  list(node, keyword).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))

const enumeration = (pair: Pair, say: Say): void => {
  const { position, base, revision, root } = pair
  const [before, after] = [allowed(base), allowed(revision)]
  const about = subject(pair)
  if (before.length === 0 && after.length > 0) {
    say(`${position}-became-enum`, `${about} was restricted to ${listed(after)}`)
    if (root.location === 'header')
      say('request-header-property-became-enum', `${about} was restricted to ${listed(after)}`)
  }
  const removes =
    position === 'response-body'
      ? 'response-mediatype'
      : position === 'request-property' && flag(revision, 'readOnly')
        ? 'request-read-only-property'
        : position
  const adds =
    position === 'response-property' && flag(revision, 'writeOnly')
      ? 'response-write-only-property'
      : position
  for (const value of onlyIn(after, before))
    say(`${removes}-enum-value-removed`, `${about} no longer knows the value ${quoted(value)}`)
  for (const value of onlyIn(before, after))
    say(`${adds}-enum-value-added`, `${about} got the new value ${quoted(value)}`)
}

/** https://opensource.zalando.com/restful-api-guidelines/#112: more values may come at any time; none may go. */
const extensibleEnumeration = (pair: Pair, say: Say): void => {
  if (pair.position === 'request-property' && flag(pair.revision, 'readOnly')) return
  const keyword = 'x-extensible-enum'
  for (const value of onlyIn(allowed(pair.revision, keyword), allowed(pair.base, keyword)))
    say(
      `${pair.position}-x-extensible-enum-value-removed`,
      `${subject(pair)} no longer knows the extensible value ${quoted(value)}`,
    )
}

const constant = (pair: Pair, say: Say): void => change(pair, say, 'const', 'const')

/** A default of a parameter that must be sent is never used. */
export const defaultRules = (pair: Pair, say: Say, demanded = false): void => {
  if (!demanded) change(pair, say, 'default', 'default-value')
}

const change = (pair: Pair, say: Say, keyword: string, word: string): void => {
  const [before, after] = [pair.base, pair.revision].map(({ node }) => own(node, keyword) ?? null)
  if (JSON.stringify(before) === JSON.stringify(after)) return
  const about = `${keyword} of ${subject(pair)}`
  if (before === null) say(`${pair.position}-${word}-added`, `${about} is new: ${quoted(after)}`)
  else if (after === null)
    say(`${pair.position}-${word}-removed`, `${about} is gone: ${quoted(before)}`)
  else
    say(
      `${pair.position}-${word}-changed`,
      `${about} changed from ${quoted(before)} to ${quoted(after)}`,
    )
}

const pattern = (pair: Pair, say: Say): void => {
  const { position, base, revision } = pair
  const [before, after] = [text(base.node, 'pattern'), text(revision.node, 'pattern')]
  if (before === after) return
  const about = subject(pair)
  if (before === undefined) say(`${position}-pattern-added`, `${about} must match ${quoted(after)}`)
  else if (after === undefined)
    say(`${position}-pattern-removed`, `${about} need not match ${quoted(before)} any more`)
  else {
    const general = after === '.*' && pair.root.side === 'request'
    say(
      `${position}-pattern-${general ? 'generalized' : 'changed'}`,
      `${about} must match ${quoted(after)} instead of ${quoted(before)}`,
    )
  }
}
