/** TLS of the gateway: what it speaks, and certificates that change while it runs (S8, S13, G46). */
import { constants, createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Duplex, duplexPair } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { problem } from '#kernel/problem.ts'
import type { Log } from '#platform/log.ts'

export const certificateRefused = problem(
  'gateway/certificate-refused',
  500,
  'The new certificate cannot be served',
)

/** TLS 1.2 with forward secrecy and AEAD only, 1.3 as it is; no finite-field groups (FAPI 2.0 §5.2.2, S8). */
export const spoken = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES256-GCM-SHA384',
  ].join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  honorCipherOrder: true,
} as const

/** With no listener for `resumeSession` either, no session is ever resumed: each connection proves its key anew (S8). */
export const NO_TICKETS = constants.SSL_OP_NO_TICKET

export interface Credentials {
  readonly certificate: string
  readonly key: string
  /** The authority of partner certificates. */
  readonly partnerCa: string
}

interface Files {
  readonly certificate: string
  readonly key: string
  readonly partnerCa: string
}

const HANDSHAKE_MS = 5_000
const LOOK_EVERY_MS = 2_000

export const readCredentials = (files: Files): Credentials => ({
  certificate: readFileSync(files.certificate, 'utf8'),
  key: readFileSync(files.key, 'utf8'),
  partnerCa: readFileSync(files.partnerCa, 'utf8'),
})

/** What a listener's secure context is made of: the same at the start and at every change. */
export const contextOf = (
  credentials: Credentials,
  clients: 'none' | 'partners' | 'pinned',
): SecureContextOptions => ({
  ...spoken,
  cert: credentials.certificate,
  key: credentials.key,
  ...(clients !== 'none' && { secureOptions: NO_TICKETS }),
  ...(clients === 'partners' && { ca: credentials.partnerCa }),
})

/** Throws `gateway/certificate-refused` for credentials that no client could use: read, matched, dated, tried. */
export const tryCredentials = async (credentials: Credentials, nowMs: number): Promise<void> => {
  const leaf = parsed(() => new X509Certificate(credentials.certificate), 'the certificate')
  const authority = parsed(() => new X509Certificate(credentials.partnerCa), 'the authority')
  const key = parsed(() => createPrivateKey(credentials.key), 'the key')
  if (!authority.ca) throw certificateRefused('the authority of partners is no authority')
  if (!leaf.checkPrivateKey(key)) throw certificateRefused('key and certificate do not match')
  if (leaf.validToDate.getTime() <= nowMs || leaf.validFromDate.getTime() > nowMs)
    throw certificateRefused('the certificate is not valid now')
  await shakeHands(credentials, leaf)
}

const parsed = <T>(read: () => T, what: string): T => {
  try {
    return read()
  } catch (cause) {
    throw certificateRefused(`${what} cannot be read`, { cause })
  }
}

/** One handshake with ourselves, in memory, before anybody else meets the new context. */
const shakeHands = async (credentials: Credentials, leaf: X509Certificate): Promise<void> => {
  const [ours, theirs]: [Duplex, Duplex] = duplexPair()
  const server = new TLSSocket(ours, {
    isServer: true,
    secureContext: createSecureContext(contextOf(credentials, 'none')),
  })
  // Whether anybody trusts it is not the question: that it is this one, and its key answers, is.
  const client = connect({ socket: theirs, rejectUnauthorized: false })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      client.once('error', reject)
      client.setTimeout(HANDSHAKE_MS, () => reject(new Error('no handshake in time')))
      client.once('secureConnect', () => {
        const met = client.getPeerX509Certificate()
        if (met?.fingerprint256 === leaf.fingerprint256) resolve()
        else reject(new Error('another certificate was shown'))
      })
    })
  } catch (cause) {
    throw certificateRefused('a handshake with it failed', { cause })
  } finally {
    client.destroy()
    server.destroy()
  }
}

export interface Watching {
  /** Why the files on disk are not what is served, if so. */
  refusal(): string | undefined
  /** When the served certificate ends. */
  endsAtMs(): number
  stop(): Promise<void>
}

/**
 * Looks at the files every two seconds and hands over what changed, once it was tried. Polled, because files behind a
 * link or on a network disk tell no watcher; broken or half-written ones are looked at again, and the old ones serve on.
 */
export const watchCredentials = (options: {
  files: Files
  served: Credentials
  nowMs: () => number
  log: Log
  use: (fresh: Credentials) => void
}): Watching => {
  const { files, log } = options
  const stopping = new AbortController()
  let served = options.served
  let refused: { digest: string; why: string } | undefined

  const look = async (): Promise<void> => {
    const found = readCredentials(files)
    const digest = digestOf(found)
    if (digest === digestOf(served)) {
      refused = undefined
      return
    }
    if (digest === refused?.digest) return
    try {
      await tryCredentials(found, options.nowMs())
      options.use(found)
      served = found
      refused = undefined
      log.info({ endsAt: leafOf(found).validToDate.toISOString() }, 'a new certificate is served')
    } catch (cause) {
      refused = { digest, why: cause instanceof Error ? cause.message : String(cause) }
      log.error({ cause }, 'the new certificate is refused; the old one serves on')
    }
  }
  const watching = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      if (!stopping.signal.aborted)
        await look().catch((cause: unknown) => {
          const why = 'the certificate’s files cannot be read'
          if (refused?.why !== why) log.error({ cause }, why)
          refused = { digest: '', why }
        })
    }
  }
  const done = watching()
  return {
    refusal: () => refused?.why,
    endsAtMs: () => leafOf(served).validToDate.getTime(),
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

const leafOf = ({ certificate }: Credentials) => new X509Certificate(certificate)

const digestOf = ({ certificate, key, partnerCa }: Credentials): string =>
  createHash('sha256')
    .update(JSON.stringify([certificate, key, partnerCa]))
    .digest('hex')
