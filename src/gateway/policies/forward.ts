/** To the upstream: a head built anew from an allow-list, and who calls in one sealed or signed header (G10, G11). */
import { hash } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import type { Problem } from '#kernel/problem.ts'
import { CALL_HEADER, CALLER_HEADER } from '#platform/caller.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import { traceparentOf } from '../seeing/trace-context.ts'
import {
  callerGone,
  deadlinePassed,
  ExchangeFailed,
  upstreamFailed,
  upstreamUnavailable,
} from '../upstream/upstream.ts'
import { requestFor } from '../upstream/upstream-request.ts'
import { keyOf } from './once.ts'
import { DEADLINE_MS } from './protect.ts'

const emptySha256 = hash('sha256', '', 'base64url')

export const forward = async (call: Call, gateway: Gateway): Promise<void> => {
  if (call.upstream) return
  const { operation, head, seat } = call
  assert(seat, 'forward stands behind protect')
  const startedMs = performance.now()
  const leftMs = DEADLINE_MS - (startedMs - call.startedMs)
  if (leftMs <= 0) throw deadlinePassed('it was given up before it was sent')
  const request = operation.registered
    ? await requestFor(call, gateway, leftMs)
    : {
        method: operation.method,
        path: head.query === '' ? head.path : `${head.path}?${head.query}`,
        headers: headersFor(call, gateway, leftMs),
        body: call.body.length === 0 ? null : call.body,
        echoed: true,
      }
  call.sent = true
  try {
    call.upstream = await gateway.upstreams.ask(
      seat,
      request,
      // A write is sent once and seen through, whoever still listens: the bank knows its key, and so does the next call.
      operation.method === 'GET',
      call.wire,
    )
  } catch (error) {
    if (!(error instanceof ExchangeFailed)) throw error
    call.sent = error.sent
    throw failure(error)
  } finally {
    call.upstreamMs = performance.now() - startedMs
    gateway.upstreams.leave(seat)
  }
}

const retryAfter = { 'retry-after': '1' }

const failure = (cause: ExchangeFailed): Problem => {
  switch (cause.why) {
    case 'late':
      return deadlinePassed(
        'the bank did not answer in time; with the same Idempotency-Key you learn what became of it',
        { cause },
      )
    case 'unreachable':
      return upstreamUnavailable('the bank is not answering; nothing was done', {
        cause,
        headers: retryAfter,
      })
    case 'broken':
      return upstreamFailed('the connection to the bank broke', { cause, headers: retryAfter })
    case 'unusable':
      return upstreamFailed('the bank’s answer cannot be used', { cause })
    case 'abandoned':
      return callerGone('before the bank had answered', { cause })
  }
}

const headersFor = (call: Call, gateway: Gateway, leftMs: number): Record<string, string> => {
  const { token, application } = identityOf(call)
  const headers: Record<string, string> = {
    accept: 'application/json',
    'x-fapi-interaction-id': call.interactionId,
    traceparent: traceparentOf(call.id, gateway.seeing.traced(call.id)),
  }
  // Written one by one: a literal with computed names is dear.
  headers[CALL_HEADER] = call.id
  headers[CALLER_HEADER] = gateway.sign[call.operation.upstream === 'vault' ? 'vault' : 'bank']({
    callId: call.id,
    interactionId: call.interactionId,
    operation: call.operation.id,
    partnerId: application.partner.id,
    applicationId: application.id,
    subject: call.coverage ? token.subject : null,
    consentId: call.coverage?.consentId ?? null,
    details: call.coverage ? [call.coverage.detail] : [],
    revealKey: application.revealKey,
    ...(call.operation.upstream === 'vault' && { frameOrigins: [...application.origins] }),
    idempotencyKey: call.claim ? keyOf(call) : null,
    epoch: call.table.epoch,
    bodySha256: call.body.length === 0 ? emptySha256 : hash('sha256', call.body, 'base64url'),
    ...(call.scenario && { scenario: call.scenario }),
    at: new Date(call.atMs + DEADLINE_MS - leftMs).toISOString(),
    withinMs: Math.ceil(leftMs),
  })
  // What goes on was brought forward: behind the gateway only today's version is spoken.
  if (call.version !== undefined && call.older === undefined) headers['api-version'] = call.version
  if (call.body.length > 0) headers['content-type'] = 'application/json'
  const present = call.head.headers['x-fapi-customer-ip-address']
  if (present !== undefined) headers['x-fapi-customer-ip-address'] = present
  return headers
}
