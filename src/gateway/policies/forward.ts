/** To the cell's bank or vault: a head built anew from an allow-list, and who calls in one signed header (G10, G11). */
import { createHash } from 'node:crypto'
import { Problem } from '#kernel/problem.ts'
import { CALL_HEADER, CALLER_HEADER } from '#platform/caller.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import { coreProtected, deadlinePassed, ExchangeFailed, upstreamFailed } from '../upstream.ts'
import { keyOf } from './once.ts'

/** G15: every call is answered within this, counted from its arrival. */
export const DEADLINE_MS = 25_000
const emptySha256 = createHash('sha256').digest('base64url')

export const forward = async (call: Call, gateway: Gateway): Promise<void> => {
  if (call.upstream) return
  const { operation, head } = call
  const startedMs = performance.now()
  const leftMs = DEADLINE_MS - (startedMs - call.startedMs)
  if (leftMs <= 0) throw deadlinePassed('it was given up before it was sent')
  try {
    const headers = headersFor(call, gateway, leftMs)
    call.sent = true
    call.upstream = await gateway.upstreams.ask(
      operation,
      {
        method: operation.method,
        path: head.query === '' ? head.path : `${head.path}?${head.query}`,
        headers,
        body: call.body.length === 0 ? null : call.body,
      },
      leftMs,
    )
  } catch (error) {
    if (error instanceof Problem) {
      call.sent = false
      throw error
    }
    if (!(error instanceof ExchangeFailed)) throw error
    call.sent = error.sent
    throw failure(error)
  } finally {
    call.upstreamMs = performance.now() - startedMs
  }
}

const failure = (error: ExchangeFailed): Problem => {
  if (error.late)
    return deadlinePassed(
      'the bank did not answer in time; with the same Idempotency-Key you learn what became of it',
      { cause: error },
    )
  if (!error.sent)
    return coreProtected('the bank is not answering; nothing was done', {
      cause: error,
      headers: { 'retry-after': '1' },
    })
  return upstreamFailed('the connection to the bank broke', { cause: error })
}

const headersFor = (call: Call, gateway: Gateway, leftMs: number): Record<string, string> => {
  const { token, application } = identityOf(call)
  const headers: Record<string, string> = {
    accept: 'application/json',
    'x-fapi-interaction-id': call.interactionId,
    [CALL_HEADER]: call.id,
    [CALLER_HEADER]: gateway.sign[call.operation.upstream]({
      callId: call.id,
      interactionId: call.interactionId,
      operation: call.operation.id,
      partnerId: application.partner.id,
      applicationId: application.id,
      subject: call.coverage ? token.subject : null,
      consentId: call.coverage?.consentId ?? null,
      details: call.coverage ? [call.coverage.detail] : [],
      revealKey: application.revealKey,
      idempotencyKey: call.claim ? keyOf(call) : null,
      epoch: call.table.epoch,
      bodySha256:
        call.body.length === 0
          ? emptySha256
          : createHash('sha256').update(call.body).digest('base64url'),
      at: gateway.now(),
      withinMs: Math.ceil(leftMs),
    }),
  }
  if (call.version !== undefined) headers['api-version'] = call.version
  if (call.body.length > 0) headers['content-type'] = 'application/json'
  const present = call.head.headers['x-fapi-customer-ip-address']
  if (present !== undefined) headers['x-fapi-customer-ip-address'] = present
  return headers
}
