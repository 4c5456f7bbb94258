/** One attempt: signed bytes to one endpoint through the address guard, and what came back. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Agent, request } from 'undici'
import { Problem } from '#kernel/problem.ts'
import { type Outside, outsideAddress, outsideConnector } from './outside.ts'

export interface Said {
  readonly status: number | null
  /** Why there is no answer, one word. */
  readonly failure: string | null
  readonly retryAfter: string | null
  /** The key that the receiver says it verified with. */
  readonly verifiedWith: string | null
  readonly ms: number
  readonly address: string | null
  readonly tls: string | null
  /** The first 4 kB of the answer. */
  readonly answer: string | null
}

export interface Mailbox {
  /** Never throws: whatever goes wrong outside is an answer that did not come. */
  post(headers: Readonly<Record<string, string>>, body: string): Promise<Said>
  close(): Promise<void>
}

const ATTEMPT_MS = 15_000
const ANSWER_BYTES_MAX = 65_536
const KEPT_CHARS = 4_096
/**
 * A connection is judged when it is made; it is not kept long enough for the judgement to grow old. Idle, it is given up
 * before the usual server would (5 s): else a delivery meets a connection that is just being closed.
 */
const KEPT_ALIVE_MS = 3_000
const CONNECTION_LIFE_MS = 60_000

/** Connections to one endpoint and to no other: nothing of one partner's is left for another's. */
export const openMailbox = (outside: Outside, given: string, connections: number): Mailbox => {
  let met: { address: string | null; tls: string | null } = { address: null, tls: null }
  let agent: Agent | undefined
  const open = (url: URL) => {
    const connect = outsideConnector(outside, url, ATTEMPT_MS)
    return new Agent({
      connect: (options, callback) =>
        connect(options, (...made) => {
          const [error, socket] = made
          if (error) callback(error, null)
          else {
            met = metBy(socket)
            callback(null, socket)
          }
        }),
      connections,
      keepAliveTimeout: KEPT_ALIVE_MS,
      keepAliveMaxTimeout: KEPT_ALIVE_MS,
      clientTtl: CONNECTION_LIFE_MS,
      maxResponseSize: ANSWER_BYTES_MAX,
      headersTimeout: ATTEMPT_MS,
      bodyTimeout: ATTEMPT_MS,
    })
  }
  return {
    post: async (headers, body) => {
      const began = performance.now()
      const nothing = (failure: string): Said => ({
        status: null,
        failure,
        retryAfter: null,
        verifiedWith: null,
        ms: Math.round(performance.now() - began),
        ...met,
        answer: null,
      })
      const ends = new AbortController()
      const timer = setTimeout(() => ends.abort(), ATTEMPT_MS)
      try {
        const url = outsideAddress(outside.guard, given)
        agent ??= open(url)
        const answer = await request(url, {
          method: 'POST',
          dispatcher: agent,
          signal: ends.signal,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Portico',
            ...headers,
          },
          body,
        })
        const text = await answer.body.text()
        return {
          status: answer.statusCode,
          failure: null,
          retryAfter: headerOf(answer.headers['retry-after']),
          verifiedWith: headerOf(answer.headers['webhook-verified-with']),
          ms: Math.round(performance.now() - began),
          ...met,
          // PostgreSQL keeps no NUL in a text.
          answer: text.slice(0, KEPT_CHARS).replaceAll('\0', '\uFFFD').toWellFormed(),
        }
      } catch (cause) {
        return nothing(ends.signal.aborted ? 'timeout' : wordOf(cause))
      } finally {
        clearTimeout(timer)
      }
    },
    close: async () => {
      await agent?.destroy()
      agent = undefined
    },
  }
}

const headerOf = (value: string | string[] | undefined): string | null =>
  [value].flat()[0]?.slice(0, 100) ?? null

const metBy = (socket: Socket | TLSSocket) => ({
  address: socket.remoteAddress ?? null,
  tls: socket instanceof TLSSocket ? socket.getProtocol() : null,
})

/** What went wrong outside, for whoever reads the log of deliveries: a word, never a stack. */
const wordOf = (cause: unknown): string => {
  if (cause instanceof Problem) return 'address-refused'
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name-not-found'
  if (code === 'ECONNREFUSED') return 'connection-refused'
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'answer-too-long'
  if (/TIMEOUT/.test(code)) return 'timeout'
  if (/^(ERR_TLS|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/.test(code)) return 'tls'
  return 'connection-lost'
}
