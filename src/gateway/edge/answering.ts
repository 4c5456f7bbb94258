/** One request and its answer: what the edge admits goes through the pipeline, and what comes out is written once. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Problem } from '#kernel/problem.ts'
import type { Log } from '#platform/log.ts'
import type { Answer, Arrival, Door } from '../call.ts'
import { networkOf } from './connections.ts'
import { admit, type Admission, type Head, malformed } from './edge.ts'
import type { Pace } from './pace.ts'
import { bodyTooLarge, bug, identify, refusal, requestTooSlow } from '../pipeline.ts'
import { forwardedFor, type Presenting } from './proxy.ts'

export type Serve = (arrival: Arrival) => Promise<Answer>

/** One connection: who showed what, and whether it is still good for requests. */
export interface Connection {
  /** Where it comes from: an IPv4 address, or a /64. */
  readonly address: string
  readonly certificate: string | null
  /** After a refusal that ends it nothing read is a request (G7). */
  ending: boolean
  /** What broke while a request was arriving. */
  broken: Problem | undefined
  /** Tells the reader of the body that is arriving. */
  interrupt: ((because: Problem) => void) | undefined
  /** The request under way; further ones wait for it. */
  underWay: Promise<void> | undefined
  /** Whether it ended; and what is done when it does. */
  gone: boolean
  whenGone: (() => void) | undefined
  /** Requests that have arrived whole heads and no answer. */
  waiting: number
  /** Requests that it brought so far. */
  requests: number
}

/**
 * So much of a body that nobody read is taken off the wire after the answer: ending the connection before would often
 * lose the answer (RFC 9112 §9.6). Any body that an operation takes; of strangers, less.
 */
const UNREAD_BODY_MAX = 1_048_576
const UNREAD_OF_STRANGERS_MAX = 65_536

export interface EdgeLimits {
  /** For a handshake, and for the head of a request. */
  readonly headMs: number
  readonly requestMs: number
  readonly connections: number
  readonly requestsPerConnection: number
}

/** What answering needs, wherever the bytes come from. */
export interface Wired {
  /** Said in every answer, so that nobody takes one environment for the other. */
  readonly environment: string
  /** The public addresses that are answered here, by the name that stands in Host. */
  readonly doors: readonly Door[]
  /** What reads the certificates that a proxy passes on; null where callers connect themselves. */
  readonly presenting: Presenting | null
  readonly limits: EdgeLimits
  readonly pace: Pace
  readonly log: Log
  readonly serve: Serve
  /** Told of what the edge refused, by code. */
  readonly refused: (code: string) => void
  readonly now: () => Temporal.Instant
  /** Whether the process is on its way out. */
  readonly draining: () => boolean
}

export type Answering = Wired & { readonly hosts: readonly string[] }

/** Answers one request: edge, caller, pipeline. */
export const answer = async (
  options: Answering,
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (connection.ending && connection.broken === undefined) return
  const { presenting } = options
  const admission = admit(
    {
      method: request.method ?? '',
      target: request.url ?? '',
      version: request.httpVersion,
      rawHeaders: request.rawHeaders,
    },
    options.hosts,
    presenting ? 'proxy' : 'caller',
  )
  const atMs = options.now().epochMilliseconds
  const caller = admission.admitted
    ? callerOf(admission, connection, presenting, atMs)
    : admission.refusal
  const door = admission.admitted
    ? options.doors.find(({ host }) => host === admission.host)
    : undefined
  if (!admission.admitted || !door || caller instanceof Problem) {
    connection.ending = true
    const ids = identify(undefined)
    const because = caller instanceof Problem ? caller : malformed('Host is no name of ours')
    options.refused(because.code)
    write(options, response, { ...refusal(because, ids), close: true }, ids.interactionId)
    return
  }
  const { head } = admission
  const arrival: Arrival = {
    ...identify(head.headers['x-fapi-interaction-id']),
    atMs,
    startedMs: performance.now(),
    door,
    address: caller.address,
    certificate: caller.certificate,
    head,
    wire: connection,
    readBody: (bytesMax) => readBody(options.pace, connection, request, head, bytesMax),
  }
  let answered: Answer
  try {
    answered = await options.serve(arrival)
  } catch (cause) {
    answered = unforeseen(options, arrival, cause)
  }
  const unreadMax = answered.proven ? UNREAD_BODY_MAX : UNREAD_OF_STRANGERS_MAX
  const unread = !request.complete && (head.body === 'chunked' || head.body > unreadMax)
  const close =
    answered.close ||
    unread ||
    connection.ending ||
    connection.requests >= options.limits.requestsPerConnection ||
    options.draining()
  if (close) connection.ending = true
  write(options, response, close ? { ...answered, close } : answered, arrival.interactionId)
}

