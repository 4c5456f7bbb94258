/**
 * Signed messages, where the contract asks for non-repudiation (O12): a detached JWS over the body as it travels, in
 * `x-jws-signature` (RFC 7515 Appendix F, RFC 7797 with b64 false). A signature over a body alone could be put under another
 * request, so its header says to what it belongs, in claims of the standards that a JWS may repeat in its header
 * (RFC 7519 §5.3): who and when, method and address (`htm`, `htu` of RFC 9449), and the Idempotency-Key as `jti`.
 */
import { existsSync } from 'node:fs'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import {
  algorithmOf,
  importSigningKey,
  importVerifyKey,
  type JWK,
  publicJwk,
  signDetached,
  signJws,
  verifyDetached,
  type VerifyKey,
} from '#platform/jose.ts'
import { makeSigningKey, readJwk } from '#platform/keys.ts'
import type { Answer, Call } from './call.ts'

export const SIGNATURE_HEADER = 'x-jws-signature'
/** RFC 8414 has no word for a resource server's keys; this is where RFC 8615 lets them be looked for. */
export const KEYS_PATH = '/.well-known/jwks.json'

export const signatureMissing = problem(
  'gateway/signature-missing',
  400,
  'The request must be signed',
)
export const signatureInvalid = problem(
  'gateway/signature-invalid',
  400,
  'The signature of the request does not hold',
)

/** A signed request is as fresh as a DPoP proof is. */
const PAST_SECONDS = 60
const AHEAD_SECONDS = 10

const Said = {
  iat: z.int(),
  iss: z.string(),
  htm: z.string(),
  htu: z.string(),
  jti: z.string(),
}

export type SigningKeys = () => Promise<ReadonlyMap<string, VerifyKey>>

/** The keys that an application signs requests with, read when it signs its first one. Those that cannot sign are none. */
export const signingKeysOf = (jwks: readonly JWK[]): SigningKeys => {
  let keys: Promise<ReadonlyMap<string, VerifyKey>> | undefined
  const read = async () => {
    const found = new Map<string, VerifyKey>()
    for (const jwk of jwks) {
      const alg = algorithmOf(jwk)
      if (alg && jwk.kid !== undefined && (jwk.use ?? 'sig') === 'sig')
        found.set(jwk.kid, await importVerifyKey(jwk, alg))
    }
    return found
  }
  return () => (keys ??= read())
}

/** Why a signature does not cover this call; undefined where it does. */
export const signatureFault = async (
  call: Call,
  written: string,
  keys: ReadonlyMap<string, VerifyKey>,
  expected: { applicationId: string; key: string | null },
): Promise<string | undefined> => {
  const verdict = await verifyDetached(written, call.written?.body ?? call.body, keys, Said)
  if ('why' in verdict) return verdict.why
  const { iat, iss, htm, htu, jti } = verdict.said
  if (iss !== expected.applicationId) return 'iss is not the application'
  if (htm !== call.head.method) return 'htm is not the method'
  if (htu !== call.door.origin + call.head.path) return 'htu is not the address'
  if (expected.key !== null && jti !== expected.key) return 'jti is not the Idempotency-Key'
  const age = call.atMs / 1000 - iat
  if (age > PAST_SECONDS || age < -AHEAD_SECONDS) return 'iat is not of the last minute'
  return undefined
}

export interface Signer {
  /** The document at `KEYS_PATH`. */
  readonly keys: Answer
  /** The answer with its signature: to whom, about which interaction, and with which status (none of it is in the body). */
  sign(call: Call, answer: Answer, applicationId: string): Promise<Answer>
  /** Who calls, for a registered system to verify by `KEYS_PATH` (RFC 7519). */
  assert(claims: Readonly<Record<string, unknown>>): Promise<string>
}

/** The key that answers are signed with, made on first use; ES256, because PS256 costs ten times as much for each answer. */
export const openSigner = async (
  paths: { key: string; publicKey: string },
  issuer: string,
  now: () => Temporal.Instant,
): Promise<Signer> => {
  const jwk = existsSync(paths.key)
    ? readJwk(paths.key)
    : await makeSigningKey(paths.key, paths.publicKey, 'ES256')
  const key = await importSigningKey(jwk)
  return {
    keys: {
      status: 200,
      contentType: 'application/jwk-set+json',
      body: JSON.stringify({ keys: [publicJwk(jwk)] }),
      headers: ['cache-control', 'public, max-age=300'],
      refusal: undefined,
      close: false,
    },
    sign: async (call, answer, applicationId) => {
      const signature = await signDetached(Buffer.from(answer.body), key, {
        iat: Math.floor(now().epochMilliseconds / 1000),
        iss: issuer,
        aud: applicationId,
        jti: call.interactionId,
        status: answer.status,
      })
      return { ...answer, headers: [...answer.headers, SIGNATURE_HEADER, signature] }
    },
    assert: (claims) => signJws({ ...claims, iss: issuer }, key, { typ: 'portico-caller+jwt' }),
  }
}
