/**
 * A connection to NATS that comes and goes by itself. It carries, and is believed in nothing: what travels proves itself
 * by its own signature or by the key of the line. Whoever finds it away takes the way that was there before it.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import type { Settings } from './config.ts'
import type { Log } from './log.ts'
import type { Family } from './telemetry.ts'

export interface Nats {
  /** The connection, while there is one that answers. */
  connection(): NatsConnection | undefined
  /** Calls with each new connection, and with one that came back. */
  onConnected(body: () => void): void
  close(): Promise<void>
}

const RECONNECT_MS = 500
const CONNECT_MS = 2_000
/** A server that went without a word is given up after two of these. */
const PING_MS = 2_000

type Wanted = Pick<
  Settings,
  | 'PORTICO_NATS_URL'
  | 'PORTICO_NATS_CREDENTIALS_FILE'
  | 'PORTICO_NATS_CA_FILE'
  | 'PORTICO_NATS_CERTIFICATE_FILE'
  | 'PORTICO_NATS_KEY_FILE'
>

/** Opens it where a URL is set, and waits for nothing: a house starts while NATS is away. */
export const openNats = (settings: Wanted, name: string, log: Log): Nats | undefined => {
  const url = settings.PORTICO_NATS_URL
  if (url === undefined) return undefined
  const options = optionsOf(url, settings, name)
  const listeners: (() => void)[] = []
  let held: NatsConnection | undefined
  let up = false
  let stopped = false

  const rise = (server: string) => {
    up = true
    log.info({ server }, 'NATS is connected')
    for (const listener of listeners) listener()
  }
  const fall = (why: unknown) => {
    if (up && !stopped)
      log.warn({ cause: why }, 'NATS is away: control is asked as if there were none')
    up = false
  }
  const watch = async (connection: NatsConnection) => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') fall(status.server)
      else if (status.type === 'reconnect') rise(status.server)
      else if (status.type === 'error') log.warn({ cause: status.error.message }, 'NATS complains')
    }
  }
  const run = async () => {
    let told = false
    while (!stopped)
      try {
        held = await connect(options)
        const watching = watch(held)
        rise(held.getServer())
        const why = await held.closed()
        await watching
        fall(why)
      } catch (cause) {
        if (!told)
          log.warn({ cause: (cause as Error).message }, 'NATS does not answer: control is asked')
        told = true
        await sleep(RECONNECT_MS)
      }
  }
  const running = run()
  return {
    connection: () => (up ? held : undefined),
    onConnected: (body) => {
      listeners.push(body)
      if (up) body()
    },
    close: async () => {
      stopped = true
      await held?.close().catch(() => {})
      await running
    },
  }
}

const optionsOf = (url: string, settings: Wanted, name: string) => {
  const addresses = url.split(',').map((address) => new URL(address))
  const { username, password } = addresses[0] ?? {}
  const tls = {
    ...(settings.PORTICO_NATS_CA_FILE && { caFile: settings.PORTICO_NATS_CA_FILE }),
    ...(settings.PORTICO_NATS_CERTIFICATE_FILE && {
      certFile: settings.PORTICO_NATS_CERTIFICATE_FILE,
    }),
    ...(settings.PORTICO_NATS_KEY_FILE && { keyFile: settings.PORTICO_NATS_KEY_FILE }),
  }
  const encrypted = url.includes('tls://') || Object.keys(tls).length > 0
  const credentials = settings.PORTICO_NATS_CREDENTIALS_FILE
  return {
    servers: addresses.map(({ host }) => host),
    name: `portico ${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    // The addresses of the settings are those that our network lets us reach.
    ignoreClusterUpdates: true,
    ...(username && {
      user: decodeURIComponent(username),
      pass: decodeURIComponent(password ?? ''),
    }),
    ...(credentials && { authenticator: credsAuthenticator(readFileSync(credentials)) }),
    ...(encrypted && { tls }),
  }
}

/** Whether NATS carries anything, for who scrapes. */
export const natsFamilies = (nats: Nats | undefined): Family[] =>
  nats
    ? [
        {
          type: 'gauge',
          name: 'portico_nats_connected',
          help: 'Whether NATS carries snapshots, revocations and usage; 0 means that control is asked',
          read: () => (nats.connection() ? 1 : 0),
        },
      ]
    : []
