/**
 * What is refused whatever an operation is about, by the gateway itself or before any room of the bank, and of which
 * operations: a partner reads of each one all that it may hear. `test/documents/refusals.test.ts` holds these words against the gateway's own.
 */

/** An operation, as far as it decides what may be refused. */
export interface Asked {
  readonly method: string
  readonly takesBody: boolean
  /** The customer stands behind it. */
  readonly consented: boolean
  /** What is asked for is what the customer approved, member by member. */
  readonly bound: boolean
  readonly idempotency: 'required' | 'accepted' | undefined
  readonly risk: string
  readonly priority: string
  readonly ofCore: boolean
  readonly holdsCardData: boolean
  readonly strongSince: boolean
}

export interface Refusal {
  readonly code: string
  readonly status: number
  readonly title: string
  /** Which operations it is said of; without it all. */
  readonly of?: (asked: Asked) => boolean
}

const writes = ({ idempotency }: Asked) => idempotency !== undefined
const consented = (asked: Asked) => asked.consented
const ofCore = (asked: Asked) => asked.ofCore
/** Account information that is read while the customer does not ask for it is counted (RTS Art. 36(5)(b)). */
const counted = ({ consented: behind, method, priority }: Asked) =>
  behind && method === 'GET' && (priority === 'accounts' || priority === 'bulk')

const refusal = (
  status: number,
  code: string,
  title: string,
  of?: (asked: Asked) => boolean,
): Refusal => ({ code, status, title, ...(of && { of }) })

const unclear = 'It is not yet known whether the bank’s core system took the order'

