/**
 * Field release: an answer is built anew from what its schema names and this caller may see, never pruned (G50).
 * One pass over the text; numbers and plain strings pass as they stand (G54), all else fails closed (G53). What may
 * leave is copied in spans as long as they get, so that an answer that is released whole is copied once.
 */
import { decodeString, DEPTH_MAX, JsonReader } from '../documents/json.ts'
import type { Pseudonym } from './mask.ts'
import { type Plan, type PlanMember, planOf } from './plan.ts'
import type { AnyObject, Pointer } from '../documents/schema.ts'
import { compileShape, type Condition, type Field, type Leaf } from './shape.ts'

/** An answer that is not what the document declares. It is withheld as a whole. */
export class NotAsDeclared extends Error {
  override readonly name = 'NotAsDeclared'
}

/** What a call holds, by the kinds of conditions. */
export interface Held {
  readonly consent: ReadonlySet<string>
  readonly scope: ReadonlySet<string>
  readonly licence: string | undefined
  readonly purpose: string | undefined
}

export interface Released {
  readonly text: string
  /** Places [start, end) of `text` that hold card data or a token on purpose: pairs of offsets. */
  readonly unguarded: readonly number[]
  /** In how many places each field was released, by its place in `fields`. Valid until the next release. */
  readonly counts: Uint32Array
}

export interface Projection {
  /** Throws `NotAsDeclared` or `JsonRefused`. Fields whose pointers are `withheld` are dropped, whatever the rules say. */
  release(text: string, held: Held, pseudonym: Pseudonym, withheld?: ReadonlySet<string>): Released
  readonly fields: readonly Field[]
  readonly holdsCardData: boolean
}

/** Combinations of conditions whose plans are kept. A caller that makes up more waits for theirs each time. */
const PLANS_MAX = 64
const nothing: ReadonlySet<string> = new Set()

export const compileProjection = (
  document: AnyObject,
  schema: unknown,
  at: Pointer,
): Projection => {
  const { root, conditions, fields, holdsCardData } = compileShape(document, schema, at)
  const counts = new Uint32Array(fields.length)
  const plans = new WeakMap<ReadonlySet<string>, Map<number, Plan>>()
  const planFor = (met: number, withheld: ReadonlySet<string>): Plan => {
    const known = plans.get(withheld) ?? new Map<number, Plan>()
    const found = known.get(met)
    if (found) return found
    const made = planOf(root, met, withheld)
    if (known.size < PLANS_MAX) plans.set(withheld, known.set(met, made))
    return made
  }
  return {
    fields,
    holdsCardData,
    release: (text, held, pseudonym, withheld = nothing) => {
      counts.fill(0)
      const run = new Run(text, counts, pseudonym)
      run.value(planFor(conditionsMet(conditions, held), withheld), 0)
      run.reader.end()
      return { text: run.end(), unguarded: run.unguarded, counts }
    },
  }
}

const conditionsMet = (conditions: readonly Condition[], held: Held): number => {
  let met = 0
  for (let i = 0; i < conditions.length; i++) {
    const condition = conditions[i]
    if (condition && isMet(condition, held)) met |= 1 << i
  }
  return met
}

const isMet = ({ kind, words }: Condition, held: Held): boolean => {
  const holding = held[kind]
  if (holding === undefined) return false
  for (const word of words)
    if (typeof holding === 'string' ? holding === word : holding.has(word)) return true
  return false
}

const bitsOf = (word: number): number => {
  let bits = 0
  for (let left = word; left !== 0; left &= left - 1) bits++
  return bits
}

/** One answer on its way through a plan. */
class Run {
  readonly reader: JsonReader
  readonly counts: Uint32Array
  readonly pseudonym: Pseudonym
  readonly unguarded: number[] = []
  #out = ''
  /** The span of the source that is to be copied next, and that grows as long as what follows it may leave too. */
  #from = 0
  #to = 0

  constructor(text: string, counts: Uint32Array, pseudonym: Pseudonym) {
    this.reader = new JsonReader(text)
    this.counts = counts
    this.pseudonym = pseudonym
  }

  end(): string {
    this.#flush()
    return this.#out
  }

  value(plan: Plan, depth: number): void {
    const { reader } = this
    const c = reader.peek()
    if (c === 0x6e && plan.nullable) return this.#null(plan)
    if (depth > DEPTH_MAX) reader.refuse('too-deep')
    if (plan.leaf) this.#leaf(plan, plan.leaf, c)
    else if (plan.kind === 'object') this.#object(plan, depth, c)
    else this.#list(plan, depth, c)
  }

