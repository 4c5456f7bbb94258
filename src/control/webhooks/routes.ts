import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { PlainDate } from '#kernel/time.ts'
import {
  AttemptView,
  DeliveryView,
  EndpointId,
  EndpointView,
  EventView,
  KeyView,
  Place,
  Replay,
  Subscription,
} from '#courier/desk-contract.ts'
import {
  asWork,
  type ControlContext,
  partnerOf,
  type Server,
  staffOf,
} from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { DeliveryPage, endpointRoutes } from './endpoint-routes.ts'
import type { Couriers } from './jobs.ts'
import { mailboxRoutes } from './mailbox.ts'
import { calendarOf, NoticeId, noticeNotFound, NoticeView } from './notice.ts'
import * as store from './store.ts'

const tags = ['webhooks']
const Asked = z.object({
  cell: Cell,
  after: Place.optional().describe('`next` of the page before'),
  types: z
    .string()
    .max(2_000)
    .optional()
    .describe('Subscriptions with commas between; all without'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  version: PlainDate.optional().describe('The version that events are written in; else the newest'),
})
const OfPartner = z.object({ id: PartnerId, cell: Cell })

export const portalRoutes =
  (couriers: Pick<Couriers, 'of'>) =>
  (server: Server, context: ControlContext): void => {
    const { db, world } = context
    endpointRoutes(server, context, couriers)

    server.get(
      '/.well-known/webhooks/:cell/:id',
      {
        config: { open: true },
        schema: {
          params: z.object({ cell: Cell, id: EndpointId }),
          response: { 200: z.object({ keys: z.array(KeyView) }) },
        },
      },
      async (request) => {
        const { cell, id } = request.params
        return { keys: (await couriers.of(cell).publicKeys({ endpointId: id })).data }
      },
    )

    server.get(
      '/api/events',
      {
        schema: {
          tags,
          operationId: 'readEvents',
          summary: 'What happened to you in a cell, as your endpoints are told it, oldest first',
          querystring: Asked,
          response: { 200: z.object({ data: z.array(EventView), next: z.string() }) },
        },
      },
      async (request) => {
        const { cell, after = null, types, limit, version } = request.query
        return couriers.of(cell).feed({
          partnerId: partnerOf(request).partnerId,
          applicationId: null,
          after,
          limit,
          types: types === undefined ? [] : z.array(Subscription).parse(types.split(',')),
          ...(version && { version }),
        })
      },
    )

    server.get(
      '/api/notices',
      {
        schema: {
          tags,
          operationId: 'listNotices',
          summary: 'What the bank told you, newest first',
          response: { 200: z.object({ data: z.array(NoticeView), next: z.null() }) },
        },
      },
      async (request) => ({
        data: await store.list(db, partnerOf(request).partnerId),
        next: null,
      }),
    )

    server.post(
      '/api/notices/:id/acknowledgement',
      {
        config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
        schema: {
          tags,
          operationId: 'acknowledgeNotice',
          summary: 'Say that you have read it',
          params: z.object({ id: NoticeId }),
          response: { 200: NoticeView },
        },
      },
      (request) =>
        asWork(context, request, async (w) => {
          const { partnerId, personId } = partnerOf(request)
          const { id } = request.params
          const notice = await store.acknowledge(w, { id, partnerId, by: personId, at: w.now })
          if (!notice) throw noticeNotFound('there is no notice with this id')
          await w.record('announcements.acknowledged', id, { partnerId })
          return notice
        }),
    )

    server.get(
      '/api/calendar.ics',
      {
        schema: {
          tags,
          operationId: 'readCalendar',
          summary: 'What is going to happen, as an iCalendar (RFC 5545)',
        },
      },
      async (request, reply) => {
        const notices = await store.listDated(db, partnerOf(request).partnerId, world.now())
        const bank = world.settings.PORTICO_BANK_NAME
        return reply.type('text/calendar; charset=utf-8').send(calendarOf(bank, notices))
      },
    )
  }

/** What people of the bank see of a partner's endpoints; the endpoints stay the partner's to change. */
export const consoleRoutes =
  ({ of }: Pick<Couriers, 'of'>) =>
  (server: Server, context: ControlContext): void => {
    mailboxRoutes(server, context)
    server.get(
      '/api/partners/:id/webhooks/:cell/endpoints',
      {
        schema: {
          tags,
          operationId: 'listWebhookEndpointsOfPartner',
          summary: 'Where a partner is told, and how that is doing',
          params: OfPartner,
          response: { 200: z.object({ data: z.array(EndpointView), next: z.null() }) },
        },
      },
      async (request) => {
        const { id: partnerId, cell } = request.params
        return { ...(await of(cell).endpoints({ partnerId })), next: null }
      },
    )

    server.get(
      '/api/partners/:id/webhooks/:cell/endpoints/:endpoint/deliveries',
      {
        schema: {
          tags,
          operationId: 'listWebhookDeliveriesOfPartner',
          summary: 'What an endpoint of a partner got and is owed, newest first',
          params: OfPartner.extend({ endpoint: EndpointId }),
          querystring: DeliveryPage,
          response: {
            200: z.object({ data: z.array(DeliveryView), next: z.string().nullable() }),
          },
        },
      },
      async (request) => {
        const { id: partnerId, cell, endpoint: endpointId } = request.params
        const { before = null, status = null, limit } = request.query
        return of(cell).deliveries({ partnerId, endpointId, before, status, limit })
      },
    )

    server.get(
      '/api/partners/:id/webhooks/:cell/endpoints/:endpoint/deliveries/:delivery/attempts',
      {
        schema: {
          tags,
          operationId: 'listWebhookAttemptsOfPartner',
          summary: 'What was tried for a delivery to a partner, and what came back',
          params: OfPartner.extend({ endpoint: EndpointId, delivery: Place }),
          response: { 200: z.object({ data: z.array(AttemptView), next: z.null() }) },
        },
      },
      async (request) => {
        const { id: partnerId, cell, endpoint: endpointId, delivery: deliveryId } = request.params
        return { ...(await of(cell).attempts({ partnerId, endpointId, deliveryId })), next: null }
      },
    )

    server.post(
      '/api/partners/:id/webhooks/:cell/endpoints/:endpoint/replays',
      {
        config: {
          roles: ['api-engineering', 'developer-relations', 'partner-success', 'head-of-platform'],
        },
        schema: {
          tags,
          operationId: 'replayWebhookDeliveriesOfPartner',
          summary:
            'Send a partner again what it missed: the same events, to the address that it named itself',
          params: OfPartner.extend({ endpoint: EndpointId }),
          body: Replay,
          response: { 202: z.object({ deliveries: z.int() }) },
        },
      },
      async (request, reply) => {
        const { id: partnerId, cell, endpoint: endpointId } = request.params
        const by = `staff:${staffOf(request).staffId}`
        const asked = { partnerId, endpointId, by, replay: request.body }
        return reply.code(202).send(await of(cell).replay(asked))
      },
    )
  }
