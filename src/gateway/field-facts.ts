/**
 * What is kept of how an application uses an operation: that a member was sent or left out, which word of an enumeration,
 * and of numbers, texts and lists between which two bounds they lay. All that can be said is known from the document
 * before anybody called: so nothing that is said holds a value.
 */
import { z } from 'zod'

/** `body #/debtor/name length:[17,20]`: where, which member by the names that comparisons of documents use, and what. */
export const FactText = z.string().max(2_000)

export interface Fact {
  /** `call`, `body`, `query`, `header`, or the status of an answer. */
  readonly place: string
  /** From the root, `#`; `items` for every item of a list. */
  readonly path: string
  readonly kind: string
}

export const factText = ({ place, path, kind }: Fact): string =>
  `${place} ${path.replaceAll(' ', '%20')} ${kind}`

export const factOf = (text: string): Fact => {
  const first = text.indexOf(' ')
  const second = text.indexOf(' ', first + 1)
  return {
    place: text.slice(0, first),
    path: text.slice(first + 1, second).replaceAll('%20', ' '),
    kind: text.slice(second + 1),
  }
}

/** That the application called it at all, whatever it sent. */
export const madeFact = factText({ place: 'call', path: '#', kind: 'made' })

/** Numbers between two bounds; a bound is among them where its end is closed. */
export interface Bucket {
  readonly least: number
  readonly most: number
  readonly isLeastIn: boolean
  readonly isMostIn: boolean
}

/** Bounds that documents set are mostly among these, so that a bucket lies on one side of them. */
const lengths = [
  0, 1, 2, 4, 6, 8, 10, 12, 15, 16, 20, 24, 25, 30, 32, 34, 35, 40, 50, 64, 70, 80, 100, 120, 128,
  140, 150, 200, 210, 250, 255, 256, 300, 400, 500, 512, 1_000, 1_024, 2_000, 2_048, 4_000, 4_096,
  5_000, 10_000, 100_000,
] as const
const tens = Array.from({ length: 14 }, (_, i) => 10 ** (i + 1))
const numbers = [...tens.flatMap((ten) => [ten, 2 * ten, 5 * ten]), 1e15]

const bucket = (least: number, most: number, ends: '[]' | '(]' | '[)'): Bucket => ({
  least,
  most,
  isLeastIn: ends.startsWith('['),
  isMostIn: ends.endsWith(']'),
})

export const lengthBuckets: readonly Bucket[] = [
  ...lengths.map((most, i) => bucket(i === 0 ? 0 : (lengths[i - 1] ?? 0) + 1, most, '[]')),
  bucket(100_001, Number.POSITIVE_INFINITY, '[]'),
]

/** Of whole numbers the next one begins a bucket; of others it begins right behind the last. */
const upwards = (isWhole: boolean): Bucket[] =>
  [...numbers, Number.POSITIVE_INFINITY].map((most, i) => {
    const below = i === 0 ? 0 : (numbers[i - 1] ?? 0)
    return isWhole ? bucket(below + 1, most, '[]') : bucket(below, most, '(]')
  })

const mirrored = ({ least, most, isLeastIn, isMostIn }: Bucket): Bucket => ({
  least: 0 - most,
  most: 0 - least,
  isLeastIn: isMostIn,
  isMostIn: isLeastIn,
})

const around = (isWhole: boolean): readonly Bucket[] => {
  const up = upwards(isWhole)
  return [...up.toReversed().map(mirrored), bucket(0, 0, '[]'), ...up]
}
export const wholeBuckets = around(true)
export const numberBuckets = around(false)

/** The place of the bucket that a number is in; the last one takes what is beyond all. */
export const bucketAt = (buckets: readonly Bucket[], value: number): number => {
  let [low, high] = [0, buckets.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    const one = buckets[middle]
    if (one && (value < one.most || (value === one.most && one.isMostIn))) high = middle
    else low = middle + 1
  }
  return low
}

export const bucketText = ({ least, most, isLeastIn, isMostIn }: Bucket): string =>
  `${isLeastIn ? '[' : '('}${least},${most}${isMostIn ? ']' : ')'}`

const interval = /^([[(])(-?[\w.+]+),(-?[\w.+]+)([\])])$/

/** What `bucketText` wrote. */
export const bucketIn = (text: string): Bucket | undefined => {
  const [, opened, least, most, closed] = interval.exec(text) ?? []
  if (opened === undefined) return undefined
  return {
    least: Number(least),
    most: Number(most),
    isLeastIn: opened === '[',
    isMostIn: closed === ']',
  }
}
