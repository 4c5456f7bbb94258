/** One attempt: signed bytes to one endpoint through the address guard, and what came back. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Dispatcher, Pool } from 'undici'
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
/** No character takes more than three bytes for each of its places in a string. */
const KEPT_BYTES = 3 * KEPT_CHARS
/**
 * A connection is judged when it is made; it is not kept long enough for the judgement to grow old. Idle, it is given up
 * before the usual server would (5 s): else a delivery meets a connection that is just being closed.
 */
const KEPT_ALIVE_MS = 3_000
const CONNECTION_LIFE_MS = 60_000

/** Connections to one endpoint and to no other: nothing of one partner's is left for another's. */
export const openMailbox = (outside: Outside, given: string, connections: number): Mailbox => {
  let met: { address: string | null; tls: string | null } = { address: null, tls: null }
  let pool: Pool | undefined
  const open = (url: URL) => {
    const connect = outsideConnector(outside, url, ATTEMPT_MS)
    return new Pool(url.origin, {
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
      // An attempt has an end of its own, whatever part of it takes so long.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }
  return {
    post: async (signed, body) => {
      const began = performance.now()
      const about = () => ({ ms: Math.round(performance.now() - began), ...met })
      const nothing = (failure: string): Said => ({
        status: null,
        failure,
        retryAfter: null,
        verifiedWith: null,
        ...about(),
        answer: null,
      })
      try {
        const url = outsideAddress(outside.guard, given)
        pool ??= open(url)
        const headers = { 'content-type': 'application/json', 'user-agent': 'Portico', ...signed }
        const path = `${url.pathname}${url.search}`
        const heard = await answerOf(pool, { path, method: 'POST', headers, body })
        return heard === 'timeout' ? nothing(heard) : { ...heard, ...about() }
      } catch (cause) {
        return nothing(wordOf(cause))
      }
    },
    close: async () => {
      await pool?.destroy()
      pool = undefined
    },
  }
}

type Heard = Omit<Said, 'ms' | 'address' | 'tls'>

/** What a receiver answers within the time of an attempt. One that is heard of later is not sent to any more. */
const answerOf = (pool: Pool, asked: Dispatcher.DispatchOptions): Promise<Heard | 'timeout'> =>
  new Promise((resolve, reject) => {
    let over = false
    let under: Dispatcher.DispatchController | undefined
    let heard: Omit<Heard, 'answer'> | undefined
    const parts: Buffer[] = []
    const timer = setTimeout(() => {
      over = true
      resolve('timeout')
      under?.abort(tooLate)
    }, ATTEMPT_MS)
    pool.dispatch(asked, {
      onRequestStart: (controller) => {
        under = controller
        if (over) controller.abort(tooLate)
      },
      onResponseStart: (_controller, status, headers) => {
        if (status < 200) return
        heard = {
          status,
          failure: null,
          retryAfter: headerOf(headers['retry-after']),
          verifiedWith: headerOf(headers['webhook-verified-with']),
        }
      },
      onResponseData: (_controller, part) => parts.push(part),
      onResponseEnd: () => {
        clearTimeout(timer)
        if (heard) resolve({ ...heard, answer: keptOf(parts) })
      },
      onResponseError: (_controller, error) => {
        clearTimeout(timer)
        reject(error)
      },
    })
  })
const tooLate = new Error('the time of the attempt is over')

/** The beginning, as text that PostgreSQL keeps: without NUL. */
const keptOf = (parts: readonly Buffer[]): string =>
  parts.length === 0
    ? ''
    : Buffer.concat(parts)
        .toString('utf8', 0, KEPT_BYTES)
        .slice(0, KEPT_CHARS)
        .replaceAll('\0', '\uFFFD')
        .toWellFormed()

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
