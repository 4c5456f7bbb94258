/**
 * Reads an answer of one of our own parts from the bytes of its connection (RFC 9112), and nothing that could be read in
 * two ways: one spelling of each framing, no trailers, no folded lines, no answer that ends with its connection.
 */

import { CALL_HEADER, PLAYED_HEADER } from '#platform/caller.ts'

export interface ReadAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Buffer
  /** Whether the connection may carry another question. */
  readonly lasts: boolean
}

/** The bytes are no answer: the connection cannot be trusted with another question. */
export class AnswerMalformed extends Error {
  override readonly name = 'AnswerMalformed'
}

/** It is longer than anything that we would let out. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}

const HEAD_BYTES_MAX = 16_384
const CHUNK_LINE_MAX = 16
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const nothing = Buffer.alloc(0)

/** RFC 9112 §4, RFC 9110 §5.1, §5.5: the line of the status, then whole fields, each on a line of its own. */
const shape =
  /^HTTP\/1\.1 ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*$/
const lengthShape = /^(?:0|[1-9][0-9]{0,9})$/
const chunkSize = /^[0-9A-Fa-f]{1,8}$/

type Value = string | string[] | undefined

/** The few headers that anybody reads, as an answer said them. */
export type HeardHeaders = Readonly<Partial<Omit<AnswerHeaders, 'take'>>>

/** All in an object of one form; what stands twice is a list. */
class AnswerHeaders {
  connection: Value
  'content-length': Value
  'transfer-encoding': Value
  'content-type': Value
  'content-encoding': Value
  'retry-after': Value
  'cache-control': Value
  age: Value
  vary: Value;
  [CALL_HEADER]: Value;
  [PLAYED_HEADER]: Value

  take(name: string, value: string): void {
    switch (name) {
      case 'connection':
      case 'content-length':
      case 'transfer-encoding':
      case 'content-type':
      case 'content-encoding':
      case 'retry-after':
      case 'cache-control':
      case 'age':
      case 'vary':
      case CALL_HEADER:
      case PLAYED_HEADER: {
        const known = this[name]
        if (known === undefined) this[name] = value
        else this[name] = typeof known === 'string' ? [known, value] : [...known, value]
      }
    }
  }
}

interface Head {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly lasts: boolean
}

