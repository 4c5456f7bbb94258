/** The gateway's doors, opened together: TLS, TLS with partners' certificates, and one for a trusted proxy where there is one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { addressesOf } from '#platform/config.ts'
import type { CellWorld } from '#platform/process.ts'
import type { Serve } from './answering.ts'
import type { Door } from '../call.ts'
import { type Connections, openConnections } from './connections.ts'
import type { Health } from '../seeing/health.ts'
import { type Listener, openListener } from './listener.ts'
import { openPace } from './pace.ts'
import { openPresenting, readTrustedProxy } from './proxy.ts'
import { readCredentials, watchCredentials } from './tls.ts'

export interface Doors {
  /** Ends the connections that showed this certificate (S10). */
  cut(certificateSha256: string): void
  connections(): ReturnType<Connections['state']>
  /** Waits as long as a balancer may still send calls, then takes no more and lets the last ones end (G68). */
  close(): Promise<void>
}

/** How long calls that are under way may take when no more come. */
const DRAIN_MS = 30_000
const ENDING_SOON_MS = 14 * 86_400_000

export const openDoors = async (options: {
  world: CellWorld
  health: Health
  serve: Serve
  refused: (code: string) => void
  /** Whether the certificate stands in the snapshot that is held. */
  registered: (certificateSha256: string) => boolean
  /** Whether the process is on its way out: every answer then ends its connection. */
  draining: () => boolean
}): Promise<Doors> => {
  const { world, health, serve, refused, registered, draining } = options
  const { settings, cell, log, now } = world
  const files = world.layout.cell(cell)
  const tls = { ...files.tls('gateway'), partnerCa: files.partnerCa.certificate }
  const credentials = readCredentials(tls)
  const pace = openPace({
    bodyBytesPerSecond: settings.PORTICO_EDGE_BODY_RATE,
    answerMs: settings.PORTICO_EDGE_ANSWER_SECONDS * 1000,
  })
  const connections = openConnections({
    perAddress: settings.PORTICO_EDGE_CONNECTIONS_PER_ADDRESS,
    handshakes: settings.PORTICO_EDGE_HANDSHAKES,
    handshakesPerAddress: settings.PORTICO_EDGE_HANDSHAKES_PER_ADDRESS,
    waitMs: settings.PORTICO_EDGE_HEAD_SECONDS * 1000,
  })
  const common = {
    environment: cell,
    credentials,
    connections,
    pace,
    limits: {
      headMs: settings.PORTICO_EDGE_HEAD_SECONDS * 1000,
      requestMs: settings.PORTICO_EDGE_REQUEST_SECONDS * 1000,
      connections: settings.PORTICO_EDGE_CONNECTIONS,
      requestsPerConnection: settings.PORTICO_EDGE_REQUESTS_PER_CONNECTION,
    },
    log,
    serve,
    refused,
    now,
    registered,
    draining,
    presenting: null,
  }
  const addresses = addressesOf(world.ports, cell)
  const plain = doorOf(addresses.gateway, false)
  const mutual = doorOf(addresses.gatewayMtls, true)
  const first = settings.PORTICO_GATEWAY_PORT
  const ports = world.ports[cell]
  const presenting = openPresenting(credentials.partnerCa)
  const listeners: Listener[] = [
    await openListener({
      ...common,
      doors: [plain],
      port: first ?? ports.gateway,
      clients: 'none',
    }),
    await openListener({
      ...common,
      doors: [mutual],
      port: first === undefined ? ports.gatewayMtls : first + 1,
      clients: 'partners',
    }),
  ]
  if (settings.PORTICO_TRUSTED_PROXY !== undefined)
    listeners.push(
      await openListener({
        ...common,
        doors: [plain, mutual],
        port: first === undefined ? ports.gatewayProxy : first + 4,
        clients: readTrustedProxy(settings.PORTICO_TRUSTED_PROXY),
        presenting,
      }),
    )
  const watching = watchCredentials({
    files: tls,
    served: credentials,
    nowMs: () => now().epochMilliseconds,
    log,
    use: (fresh) => {
      presenting.trust(fresh.partnerCa)
      for (const listener of listeners) listener.use(fresh)
    },
  })
  health.degraded(() => {
    const detail = watching.refusal()
    return detail === undefined ? undefined : { code: 'gateway/certificate-refused', detail }
  })
  health.degraded(() =>
    watching.endsAtMs() - now().epochMilliseconds < ENDING_SOON_MS
      ? {
          code: 'gateway/certificate-ending',
          detail: 'the server certificate ends within 14 days, or has ended',
        }
      : undefined,
  )
  return {
    cut: (certificate) => listeners.forEach((listener) => listener.cut(certificate)),
    connections: () => connections.state(),
    close: async () => {
      await sleep(settings.PORTICO_EDGE_DRAIN_SECONDS * 1000)
      await watching.stop()
      await Promise.all(listeners.map((listener) => listener.drain(DRAIN_MS)))
      pace.stop()
    },
  }
}

const doorOf = (origin: string, mutual: boolean): Door => ({
  origin,
  host: new URL(origin).host,
  mutual,
})
