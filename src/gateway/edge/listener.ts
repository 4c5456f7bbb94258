/** The wire: node:https with limits (G14), one request at a time on a connection, each answered once. */
import { hash } from 'node:crypto'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Problem } from '#kernel/problem.ts'
import { answer, type Answering, type Connection, say, type Wired } from './answering.ts'
import { type Connections, networkOf } from './connections.ts'
import { headTooLarge, malformed } from './edge.ts'
import { bodyTooLarge, requestTooSlow } from '../pipeline.ts'
import type { TrustedProxy } from './proxy.ts'
import { contextOf, type Credentials } from './tls.ts'

export interface Listener {
  /** Ends the connections that showed this certificate (S10). */
  cut(certificateSha256: string): void
  /** Takes no new connections, lets answers go out with `Connection: close`, ends idle connections. */
  drain(withinMs: number): Promise<void>
  /** New handshakes are made with these; the connections that stand go on. */
  use(credentials: Credentials): void
}

/** Requests that may wait behind the one being answered. Clients that pipeline at all send two or three. */
const PIPELINED_MAX = 16

const httpOptions = {
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  insecureHTTPParser: false,
  joinDuplicateHeaders: false,
  requireHostHeader: false,
  noDelay: true,
} as const

export interface ListenerOptions extends Wired {
  readonly port: number
  readonly credentials: Credentials
  /** Who must show a certificate: nobody, every partner, or the proxy alone. */
  readonly clients: 'none' | 'partners' | TrustedProxy
  readonly connections: Connections
  /** Whether a partner registered this certificate: one that it signed itself needs no authority (RFC 8705 §2.2). */
  readonly registered: (certificateSha256: string) => boolean
}

export const openListener = async (options: ListenerOptions): Promise<Listener> => {
  const { clients, connections, limits } = options
  const proxy = typeof clients === 'object' ? clients : undefined
  const kind = typeof clients === 'object' ? 'pinned' : clients
  const server = createServer({
    ...contextOf(options.credentials, kind),
    ...httpOptions,
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    handshakeTimeout: limits.headMs,
    ALPNProtocols: ['http/1.1'],
    // A proxy's certificate is known by its fingerprint, whoever signed it; a partner's is looked at below.
    ...(kind !== 'none' && { requestCert: true, rejectUnauthorized: false }),
  })
  if (kind === 'partners')
    server.on('secureConnection', (socket) => {
      if (!isWelcome(socket, options)) socket.destroy()
    })
  // A failed handshake is the client's affair, and must never be ours (CVE-2025-59465).
  server.on('tlsClientError', (error, socket) => {
    options.log.debug(
      { port: options.port, code: Reflect.get(error, 'code') },
      'a handshake failed',
    )
    socket.destroy()
  })
  const handshakes = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const start = () => handshakes.forEach((listen) => Reflect.apply(listen, server, [socket]))
    if (!proxy) connections.admit(socket, start)
    else if (proxy.isFrom(socket.remoteAddress)) start()
    else socket.resetAndDestroy()
  })
  if (!proxy) server.on('secureConnection', (socket) => connections.secured(socket))
  const listener = attach(server, 'secureConnection', options, proxy)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    ...listener,
    use: (credentials) => server.setSecureContext(contextOf(credentials, kind)),
  }
}

/** Before a byte of a request is read: the authority vouches for the certificate, or it is registered as it stands. */
const isWelcome = (
  socket: TLSSocket,
  { registered, now }: Pick<ListenerOptions, 'registered' | 'now'>,
): boolean => {
  if (socket.authorized) return true
  // OpenSSL says this of a certificate that its own key signed; all other reasons end the connection.
  if (String(socket.authorizationError) !== 'DEPTH_ZERO_SELF_SIGNED_CERT') return false
  const shown = socket.getPeerX509Certificate()
  if (!shown) return false
  const nowMs = now().epochMilliseconds
  const inForce = shown.validFromDate.getTime() <= nowMs && nowMs < shown.validToDate.getTime()
  return inForce && registered(hash('sha256', shown.raw, 'base64url'))
}

/** Sets a server up to answer requests. Apart from `openListener`, so that a test can speak plain bytes to it. */
export const attach = (
  server: HttpsServer | HttpServer,
  connectionEvent: 'secureConnection' | 'connection',
  wired: Wired,
  proxy?: TrustedProxy,
): Omit<Listener, 'use'> => {
  const options: Answering = { ...wired, hosts: wired.doors.map((door) => door.host) }
  const connections = new WeakMap<Socket, Connection>()
  const byCertificate = new Map<string, Set<Socket>>()
  server.maxConnections = wired.limits.connections
  // Node would drop what is above its own count in silence; the edge counts, and refuses.
  server.maxHeadersCount = 0

  server.on(connectionEvent, (socket: Socket) => {
    const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
    if (proxy && !(shown && proxy.isShownBy(shown))) return void socket.destroy()
    // RFC 8705 §3.1, once for a connection (S15). A proxy's own certificate is no caller's.
    const certificate = shown && !proxy ? hash('sha256', shown.raw, 'base64url') : null
    const connection: Connection = {
      address: networkOf(socket.remoteAddress ?? ''),
      certificate,
      ending: false,
      broken: undefined,
      interrupt: undefined,
      underWay: undefined,
      gone: false,
      whenGone: undefined,
      waiting: 0,
      requests: 0,
    }
    connections.set(socket, connection)
    socket.once('close', () => {
      connection.gone = true
      connection.whenGone?.()
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
    connection.requests++
    const before = connection.underWay
    if (before && connection.waiting >= PIPELINED_MAX) {
      // None of those that wait is begun: the answer under way is the last.
      connection.ending = true
      return
    }
    connection.waiting++
    const underWay = before
      ? before
          .then(() => taken(request.socket))
          .then(() => answer(options, connection, request, response))
      : answer(options, connection, request, response)
    connection.underWay = underWay
    const over = (cause: unknown) => {
      connection.waiting--
      if (connection.underWay === underWay) connection.underWay = undefined
      if (cause === undefined) return
      // Half an answer is none: this one connection ends, and the others are served.
      options.log.error({ cause }, 'an answer could not be written')
      connection.ending = true
      request.socket.destroy()
    }
    void underWay.then(over, over)
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

/** What was answered before has left: nobody makes us keep answers by asking without reading. */
const taken = async (socket: Socket): Promise<void> => {
  if (!socket.writableNeedDrain) return
  await new Promise<void>((resolve) => {
    const done = () => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.once('drain', done)
    socket.once('close', done)
  })
}

const parseFailure = (code = ''): Problem => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return headTooLarge(`at most ${httpOptions.maxHeaderSize} bytes`)
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return bodyTooLarge('chunk extensions are not taken')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return requestTooSlow('the request did not arrive in time')
  return malformed('the bytes are no HTTP/1.1 request')
}
