/** The wire: node:https with limits (G14), one request at a time on a connection, each answered once. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Problem } from '#kernel/problem.ts'
import type { Log } from '#platform/log.ts'
import type { Answer, Arrival, Door } from './call.ts'
import { admit, headTooLarge, type Head, malformed } from './edge.ts'
import { bodyTooLarge, identify, refusal, requestTooSlow } from './pipeline.ts'

export type Serve = (arrival: Arrival) => Promise<Answer>

export interface Listener {
  /** Ends the connections that showed this certificate (S10). */
  cut(certificateSha256: string): void
  /** Takes no new connections, lets answers go out with `Connection: close`, ends idle connections. */
  drain(withinMs: number): Promise<void>
}

/** One connection: who showed what, and whether it is still good for requests. */
interface Connection {
  readonly certificate: string | null
  /** After a refusal that ends it nothing read is a request (G7). */
  ending: boolean
  /** What broke while a request was arriving. */
  broken: Problem | undefined
  /** Tells the reader of the body that is arriving. */
  interrupt: ((because: Problem) => void) | undefined
  /** The request under way; further ones wait for it. */
  underWay: Promise<void> | undefined
}

const UNREAD_BODY_MAX = 65_536

/** TLS 1.2 with forward secrecy and AEAD only, 1.3 as it is; no finite-field groups (FAPI 2.0 §5.2.2, S8). */
const tlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES256-GCM-SHA384',
  ].join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  honorCipherOrder: true,
  ALPNProtocols: ['http/1.1'],
  handshakeTimeout: 10_000,
} as const

/** SSL_OP_NO_TICKET: with no listener for `resumeSession` either, no session is ever resumed (S8). */
const SSL_OP_NO_TICKET = 1 << 14

const httpOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  insecureHTTPParser: false,
  joinDuplicateHeaders: false,
  requireHostHeader: false,
  noDelay: true,
} as const

export interface ListenerOptions {
  readonly door: Door
  readonly port: number
  readonly certificate: string
  readonly key: string
  /** The authority of partner certificates: with it every client must show one. */
  readonly clientAuthority: string | null
  readonly log: Log
  readonly serve: Serve
  readonly now: () => Temporal.Instant
  /** Whether the process is on its way out. */
  readonly draining: () => boolean
}

/** What answering needs, wherever the bytes come from. */
export type Wired = Pick<ListenerOptions, 'door' | 'log' | 'serve' | 'now' | 'draining'>

export const openListener = async (options: ListenerOptions): Promise<Listener> => {
  const { door, clientAuthority } = options
  const server = createServer({
    ...tlsOptions,
    ...httpOptions,
    cert: options.certificate,
    key: options.key,
    ...(clientAuthority !== null && {
      requestCert: true,
      rejectUnauthorized: true,
      ca: clientAuthority,
      secureOptions: SSL_OP_NO_TICKET,
    }),
  })
  // A failed handshake is the client's affair, and must never be ours (CVE-2025-59465).
  server.on('tlsClientError', (error, socket) => {
    options.log.debug({ door: door.origin, code: Reflect.get(error, 'code') }, 'a handshake failed')
    socket.destroy()
  })
  const listener = attach(server, 'secureConnection', options)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return listener
}

/** Sets a server up to answer requests. Apart from `openListener`, so that a test can speak plain bytes to it. */
export const attach = (
  server: HttpsServer | HttpServer,
  connectionEvent: 'secureConnection' | 'connection',
  options: Wired,
): Listener => {
  const connections = new WeakMap<Socket, Connection>()
  const byCertificate = new Map<string, Set<Socket>>()
  server.maxRequestsPerSocket = 1_000
  server.maxConnections = 4_096
  // Node would drop what is above its own count in silence; the edge counts, and refuses.
  server.maxHeadersCount = 0

  server.on(connectionEvent, (socket: Socket) => {
    const certificate = certificateOf(socket)
    connections.set(socket, {
      certificate,
      ending: false,
      broken: undefined,
      interrupt: undefined,
      underWay: undefined,
    })
    if (certificate === null) return
    const sockets = byCertificate.get(certificate) ?? new Set()
    byCertificate.set(certificate, sockets.add(socket))
    socket.once('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) byCertificate.delete(certificate)
    })
  })

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket)
    if (!connection || connection.ending) return
    const before = connection.underWay
    const underWay = before
      ? before.then(() => answer(options, connection, request, response))
      : answer(options, connection, request, response)
    connection.underWay = underWay
    void underWay.then(() => {
      if (connection.underWay === underWay) connection.underWay = undefined
    })
  }
  server.on('request', onRequest)
  // `Expect` is no request of ours; the edge says so. Unheard, Node would answer 100 or 417 by itself.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('connect', (_, socket: Socket) =>
    say(socket, malformed('CONNECT is not taken'), options),
  )
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    const connection = connections.get(socket)
    if (!socket.writable || error.code === 'ECONNRESET') {
      connection?.interrupt?.(malformed('the connection was cut'))
      socket.destroy()
      return
    }
    const because = parseFailure(error.code)
    // A request is being answered: the answer goes out whole, and is the last one.
    if (connection?.underWay) {
      connection.broken = because
      connection.interrupt?.(because)
    } else say(socket, because, options)
    if (connection) connection.ending = true
  })

  return {
    cut: (certificate) => byCertificate.get(certificate)?.forEach((socket) => socket.destroy()),
    drain: async (withinMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const idle = setInterval(() => server.closeIdleConnections(), 100)
      const late = setTimeout(() => server.closeAllConnections(), withinMs)
      await closed
      clearInterval(idle)
      clearTimeout(late)
    },
  }
}

