/**
 * The keys by which the bank signs what it tells of its customers (OpenID Connect for Identity Assurance 1.0). Anybody may
 * fetch them, without a token: who relies on such a claim need not be a partner of the bank.
 */
import { z } from 'zod'
import { readFile } from 'node:fs/promises'
import type { Answer } from '../call.ts'

/** RFC 8615. Apart from the keys of answers: a key that signs messages stands for nobody's identity. */
export const CLAIMS_KEYS_PATH = '/.well-known/claims-jwks.json'

/** RFC 7517 §4 and RFC 7518 §6: the public members, and no other whatever the file holds. */
const PublicJwk = z.object({
  kty: z.string(),
  use: z.string().optional(),
  alg: z.string(),
  kid: z.string(),
  n: z.string().optional(),
  e: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
})
const Jwks = z.object({ keys: z.array(PublicJwk).min(1) })

const HELD_MS = 60_000

/** Reads the file that the bank publishes, once a minute at most; undefined until there is one. */
export const openClaimsKeys = (
  path: string,
  nowMs: () => number,
): (() => Promise<Answer | undefined>) => {
  let held: { readonly answer: Answer; readonly untilMs: number } | undefined
  return async () => {
    if (held && nowMs() < held.untilMs) return held.answer
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    const answer: Answer = {
      status: 200,
      contentType: 'application/jwk-set+json',
      body: JSON.stringify(Jwks.parse(JSON.parse(text))),
      headers: ['cache-control', 'public, max-age=300'],
      refusal: undefined,
      close: false,
    }
    held = { answer, untilMs: nowMs() + HELD_MS }
    return answer
  }
}