export const refusals: readonly Refusal[] = [
  refusal(400, 'gateway/request-invalid', 'The request does not fit its description'),
  refusal(400, 'gateway/malformed', 'The request is not in the one form that is accepted'),
  refusal(400, 'gateway/version-unknown', 'The version is not one of this product'),
  refusal(400, 'gateway/card-number-refused', 'Card numbers are not taken here'),
  refusal(
    400,
    'sandbox/real-identifier',
    'Nothing of anybody real is taken here',
    (asked) => asked.takesBody && ofCore(asked),
  ),
  refusal(400, 'gateway/scenario-unknown', 'The operation has no such scenario'),
  refusal(400, 'gateway/sandbox-control-refused', 'Nothing is played in this environment'),
  refusal(
    400,
    'gateway/idempotency-key-missing',
    'An Idempotency-Key is needed',
    ({ idempotency }) => idempotency === 'required',
  ),
  refusal(400, 'gateway/idempotency-key-malformed', 'The Idempotency-Key is not in shape', writes),
  refusal(
    400,
    'gateway/signature-missing',
    'The request must be signed',
    ({ method }) => method === 'POST',
  ),
  refusal(
    400,
    'gateway/signature-invalid',
    'The signature of the request does not hold',
    ({ method }) => method === 'POST',
  ),
  refusal(
    400,
    'payments/differs-from-consent',
    'The payment is not the one that the customer approved',
    ({ bound }) => bound,
  ),
  refusal(401, 'gateway/token-invalid', 'The access token is not valid'),
  refusal(401, 'gateway/sender-unproven', 'The sender did not prove to hold the token’s key'),
  refusal(401, 'gateway/wrong-environment', 'The credential belongs to another environment'),
  refusal(
    401,
    'consents/authentication-insufficient',
    'The customer must prove who they are more strongly, or again',
    (asked) => asked.consented && (asked.risk === 'high' || asked.strongSince),
  ),
  refusal(403, 'partners/suspended', 'The partner is suspended'),
  refusal(403, 'licences/missing', 'No licence grants this'),
  refusal(403, 'licences/expired', 'The evidence for the licence has lapsed'),
  refusal(403, 'licences/exceeded', 'The licence does not reach this far'),
  refusal(403, 'licences/suspended', 'The bank has suspended this'),
  refusal(403, 'licences/attestation-missing', 'An attestation is missing'),
  refusal(403, 'contracts/inactive', 'The contract does not cover this'),
  refusal(403, 'gateway/scope-missing', 'The scope is missing'),
  refusal(403, 'consents/revoked', 'The consent was revoked'),
  refusal(403, 'consents/missing', 'The operation needs the customer’s consent', consented),
  refusal(403, 'consents/expired', 'The consent has expired', consented),
  refusal(403, 'consents/exceeded', 'The consent does not cover this', consented),
  refusal(408, 'gateway/request-too-slow', 'The request took too long to arrive'),
  refusal(409, 'gateway/request-in-progress', 'The same request is still being worked on', writes),
  refusal(
    409,
    'gateway/replay-not-kept',
    'The request was done, and its answer is not kept',
    (asked) => writes(asked) && asked.holdsCardData,
  ),
  refusal(
    410,
    'gateway/version-brownout',
    'The version is refused for some hours, because it will end',
  ),
  refusal(410, 'gateway/version-retired', 'The version has ended'),
  refusal(413, 'gateway/body-too-large', 'The body is too large', ({ takesBody }) => takesBody),
  refusal(414, 'gateway/target-too-long', 'The address is too long'),
  refusal(415, 'gateway/media-type-unsupported', 'The media type is not taken'),
  refusal(
    422,
    'gateway/idempotency-key-reused',
    'The Idempotency-Key was used with another request',
    writes,
  ),
  refusal(429, 'gateway/rate-limited', 'Too many calls'),
  refusal(429, 'contracts/quota-exhausted', 'The quota is used up'),
  refusal(429, 'gateway/too-many-unproven', 'Too many calls from this address prove nothing'),
  refusal(429, 'consents/frequency-exceeded', 'Unattended accesses are used up', counted),
  refusal(431, 'gateway/head-too-large', 'The request head is too large'),
  refusal(500, 'gateway/bug', 'Something went wrong on our side'),
  refusal(500, 'gateway/version-unserved', 'The version of this request could not be served'),
  refusal(502, 'gateway/answer-withheld', 'The answer cannot be released'),
  refusal(502, 'gateway/upstream-failed', 'A part behind the gateway gave no usable answer'),
  refusal(502, 'core/garbled', 'The bank’s core system gave an answer that cannot be read', ofCore),
  refusal(502, 'core/refused', 'The bank’s core system refused the request', ofCore),
  refusal(503, 'gateway/core-protected', 'The bank’s core system is at its limit'),
  refusal(503, 'gateway/upstream-unavailable', 'A part behind the gateway is not answering'),
  refusal(503, 'gateway/overloaded', 'The platform has too much to do'),
  refusal(503, 'gateway/not-ready', 'The gateway is not ready'),
  refusal(503, 'gateway/verifying-too-many', 'Too many callers are being verified'),
  refusal(503, 'gateway/limits-full', 'The platform counts for too many callers right now'),
  refusal(503, 'gateway/limits-unavailable', 'The platform cannot tell how much is left'),
  refusal(503, 'gateway/spool-full', 'The platform cannot record more calls right now'),
  refusal(
    503,
    'gateway/revocations-unheard',
    'The platform cannot make sure that nothing was revoked',
    ({ risk }) => risk !== 'reference',
  ),
  refusal(503, 'gateway/once-unavailable', 'Writes cannot be made safe right now', writes),
  refusal(
    503,
    'consents/accesses-uncounted',
    'Unattended accesses cannot be counted right now',
    counted,
  ),
  refusal(503, 'core/closed', 'The bank’s core system is closed for its end of day', ofCore),
  refusal(503, 'core/unavailable', 'The bank’s core system is not answering', ofCore),
  refusal(503, 'core/busy', 'The bank’s core system is at its limit', ofCore),
  refusal(503, 'core/unclear', unclear, (asked) => asked.ofCore && writes(asked)),
  refusal(504, 'gateway/deadline', 'The answer took too long'),
]
