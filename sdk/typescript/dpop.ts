/** Proof of possession (RFC 9449): a fresh one for each attempt, with the nonce that each server wants. */
import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { publicJwkOf, signJws } from './jws.ts'

export interface Prover {
  /** A proof for one attempt. `token`: of a call with a token, which it is bound to. */
  proof(method: string, url: string, token?: string): string
  /** Keeps the nonce that a server gave; true where it asks for another attempt with it. */
  takeNonce(url: string, answer: NonceAnswer): boolean
}

interface NonceAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: unknown
}

/** A key that lives as long as the program: what is bound to it is of no use to anybody else. */
export const newProofKey = (): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

export const openProver = (key: KeyObject, now: () => number): Prover => {
  const nonces = new Map<string, string>()
  const jwk = publicJwkOf(key)
  return {
    proof: (method, url, token) => {
      const { origin, pathname } = new URL(url)
      const nonce = nonces.get(origin)
      return signJws(
        { typ: 'dpop+jwt', jwk },
        {
          jti: randomUUID(),
          htm: method,
          htu: `${origin}${pathname}`,
          iat: Math.floor(now() / 1000),
          ...(nonce !== undefined && { nonce }),
          ...(token !== undefined && {
            ath: createHash('sha256').update(token).digest('base64url'),
          }),
        },
        key,
      )
    },
    takeNonce: (url, { status, headers, body }) => {
      const { origin } = new URL(url)
      const nonce = headers.get('dpop-nonce')
      const held = nonces.get(origin)
      if (nonce !== null) nonces.set(origin, nonce)
      const wanted =
        (status === 401 && /use_dpop_nonce/.test(headers.get('www-authenticate') ?? '')) ||
        (status === 400 && isNonceError(body))
      // The same nonce again would be refused again.
      return wanted && nonce !== null && nonce !== held
    },
  }
}

const isNonceError = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'error' in body && body.error === 'use_dpop_nonce'
