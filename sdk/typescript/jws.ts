/** Signed messages (RFC 7515) with keys of node:crypto; only what FAPI 2.0 allows. */
import { constants, createPublicKey, type KeyObject, sign } from 'node:crypto'

type Algorithm = 'ES256' | 'PS256' | 'EdDSA'

/** What a key signs with; any other key is refused here and not by the bank. */
export const algorithmOf = (key: KeyObject): Algorithm => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256'
  if (type === 'rsa' || type === 'rsa-pss') return 'PS256'
  if (type === 'ed25519') return 'EdDSA'
  throw new TypeError('a key of P-256, RSA or Ed25519 signs here')
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

const signature = (algorithm: Algorithm, content: Buffer, key: KeyObject): Buffer => {
  if (algorithm === 'ES256') return sign('sha256', content, { key, dsaEncoding: 'ieee-p1363' })
  if (algorithm === 'EdDSA') return sign(null, content, key)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign('sha256', content, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
}

/** A compact JWS; `header` beside `alg`. */
export const signJws = (header: object, payload: object, key: KeyObject): string => {
  const alg = algorithmOf(key)
  const content = `${part({ ...header, alg })}.${part(payload)}`
  return `${content}.${signature(alg, Buffer.from(content), key).toString('base64url')}`
}

/** The public half, as it stands in a proof: the members that make the key and no others. */
export const publicJwkOf = (key: KeyObject): Record<string, unknown> => {
  const { kty, crv, x, y, n, e } = createPublicKey(key).export({ format: 'jwk' })
  const members = { kty, crv, x, y, n, e }
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
