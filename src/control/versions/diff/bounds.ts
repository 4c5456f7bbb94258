/** Bounds: a request breaks where they tighten, an answer where they loosen. */
import { quoted } from './node.ts'
import { type Pair, subject } from './pair.ts'
import type { Say } from './finding.ts'
import { bound, flag } from './schema.ts'

interface Bound {
  readonly keyword: string
  /** The word in rule ids. */
  readonly word: string
  /** What holds where the keyword is absent. */
  readonly absent?: number
}

const bounds: readonly Bound[] = [
  { keyword: 'minLength', word: 'min-length', absent: 0 },
  { keyword: 'maxLength', word: 'max-length' },
  { keyword: 'minItems', word: 'min-items', absent: 0 },
  { keyword: 'maxItems', word: 'max-items' },
  { keyword: 'minimum', word: 'min' },
  { keyword: 'maximum', word: 'max' },
  { keyword: 'exclusiveMinimum', word: 'exclusive-min' },
  { keyword: 'exclusiveMaximum', word: 'exclusive-max' },
  { keyword: 'minContains', word: 'min-contains' },
  { keyword: 'maxContains', word: 'max-contains' },
]

/** A value that the server sets, in a request; one that only the client sets, in an answer. */
const isForTheOtherSide = ({ position, revision }: Pair): boolean =>
  (position === 'request-property' && flag(revision, 'readOnly')) ||
  (position === 'response-property' && flag(revision, 'writeOnly'))

export const boundRules = (pair: Pair, say: Say): void => {
  for (const { keyword, word, absent } of bounds) {
    const before = bound(pair.base, keyword) ?? absent
    const after = bound(pair.revision, keyword) ?? absent
    if (before === after) continue
    const change =
      before === undefined
        ? 'set'
        : after === undefined
          ? 'unset'
          : after > before
            ? 'increased'
            : 'decreased'
    const about = subject(pair)
    const words = {
      set: `${about} got ${keyword} ${quoted(after)}`,
      unset: `${about} lost ${keyword} ${quoted(before)}`,
      increased: `${keyword} of ${about} was raised from ${quoted(before)} to ${quoted(after)}`,
      decreased: `${keyword} of ${about} was lowered from ${quoted(before)} to ${quoted(after)}`,
    }[change]
    const position = positionOf(pair, keyword, change)
    if (position) say(`${position}-${word}-${change}`, words)
  }
}

/** Read-only properties of a request have rules of their own where a bound tightens, and none for a bound that is new. */
const positionOf = (pair: Pair, keyword: string, change: string): string | undefined => {
  if (!isForTheOtherSide(pair) || keyword.endsWith('Contains')) return pair.position
  if (pair.position === 'response-property' || change === 'set' || keyword.endsWith('Items'))
    return undefined
  const tightens = change === (keyword.toLowerCase().includes('max') ? 'decreased' : 'increased')
  return tightens && keyword !== 'minLength' ? 'request-read-only-property' : pair.position
}
