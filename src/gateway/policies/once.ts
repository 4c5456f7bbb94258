/** A write happens once for its Idempotency-Key: claimed before it is sent, kept before it is answered (G59–G61). */
import { createHash } from 'node:crypto'
import { problem } from '#kernel/problem.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import type { Claims } from '../once/claims.ts'
import type { Outcome } from '../records/shipping.ts'
import type { UsageIntent } from '../usage.ts'

export const keyMissing = problem(
  'gateway/idempotency-key-missing',
  400,
  'An Idempotency-Key is needed',
)
export const keyMalformed = problem(
  'gateway/idempotency-key-malformed',
  400,
  'The Idempotency-Key is not in shape',
)
export const keyReused = problem(
  'gateway/idempotency-key-reused',
  422,
  'The Idempotency-Key was used with another request',
)
export const requestInProgress = problem(
  'gateway/request-in-progress',
  409,
  'The same request is still being worked on',
)
export const replayNotKept = problem(
  'gateway/replay-not-kept',
  409,
  'The request was done, and its answer is not kept',
)

/** A bare token, or the same as a quoted string of RFC 9651: both spell one key. */
const bareKey = /^[A-Za-z0-9._-]{16,64}$/
const quotedKey = /^"([A-Za-z0-9._-]{16,64})"$/

/** The key of a call, unquoted; null where it sent none. */
export const keyOf = (call: Call): string | null => {
  const { 'idempotency-key': own, 'x-idempotency-key': alias } = call.head.headers
  const written = own ?? alias
  if (written === undefined) return null
  if (own !== undefined && alias !== undefined && own !== alias)
    throw keyMalformed('Idempotency-Key and x-idempotency-key differ', { gate: 'partner' })
  const key = bareKey.test(written) ? written : quotedKey.exec(written)?.[1]
  if (key === undefined)
    throw keyMalformed('it is 16 to 64 letters, digits, dots, underscores or hyphens', {
      gate: 'partner',
      hint: 'A random UUID is a good one.',
    })
  return key
}

export const once = async (call: Call, gateway: Gateway): Promise<void> => {
  const { operation } = call
  if (operation.idempotency === null) return
  const key = keyOf(call)
  if (key === null) {
    if (operation.idempotency === 'accepted') return
    throw keyMissing('this operation moves something, and must not happen twice', {
      gate: 'partner',
      hint: 'Send a random UUID, and the same one when you try again.',
    })
  }
  const { application } = identityOf(call)
  const claim = { partnerId: application.partner.id, operation: operation.id, key, callId: call.id }
  const outcome = await gateway.claims.claim(claim, fingerprint(call))
  switch (outcome.kind) {
    case 'ours':
      call.claim = outcome.claim
      return
    case 'in-flight':
      throw requestInProgress('ask again with the same Idempotency-Key', {
        headers: { 'retry-after': '1' },
      })
    case 'other-request':
      throw keyReused('choose a new key for a new thing', { gate: 'partner' })
    case 'done':
      call.replayed = true
      call.headers.push('idempotent-replayed', 'true')
      if (outcome.answer === null)
        throw replayNotKept('card data is never stored; use a new key to ask again', {
          gate: 'partner',
        })
      call.upstream = outcome.answer
  }
}

/** What makes a request the same request. The consent is part of it: another customer's payment is another payment. */
const fingerprint = (call: Call): Buffer => {
  const { operation, parameters, head } = call
  // As it was written: what brings it forward, and what the application is pinned to, may change between a request and
  // its repetition. What was done is the same, and is told in the version that asks.
  const { query, body } = call.written ?? { query: head.query, body: call.body }
  const facts = [
    operation.id,
    operation.parameterNames.map((n) => parameters[n]),
    query,
    head.headers['content-type'] ?? '',
    head.headers['api-version'] ?? '',
    call.coverage?.consentId ?? '',
  ]
  return createHash('sha256').update(JSON.stringify(facts)).update('\n').update(body).digest()
}

/**
 * What became of a write whose process ended before it was recorded. Done by that very call: it is the one that costs, for
 * whoever asks again gets a replay. Else nobody was answered; the next call under its key finds out, and that one costs.
 */
export const outcomeOf = async (claims: Claims, intent: UsageIntent): Promise<Outcome> => {
  const { partnerId, operation, idempotencyKey: key, callId } = intent
  const unknown = { status: 502, code: 'gateway/outcome-unknown', billable: false }
  if (key === null) return unknown
  const status = await claims.outcomeOf({ partnerId, operation, key, callId })
  return status === null ? unknown : { status, code: null, billable: status < 400 }
}

/** Behind `forward`, whatever came of it: an outcome is kept, an unknown one is left for the next call to find out. */
export const settleClaim = async (call: Call, gateway: Gateway): Promise<void> => {
  const { claim, upstream, operation } = call
  if (!claim) return
  try {
    if (!call.sent) await gateway.claims.release(claim)
    else if (upstream === undefined || upstream.status >= 500 || upstream.status === 429)
      await gateway.claims.leaveOpen(claim)
    else
      await gateway.claims.finish(
        claim,
        upstream,
        operation.answers.get(upstream.status)?.holdsCardData !== true,
      )
  } catch (cause) {
    // The answer stands; the claim's lease ends by itself, and the bank knows the key.
    gateway.log.error(
      { callId: call.id, operation: operation.id, cause },
      'the outcome of a write could not be kept',
    )
  }
}
