/** Standard Webhooks 1.0.0, asymmetric: what we send can be proven to be ours, and no secret is shared. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { JWK } from '#platform/jose.ts'

const PublicJwk = z.object({ x: z.string() })

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

/** The headers of one attempt. The bytes that are signed are the bytes that are sent. */
export const signedHeaders = (
  { key }: Pick<WebhookKey, 'key'>,
  { id, at, body }: { id: string; at: Temporal.Instant; body: string },
) => {
  assert(!id.includes('.'), 'an id without a dot cannot be read two ways')
  const timestamp = Math.floor(at.epochMilliseconds / 1_000)
  const signature = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), key)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1a,${signature.toString('base64')}`,
  }
}
