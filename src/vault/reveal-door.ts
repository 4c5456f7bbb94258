/** The vault's own origin: HTTPS for cardholders' browsers, a card's data, its PIN, and nothing else. */
import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Cell } from '#kernel/cell.ts'
import { isLanguage, type Language } from '#kernel/format.ts'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Running } from '#platform/process.ts'
import { type Room, showCard } from './index.ts'
import { answerPin } from './pin-door.ts'
import {
  type Answer,
  askingPage,
  cardPage,
  type Frame,
  notNowPage,
  overPage,
  policyFor,
} from './reveal-page.ts'
import { liveSession } from './reveal-session.ts'

interface RevealDoor {
  readonly cell: Cell
  readonly db: Postgres
  readonly room: Room
  readonly log: Log
  readonly now: () => Temporal.Instant
  readonly host: string
  readonly port: number
  readonly tls: { readonly certificate: string; readonly key: string }
  readonly frame: Omit<Frame, 'language'>
}

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

const CONNECTIONS_MAX = 512
/** A card that was shown goes from the screen with its minute. */
const SHOWN_SECONDS = 60

const pathOf = /^\/(reveal|pin)\/([A-Za-z0-9_-]{43})(?:\?lang=([a-z]{2}))?$/

export const openRevealDoor = async (door: RevealDoor): Promise<Running> => {
  const { cell, log, host, port, tls } = door
  const server = createServer(
    {
      key: readFileSync(tls.key),
      cert: readFileSync(tls.certificate),
      minVersion: 'TLSv1.2',
      ciphers,
      ecdhCurve: 'X25519:P-256:P-384',
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      ALPNProtocols: ['http/1.1'],
      maxHeaderSize: 16_384,
      handshakeTimeout: 5_000,
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      keepAliveTimeout: 5_000,
    },
    (request, response) => {
      // Nobody mistakes one cell for the other, whatever is answered.
      response.setHeader('portico-environment', cell)
      answerTo(request, door)
        .catch((cause: unknown) => {
          log.error({ cause }, 'a page for a cardholder failed')
          return over(door, languageOf(request), 500)
        })
        .then((answer) => send(response, answer))
        .catch((cause: unknown) => {
          log.error({ cause }, 'a page for a cardholder did not leave')
          response.destroy()
        })
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  server.on('tlsClientError', (cause) => log.debug({ cause }, 'handshake refused'))
  server.on('clientError', (_, socket) => {
    if (socket.writable)
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nportico-environment: ${cell}\r\nconnection: close\r\n\r\n`,
      )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), 2_000)
      await closed
      clearTimeout(late)
    },
  }
}

const answerTo = async (request: IncomingMessage, door: RevealDoor): Promise<Answer> => {
  const [, page, secret, lang] = pathOf.exec(request.url ?? '') ?? []
  const language = isLanguage(lang) ? lang : languageOf(request)
  const frame = { ...door.frame, language }
  const now = door.now()
  if (page === 'pin' && secret !== undefined && isAsked(request))
    return answerPin(request, { db: door.db, room: door.room, now, frame, secret })
  request.resume()
  if (secret === undefined || page === 'pin') return over(door, language)
  if (request.method === 'GET') {
    const session = await liveSession(door.db, secret, now)
    if (!session) return over(door, language)
    return { status: 200, body: askingPage(frame), frameOrigins: session.frameOrigins }
  }
  if (!isAsked(request)) return over(door, language)
  try {
    const shown = await work(door.db, 'system', now, (w) => showCard(w, door.room, secret))
    if (!shown) return over(door, language)
    const body = cardPage(frame, shown.card)
    for (const bytes of [shown.card.number, shown.card.code, shown.card.cardholder]) bytes.fill(0)
    return { status: 200, body, frameOrigins: shown.frameOrigins, secret: true }
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error
    return { status: 409, body: notNowPage(frame), frameOrigins: [] }
  }
}

/** Of an address that never was, was used, or is over, the page is the same. */
const over = (door: RevealDoor, language: Language, status = 404): Answer => ({
  status,
  body: overPage({ ...door.frame, language }),
  frameOrigins: [],
})

/** A look at a page, or the button on it. */
const isAsked = (request: IncomingMessage): boolean =>
  request.method === 'GET' || (request.method === 'POST' && isFromItself(request))

/** Fetch Metadata: the button on our own page, and no other page's form. */
const isFromItself = ({ headers }: IncomingMessage): boolean =>
  headers['sec-fetch-site'] === undefined || headers['sec-fetch-site'] === 'same-origin'

const languageOf = ({ headers }: IncomingMessage): Language => {
  const tags = (headers['accept-language'] ?? '').split(',').map((tag) => tag.trim().slice(0, 2))
  return tags.find(isLanguage) ?? 'en'
}

const send = (response: ServerResponse, { status, body, frameOrigins, secret }: Answer): void => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
  if (secret) response.setHeader('refresh', `${SHOWN_SECONDS}; url=/reveal/over`)
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': bytes.length,
    'content-security-policy': policyFor(frameOrigins),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex',
    'permissions-policy': 'clipboard-read=(), camera=(), geolocation=(), microphone=()',
    'cross-origin-opener-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
    connection: 'close',
  })
  // Alone in its write: head and body in one would be joined by TLS in memory that nobody wipes.
  response.flushHeaders()
  response.once('close', () => bytes.fill(0))
  response.write(bytes, () => {
    bytes.fill(0)
    response.end()
  })
}
