import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { Audience } from '#platform/publication.ts'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { ApplicationId, PartnerId } from '#control/partners/index.ts'
import { CallExplanation, explainCall, explainLicences, LicencesView } from './explain.ts'
import { listPublished } from './index.ts'
import { momentOf } from './policy.ts'

const Ask = z.object({ application: ApplicationId, operation: z.string().max(100) })

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/licences',
    {
      schema: {
        tags: ['licences'],
        operationId: 'getOwnLicences',
        summary: 'Statuses, and every permission in each cell with its gates',
        response: { 200: LicencesView },
      },
    },
    (request) => explainLicences(db, partnerOf(request).partnerId, momentOf(world)),
  )

  server.get(
    '/api/explain',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainOwnCall',
        summary: 'Every gate of a call: what is open, what is missing, who can give it',
        querystring: Ask,
        response: { 200: CallExplanation },
      },
    },
    (request) =>
      explainCall(db, { ...request.query, own: partnerOf(request).partnerId }, momentOf(world)),
  )
}

const PublishedView = z.object({
  cell: Cell,
  audience: Audience,
  epoch: z.int(),
  sha256: z.string(),
  compiledAt: Instant,
})

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/licences/:partnerId',
    {
      schema: {
        tags: ['licences'],
        operationId: 'getLicences',
        summary: 'A partner’s statuses, and every permission in each cell with its gates',
        params: z.object({ partnerId: PartnerId }),
        response: { 200: LicencesView },
      },
    },
    (request) => explainLicences(db, request.params.partnerId, momentOf(world)),
  )

  server.get(
    '/api/explain',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainCall',
        summary: 'Every gate of a call: what is open, what is missing, who can give it',
        querystring: Ask,
        response: { 200: CallExplanation },
      },
    },
    (request) => explainCall(db, request.query, momentOf(world)),
  )

  server.get(
    '/api/publications',
    {
      schema: {
        tags: ['publication'],
        operationId: 'listPublications',
        summary: 'What each cell holds: the newest epoch of every document, with its digest',
        response: { 200: z.object({ data: z.array(PublishedView) }) },
      },
    },
    async () => ({
      data: (await listPublished(db)).map((d) => ({ ...d, epoch: Number(d.epoch) })),
    }),
  )
}