/** What nobody caught is ours, and ends this one connection: the others are served. */
const unforeseen = ({ log, refused }: Answering, arrival: Arrival, cause: unknown): Answer => {
  log.error({ callId: arrival.id, cause }, 'a call met a bug')
  refused(bug.code)
  const because = bug('the request could not be completed; quote the instance', { cause })
  return { ...refusal(because, arrival), close: true }
}

/** Who calls, as far as the wire tells: by the connection, or by what a trusted proxy says of its own callers. */
const callerOf = (
  { proxied }: Extract<Admission, { admitted: true }>,
  connection: Connection,
  presenting: Presenting | null,
  atMs: number,
): Pick<Connection, 'address' | 'certificate'> | Problem => {
  if (!presenting || !proxied) return connection
  const from = forwardedFor(proxied.forwarded)
  const address = from === undefined ? connection.address : networkOf(from)
  if (proxied.clientCert === undefined)
    return proxied.clientCertChain === undefined
      ? { address, certificate: null }
      : malformed('Client-Cert-Chain stands without Client-Cert')
  const certificate = presenting.read(proxied.clientCert, proxied.clientCertChain, atMs)
  return certificate instanceof Problem ? certificate : { address, certificate }
}

/** The whole body or a refusal: nothing is done for half a request (G4). */
const readBody = (
  pace: Pace,
  connection: Connection,
  request: IncomingMessage,
  head: Head,
  bytesMax: number,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (connection.broken) return reject(connection.broken)
    if (head.body !== 'chunked' && head.body > bytesMax)
      return reject(bodyTooLarge(`at most ${bytesMax} bytes`))
    const chunks: Buffer[] = []
    let bytes = 0
    const refuse = (because: Problem) => {
      connection.interrupt = undefined
      pace.bodyEnds(arriving)
      request.off('data', onData)
      reject(because)
    }
    const arriving = pace.bodyBegins(() => refuse(requestTooSlow('the body arrives too slowly')))
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      arriving.bytes = bytes
      if (bytes > bytesMax) return refuse(bodyTooLarge(`at most ${bytesMax} bytes`))
      chunks.push(chunk)
    }
    connection.interrupt = refuse
    request.on('data', onData)
    request.once('error', () => refuse(malformed('the body ended too soon')))
    request.once('close', () => refuse(malformed('the body ended too soon')))
    request.once('end', () => {
      connection.interrupt = undefined
      pace.bodyEnds(arriving)
      if (request.rawTrailers.length > 0) return reject(malformed('trailers are not taken'))
      const [only] = chunks
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks))
    })
  })

const headersOf = (
  environment: string,
  answered: Answer,
  interactionId: string,
  length: number,
): string[] => {
  const headers = [
    'portico-environment',
    environment,
    'x-fapi-interaction-id',
    interactionId,
    'cache-control',
    answered.cacheControl ?? 'no-store',
    'x-content-type-options',
    'nosniff',
    'content-length',
    String(length),
    ...answered.headers,
  ]
  if (answered.contentType !== null) headers.push('content-type', answered.contentType)
  if (answered.close) headers.push('connection', 'close')
  return headers
}

const write = (
  options: Answering,
  response: ServerResponse,
  answered: Answer,
  interactionId: string,
): void => {
  if (response.destroyed) return
  const { socket } = response
  const bytes = Buffer.byteLength(answered.body)
  response.writeHead(
    answered.status,
    headersOf(options.environment, answered, interactionId, bytes),
  )
  // As text it leaves together with its head, in one write.
  response.end(answered.body)
  if (socket && socket.writableLength > 0) options.pace.answered(socket)
}

/** Answers a connection whose bytes were no request, and ends it. */
export const say = (
  socket: Socket,
  because: Problem,
  { environment, now, refused }: Answering,
): void => {
  refused(because.code)
  if (!socket.writable) return void socket.destroy()
  const ids = identify(undefined)
  const answered = { ...refusal(because, ids), close: true }
  const headers = [
    ...headersOf(environment, answered, ids.interactionId, Buffer.byteLength(answered.body)),
    'date',
    new Date(now().epochMilliseconds).toUTCString(),
  ]
  let head = `HTTP/1.1 ${answered.status} ${because.title}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  socket.end(`${head}\r\n${String(answered.body)}`, () => socket.destroy())
}
