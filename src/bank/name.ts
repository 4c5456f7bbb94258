/**
 * Whether two spellings are one name. Names of Uzbekistan are written in two scripts and three traditions, so both
 * sides are folded to what all spellings of a name have in common before they are compared.
 */
import { latinOf } from './script.ts'

export type NameVerdict = 'MATCH' | 'CLOSE_MATCH' | 'NO_MATCH'
export type Kind = 'person' | 'organisation'

/** Letters that one tradition tells apart and another does not: қ and к, ҳ and х, gh and g, double and single. */
const folds: readonly (readonly [RegExp, string])[] = [
  [/[ʻʼ'’‘`´ʹ]/g, ''],
  [/dzh|dj|zh/g, 'j'],
  [/sh/g, 'š'],
  [/ch/g, 'č'],
  [/gh/g, 'g'],
  [/kh|h/g, 'x'],
  [/ts/g, 's'],
  [/ph/g, 'f'],
  [/w/g, 'v'],
  [/q/g, 'k'],
  [/ye/g, 'e'],
  [/iy(?=[aeou])/g, 'i'],
  [/iy|yi|yy/g, 'i'],
  [/(.)\1+/g, '$1'],
]

const folded = (word: string): string =>
  folds.reduce((text, [pattern, by]) => text.replace(pattern, by), word)

/** Said after a father's name: son of, daughter of. */
const childOf = new Set(['ogli', 'ugli', 'kizi', 'oglu', 'kzi'])
const patronymicEnd = /(ovič|evič|ovna|evna|ivič)$/

/** Forms of companies, which one letterhead carries and another does not. */
const legalForms = new Set(
  [
    'mchj',
    'мчж',
    'xk',
    'хк',
    'aj',
    'аж',
    'qk',
    'қк',
    'duk',
    'дук',
    'yatt',
    'ятт',
    'ok',
    'ooo',
    'ооо',
    'ao',
    'ао',
    'oao',
    'оао',
    'zao',
    'зао',
    'chp',
    'чп',
    'sp',
    'сп',
    'ip',
    'ип',
    'fx',
    'фх',
    'llc',
    'ltd',
    'jsc',
    'inc',
    'plc',
  ].map((form) => folded(latinOf(form))),
)

interface Words {
  /** Must be there: given name and family name, or the words of a company's name. */
  readonly main: readonly string[]
  /** May be left out: the father's name. */
  readonly father: readonly string[]
}

const wordsOf = (name: string, kind: Kind): Words => {
  const all = latinOf(name.normalize('NFKC').toLowerCase())
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .split(/[^\p{L}\p{N}ʻʼ'’‘`´ʹ]+/u)
    .map(folded)
    .filter((word) => word !== '')
  if (kind === 'organisation') {
    const main = all.filter((word) => !legalForms.has(word))
    return { main: main.length > 0 ? main : all, father: [] }
  }
  const isFather = (word: string, at: number) =>
    childOf.has(all[at + 1] ?? '') || patronymicEnd.test(word)
  const names = all.filter((word) => !childOf.has(word))
  const father = all.filter((word, at) => !childOf.has(word) && isFather(word, at))
  // A name of two words has no father's name in it, whatever its words end in.
  if (names.length - father.length < 2) return { main: names, father: [] }
  return { main: names.filter((word) => !father.includes(word)), father }
}

export const compareNames = (given: string, held: string, kind: Kind): NameVerdict => {
  const ours = wordsOf(held, kind)
  const theirs = wordsOf(given, kind)
  if (ours.main.length === 0 || theirs.main.length === 0) return 'NO_MATCH'
  // One word of a person's name is anybody's.
  if (kind === 'person' && theirs.main.length < 2) return 'NO_MATCH'

  const without = remainder(theirs.main, ours.main)
  const missing = remainder(ours.main, theirs.main)
  // A father's name without its "son of" stands among the main words.
  const strange = remainder(without, ours.father)
  if (missing.length === 0 && strange.length === 0)
    return sameFather(theirs.father, ours.father) ? 'MATCH' : 'NO_MATCH'
  if (!sameFather(theirs.father, ours.father)) return 'NO_MATCH'
  if (nearly(strange, missing, kind)) return 'CLOSE_MATCH'
  return nearlyOneWord(theirs.main, ours.main) ? 'CLOSE_MATCH' : 'NO_MATCH'
}

/** The words of `a` that are not in `b`, each word of `b` taken once. */
const remainder = (a: readonly string[], b: readonly string[]): string[] => {
  const left = [...b]
  return a.filter((word) => {
    const at = left.indexOf(word)
    if (at < 0) return true
    left.splice(at, 1)
    return false
  })
}

const sameFather = (a: readonly string[], b: readonly string[]) =>
  a.length === 0 || b.length === 0 || a.every((word) => b.some((other) => isNear(word, other)))

/** At most one word is spelt a little otherwise, or is an initial; a company may lack a word of three. */
const nearly = (strange: readonly string[], missing: readonly string[], kind: Kind): boolean => {
  const [a, another] = strange
  const [b, andAnother] = missing
  if (another !== undefined || andAnother !== undefined || b === undefined) return false
  if (a === undefined) return kind === 'organisation' && b.length <= 3
  if (kind === 'person' && (a.length === 1 || b.length === 1)) return a[0] === b[0]
  return isNear(a, b)
}

/** Words that were written together or apart. */
const nearlyOneWord = (a: readonly string[], b: readonly string[]) =>
  a.length !== b.length && a.join('') === b.join('')

/** One slip in a word, two in a long one; short words must be right. */
const isNear = (a: string, b: string): boolean => {
  if (a === b) return true
  const length = Math.min(a.length, b.length)
  if (length <= 3) return false
  return slips(a, b) <= (length >= 10 ? 2 : 1)
}

/** Optimal string alignment: letters put in, left out, changed, or swapped with their neighbour. */
const slips = (a: string, b: string): number => {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  )
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity
      rows[i]![j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped)
    }
  return at(a.length, b.length)
}
