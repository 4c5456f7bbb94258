import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { statusAddress } from '#platform/config.ts'
import { asWork, type ControlContext, type Server } from '#control/http/context.ts'
import { Part } from '../../status/facts.ts'
import { Bulletin } from './bulletin.ts'
import { publishBulletin } from './index.ts'

const tags = ['status']
const AnyPath = z.object({ '*': z.string() })
const BulletinView = Bulletin.omit({ publishedBy: true }).extend({ publishedAt: Instant })

/** The page stands on its own, at an address that outlives this one: whoever comes here is sent there. */
export const portalRoutes = (server: Server, { world }: ControlContext): void => {
  const there = statusAddress(world.settings)
  const config = { open: true } as const
  server.get('/status', { config }, (_request, reply) => reply.redirect(`${there}/`, 307))
  server.get('/status/*', { config, schema: { params: AnyPath } }, (request, reply) => {
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : ''
    const path = request.params['*'].split('/').map(encodeURIComponent).join('/')
    return reply.redirect(`${there}/${path}${query}`, 307)
  })
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
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
