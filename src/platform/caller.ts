/** Who calls, as the gateway proved it: one short-lived sealed header from the gateway to `bank` or `vault`. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
export const CALLER_HEADER = 'portico-caller'
/** Names the exchange: the upstream says it back, so that an answer is never taken for another call's. */
export const CALL_HEADER = 'portico-call'
/** Of an answer: it was played to this partner alone, and says nothing of how the upstream is. */
export const PLAYED_HEADER = 'portico-played'

export const callerUnproven = problem(
  'bank/caller-unproven',
  401,
  'The call does not come from this cell’s gateway',
)
/** The gateway gave up waiting before the call was looked at, or the clocks of two machines differ. */
export const callerLate = problem('bank/caller-late', 401, 'The call came when its time was over')

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
  /** Origins of the partner's own pages, where the operation may show something in a frame. */
  frameOrigins: z.array(z.string()).optional(),
  idempotencyKey: z.string().nullable(),
  epoch: z.number().int(),
  /** What the bank is asked to play. Only a sandbox’s gateway says it. */
  scenario: z.strictObject({ name: z.string(), delayMs: z.number().int().min(0) }).optional(),
  /** SHA-256 (base64url) of the body that goes with it. */
  bodySha256: z.string(),
  at: Instant,
  /** How long the gateway still waits for the answer, counted from `at`. */
  withinMs: z.number().int().min(1).max(60_000),
})
export type Caller = z.output<typeof Caller>

export interface CallerSigner {
  (caller: Omit<Caller, 'at'> & { readonly at: Temporal.Instant | string }): string
}

const sealOf = (key: KeyObject, json: Buffer) => createHmac('sha256', key).update(json)

/**
 * JSON and HMAC-SHA256 over it, both base64url: `payload.seal`. The key is one of a gateway and one upstream: who can
 * check a header can make one too, so `bank` and `vault` hold different keys, and each could deceive only itself.
 */
export const callerSigner = (secret: Uint8Array): CallerSigner => {
  const key = createSecretKey(secret)
  return (caller) => {
    const json = Buffer.from(JSON.stringify(caller))
    return `${json.toString('base64url')}.${sealOf(key, json).digest('base64url')}`
  }
}

/** Answers the caller of a header; throws for anything that the gateway did not just seal. */
export const callerVerifier = (secret: Uint8Array) => {
  const key = createSecretKey(secret)
  return (header: unknown, now: Temporal.Instant): Caller => {
    if (typeof header !== 'string') throw callerUnproven('no caller header')
    const [payload = '', seal = ''] = header.split('.')
    const given = Buffer.from(seal, 'base64url')
    const json = Buffer.from(payload, 'base64url')
    const wanted = sealOf(key, json).digest()
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw callerUnproven('its seal is not that of this cell’s gateway')
    const caller = Caller.parse(JSON.parse(json.toString('utf8')))
    if (Math.abs(now.epochMilliseconds - caller.at.epochMilliseconds) > caller.withinMs)
      throw callerLate(`it was made at ${caller.at.toString()}, and it is ${now.toString()}`)
    return caller
  }
}
