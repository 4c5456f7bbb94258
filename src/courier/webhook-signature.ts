/** Standard Webhooks 1.0.0. `v1a` (Ed25519): what we send can be proven to be ours, and no secret is shared. `v1`: HMAC. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { JWK } from '#platform/jose.ts'

const PublicJwk = z.object({ x: z.string() })
const PrivateJwk = z.object({ x: z.string(), d: z.string() })

export interface WebhookKey {
  readonly key: KeyObject
  /** `whpk_` and base64 of the 32 bytes. */
  readonly verificationKey: string
}

export const webhookKeyOf = (jwk: JWK): WebhookKey => {
  assert(jwk.kty === 'OKP' && jwk.crv === 'Ed25519', 'webhooks are signed with Ed25519')
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const { x } = PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' }))
  const raw = Buffer.from(x, 'base64url')
  return { key, verificationKey: `whpk_${raw.toString('base64')}` }
}

/** One key that signs, by its scheme. */
export type Signer =
  | { readonly scheme: 'v1a'; readonly key: KeyObject }
  | { readonly scheme: 'v1'; readonly secret: Uint8Array }

/** `whsk_…` (seed and public key, 64 bytes) or `whsec_…` (24 to 64 bytes), as a signer. */
export const signerOf = (text: string): Signer => {
  const [prefix, encoded = ''] = text.split('_', 2)
  const bytes = Buffer.from(encoded, 'base64')
  if (prefix === 'whsec') {
    assert(bytes.length >= 24 && bytes.length <= 64, 'a shared secret has 24 to 64 bytes')
    return { scheme: 'v1', secret: bytes }
  }
  assert(prefix === 'whsk' && bytes.length === 64, 'a signing key is whsk_ and 64 bytes')
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: bytes.subarray(0, 32).toString('base64url'),
    x: bytes.subarray(32).toString('base64url'),
  }
  return { scheme: 'v1a', key: createPrivateKey({ key: jwk, format: 'jwk' }) }
}

/** A new key in its text form, and what its receiver is shown: the public half, or the secret itself. */
export const newSigningText = (scheme: 'v1a' | 'v1'): { text: string; public: string | null } => {
  if (scheme === 'v1') return { text: `whsec_${randomBytes(32).toString('base64')}`, public: null }
  const { privateKey } = generateKeyPairSync('ed25519')
  const { d, x } = PrivateJwk.parse(privateKey.export({ format: 'jwk' }))
  const bytes = [d, x].map((part) => Buffer.from(part, 'base64url'))
  return {
    text: `whsk_${Buffer.concat(bytes).toString('base64')}`,
    public: `whpk_${Buffer.from(x, 'base64url').toString('base64')}`,
  }
}

const signatureBy = (signer: Signer, content: string): string =>
  signer.scheme === 'v1a'
    ? `v1a,${sign(null, Buffer.from(content), signer.key).toString('base64')}`
    : `v1,${createHmac('sha256', signer.secret).update(content).digest('base64')}`

/**
 * The headers of one attempt, signed by every key: the current ones first. The bytes that are signed are the bytes that
 * are sent.
 */
export const webhookHeaders = (
  signers: readonly Signer[],
  { id, at, body }: { id: string; at: Temporal.Instant; body: string },
) => {
  assert(!id.includes('.'), 'an id without a dot cannot be read two ways')
  assert(signers.length > 0, 'nothing is sent unsigned')
  const timestamp = Math.floor(at.epochMilliseconds / 1_000)
  const content = `${id}.${timestamp}.${body}`
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signers.map((signer) => signatureBy(signer, content)).join(' '),
  }
}

/** As `webhookHeaders`, by the cell's one key: what asks for decisions. */
export const signedHeaders = (
  { key }: Pick<WebhookKey, 'key'>,
  message: { id: string; at: Temporal.Instant; body: string },
) => webhookHeaders([{ scheme: 'v1a', key }], message)
