/** The way to the cell's bank and vault: a pool for each product and upstream, so that a slow one holds up nobody else (G33). */
import { type Dispatcher, Pool } from 'undici'
import { problem } from '#kernel/problem.ts'

export const coreProtected = problem(
  'gateway/core-protected',
  503,
  'The bank’s core system is at its limit',
)
export const upstreamFailed = problem(
  'gateway/upstream-failed',
  502,
  'A part behind the gateway gave no usable answer',
)
export const deadlinePassed = problem('gateway/deadline', 504, 'The answer took too long')

export interface UpstreamRequest {
  readonly method: string
  /** Path and query, as the edge admitted them. */
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer | null
}

export interface UpstreamAnswer {
  readonly status: number
  readonly contentType: string | null
  /** Nobody asked for a coding; an answer in one cannot be read, and is withheld. */
  readonly encoded: boolean
  readonly body: Buffer
}

/** How an exchange failed. `sent` is false only where not one byte left us. */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed'
  readonly sent: boolean
  readonly late: boolean
  constructor(outcome: { sent: boolean; late: boolean }, cause: unknown) {
    super('no answer from upstream', { cause })
    this.sent = outcome.sent
    this.late = outcome.late
  }
}

export interface Upstreams {
  /** Throws `ExchangeFailed`; `gateway/core-protected` where too many calls of this product are under way. */
  ask(
    place: { product: string; upstream: 'bank' | 'vault' },
    request: UpstreamRequest,
    withinMs: number,
  ): Promise<UpstreamAnswer>
  close(): Promise<void>
}

const ANSWER_BYTES_MAX = 4_194_304
/** Calls under way to one product; more would only queue up in front of a core that takes a handful at a time. */
const CALLS_MAX = 128
const CONNECTIONS_MAX = 64

interface Lane {
  readonly pool: Pool
  calls: number
}

export const openUpstreams = (sockets: Readonly<Record<'bank' | 'vault', string>>): Upstreams => {
  const lanes = new Map<string, Lane>()
  const laneOf = (product: string, upstream: 'bank' | 'vault'): Lane => {
    const name = `${upstream} ${product}`
    const found = lanes.get(name)
    if (found) return found
    const pool = new Pool('http://upstream', {
      connect: { socketPath: sockets[upstream], timeout: 2_000 },
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      // Below the upstream's own, so that it is never the one to close first (G64).
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      maxResponseSize: ANSWER_BYTES_MAX,
    })
    const fresh: Lane = { pool, calls: 0 }
    lanes.set(name, fresh)
    return fresh
  }
  return {
    ask: async ({ product, upstream }, request, withinMs) => {
      const lane = laneOf(product, upstream)
      if (lane.calls >= CALLS_MAX)
        throw coreProtected('too many calls of this product are under way', {
          headers: { 'retry-after': '1' },
        })
      lane.calls++
      try {
        return await exchange(lane.pool, request, withinMs)
      } catch (error) {
        // One more try, and only where nothing was sent: what was sent may have been done (G66).
        if (error instanceof ExchangeFailed && !error.sent && !error.late)
          return await exchange(lane.pool, request, withinMs)
        throw error
      } finally {
        lane.calls--
      }
    },
    close: async () => {
      await Promise.all(lanes.values().map(({ pool }) => pool.close()))
    },
  }
}

const exchange = (
  pool: Pool,
  request: UpstreamRequest,
  withinMs: number,
): Promise<UpstreamAnswer> =>
  new Promise((resolve, reject) => {
    let sent = false
    let late = false
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let contentType: string | null = null
    let encoded = false
    const chunks: Buffer[] = []
    const timer = setTimeout(() => {
      late = true
      const because = new Error('deadline')
      if (controller) controller.abort(because)
      reject(new ExchangeFailed({ sent, late }, because))
    }, withinMs)
    const failed = (cause: unknown) => {
      clearTimeout(timer)
      reject(new ExchangeFailed({ sent, late }, cause))
    }
    pool.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: request.body,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart: (control) => {
          controller = control
          if (late) control.abort(new Error('deadline'))
          else sent = true
        },
        onResponseStart: (_, code, headers) => {
          status = code
          contentType = one(headers['content-type'])
          encoded = headers['content-encoding'] !== undefined
        },
        onResponseData: (_, chunk) => {
          chunks.push(chunk)
        },
        onResponseEnd: () => {
          clearTimeout(timer)
          resolve({
            status,
            contentType,
            encoded,
            body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks),
          })
        },
        onResponseError: (_, error) => failed(error),
      },
    )
  })

const one = (value: string | string[] | undefined): string | null =>
  typeof value === 'string' ? value : null
