/** A partner's call as the gateway proved it: who calls, for which operation, with which body. */
import type { FastifyRequest } from 'fastify'
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import {
  CALLER_HEADER,
  type Caller,
  callerUnproven,
  type callerVerifier,
} from '#platform/caller.ts'
import { requestInvalid, type Server } from '#platform/http.ts'
import { sha256url } from '#platform/jose.ts'
import { playScenarios } from './playing.ts'

export type { Caller } from '#platform/caller.ts'

declare module 'fastify' {
  interface FastifyRequest {
    partnerCall: Caller | null
    bodySha256: string
  }
  interface FastifyContextConfig {
    /** The operationId in the room's openapi.yaml: a proof for one operation opens no other. */
    operation?: string
  }
}

const kind = problem('gateway/not-found', 404, 'No such resource')

/** Missing, another partner's, or not in the consent: the answer is the same, byte for byte. */
export const notFound = () => kind('there is nothing here for you')

export const keyReused = problem(
  'gateway/idempotency-key-reused',
  422,
  'The Idempotency-Key was used with another request',
)
export const consentMissing = problem('consents/missing', 403, 'A consent is needed')
export const consentExceeded = problem('consents/exceeded', 403, 'The consent does not cover this')

const nothing = sha256url('')

/** Lets only proven calls through, except to `/internal/`, which no gateway forwards to. */
export const admitOnlyPartnerCalls = (
  server: Server,
  verify: ReturnType<typeof callerVerifier>,
  now: () => Temporal.Instant,
): void => {
  server.decorateRequest('partnerCall', null)
  server.decorateRequest('bodySha256', nothing)
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      request.bodySha256 = sha256url(body)
      try {
        const parsed: unknown = JSON.parse(body.toString('utf8'))
        return parsed
      } catch (cause) {
        throw requestInvalid('the body is not JSON', { cause })
      }
    },
  )
  server.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/internal/')) return
    const caller = verify(request.headers[CALLER_HEADER], now())
    const { operation } = request.routeOptions.config
    if (operation !== undefined && caller.operation !== operation)
      throw callerUnproven('it was proven for another operation')
    request.partnerCall = caller
  })
  server.addHook('preHandler', async (request) => {
    if (request.partnerCall && request.partnerCall.bodySha256 !== request.bodySha256)
      throw callerUnproven('it was proven for another body')
  })
  playScenarios(server)
}

/** Who makes this call. */
export const callerOf = (request: { readonly partnerCall: Caller | null }): Caller => {
  assert(request.partnerCall, 'a route outside /internal/ has a proven caller')
  return request.partnerCall
}

/** What makes the same thing the same thing when it is asked for again after a crash. */
export const idempotencyOf = ({ idempotencyKey, callId, bodySha256 }: Caller) => ({
  idempotencyKey: idempotencyKey ?? callId,
  bodySha256,
})

/** Who did it, as journal lines say it. */
export const actorOf = ({ applicationId }: Caller) => `application:${applicationId}` as const
