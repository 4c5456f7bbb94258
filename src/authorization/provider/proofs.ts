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
