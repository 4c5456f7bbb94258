/** Asks whether a system answers, and proves itself, by the same way that the gateways will go. */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { connectorTo, type UpstreamGuard } from '#platform/registered-upstream.ts'
import type { Upstream } from './upstream.ts'

export const ProbeView = z.object({
  reachable: z.boolean(),
  /** Why not; or how it is spoken to. */
  detail: z.string(),
  /** Until when its certificate holds. */
  certificateUntil: Instant.nullable(),
})
export type Probe = z.output<typeof ProbeView>

/** A client certificate is refused after the handshake in TLS 1.3: a moment shows it. */
const REFUSAL_MS = 250

export const probe = (upstream: Upstream, guard: UpstreamGuard): Promise<Probe> =>
  new Promise((resolve) => {
    const no = (why: unknown): Probe => ({
      reachable: false,
      detail: why instanceof Error ? why.message : String(why),
      certificateUntil: null,
    })
    const { hostname, host, protocol, port } = new URL(upstream.address)
    let connect
    try {
      connect = connectorTo(upstream, upstream.cell, guard)
    } catch (error) {
      return resolve(no(error))
    }
    connect({ hostname, host, protocol, port }, (error, socket) => {
      if (error) return resolve(no(error))
      const stays = setTimeout(() => {
        resolve(seen(socket))
        socket.destroy()
      }, REFUSAL_MS)
      socket.once('error', (late: Error) => resolve(no(late)))
      socket.once('close', () => {
        clearTimeout(stays)
        resolve(no('it hung up at once'))
      })
      socket.resume()
    })
  })

const seen = (socket: Socket | TLSSocket): Probe => {
  if (!(socket instanceof TLSSocket))
    return { reachable: true, detail: 'plain http', certificateUntil: null }
  const until = new Date(socket.getPeerCertificate().valid_to)
  return {
    reachable: true,
    detail: socket.getProtocol() ?? 'TLS',
    certificateUntil: Temporal.Instant.fromEpochMilliseconds(until.getTime()),
  }
}
