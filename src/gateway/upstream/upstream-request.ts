/**
 * A call as a registered system hears it: its own path, headers of an allow-list, and who calls in an assertion that only
 * this gateway can have signed. The partner's token, certificate and headers stay here (G10, G11).
 */
import { hash } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { CALL_HEADER } from '#platform/caller.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import { keyOf } from '../policies/once.ts'
import type { UpstreamRequest } from './upstream.ts'

export const ASSERTION_HEADER = 'portico-assertion'

/** Longer than any call lasts, shorter than what is worth stealing. */
const LIFE_SECONDS = 30

export const requestFor = async (
  call: Call,
  gateway: Gateway,
  leftMs: number,
): Promise<UpstreamRequest> => {
  const { operation, head, body } = call
  const upstream = call.table.upstreams.get(operation.upstream)
  assert(upstream, 'a snapshot whose operations lead nowhere was not read')
  const { origin, pathname } = new URL(upstream.address)
  const base = pathname === '/' ? '' : pathname
  const path = base + head.path.slice(operation.prefixLength)
  const headers: Record<string, string> = {
    accept: 'application/json',
    'x-fapi-interaction-id': call.interactionId,
    [CALL_HEADER]: call.id,
    [ASSERTION_HEADER]: await assertionOf(call, gateway, origin, leftMs),
  }
  const key = call.claim ? keyOf(call) : null
  if (key !== null) headers['idempotency-key'] = key
  if (body.length > 0) headers['content-type'] = 'application/json'
  return {
    method: operation.method,
    path: head.query === '' ? path : `${path}?${head.query}`,
    headers,
    body: body.length === 0 ? null : body,
    echoed: false,
  }
}

const assertionOf = (call: Call, gateway: Gateway, audience: string, leftMs: number) => {
  const { token, application } = identityOf(call)
  const { coverage, operation, body } = call
  const iat = Math.floor(gateway.now().epochMilliseconds / 1000)
  return gateway.signer.assert({
    aud: audience,
    iat,
    exp: iat + Math.min(LIFE_SECONDS, Math.ceil(leftMs / 1000)),
    jti: call.id,
    operation: operation.id,
    partner_id: application.partner.id,
    client_id: application.id,
    // Pairwise, as this partner knows the customer; only where a consent stands behind the call.
    ...(coverage && {
      sub: token.subject,
      consent_id: coverage.consentId,
      authorization_details: [coverage.detail],
    }),
    body_sha256: hash('sha256', body, 'base64url'),
  })
}