/** RFC 8705 §3.1, once for a connection (S15). */
const certificateOf = (socket: Socket): string | null => {
  const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return shown ? createHash('sha256').update(shown.raw).digest('base64url') : null
}

const answer = async (
  options: Wired,
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (connection.ending && connection.broken === undefined) return
  const { door } = options
  const admission = admit(
    {
      method: request.method ?? '',
      target: request.url ?? '',
      version: request.httpVersion,
      rawHeaders: request.rawHeaders,
    },
    door.host,
  )
  if (!admission.admitted) {
    connection.ending = true
    const ids = identify(undefined)
    write(response, { ...refusal(admission.refusal, ids), close: true }, ids.interactionId)
    return
  }
  const { head } = admission
  const arrival: Arrival = {
    ...identify(head.headers['x-fapi-interaction-id']),
    atMs: options.now().epochMilliseconds,
    startedMs: performance.now(),
    door,
    certificate: connection.certificate,
    head,
    readBody: (bytesMax) => readBody(connection, request, head, bytesMax),
  }
  const answered = await options.serve(arrival)
  const unread = !request.complete && (head.body === 'chunked' || head.body > UNREAD_BODY_MAX)
  const close = answered.close || unread || connection.ending || options.draining()
  if (close) connection.ending = true
  write(response, { ...answered, close }, arrival.interactionId)
}

/** The whole body or a refusal: nothing is done for half a request (G4). */
const readBody = (
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
      request.off('data', onData)
      reject(because)
    }
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bytesMax) return refuse(bodyTooLarge(`at most ${bytesMax} bytes`))
      chunks.push(chunk)
    }
    connection.interrupt = refuse
    request.on('data', onData)
    request.once('error', () => refuse(malformed('the body ended too soon')))
    request.once('close', () => refuse(malformed('the body ended too soon')))
    request.once('end', () => {
      connection.interrupt = undefined
      if (request.rawTrailers.length > 0) return reject(malformed('trailers are not taken'))
      const [only] = chunks
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks))
    })
  })

const parseFailure = (code = ''): Problem => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return headTooLarge(`at most ${httpOptions.maxHeaderSize} bytes`)
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return bodyTooLarge('chunk extensions are not taken')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return requestTooSlow('the request did not arrive in time')
  return malformed('the bytes are no HTTP/1.1 request')
}

const headersOf = (answered: Answer, interactionId: string, length: number): string[] => {
  const headers = [
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

const write = (response: ServerResponse, answered: Answer, interactionId: string): void => {
  if (response.destroyed) return
  const body = Buffer.from(answered.body)
  response.writeHead(answered.status, headersOf(answered, interactionId, body.length))
  response.end(body)
}

/** Answers a connection whose bytes were no request, and ends it. */
const say = (socket: Socket, because: Problem, { now }: Wired): void => {
  if (!socket.writable) return void socket.destroy()
  const ids = identify(undefined)
  const answered = { ...refusal(because, ids), close: true }
  const headers = [
    ...headersOf(answered, ids.interactionId, Buffer.byteLength(answered.body)),
    'date',
    new Date(now().epochMilliseconds).toUTCString(),
  ]
  let head = `HTTP/1.1 ${answered.status} ${because.title}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  socket.end(`${head}\r\n${answered.body}`, () => socket.destroy())
}
