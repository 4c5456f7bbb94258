/** How an upstream is reached: the cell's own over their sockets, registered ones over guarded TLS. */
import { Pool } from 'undici'
import type { Cell } from '#kernel/cell.ts'
import type { Carrier } from './exchange.ts'
import { openOwnSockets } from './own-sockets.ts'
import {
  connectorTo,
  type RegisteredUpstream,
  type UpstreamGuard,
} from '#platform/registered-upstream.ts'

export interface Way {
  /** Of its address and certificates: another digest, other connections. Null for the cell's own, which stay. */
  readonly digest: string | null
  readonly carrier: (connections: number) => Carrier
}
export type Ways = ReadonlyMap<string, Way>

const ANSWER_BYTES_MAX = 4_194_304

const CONNECT_MS = 2_000
/** Below the upstream's own, so that it is never the one to close first (G64). */
const IDLE_MS = 4_000

export const ownWay = (path: string): Way => ({
  digest: null,
  carrier: () =>
    openOwnSockets({
      path,
      connectMs: CONNECT_MS,
      idleMs: IDLE_MS,
      answerBytesMax: ANSWER_BYTES_MAX,
    }),
})

/** The ways to all registered systems of a snapshot. */
export const waysTo = (
  registered: Iterable<RegisteredUpstream>,
  guard: UpstreamGuard & { readonly cell: Cell },
): Ways => {
  const ways = new Map<string, Way>()
  for (const upstream of registered)
    ways.set(upstream.id, {
      digest: JSON.stringify(upstream),
      carrier: (connections) =>
        carriedBy(
          new Pool(new URL(upstream.address).origin, {
            connect: connectorTo(upstream, guard.cell, guard),
            connections,
            pipelining: 1,
            keepAliveTimeout: IDLE_MS,
            keepAliveMaxTimeout: IDLE_MS,
            maxResponseSize: ANSWER_BYTES_MAX,
          }),
        ),
    })
  return ways
}

/** Systems of others speak HTTP as they like it: a library reads them. */
const carriedBy = (pool: Pool): Carrier => ({
  ask: ({ method, path, headers, body }, exchange) => {
    pool.dispatch(
      // The call's own deadline ends what hangs or drips, by the millisecond; two more timers would only cost.
      { method, path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      exchange,
    )
  },
  close: () => pool.close(),
})
