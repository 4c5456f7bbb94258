import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import {
  AttemptView,
  DeliveryView,
  EndpointId,
  EndpointView,
  KeyView,
  Place,
  Replay,
  Scheme,
  ShownKey,
  Wish,
} from '#courier/desk-contract.ts'
import { type ControlContext, demand, partnerOf, type Server } from '#control/http/context.ts'
import { ApplicationId, applicationNotFound, findApplication } from '#control/partners/index.ts'
import type { Couriers } from './jobs.ts'

const InCell = z.object({ cell: Cell })
const One = InCell.extend({ id: EndpointId })
const OneDelivery = One.extend({ delivery: Place })
export const DeliveryPage = z.object({
  before: Place.optional().describe('Deliveries before this one'),
  status: DeliveryView.shape.status.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
const Made = z.object({ endpoint: EndpointView, keys: z.array(ShownKey) })
const Rotation = z.strictObject({
  scheme: Scheme,
  overlapHours: z.int().min(1).max(168).default(24).describe('How long the old key signs too'),
  compromised: z.boolean().default(false).describe('The old keys stop at once'),
})

type Asked = Parameters<typeof partnerOf>[0]
const tags = ['webhooks']

/** Whoever builds for the organisation decides where it is told. */
const roles = ['owner', 'admin', 'security-admin', 'developer'] as const

/** The endpoints of the partner who asks. Another's are as if they were not there. */
export const endpointRoutes = (
  server: Server,
  context: ControlContext,
  { of }: Pick<Couriers, 'of'>,
): void => {
  const { db } = context
  const mine = (request: Asked) => {
    const { partnerId, personId } = partnerOf(request)
    return { partnerId, by: `person:${personId}` }
  }
  /** What moves real events asks for a fresh second factor; a sandbox does not. */
  const moving = (request: Asked, cell: Cell) => {
    if (cell === 'production') demand(context, request, 'fresh')
  }

  server.get(
    '/api/webhooks/:cell/endpoints',
    {
      schema: {
        tags,
        operationId: 'listWebhookEndpoints',
        summary: 'My endpoints in a cell',
        params: InCell,
        response: { 200: z.object({ data: z.array(EndpointView), next: z.null() }) },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      return { ...(await of(request.params.cell).endpoints({ partnerId })), next: null }
    },
  )

  server.post(
    '/api/webhooks/:cell/endpoints',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'createWebhookEndpoint',
        summary: 'One more endpoint; it is sent to when it has answered a challenge',
        params: InCell,
        body: Wish.extend({ applicationId: ApplicationId }),
        response: { 201: Made },
      },
    },
    async (request, reply) => {
      const { cell } = request.params
      const { applicationId, ...wish } = request.body
      const asked = mine(request)
      const application = await findApplication(db, applicationId)
      if (application?.partnerId !== asked.partnerId || application.cell !== cell)
        throw applicationNotFound(`there is no such application in the ${cell}`)
      moving(request, cell)
      return reply.code(201).send(await of(cell).create({ ...asked, applicationId, wish }))
    },
  )

  server.put(
    '/api/webhooks/:cell/endpoints/:id',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'changeWebhookEndpoint',
        summary:
          'Change an endpoint; another address has to prove itself, and waits a day in production',
        params: One,
        body: Wish,
        response: { 200: Made },
      },
    },
    async (request) => {
      const { cell, id } = request.params
      moving(request, cell)
      return of(cell).change({ ...mine(request), endpointId: id, wish: request.body })
    },
  )

  server.post(
    '/api/webhooks/:cell/endpoints/:id/challenge',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'challengeWebhookEndpoint',
        summary: 'Ask the endpoint to prove itself, and take it into use',
        params: One,
        response: { 200: z.object({ endpoint: EndpointView }) },
      },
    },
    async (request) => {
      const { cell, id } = request.params
      return of(cell).prove({ ...mine(request), endpointId: id })
    },
  )

  server.post(
    '/api/webhooks/:cell/endpoints/:id/disablement',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'disableWebhookEndpoint',
        summary: 'Send nothing there until it has answered a challenge again',
        params: One,
        response: { 200: z.object({ endpoint: EndpointView }) },
      },
    },
    async (request) => {
      const { cell, id } = request.params
      return of(cell).disable({ ...mine(request), endpointId: id })
    },
  )

  server.delete(
    '/api/webhooks/:cell/endpoints/:id',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'removeWebhookEndpoint',
        summary: 'Remove an endpoint, and leave out what it is owed',
        params: One,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { cell, id } = request.params
      await of(cell).remove({ ...mine(request), endpointId: id })
      return reply.code(204).send(null)
    },
  )

  server.get(
    '/api/webhooks/:cell/endpoints/:id/keys',
    {
      schema: {
        tags,
        operationId: 'listWebhookKeys',
        summary: 'The keys that sign what the endpoint gets',
        params: One,
        response: { 200: z.object({ data: z.array(KeyView), next: z.null() }) },
      },
    },
    async (request) => {
      const { cell, id } = request.params
      const { partnerId } = partnerOf(request)
      return { ...(await of(cell).keys({ partnerId, endpointId: id })), next: null }
    },
  )

  server.post(
    '/api/webhooks/:cell/endpoints/:id/keys',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'rotateWebhookKey',
        summary: 'A new key, current at once; the old one signs too for a while',
        params: One,
        body: Rotation,
        response: { 201: z.object({ key: ShownKey }) },
      },
    },
    async (request, reply) => {
      const { cell, id } = request.params
      // To stop a key that others know must never wait for a second factor.
      if (!request.body.compromised) moving(request, cell)
      const key = await of(cell).rotate({ ...mine(request), endpointId: id, ...request.body })
      return reply.code(201).send(key)
    },
  )

  server.get(
    '/api/webhooks/:cell/endpoints/:id/deliveries',
    {
      schema: {
        tags,
        operationId: 'listWebhookDeliveries',
        summary: 'What the endpoint got and is owed, newest first',
        params: One,
        querystring: DeliveryPage,
        response: { 200: z.object({ data: z.array(DeliveryView), next: z.string().nullable() }) },
      },
    },
    async (request) => {
      const { cell, id } = request.params
      const { before = null, status = null, limit } = request.query
      const { partnerId } = partnerOf(request)
      return of(cell).deliveries({ partnerId, endpointId: id, before, status, limit })
    },
  )

  server.get(
    '/api/webhooks/:cell/endpoints/:id/deliveries/:delivery/attempts',
    {
      schema: {
        tags,
        operationId: 'listWebhookAttempts',
        summary: 'What was tried for a delivery, and what came back',
        params: OneDelivery,
        response: { 200: z.object({ data: z.array(AttemptView), next: z.null() }) },
      },
    },
    async (request) => {
      const { cell, id, delivery } = request.params
      const { partnerId } = partnerOf(request)
      const asked = { partnerId, endpointId: id, deliveryId: delivery }
      return { ...(await of(cell).attempts(asked)), next: null }
    },
  )

  server.post(
    '/api/webhooks/:cell/endpoints/:id/deliveries/:delivery/omission',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'omitWebhookDelivery',
        summary: 'Leave a delivery out; what waits behind it goes on',
        params: OneDelivery,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { cell, id, delivery } = request.params
      await of(cell).skip({ ...mine(request), endpointId: id, deliveryId: delivery })
      return reply.code(204).send(null)
    },
  )

  server.post(
    '/api/webhooks/:cell/endpoints/:id/replays',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'replayWebhookDeliveries',
        summary: 'Send again: one delivery, those of a time, or all that failed since',
        params: One,
        body: Replay,
        response: { 202: z.object({ deliveries: z.int() }) },
      },
    },
    async (request, reply) => {
      const { cell, id } = request.params
      const asked = { ...mine(request), endpointId: id, replay: request.body }
      return reply.code(202).send(await of(cell).replay(asked))
    },
  )
}
