/** The two listeners: TLS for browsers and partners, TLS that asks for the partner's certificate (RFC 8705). */
import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { CellLayout } from '#platform/layout.ts'
import type { Log } from '#platform/log.ts'
import type { Door } from './edge.ts'

export type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** FAPI 2.0 §5.2.1, BCP 195: TLS 1.3, and of 1.2 these four. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
].join(':')

const tlsOf = (kind: Door, files: CellLayout) => ({
  key: readFileSync(files.tls('authorization').key),
  cert: readFileSync(files.tls('authorization').certificate),
  minVersion: 'TLSv1.2' as const,
  ciphers,
  ecdhCurve: 'X25519:P-256:P-384',
  // A resumed session keeps the certificate of the first one, whose holder may be gone: nothing is resumed.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  ALPNProtocols: ['http/1.1'],
  ...(kind === 'mtls' && {
    requestCert: true,
    // A certificate that a partner signed itself has no authority: `welcome` decides before anything is read.
    rejectUnauthorized: false,
    ca: readFileSync(files.partnerCa.certificate),
  }),
})

const HEADER_BYTES_MAX = 32_768

/** Opens one door and waits until it listens. */
export const openDoor = async (
  kind: Door,
  options: {
    files: CellLayout
    host: string
    port: number
    log: Log
    handler: Handler
    /** Whether a handshake that showed a certificate, or none, goes further. Asked at `mtls` alone. */
    welcome: (socket: TLSSocket) => boolean
  },
): Promise<Server> => {
  const { files, host, port, log, handler, welcome } = options
  const server = createServer(
    {
      ...tlsOf(kind, files),
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      keepAliveTimeout: 60_000,
      handshakeTimeout: 10_000,
      insecureHTTPParser: false,
    },
    handler,
  )
  server.maxHeadersCount = 64
  if (kind === 'mtls')
    server.prependListener('secureConnection', (socket) => {
      if (!welcome(socket)) socket.destroy()
    })
  // A peer that speaks no TLS or no HTTP is no failure of ours, but without a listener it would end the process.
  server.on('tlsClientError', (error) =>
    log.debug({ cause: error, door: kind }, 'handshake refused'),
  )
  server.on('clientError', (error, socket) => {
    log.debug({ cause: error, door: kind }, 'request refused')
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

/** Connections from now on see the certificates as they are now; those that stand go on. */
export const renewDoor = (kind: Door, server: Server, files: CellLayout): void => {
  const { ALPNProtocols: _, ...context } = tlsOf(kind, files)
  server.setSecureContext(context)
}

/** Lets what runs finish, and waits for nobody who says nothing. */
export const closeDoor = async (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), 2_000)
  await closed
  clearTimeout(late)
}
