/** Who calls, as the gateway proved it: one short-lived signed header from the gateway to `bank` and `vault`. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import type { JWK } from './jose.ts'

export const CALLER_HEADER = 'portico-caller'
const LIFE_SECONDS = 60

export const callerUnproven = problem(
  'bank/caller-unproven',
  401,
  'The call does not come from this cell’s gateway',
)

/** `details` are the token's authorization_details (RFC 9396), already checked against the operation. */
export const Caller = z.strictObject({
  callId: z.string(),
  interactionId: z.string(),
  operation: z.string(),
  partnerId: z.string(),
  applicationId: z.string(),
  /** Pairwise subject of the customer, where a consent stands behind the call. */
  subject: z.string().nullable(),
  consentId: z.string().nullable(),
  details: z.array(z.looseObject({ type: z.string() })),
  /** The partner's registered key for card data, where the operation may use it. */
  revealKey: z.looseObject({ kty: z.string() }).nullable(),
  idempotencyKey: z.string().nullable(),
  epoch: z.number().int(),
  /** SHA-256 (base64url) of the body that goes with it. */
  bodySha256: z.string(),
  at: Instant,
})
export type Caller = z.output<typeof Caller>

export interface CallerSigner {
  (caller: Caller): string
}

/** Ed25519 over base64url JSON: `payload.signature`. */
export const callerSigner = (privateJwk: JWK): CallerSigner => {
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' })
  return (caller) => {
    const payload = Buffer.from(JSON.stringify(z.encode(Caller, caller))).toString('base64url')
    return `${payload}.${sign(null, Buffer.from(payload), key).toString('base64url')}`
  }
}

/** Answers the caller of a header; throws `bank/caller-unproven` for anything that this gateway did not just sign. */
export const callerVerifier = (publicJwk: JWK) => {
  const key: KeyObject = createPublicKey({ key: publicJwk, format: 'jwk' })
  return (header: unknown, now: Temporal.Instant): Caller => {
    if (typeof header !== 'string') throw callerUnproven('no caller header')
    const [payload = '', signature = ''] = header.split('.')
    if (!verify(null, Buffer.from(payload), key, Buffer.from(signature, 'base64url')))
      throw callerUnproven('its signature is not this cell’s gateway’s')
    const caller = Caller.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
    const ageSeconds = Math.abs(now.since(caller.at).total('seconds'))
    if (ageSeconds > LIFE_SECONDS) throw callerUnproven('it is too old')
    return caller
  }
}
