/** How an upstream is reached: the cell's own over their sockets, registered ones over guarded TLS. */
import { Pool } from 'undici'
import type { Cell } from '#kernel/cell.ts'
import {
  connectorTo,
  type RegisteredUpstream,
  type UpstreamGuard,
} from '#platform/registered-upstream.ts'

export interface Way {
  /** Of its address and certificates: another digest, other connections. Null for the cell's own, which stay. */
  readonly digest: string | null
  readonly pool: (connections: number) => Pool
}
export type Ways = ReadonlyMap<string, Way>

const ANSWER_BYTES_MAX = 4_194_304

const poolOptions = (connections: number) => ({
  connections,
  pipelining: 1,
  // Below the upstream's own, so that it is never the one to close first (G64).
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 4_000,
  maxResponseSize: ANSWER_BYTES_MAX,
})

export const ownWay = (socketPath: string): Way => ({
  digest: null,
  pool: (connections) =>
    new Pool('http://upstream', {
      connect: { socketPath, timeout: 2_000 },
      ...poolOptions(connections),
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
      pool: (connections) =>
        new Pool(new URL(upstream.address).origin, {
          connect: connectorTo(upstream, guard.cell, guard),
          ...poolOptions(connections),
        }),
    })
  return ways
}
