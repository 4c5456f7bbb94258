import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { requestInvalid } from '#platform/http.ts'
import { AskedChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import {
  drawRegistrationToken,
  listRegistrations,
  Registration,
  RegistrationId,
  RegistrationLimits,
  type RegistrationOutcome,
  requestRegistration,
} from './index.ts'
import { Instant } from '#kernel/time.ts'

const RegistrationView = Registration.extend({
  requestedAt: Instant,
  expiresAt: Instant.nullable(),
})
const RegistrationOutcomeView = z.object({
  registration: RegistrationView,
  /** The initial access token of RFC 7591, shown this once. */
  token: z.string().exactOptional(),
  change: AskedChangeView.exactOptional(),
})

const viewOf = ({ registration, token, change }: RegistrationOutcome, now: Temporal.Instant) => ({
  registration,
  ...(token !== undefined && { token }),
  ...(change && { change: viewOfChange(change, now) }),
})

const Ask = z.strictObject({ cell: Cell, limits: RegistrationLimits.exactOptional() })

/** Initial access tokens: the right to register one application at the cell's authorization server. */
export const registrationRoutes = (server: Server, context: ControlContext): void => {
  const tags = ['applications']
  const config = { roles: ['owner', 'security-admin', 'developer'] as const }

  server.get(
    '/api/initial-access-tokens',
    {
      schema: {
        tags,
        operationId: 'listInitialAccessTokens',
        summary: 'Registrations that my organisation asked for',
        response: { 200: z.object({ data: z.array(RegistrationView), next: z.null() }) },
      },
    },
    async (request) => ({
      data: await listRegistrations(context.db, partnerOf(request).partnerId),
      next: null,
    }),
  )

  server.post(
    '/api/initial-access-tokens',
    {
      config,
      schema: {
        tags,
        operationId: 'requestInitialAccessToken',
        summary:
          'Ask to register one application: at once in the sandbox, after two people in production',
        body: Ask,
        response: { 201: RegistrationOutcomeView, 202: RegistrationOutcomeView },
      },
    },
    async (request, reply) => {
      const { cell, limits = null } = request.body
      if (cell === 'production' && limits === null)
        throw requestInvalid('say what the application will be', {
          errors: [{ pointer: '/limits', code: 'required', detail: 'two people will read it' }],
        })
      const outcome = await asWork(context, request, (work) =>
        requestRegistration(work, partnerOf(request).partnerId, { cell, limits }),
      )
      return reply.code(outcome.change ? 202 : 201).send(viewOf(outcome, context.world.now()))
    },
  )

  server.post(
    '/api/initial-access-tokens/:id/token',
    {
      config,
      schema: {
        tags,
        operationId: 'drawInitialAccessToken',
        summary: 'Draw the token of a registration that the bank has granted; it lives an hour',
        params: z.object({ id: RegistrationId }),
        response: { 201: RegistrationOutcomeView },
      },
    },
    async (request, reply) => {
      const outcome = await asWork(context, request, (work) =>
        drawRegistrationToken(work, partnerOf(request).partnerId, request.params.id),
      )
      return reply.code(201).send(viewOf(outcome, context.world.now()))
    },
  )
}
