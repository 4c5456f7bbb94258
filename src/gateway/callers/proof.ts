/**
 * DPoP (RFC 9449) as this process proves it: stateless nonces that only this process accepts, and a memory of proofs
 * that spans the life of a nonce. A restart kills its old nonces, so it needs no memory of before (S34, S35).
 */
import { createHmac, hash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import {
  importVerifyKey,
  type JWK,
  type SigningAlgorithm,
  thumbprint,
  unprovenJws,
  type VerifyKey,
  verifyJws,
  weakness,
} from '#platform/jose.ts'

const NONCE_PERIOD_MS = 60_000
const IAT_SKEW_S = 60
const PROOFS_PER_KEY_MAX = 50_000
const PROOFS_MAX = 300_000
const KEYS_HELD = 10_000

export const proofAlgorithms = [
  'PS256',
  'ES256',
  'EdDSA',
] as const satisfies readonly SigningAlgorithm[]

export type ProofVerdict =
  | { readonly proven: true }
  | {
      readonly proven: false
      readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce'
      readonly why: string
    }

export interface ProofExpectation {
  readonly method: string
  /** Our configured public address and the canonical path: never the Host header (A30). */
  readonly uri: string
  readonly ath: string
  readonly jkt: string
}

export interface Proofs {
  /** The nonce of now, for `DPoP-Nonce`. */
  nonce(): string
  /** RFC 9449 §4.3, all of it; a proof that holds is remembered, and does not hold again. */
  prove(proof: string, expected: ProofExpectation, nowMs: number): Promise<ProofVerdict>
}

const Claims = z.object({
  htm: z.string(),
  htu: z.string().max(4096),
  iat: z.number(),
  jti: z.string().min(1).max(256),
  ath: z.string(),
  nonce: z.string().optional(),
})
const Jwk = z.looseObject({ kty: z.string() })
const Algorithm = z.enum(proofAlgorithms)

const keyTypeOf: Readonly<Record<SigningAlgorithm, (jwk: JWK) => boolean>> = {
  PS256: (jwk) => jwk.kty === 'RSA',
  ES256: (jwk) => jwk.kty === 'EC' && jwk.crv === 'P-256',
  EdDSA: (jwk) => jwk.kty === 'OKP',
}

const invalid = (why: string): ProofVerdict => ({ proven: false, error: 'invalid_dpop_proof', why })
const challenge = (why: string): ProofVerdict => ({ proven: false, error: 'use_dpop_nonce', why })

/** Nonces and their memory go by a clock that is never set back, so that no proof lives twice. */
export const openProofs = ({
  monotonicMs = () => performance.now(),
  proofsPerKeyMax = PROOFS_PER_KEY_MAX,
} = {}): Proofs => {
  const secret = randomBytes(32)
  const memory = openMemory(proofsPerKeyMax)
  const keys = openKeys()
  let current = { period: -1, nonce: '', previous: '' }

  const nonceOf = (period: number) =>
    createHmac('sha256', secret)
      .update(`node-bound ${period}`)
      .digest()
      .subarray(0, 18)
      .toString('base64url')
  const now = () => {
    const period = Math.floor(monotonicMs() / NONCE_PERIOD_MS)
    if (period !== current.period)
      current = { period, nonce: nonceOf(period), previous: nonceOf(period - 1) }
    return current
  }
  /** The period that a nonce belongs to; undefined where it is none of ours, or too old. */
  const periodOf = (nonce: string): number | undefined => {
    const known = now()
    return nonce === known.nonce
      ? known.period
      : nonce === known.previous
        ? known.period - 1
        : undefined
  }

  return {
    nonce: () => now().nonce,
    prove: async (proof, expected, nowMs) => {
      const unproven = unprovenJws(proof)
      if (!unproven) return invalid('it is not a well-formed JWS')
      const { header } = unproven
      if (header.typ !== 'dpop+jwt') return invalid('its typ is not dpop+jwt')
      const alg = Algorithm.safeParse(header.alg)
      if (!alg.success) return invalid('its algorithm is not accepted')
      const jwk = Jwk.safeParse(header['jwk'])
      if (!jwk.success) return invalid('its header holds no jwk')
      const claims = Claims.safeParse(unproven.claims)
      if (!claims.success) return invalid('a claim is missing or of the wrong type')
      const { nonce, jti, htm, htu, iat, ath } = claims.data
      if (nonce === undefined) return challenge('it holds no nonce')
      const period = periodOf(nonce)
      if (period === undefined) return challenge('its nonce is not one of this server, or too old')
      if (htm !== expected.method) return invalid('its htm is another method')
      if (normalised(htu) !== expected.uri) return invalid('its htu is another address')
      if (ath !== expected.ath) return invalid('its ath is of another token')
      if (Math.abs(iat - nowMs / 1000) > IAT_SKEW_S) return invalid('its iat is too far from now')
      const key = await keys.of(jwk.data as JWK, alg.data, expected.jkt)
      if (typeof key === 'string') return invalid(key)
      if (!(await verifyJws(proof, key))) return invalid('its signature does not hold')
      return memory.claim(expected.jkt, jti, period)
        ? { proven: true }
        : invalid('it was used before')
    },
  }
}

/** RFC 9449 §4.3 (9): without query and fragment; scheme, host case and default port normalised by the URL parser. */
const normalised = (htu: string): string | undefined => {
  try {
    const url = new URL(htu)
    return `${url.origin}${url.pathname}`
  } catch {
    return undefined
  }
}

/** Proofs of the current and the previous period. Full means refuse: a live entry is never forgotten (S37). */
const openMemory = (perKeyMax: number) => {
  interface Generation {
    readonly period: number
    readonly byKey: Map<string, Set<string>>
    count: number
  }
  let generations: Generation[] = []
  const generation = (period: number): Generation => {
    const found = generations.find((g) => g.period === period)
    if (found) return found
    const fresh: Generation = { period, byKey: new Map(), count: 0 }
    generations = [...generations.filter((g) => g.period >= period - 1), fresh]
    return fresh
  }
  return {
    /** One synchronous step, so that of any number of copies at once exactly one claims. */
    claim: (jkt: string, jti: string, period: number): boolean => {
      const g = generation(period)
      const seen = g.byKey.get(jkt) ?? new Set<string>()
      const digest = hash('sha256', jti, 'base64url')
      if (seen.has(digest) || seen.size >= perKeyMax || g.count >= PROOFS_MAX) return false
      seen.add(digest)
      g.byKey.set(jkt, seen)
      g.count++
      return true
    },
  }
}

/** Imported public keys by their JWK's text, so that a key that tokens are bound to is checked and imported once. Bounded. */
const openKeys = () => {
  const cache = new Map<string, VerifyKey>()
  return {
    /** The key of this thumbprint, or why it is not one. */
    of: async (jwk: JWK, alg: SigningAlgorithm, jkt: string): Promise<VerifyKey | string> => {
      const text = `${jkt} ${alg} ${JSON.stringify(jwk)}`
      const held = cache.get(text)
      if (held) return held
      const weak = weakness(jwk)
      if (weak) return `its key is not accepted: ${weak}`
      if (!keyTypeOf[alg](jwk)) return 'its key is not of its algorithm'
      try {
        if ((await thumbprint(jwk)) !== jkt)
          return 'its key is not the one that the token is bound to'
        const fresh = await importVerifyKey(jwk, alg)
        if (cache.size >= KEYS_HELD)
          for (const oldest of cache.keys()) {
            cache.delete(oldest)
            break
          }
        cache.set(text, fresh)
        return fresh
      } catch {
        return 'its key cannot be read'
      }
    },
  }
}
