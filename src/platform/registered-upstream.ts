/**
 * A system of the bank that it puts behind the gateway: where it is and how both sides prove themselves. Control reads it
 * when it is registered and asks whether it answers; the gateway connects by it. The private key travels sealed.
 */
import { createCipheriv, createDecipheriv, randomBytes, X509Certificate } from 'node:crypto'
import { buildConnector } from 'undici'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Cell } from '#kernel/cell.ts'
import { type AddressGuard, guardedLookup } from './address-guard.ts'

/** `bank` and `vault` are the cell's own; every other word names a registered system. */
export const UpstreamId = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    'must be a word in small letters, such as credit-bureau',
  )
  .max(40)

const Pem = z.string().max(65_536)

export const RegisteredUpstream = z.strictObject({
  id: UpstreamId,
  /** `https://host[:port][/path]`, without a path's last slash; `http` only where the bank declared it so. */
  address: z.url({ protocol: /^https?$/ }),
  /** Authorities that its certificate must come from; null: those that the machine trusts. */
  ca: Pem.nullable(),
  /** The certificate that the gateway shows, and its key, sealed. */
  certificate: Pem.nullable(),
  sealedKey: z.string().nullable(),
})
export type RegisteredUpstream = z.output<typeof RegisteredUpstream>

export interface UpstreamGuard extends AddressGuard {
  /** Opens sealed keys: 32 bytes that control and the cell's gateways share. */
  readonly sealingKey: () => Uint8Array
}

const CONNECT_MS = 2_000

/** Connects to an upstream, and to nothing else: its name is resolved, judged and dialled as one (S27). */
export const connectorTo = (
  upstream: RegisteredUpstream,
  cell: Cell,
  guard: UpstreamGuard,
): buildConnector.connector => {
  const { hostname, protocol, port } = new URL(upstream.address)
  const lookup = guardedLookup(guard, Number(port || (protocol === 'https:' ? 443 : 80)))
  const { id, ca, certificate, sealedKey } = upstream
  const shows = certificate !== null && sealedKey !== null
  const connect = buildConnector({
    timeout: CONNECT_MS,
    lookup,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // Another session would be another proof of who we are: each connection makes its own.
    maxCachedSessions: 0,
    ...(ca !== null && { ca }),
    ...(shows && {
      cert: certificate,
      key: openUpstreamKey(sealedKey, guard.sealingKey(), { cell, id }),
    }),
  })
  return (options, callback) => {
    // An address in figures is never looked up, so it is judged here.
    const refusal = lookup.refusalOf(hostname)
    if (refusal) return callback(refusal, null)
    connect(options, callback)
  }
}

interface Sealed {
  readonly cell: Cell
  readonly id: string
}

const aadOf = ({ cell, id }: Sealed) => Buffer.from(`portico upstream key ${cell} ${id}`)

/** AES-256-GCM, bound to the cell and the system it is for: a sealed key moved elsewhere does not open. */
export const sealUpstreamKey = (pem: string, key: Uint8Array, of: Sealed): string => {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aadOf(of))
  const sealed = Buffer.concat([cipher.update(pem, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

export const openUpstreamKey = (sealed: string, key: Uint8Array, of: Sealed): string => {
  const bytes = Buffer.from(sealed, 'base64url')
  assert(bytes.length > 28, 'a sealed key holds a nonce, a tag and a key')
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    .setAAD(aadOf(of))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString('utf8')
}

/** The certificates of a PEM text; undefined where it holds none, or something else. */
export const certificatesIn = (pem: string): X509Certificate[] | undefined => {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (!blocks || blocks.join('').length < pem.replace(/\s/g, '').length) return undefined
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}
