/**
 * The edge: which request heads are requests at all. One pure function over the raw head that answers a canonical
 * head or a refusal, and never repairs: what one parser reads one way and the next another is no request (RFC 9112 §11.2).
 */
import { type Problem, problem } from '#kernel/problem.ts'

/** The head as Node's parser saw it: names and values as they came, repeated ones included. */
export interface RawHead {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly rawHeaders: readonly string[]
}

/** Headers that we read. Each at most once; every other header is carried nowhere. */
export const readNames = [
  'authorization',
  'content-type',
  'dpop',
  'idempotency-key',
  'x-idempotency-key',
  'if-none-match',
  'api-version',
  'x-fapi-interaction-id',
  'x-jws-signature',
  'x-fapi-customer-ip-address',
  'traceparent',
  'sandbox-scenario',
] as const
type ReadName = (typeof readNames)[number]

/** One canonical head feeds routing, policy, metering and forwarding (G9). */
export interface Head {
  readonly method: string
  readonly path: string
  /** Without its question mark; empty where there is none. */
  readonly query: string
  /** Bytes that follow: a number, or `chunked`. */
  readonly body: number | 'chunked'
  readonly headers: Readonly<Partial<Record<ReadName, string>>>
}

/** What a trusted proxy says of a request that it passes on; from anybody else it is refused or not read (RFC 9440 §4). */
export interface Proxied {
  readonly clientCert: string | undefined
  readonly clientCertChain: string | undefined
  readonly forwarded: string | undefined
}

export type Admission =
  | {
      readonly admitted: true
      readonly head: Head
      /** Which of the names was asked for. */
      readonly host: string
      readonly proxied: Proxied | undefined
    }
  | { readonly admitted: false; readonly refusal: Problem }

export const malformed = problem(
  'gateway/malformed',
  400,
  'The request is not in the one form that is accepted',
)
export const methodNotAllowed = problem(
  'gateway/method-not-allowed',
  405,
  'The method is not offered here',
)
export const targetTooLong = problem('gateway/target-too-long', 414, 'The address is too long')
export const headTooLarge = problem('gateway/head-too-large', 431, 'The request head is too large')

export const TARGET_CHARS_MAX = 2048
const HEADERS_MAX = 64
const HEADER_CHARS_MAX = 16_384

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

type Treatment =
  | 'host'
  | 'length'
  | 'coding'
  | 'connection'
  | 'proxy'
  /** A way to leave HTTP/1.1, or to change how a message is framed. None is ours. */
  | 'refused'
  | { readonly read: ReadName }

/** Every header name that means something here. What does not stand here is carried nowhere. */
const treatments = new Map<string, Treatment>([
  ['host', 'host'],
  ['content-length', 'length'],
  ['transfer-encoding', 'coding'],
  ['connection', 'connection'],
  ['client-cert', 'proxy'],
  ['client-cert-chain', 'proxy'],
  ['forwarded', 'proxy'],
  ...['upgrade', 'expect', 'trailer', 'content-encoding', 'http2-settings', 'proxy-connection'].map(
    (name): [string, Treatment] => [name, 'refused'],
  ),
  ...readNames.map((name): [string, Treatment] => [name, { read: name }]),
])

/** Letters, digits and hyphens: an underscore reads as a hyphen to some. */
const isName = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const letter = (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a
    if (!letter && c !== 0x2d && (c < 0x30 || c > 0x39)) return false
  }
  return text.length > 0
}
const unprintable = /[^\x20-\x7e]/
/** Printable ASCII with inner spaces; empty allowed. */
const isValue = (text: string): boolean =>
  !unprintable.test(text) &&
  text.charCodeAt(0) !== 0x20 &&
  text.charCodeAt(text.length - 1) !== 0x20
