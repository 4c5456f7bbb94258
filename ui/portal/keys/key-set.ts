/** A signing key made in the browser: its public half goes to the bank as a JWKS, its private half to the reader's disk. */

/** Public members only, by RFC 7517 and RFC 7518 §6.2.1. */
interface PublicKey {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly alg: string
  readonly use: string
}

export interface MadeKey {
  /** What is registered. */
  readonly jwks: { readonly keys: readonly PublicKey[] }
  /** The file that is offered for download: a private JWK with its `kid`. */
  readonly file: string
}

export const makeSigningKey = async (): Promise<MadeKey> => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const [shared, secret] = await Promise.all([
    crypto.subtle.exportKey('jwk', pair.publicKey),
    crypto.subtle.exportKey('jwk', pair.privateKey),
  ])
  const point = { kty: 'EC', crv: 'P-256', x: shared.x ?? '', y: shared.y ?? '' }
  const key = { ...point, kid: await thumbprint(point), alg: 'ES256', use: 'sig' }
  return { jwks: { keys: [key] }, file: JSON.stringify({ ...key, d: secret.d }, null, 2) }
}

/** RFC 7638: SHA-256 of the members that make the key, in their order. */
const thumbprint = async ({
  crv,
  kty,
  x,
  y,
}: Omit<PublicKey, 'kid' | 'alg' | 'use'>): Promise<string> => {
  const members = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', members))
  return btoa(String.fromCharCode(...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
