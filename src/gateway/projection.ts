/**
 * Field release: an answer is built anew from what its schema names and this caller may see, never pruned (G50).
 * One pass over the text; numbers and plain strings pass as they stand (G54), all else fails closed (G53).
 */
import { decodeString, DEPTH_MAX, JsonReader } from './json.ts'
import type { AnyObject, Pointer } from './schema.ts'
import { type Branch, compileShape, type Leaf, type List, type Member, type Node } from './shape.ts'

/** An answer that is not what the document declares. It is withheld as a whole. */
export class NotAsDeclared extends Error {
  override readonly name = 'NotAsDeclared'
}

export interface Released {
  readonly text: string
  /** Places [start, end) of `text` that hold card data on purpose: pairs of offsets. */
  readonly cardData: readonly number[]
}

export interface Projection {
  /** `permissions` are those of the consent behind the call. Throws `NotAsDeclared` or `JsonRefused`. */
  release(text: string, permissions: ReadonlySet<string>): Released
  readonly holdsCardData: boolean
}

export const compileProjection = (
  document: AnyObject,
  schema: unknown,
  at: Pointer,
): Projection => {
  const { root, gates, holdsCardData } = compileShape(document, schema, at)
  return {
    holdsCardData,
    release: (text, permissions) => {
      let open = 0
      for (let i = 0; i < gates.length; i++)
        if (gates[i]?.some((p) => permissions.has(p))) open |= 1 << i
      const run = new Run(text, open)
      run.value(root, 0)
      run.reader.end()
      return { text: run.out, cardData: run.cardData }
    },
  }
}

const NULL = 'null'

/** One answer on its way through a projection. */
class Run {
  readonly reader: JsonReader
  readonly open: number
  readonly cardData: number[] = []
  out = ''

  constructor(text: string, open: number) {
    this.reader = new JsonReader(text)
    this.open = open
  }

  value(node: Node, depth: number): void {
    if (node.nullable && this.reader.peek() === 0x6e) {
      this.#wordIs(NULL)
      this.out += NULL
      return
    }
    if (depth > DEPTH_MAX) this.reader.refuse('too-deep')
    if (node.kind === 'leaf') this.#leaf(node)
    else if (node.kind === 'object') this.#object(node, depth)
    else this.#list(node, depth)
  }

  #object(node: Branch, depth: number): void {
    const { reader, open } = this
    if (reader.peek() !== 0x7b) throw new NotAsDeclared('an object was declared')
    reader.at++
    this.out += '{'
    let low = 0
    let high = 0
    let required = 0
    let unknown: Set<string> | undefined
    let written = false
    let next = 0
    for (let first = true; reader.more(0x7d, first); first = false) {
      // Members mostly come in the order of the document: then the name is compared in place, and never cut out.
      const guess = node.order[next]
      let member: Member | undefined
      if (guess !== undefined && reader.nameIs(guess.quoted)) member = guess
      else {
        const name = reader.name()
        member = node.members.get(name)
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
      const { gates } = member.node
      if (gates !== 0 && (gates & open) === 0) {
        reader.skip(depth + 1)
        continue
      }
      this.out += written ? member.further : member.first
      written = true
      this.value(member.node, depth + 1)
    }
    if (required !== node.required) throw new NotAsDeclared('a required member is missing')
    this.out += '}'
  }

  #list(node: List, depth: number): void {
    const { reader } = this
    if (reader.peek() !== 0x5b) throw new NotAsDeclared('a list was declared')
    reader.at++
    const visible = node.items.gates === 0 || (node.items.gates & this.open) !== 0
    this.out += '['
    let written = false
    for (let first = true; reader.more(0x5d, first); first = false) {
      if (!visible) {
        reader.skip(depth + 1)
        continue
      }
      if (written) this.out += ','
      written = true
      this.value(node.items, depth + 1)
    }
    this.out += ']'
  }

  #leaf(node: Leaf): void {
    const { reader } = this
    const c = reader.peek()
    let text: string
    if (c === 0x22) {
      const start = reader.string()
      // An escaped spelling is written plainly, so that the guard behind us reads what a partner would.
      text = reader.text.slice(start, reader.at)
      if (reader.escaped) text = JSON.stringify(decodeString(text))
      if (!node.string) throw new NotAsDeclared('no string was declared')
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const start = reader.number()
      text = reader.text.slice(start, reader.at)
      if (node.number === 'none' || (node.number === 'integer' && !/^-?\d+$/.test(text)))
        throw new NotAsDeclared('no such number was declared')
    } else if (c === 0x7b || c === 0x5b) throw new NotAsDeclared('one value was declared')
    else {
      const start = reader.word()
      text = reader.text.slice(start, reader.at)
      if (text === NULL || !node.boolean)
        throw new NotAsDeclared('neither null nor a truth value was declared')
    }
    if (node.values !== null && !node.values.has(text))
      throw new NotAsDeclared('a value is none of the declared ones')
    if (node.card) this.cardData.push(this.out.length, this.out.length + text.length)
    this.out += text
  }

  #wordIs(word: string): void {
    const start = this.reader.word()
    if (this.reader.text.slice(start, this.reader.at) !== word)
      throw new NotAsDeclared(`${word} was declared`)
  }
}