const contentLength = /^(?:0|[1-9][0-9]{0,15})$/
/** Segments of unreserved characters, sub-delimiters without `;`, `:`, `@` and valid escapes (RFC 3986 §3.3). */
const pathShape = /^(?:\/|(?:\/(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%[0-9A-F]{2})+)+)$/
const queryShape = /^(?:[A-Za-z0-9._~!$'()*,=&:@/?-]|%[0-9A-F]{2})+$/
/** Escapes that have another spelling (unreserved characters), hide a delimiter (/ \ % ;) or a control character. */
const ambiguousEscape =
  /%(?:2D|2E|5F|7E|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|[01][0-9A-F]|7F)/
const hiddenDelimiter = /%(?:2F|5C|25|3B)/

const refused = (refusal: Problem): Admission => ({ admitted: false, refusal })

/**
 * Whether a head is a request for one of these public names. `from` tells whether a trusted proxy wrote it: from anybody
 * else a certificate in a header is an attack, and is refused.
 */
export const admit = (
  raw: RawHead,
  hosts: readonly string[],
  from: 'caller' | 'proxy' = 'caller',
): Admission => {
  if (raw.version !== '1.1') return refused(malformed('only HTTP/1.1 is spoken here'))
  if (!methods.has(raw.method))
    return refused(
      methodNotAllowed('this method is never offered', { headers: { allow: 'GET, POST' } }),
    )
  const wrongTarget = targetRefusal(raw.target)
  if (wrongTarget) return refused(wrongTarget)

  const { rawHeaders } = raw
  if (rawHeaders.length > HEADERS_MAX * 2)
    return refused(headTooLarge(`at most ${HEADERS_MAX} headers`))
  const headers: Partial<Record<ReadName, string>> = {}
  let host: string | undefined
  let length: string | undefined
  let chunked = false
  let connection = false
  let chars = 0
  let clientCert: string | undefined
  let clientCertChain: string | undefined
  let forwarded: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i] ?? ''
    const value = rawHeaders[i + 1] ?? ''
    chars += written.length + value.length
    if (!isValue(value)) return refused(malformed('a header has a character that is not taken'))
    const name = written.toLowerCase()
    const treatment = treatments.get(name)
    if (treatment === undefined) {
      if (!isName(written)) return refused(malformed('a header has a character that is not taken'))
    } else if (typeof treatment === 'object') {
      if (headers[treatment.read] !== undefined) return refused(malformed(`${name} stands twice`))
      headers[treatment.read] = value
    } else if (treatment === 'host') {
      if (host !== undefined) return refused(malformed('Host stands twice'))
      host = value
    } else if (treatment === 'connection') {
      const wish = value.toLowerCase()
      if (connection || (wish !== 'keep-alive' && wish !== 'close'))
        return refused(malformed('Connection is keep-alive or close'))
      connection = true
    } else if (treatment === 'length') {
      if (length !== undefined || !contentLength.test(value))
        return refused(malformed('Content-Length is not one decimal number'))
      length = value
    } else if (treatment === 'coding') {
      if (chunked || value !== 'chunked')
        return refused(malformed('Transfer-Encoding is taken once and only as chunked'))
      chunked = true
    } else if (treatment === 'refused') return refused(malformed(`${name} is not taken`))
    else if (name === 'forwarded') {
      // The nearest hop writes last (RFC 7239 §4); from callers it is carried nowhere.
      forwarded = forwarded === undefined ? value : `${forwarded}, ${value}`
    } else if (from === 'caller')
      return refused(malformed('certificates in headers are taken from no caller'))
    else if (name === 'client-cert') {
      if (clientCert !== undefined) return refused(malformed('Client-Cert stands twice'))
      clientCert = value
    } else clientCertChain = clientCertChain === undefined ? value : `${clientCertChain}, ${value}`
  }
  if (chars > HEADER_CHARS_MAX)
    return refused(headTooLarge(`at most ${HEADER_CHARS_MAX} characters of headers`))
  if (host === undefined || !hosts.includes(host))
    return refused(malformed('Host is not the name of this server'))
  if (chunked && length !== undefined)
    return refused(malformed('Content-Length and Transfer-Encoding stand together'))

  const mark = raw.target.indexOf('?')
  return {
    admitted: true,
    head: {
      method: raw.method,
      path: mark < 0 ? raw.target : raw.target.slice(0, mark),
      query: mark < 0 ? '' : raw.target.slice(mark + 1),
      body: chunked ? 'chunked' : length === undefined ? 0 : Number(length),
      headers,
    },
    host,
    proxied: from === 'proxy' ? { clientCert, clientCertChain, forwarded } : undefined,
  }
}

/** Origin-form, normalised, in the one spelling (RFC 3986 §6.2). */
const targetRefusal = (target: string): Problem | undefined => {
  if (target.length > TARGET_CHARS_MAX)
    return targetTooLong(`at most ${TARGET_CHARS_MAX} characters`)
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  if (!pathShape.test(path)) return malformed('the path is not in origin-form, or not normalised')
  if (path.includes('/./') || path.includes('/../') || path.endsWith('/.') || path.endsWith('/..'))
    return malformed('the path has dot segments')
  if (mark >= 0 && !queryShape.test(target.slice(mark + 1)))
    return malformed(
      'the query has a character that is not taken; write a space as %20 and a plus as %2B',
    )
  if (!target.includes('%')) return undefined
  if (ambiguousEscape.test(target))
    return malformed('an escape stands where the character itself belongs')
  if (hiddenDelimiter.test(path)) return malformed('an escaped delimiter stands in the path')
  return undefined
}
