/** Strict JSON with one reading: what we accept, every parser behind us reads the same way (RFC 8259 §4, §6; RFC 7493). */
import { isAscii, isUtf8 } from 'node:buffer'

/** Why a text is not JSON that we take. `at` is an offset into the text. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused'
  readonly reason: JsonReason
  readonly at: number
  constructor(reason: JsonReason, at: number) {
    super(`${reason} at ${at}`)
    this.reason = reason
    this.at = at
  }
}
export type JsonReason =
  | 'not-utf8'
  | 'malformed'
  | 'too-deep'
  | 'duplicate-name'
  | 'reserved-name'
  | 'number-inexact'

export const DEPTH_MAX = 32
/** RFC 7493 §2.2: a decimal of up to 15 significant digits survives a double unchanged. */
const SIGNIFICANT_DIGITS_MAX = 15
const EXPONENT_MAX = 300

const QUOTE = 0x22
const BACKSLASH = 0x5c
const isDigit = (c: number) => c >= 0x30 && c <= 0x39
const isHex = (c: number) => isDigit(c) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)

/** The text of bytes; refuses what is not UTF-8 instead of mending it. */
export const textOf = (bytes: Buffer): string => {
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) throw new JsonRefused('not-utf8', 0)
  return bytes.toString('utf8')
}

/**
 * A place in a JSON text. Each method reads one thing, moves behind it and refuses what is not exactly that thing.
 * It makes no values: whoever wants some takes slices of the text.
 */
export class JsonReader {
  readonly text: string
  at = 0
  /** Whether the string that was read last holds an escape. */
  escaped = false

  constructor(text: string) {
    this.text = text
  }

  refuse(reason: JsonReason): never {
    throw new JsonRefused(reason, this.at)
  }

  /** Code of the next character that is no white space; NaN at the end. */
  peek(): number {
    for (;;) {
      const c = this.text.charCodeAt(this.at)
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return c
      this.at++
    }
  }

  expect(code: number): void {
    if (this.peek() !== code) this.refuse('malformed')
    this.at++
  }

  /** A string with its quotes; `at` stands behind it. Answers where it began. */
  string(): number {
    const { text } = this
    if (this.peek() !== QUOTE) this.refuse('malformed')
    const start = this.at
    let i = start + 1
    this.escaped = false
    for (;;) {
      const c = text.charCodeAt(i)
      if (c === QUOTE) break
      if (c === BACKSLASH) {
        this.escaped = true
        i = this.#escape(i)
      } else if (c >= 0x20) i++
      else {
        // A control character, or the end of the text (NaN compares false).
        this.at = i
        this.refuse('malformed')
      }
    }
    this.at = i + 1
    return start
  }

  #escape(at: number): number {
    const c = this.text[at + 1] ?? ''
    if ('"\\/bfnrt'.includes(c) && c !== '') return at + 2
    this.at = at
    if (c !== 'u') this.refuse('malformed')
    for (let i = at + 2; i < at + 6; i++)
      if (!isHex(this.text.charCodeAt(i))) this.refuse('malformed')
    return at + 6
  }

  /**
   * A member's name, decoded, and the colon behind it. `__proto__` is refused, and so are quotes and backslashes: once it
   * has read a name that ends in a backslash, JSON.parse of V8 14.6 (Node 26) takes another name's `\"` for that one.
   */
  name(): string {
    const start = this.string()
    const raw = this.text.slice(start + 1, this.at - 1)
    const name = this.escaped ? decodeString(`"${raw}"`) : raw
    if (name === '__proto__' || (this.escaped && /["\\]/.test(name))) this.refuse('reserved-name')
    this.expect(0x3a)
    return name
  }

  /** Whether the next name is this one, quoted and without escapes; reads it, and the colon behind it, where it is. */
  nameIs(quoted: string): boolean {
    this.peek()
    if (!this.text.startsWith(quoted, this.at)) return false
    this.at += quoted.length
    this.expect(0x3a)
    return true
  }

  /** A number whose value a double holds exactly. Answers where it began. */
  number(): number {
    const { text } = this
    this.peek()
    const start = this.at
    let i = start
    let digits = 0
    const run = () => {
      const from = i
      while (isDigit(text.charCodeAt(i))) {
        if (digits > 0 || text.charCodeAt(i) !== 0x30) digits++
        i++
      }
      if (i === from) {
        this.at = i
        this.refuse('malformed')
      }
    }
    if (text.charCodeAt(i) === 0x2d) i++
    if (text.charCodeAt(i) === 0x30) i++
    else run()
    if (text.charCodeAt(i) === 0x2e) {
      i++
      run()
    }
    let exponent = 0
    if ((text.charCodeAt(i) | 0x20) === 0x65) {
      i++
      const sign = text.charCodeAt(i)
      if (sign === 0x2b || sign === 0x2d) i++
      const significant = digits
      const from = i
      run()
      digits = significant
      exponent = Number(text.slice(from, i))
    }
    this.at = i
    if (digits > SIGNIFICANT_DIGITS_MAX || exponent > EXPONENT_MAX) this.refuse('number-inexact')
    return start
  }

  /** `true`, `false` or `null`. Answers where it began. */
  word(): number {
    this.peek()
    const start = this.at
    for (const word of words)
      if (this.text.startsWith(word, start)) {
        this.at = start + word.length
        return start
      }
    return this.refuse('malformed')
  }

  /** Whether an object or list goes on; reads the comma. `first` is true before its first element. */
  more(close: number, first: boolean): boolean {
    const c = this.peek()
    if (c === close) {
      this.at++
      return false
    }
    if (first) return true
    if (c !== 0x2c) this.refuse('malformed')
    this.at++
    return true
  }

  /** Any value, checked and passed over. */
  skip(depth: number): void {
    const c = this.peek()
    if (c === QUOTE) this.string()
    else if (c === 0x7b) this.#skipObject(depth)
    else if (c === 0x5b) {
      if (depth >= DEPTH_MAX) this.refuse('too-deep')
      this.at++
      for (let first = true; this.more(0x5d, first); first = false) this.skip(depth + 1)
    } else if (c === 0x2d || isDigit(c)) this.number()
    else this.word()
  }

  #skipObject(depth: number): void {
    if (depth >= DEPTH_MAX) this.refuse('too-deep')
    this.at++
    const names = new Set<string>()
    for (let first = true; this.more(0x7d, first); first = false) {
      const name = this.name()
      if (names.has(name)) this.refuse('duplicate-name')
      names.add(name)
      this.skip(depth + 1)
    }
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (!Number.isNaN(this.peek())) this.refuse('malformed')
  }
}

const words = ['true', 'false', 'null']

export const decodeString = (quoted: string): string => String(JSON.parse(quoted))

/** The value of a body. Refuses duplicate names, depth, inexact numbers and broken UTF-8 before anything is built. */
export const parseJson = (bytes: Buffer): unknown => {
  const text = textOf(bytes)
  const reader = new JsonReader(text)
  reader.skip(0)
  reader.end()
  return JSON.parse(text)
}
