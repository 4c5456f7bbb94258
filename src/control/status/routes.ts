import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { statusAddress } from '#platform/config.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { Cell } from '#kernel/cell.ts'
import { IncidentId } from '#control/incidents/index.ts'
import { Part, PublicIncident, wordsOf } from '../../status/facts.ts'
import { Bulletin } from './bulletin.ts'
import {
  bulletinsOf,
  openParts,
  OwnStatus,
  ownStatus,
  publishBulletin,
  standing,
  StandingView,
} from './index.ts'

const tags = ['status']
const AnyPath = z.object({ '*': z.string() })
const BulletinView = Bulletin.omit({ publishedBy: true }).extend({ publishedAt: Instant })
const ByWhom = Bulletin.extend({ publishedAt: Instant })

/** The page stands on its own, at an address that outlives this one: whoever comes here is sent there. */
export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const there = statusAddress(world.settings)
  const config = { open: true } as const
  server.get('/status', { config }, (_request, reply) => reply.redirect(`${there}/`, 307))
  server.get('/status/*', { config, schema: { params: AnyPath } }, (request, reply) => {
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : ''
    const path = request.params['*'].split('/').map(encodeURIComponent).join('/')
    return reply.redirect(`${there}/${path}${query}`, 307)
  })

  const parts = openParts()
  server.get(
    '/api/status/:cell',
    {
      schema: {
        tags,
        operationId: 'getOwnStatus',
        summary:
          'The parts that you use: how they stand, what your own calls met, what touched you',
        params: z.object({ cell: Cell }),
        response: { 200: OwnStatus },
      },
    },
    (request) =>
      ownStatus(db, parts, {
        partnerId: partnerOf(request).partnerId,
        cell: request.params.cell,
        ...moment(context),
      }),
  )
}

/** When it is, where, and how old facts may be that speak of now. */
const moment = ({ world }: ControlContext) => ({
  now: world.now(),
  zone: world.settings.PORTICO_BANK_ZONE,
  staleMs: world.settings.PORTICO_STATUS_STALE_MINUTES * 60_000,
})

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const parts = openParts()

  server.get(
    '/api/status',
    {
      schema: {
        tags,
        operationId: 'getStatus',
        summary: 'How things stand by the status page, and what it tells of incidents',
        response: {
          200: StandingView.extend({
            url: z.string().describe('Where everybody reads it'),
            incidents: z.array(PublicIncident),
          }),
        },
      },
    },
    async () => {
      const { view, facts } = await standing(db, parts, moment(context))
      return { ...view, url: statusAddress(world.settings), incidents: facts.incidents }
    },
  )

  server.get(
    '/api/status/bulletins',
    {
      schema: {
        tags,
        operationId: 'listBulletins',
        summary: 'What everybody was told of an incident, in order of time',
        querystring: z.object({ incident: IncidentId }),
        response: { 200: z.object({ data: z.array(ByWhom) }) },
      },
    },
    async ({ query }) => ({ data: await bulletinsOf(db, [query.incident]) }),
  )

  server.post(
    '/api/status/bulletins',
    {
      config: { roles: ['api-engineering', 'partner-success', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'publishBulletin',
        summary:
          'Say something of an incident to everybody, on the status page; it stays as it was said',
        body: z.strictObject({
          incidentId: Bulletin.shape.incidentId,
          state: Bulletin.shape.state,
          said: z.string().trim().min(3).max(2_000),
          words: wordsOf(2_000)
            .default({})
            .describe('The same by language; one that is left out reads `said`'),
          titles: wordsOf(200)
            .default({})
            .describe('How the incident is called to everybody, by language'),
          parts: z.array(Part).max(40).default([]),
        }),
        response: { 201: z.object({ bulletin: BulletinView }) },
      },
    },
    async (request, reply) => {
      const bulletin = await asWork(context, request, (work) => publishBulletin(work, request.body))
      return reply.code(201).send({ bulletin })
    },
  )
}
