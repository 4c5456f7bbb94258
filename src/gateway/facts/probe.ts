/** A place of a request or an answer, and under which numbers what can be seen of it is kept. Compiled with its operation. */
import { assert } from '#kernel/assert.ts'
import {
  type Bucket,
  bucketAt,
  bucketText,
  type Fact,
  factText,
  lengthBuckets,
  numberBuckets,
  wholeBuckets,
} from '../field-facts.ts'
import { type AnyObject, followed, type Pointer } from '../documents/schema.ts'

type Of = Pick<Fact, 'place' | 'path'>
interface Entry extends Of {
  readonly first: number
  readonly word: string
  /** One fact for each; without them the word is the whole fact. */
  readonly buckets: readonly Bucket[] | null
}

/** Everything that can ever be said of one form of an operation: a fact is a number here, and is put in words when it is told. */
export class Vocabulary {
  readonly #entries: Entry[] = []
  size = 0

  add({ kind: word, ...of }: Fact): number {
    return this.#push({ ...of, first: this.size, word, buckets: null }, 1)
  }

  addAll(of: Of, word: string, buckets: readonly Bucket[]): number {
    return this.#push({ ...of, first: this.size, word, buckets }, buckets.length)
  }

  #push(entry: Entry, facts: number): number {
    this.#entries.push(entry)
    this.size += facts
    return entry.first
  }

  textOf(fact: number): string {
    const entry = this.#entries.findLast(({ first }) => first <= fact)
    assert(entry && fact < this.size, 'a fact is one of its form')
    const { place, path, word, buckets } = entry
    const one = buckets?.[fact - entry.first]
    return factText({ place, path, kind: one ? `${word}:${bucketText(one)}` : word })
  }
}

/** Whoever keeps what was seen. */
export interface Marks {
  mark(fact: number): void
}

/** Words of an enumeration by their numbers, and the number of a word that is none of them. */
interface Words {
  readonly known: ReadonlyMap<string, number>
  readonly other: number
}
interface Measured {
  readonly first: number
  readonly buckets: readonly Bucket[]
}

/** One class for all places, so that they are all looked at in the same way. */
export class Probe {
  readonly sent: number
  /** Of what is asked alone; of what is got nothing but that it is there counts. */
  readonly absent: number | null
  readonly nothing: number | null
  readonly words: Words | null
  readonly lengths: Measured | null
  readonly numbers: Measured | null
  readonly members: readonly (readonly [name: string, probe: Probe])[]
  readonly items: Probe | null

  constructor(made: Omit<Probe, 'look'>) {
    this.sent = made.sent
    this.absent = made.absent
    this.nothing = made.nothing
    this.words = made.words
    this.lengths = made.lengths
    this.numbers = made.numbers
    this.members = made.members
    this.items = made.items
  }

  look(value: unknown, marks: Marks): void {
    if (value === undefined) {
      if (this.absent !== null) marks.mark(this.absent)
      return
    }
    marks.mark(this.sent)
    if (value === null) {
      if (this.nothing !== null) marks.mark(this.nothing)
    } else if (typeof value === 'object') this.#inside(value, marks)
    else this.#one(value, marks)
  }

  #inside(value: object, marks: Marks): void {
    if (Array.isArray(value)) {
      if (this.lengths) marks.mark(measured(this.lengths, value.length))
      const { items } = this
      if (items) for (const item of value) items.look(item, marks)
      return
    }
    for (const [name, probe] of this.members)
      probe.look(Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined, marks)
  }

  #one(value: unknown, marks: Marks): void {
    if (this.words) marks.mark(this.words.known.get(String(value)) ?? this.words.other)
    if (typeof value === 'number' && this.numbers) marks.mark(measured(this.numbers, value))
    else if (typeof value === 'string' && this.lengths)
      marks.mark(measured(this.lengths, lengthOf(value)))
  }
}

const measured = ({ first, buckets }: Measured, value: number): number =>
  first + bucketAt(buckets, value)

/** As JSON Schema counts it: characters, and not the halves that some are written in. */
const lengthOf = (text: string): number => {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit <= 0xdbff) length--
  }
  return length
}

/** Deeper than that no request and no answer compiles. */
const DEPTH_MAX = 32

export interface Place {
  readonly place: string
  readonly path: string
  readonly depth: number
  /** Whether partners send it; otherwise they get it. */
  readonly asked: boolean
}

/** A schema with what stands beside it in choices: one place, whichever of them applies. */
const alternatives = (
  document: AnyObject,
  schema: unknown,
  at: Pointer,
  depth: number,
): AnyObject[] => {
  const own = followed(document, schema, at)
  if (depth > DEPTH_MAX) return [own]
  const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((word) => listIn(own, word))
  return [own, ...branches.flatMap((one) => alternatives(document, one, at, depth + 1))]
}

const listIn = (holder: AnyObject, word: string): unknown[] => {
  const value = holder[word]
  return Array.isArray(value) ? value : []
}

const membersIn = (all: readonly AnyObject[]): Map<string, unknown> => {
  const members = new Map<string, unknown>()
  for (const { properties } of all)
    for (const [name, schema] of Object.entries(properties ?? {}))
      if (!members.has(name)) members.set(name, schema)
  return members
}

export const compileProbe = (
  vocabulary: Vocabulary,
  document: AnyObject,
  schema: unknown,
  where: Place,
): Probe => {
  const { place, path, depth, asked } = where
  const all = alternatives(document, schema, path, depth)
  const types = new Set(all.flatMap(({ type }) => [type].flat()))
  const own = { place, path }
  const say = (kind: string) => vocabulary.add({ ...own, kind })
  const below = (name: string): Place => ({ ...where, path: `${path}/${name}`, depth: depth + 1 })
  const compile = (inner: unknown, name: string) =>
    compileProbe(vocabulary, document, inner, below(name))
  const items = all.find((one) => one['items'] !== undefined)?.['items']
  const isDeep = depth >= DEPTH_MAX
  const sent = say('sent')
  const words = asked ? wordsOf(all, say) : null
  const measure = (word: string, buckets: readonly Bucket[]): Measured => ({
    first: vocabulary.addAll(own, word, buckets),
    buckets,
  })
  const isLong = types.has('array') || (types.has('string') && words === null)
  const isWhole = types.has('integer') && !types.has('number')
  const isNumber = types.has('integer') || types.has('number')
  return new Probe({
    sent,
    absent: asked ? say('absent') : null,
    nothing: asked ? say('null') : null,
    words,
    lengths: asked && isLong ? measure('length', lengthBuckets) : null,
    numbers:
      asked && isNumber && words === null
        ? measure('number', isWhole ? wholeBuckets : numberBuckets)
        : null,
    members: isDeep
      ? []
      : [...membersIn(all)].map(([name, inner]) => [name, compile(inner, name)] as const),
    items: items === undefined || isDeep ? null : compile(items, 'items'),
  })
}

/** What is declared is named; what is not is one bucket, whatever it says. */
const wordsOf = (all: readonly AnyObject[], say: (kind: string) => number): Words | null => {
  const declared = new Set(
    all.flatMap((one) => [
      ...listIn(one, 'enum'),
      ...listIn(one, 'x-extensible-enum'),
      ...('const' in one ? [one['const']] : []),
    ]),
  )
  declared.delete(null)
  if (declared.size === 0) return null
  return {
    known: new Map([...declared].map((word) => [String(word), say(`enum:${String(word)}`)])),
    other: say('enum:other'),
  }
}