  /** Copies [start, end) of the source. */
  #copy(start: number, end: number): void {
    if (start !== this.#to) {
      this.#flush()
      this.#from = start
    }
    this.#to = end
  }

  /** Writes words of our own; the source is gone on with at `end`. */
  #write(words: string, end: number): void {
    this.#flush()
    this.#out += words
    this.#from = end
    this.#to = end
  }

  #flush(): void {
    if (this.#to > this.#from) this.#out += this.reader.text.slice(this.#from, this.#to)
    this.#from = this.#to
  }

  /** A comma that stands between what was written last and `start` in the source is copied, another is ours. */
  #comma(start: number): void {
    if (this.#to === start - 1) this.#to = start
    else this.#write(',', start)
  }

  #object(plan: Plan, depth: number, c: number): void {
    const { reader } = this
    if (c !== 0x7b) throw new NotAsDeclared('an object was declared')
    this.#copy(reader.at, ++reader.at)
    const { order } = plan
    let low = 0
    let high = 0
    let required = 0
    let unknown: Set<string> | undefined
    let written = false
    let next = 0
    for (let first = true; reader.more(0x7d, first); first = false) {
      reader.peek()
      const start = reader.at
      // Members mostly come in the order of the document: then the name is compared in place, and never cut out.
      const guess = order[next]
      let member: PlanMember | undefined
      let asWritten = false
      if (guess !== undefined && reader.text.startsWith(guess.written, start)) {
        reader.at = start + guess.written.length
        member = guess
        asWritten = true
      } else {
        const name = reader.name()
        member = plan.members.get(name)
        if (member === undefined) {
          unknown ??= new Set()
          if (unknown.has(name)) reader.refuse('duplicate-name')
          unknown.add(name)
          reader.skip(depth + 1)
          continue
        }
      }
      next = member.place + 1
      if (((member.high ? high : low) & member.bit) !== 0) reader.refuse('duplicate-name')
      if (member.high) high |= member.bit
      else low |= member.bit
      if (member.required) required++
      const { plan: open } = member
      if (open === null) {
        reader.skip(depth + 1)
        continue
      }
      if (written) this.#comma(start)
      written = true
      if (asWritten) this.#copy(start, reader.at)
      else this.#write(member.written, reader.at)
      this.value(open, depth + 1)
    }
    if (required !== plan.required) throw new NotAsDeclared('a required member is missing')
    if (plan.least > 0 && bitsOf(low) + bitsOf(high) < plan.least)
      throw new NotAsDeclared('too few members')
    this.#copy(reader.at - 1, reader.at)
  }

  #list(plan: Plan, depth: number, c: number): void {
    const { reader } = this
    if (c !== 0x5b) throw new NotAsDeclared('a list was declared')
    this.#copy(reader.at, ++reader.at)
    const { items } = plan
    for (let first = true; reader.more(0x5d, first); first = false) {
      if (items === null) {
        reader.skip(depth + 1)
        continue
      }
      reader.peek()
      if (!first) this.#comma(reader.at)
      this.value(items, depth + 1)
    }
    this.#copy(reader.at - 1, reader.at)
  }

  #leaf(plan: Plan, leaf: Leaf, c: number): void {
    const { reader } = this
    let start: number
    let plain = true
    if (c === 0x22) {
      start = reader.string()
      plain = !reader.escaped
      if (!leaf.string) throw new NotAsDeclared('no string was declared')
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      start = reader.number()
      if (leaf.number !== 'any' && !(leaf.number === 'integer' && this.#isInteger(start)))
        throw new NotAsDeclared('no such number was declared')
    } else if (c === 0x7b || c === 0x5b) throw new NotAsDeclared('one value was declared')
    else {
      start = reader.word()
      if (c === 0x6e || !leaf.boolean)
        throw new NotAsDeclared('neither null nor a truth value was declared')
    }
    const { change } = plan
    const end = reader.at
    this.counts[leaf.field] = (this.counts[leaf.field] ?? 0) + 1
    if (plain && change === null && leaf.values === null && !leaf.unguarded)
      return this.#copy(start, end)
    let text = reader.text.slice(start, end)
    // An escaped spelling is written plainly, so that the guard behind us reads what a partner would.
    if (!plain) text = JSON.stringify(decodeString(text))
    if (leaf.values !== null && !leaf.values.has(text))
      throw new NotAsDeclared('a value is none of the declared ones')
    if (change !== null) text = JSON.stringify(change(decodeString(text), this.pseudonym))
    else if (plain && !leaf.unguarded) return this.#copy(start, end)
    this.#write('', start)
    if (leaf.unguarded) this.unguarded.push(this.#out.length, this.#out.length + text.length)
    this.#write(text, end)
  }

  #isInteger(start: number): boolean {
    const { text, at } = this.reader
    for (let i = start; i < at; i++) {
      const c = text.charCodeAt(i)
      if (c !== 0x2d && (c < 0x30 || c > 0x39)) return false
    }
    return true
  }

  #null(plan: Plan): void {
    const { reader } = this
    const start = reader.word()
    if (plan.leaf) this.counts[plan.leaf.field] = (this.counts[plan.leaf.field] ?? 0) + 1
    this.#copy(start, reader.at)
  }
}