/** One for each answer. Bytes are copied where they are kept: the buffer that they come in is the connection's. */
export class AnswerReader {
  readonly #bytesMax: number
  /** Of an unfinished head or line. */
  #held: Buffer = nothing
  #head: Head | undefined
  /** Of a length that was told. */
  #body: Buffer | undefined
  #filled = 0
  #chunks: Buffer[] | undefined
  #bytes = 0
  /** Of the chunk under way; at zero its line end follows. */
  #left = 0
  #next: 'size' | 'data' | 'data-end' | 'end' = 'size'

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The answer, when it is whole; throws where it can be none. */
  read(bytes: Buffer): ReadAnswer | undefined {
    if (this.#head) return this.#more(this.#head, bytes)
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    const end = all.indexOf(HEAD_END)
    if (end < 0) {
      if (all.length > HEAD_BYTES_MAX) throw new AnswerMalformed('its head has no end')
      this.#held = Buffer.from(all)
      return undefined
    }
    if (end > HEAD_BYTES_MAX) throw new AnswerMalformed('its head is too long')
    this.#held = nothing
    const head = headOf(all.toString('latin1', 0, end))
    const rest = all.subarray(end + HEAD_END.length)
    // An interim answer says that another follows. Nobody asked to leave HTTP/1.1.
    if (head.status === 101) throw new AnswerMalformed('it changes the protocol')
    if (head.status < 200) return rest.length === 0 ? undefined : this.read(rest)
    this.#begin(head)
    return this.#more(head, rest)
  }

  #begin(head: Head): void {
    const { status, headers } = head
    const { 'content-length': length, 'transfer-encoding': coding } = headers
    this.#head = head
    if (coding !== undefined) {
      if (coding !== 'chunked' || length !== undefined)
        throw new AnswerMalformed('how long it is can be read in two ways')
      this.#chunks = []
      return
    }
    if (status === 204 || status === 304) {
      if (length !== undefined && length !== '0' && status === 204)
        throw new AnswerMalformed('it says that nothing has a length')
      this.#body = nothing
      return
    }
    if (typeof length !== 'string' || !lengthShape.test(length))
      throw new AnswerMalformed('it does not say how long it is')
    const bytes = Number(length)
    if (bytes > this.#bytesMax) throw new AnswerTooLarge(`${bytes} bytes`)
    this.#body = Buffer.allocUnsafe(bytes)
  }

  #more(head: Head, bytes: Buffer): ReadAnswer | undefined {
    if (this.#chunks) return this.#moreChunks(head, this.#chunks, bytes)
    const body = this.#body ?? nothing
    const taken = bytes.copy(body, this.#filled)
    this.#filled += taken
    return this.#filled < body.length ? undefined : whole(head, body, bytes.length - taken)
  }

  #moreChunks(head: Head, chunks: Buffer[], bytes: Buffer): ReadAnswer | undefined {
    let at = 0
    while (at < bytes.length) {
      if (this.#next === 'data') {
        const piece = bytes.subarray(at, at + this.#left)
        chunks.push(Buffer.from(piece))
        at += piece.length
        this.#left -= piece.length
        if (this.#left === 0) this.#next = 'data-end'
        continue
      }
      const line = this.#lineIn(bytes, at)
      if (line === undefined) return undefined
      at = line.end
      if (this.#next === 'size') this.#sized(line.text)
      else if (line.text !== '')
        throw new AnswerMalformed('a chunk ends elsewhere, or has trailers')
      else if (this.#next === 'end') return whole(head, joined(chunks), bytes.length - at)
      else this.#next = 'size'
    }
    return undefined
  }

  #sized(text: string): void {
    if (!chunkSize.test(text)) throw new AnswerMalformed('a chunk has no size')
    this.#left = Number.parseInt(text, 16)
    this.#bytes += this.#left
    if (this.#bytes > this.#bytesMax) throw new AnswerTooLarge(`over ${this.#bytesMax} bytes`)
    this.#next = this.#left === 0 ? 'end' : 'data'
  }

  /** A line of the framing, and where the next byte stands; undefined until all of it is here. */
  #lineIn(bytes: Buffer, at: number): { text: string; end: number } | undefined {
    const before = this.#held.length
    const line = before === 0 ? bytes.subarray(at) : Buffer.concat([this.#held, bytes.subarray(at)])
    const end = line.indexOf(LINE_END)
    if (end > CHUNK_LINE_MAX || (end < 0 && line.length > CHUNK_LINE_MAX + 1))
      throw new AnswerMalformed('a line between chunks is too long')
    this.#held = end < 0 ? Buffer.from(line) : nothing
    if (end < 0) return undefined
    return { text: line.toString('latin1', 0, end), end: at + end + LINE_END.length - before }
  }
}

const joined = (chunks: Buffer[]): Buffer =>
  chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)

/** Nobody asked for what stands behind it: then the connection ends with this answer. */
const whole = (head: Head, body: Buffer, behind: number): ReadAnswer => ({
  status: head.status,
  headers: head.headers,
  body,
  lasts: head.lasts && behind === 0,
})

const headOf = (text: string): Head => {
  const status = shape.exec(text)?.[1]
  if (status === undefined) throw new AnswerMalformed('its head is none')
  const headers = new AnswerHeaders()
  for (let at = text.indexOf('\r\n'); at >= 0;) {
    const from = at + 2
    at = text.indexOf('\r\n', from)
    const colon = text.indexOf(':', from)
    const name = text.slice(from, colon).toLowerCase()
    headers.take(name, text.slice(colon + 1, at < 0 ? undefined : at).trim())
  }
  const { connection } = headers
  return {
    status: Number(status),
    headers,
    lasts: connection === undefined || /^keep-alive$/i.test(String(connection)),
  }
}
