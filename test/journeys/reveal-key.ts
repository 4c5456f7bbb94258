/** The telecom's own key for card data: made by the telecom, the private half never leaves it. */
import { type JWK, publicJwk } from '#platform/jose.ts'

/** A private ECDH-ES key as a JWK. */
export const generateKeyPair = async (): Promise<JWK> => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
    'deriveBits',
  ])
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', keys.privateKey)
  return { kty, crv, x, y, d, alg: 'ECDH-ES+A256KW', use: 'enc', kid: crypto.randomUUID() } as JWK
}

export const exportJWK = async (key: JWK): Promise<JWK> => publicJwk(key)
