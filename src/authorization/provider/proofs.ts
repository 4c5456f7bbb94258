import { hkdfSync } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { unprovenJws } from '#platform/jose.ts'

const SKEW_SECONDS_MAX = 60

/**
 * RFC 9449 §8, FAPI 2.0 §5.3.2.1: a proof whose time is more than a minute off must carry our nonce, whose time counts
 * instead. The library alone would take five minutes either way.
 */
export const nonceWantedFor =
  (now: () => Temporal.Instant) =>
  (ctx: KoaContextWithOIDC): boolean => {
    const iat = unprovenJws(ctx.get('DPoP'))?.claims['iat']
    const seconds = now().epochMilliseconds / 1000
    return typeof iat !== 'number' || Math.abs(seconds - iat) > SKEW_SECONDS_MAX
  }

/** As the library makes its nonces: one a minute, good for five minutes around it. */
const STEP_SECONDS = 60
const STEPS_AROUND = 2

const nonceOf = (secret: Uint8Array, step: number): string => {
  const salt = Buffer.alloc(8)
  salt.writeBigUInt64BE(BigInt(step))
  return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', 32)).toString('base64url')
}

/** Whether the proof of a request carries a nonce that this secret made a short while ago. */
export const hasNonceOf = (
  req: IncomingMessage,
  secret: Uint8Array,
  now: Temporal.Instant,
): boolean => {
  const [proof = '', ...more] = req.headersDistinct['dpop'] ?? []
  const nonce = more.length === 0 ? unprovenJws(proof)?.claims['nonce'] : undefined
  if (typeof nonce !== 'string') return false
  const step = Math.floor(now.epochMilliseconds / 1000 / STEP_SECONDS)
  for (let at = step - STEPS_AROUND; at <= step + STEPS_AROUND; at++)
    if (nonceOf(secret, at) === nonce) return true
  return false
}
