/** What a partner says that its programs read. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { ApplicationId, applicationNotFound, findApplication } from '#control/partners/index.ts'
import { forgetReading, Reading, sayReading } from './readings.ts'
import * as store from './store.ts'

const tags = ['versions']
const builders = ['owner', 'admin', 'developer'] as const

/** An application of whoever asks. */
export const ownApplication = async (db: Db, request: FastifyRequest, id: ApplicationId) => {
  const application = await findApplication(db, id)
  if (application?.partnerId !== partnerOf(request).partnerId)
    throw applicationNotFound('you have no such application')
  return application
}

export const readingRoutes = (server: Server, context: ControlContext): void => {
  const { db } = context

  server.get(
    '/api/applications/:id/readings',
    {
      schema: {
        tags,
        operationId: 'listReadings',
        summary: 'Which fields of answers your program reads, as you said it',
        params: z.object({ id: ApplicationId }),
        response: { 200: z.object({ data: z.array(Reading), next: z.null() }) },
      },
    },
    async (request) => {
      const { id: applicationId } = await ownApplication(db, request, request.params.id)
      const said = await store.readings(db, { applicationId })
      return { data: said.map(({ operation, fields }) => ({ operation, fields })), next: null }
    },
  )

  server.post(
    '/api/applications/:id/readings',
    {
      config: { roles: [...builders] },
      schema: {
        tags,
        operationId: 'sayReading',
        summary:
          'Say which fields of an operation’s answers your program reads: of others that go you are not told',
        params: z.object({ id: ApplicationId }),
        body: Reading,
        response: { 200: Reading },
      },
    },
    (request) =>
      asWork(context, request, async (work) =>
        sayReading(work, await ownApplication(work, request, request.params.id), request.body),
      ),
  )

  server.post(
    '/api/applications/:id/readings/:operation/removal',
    {
      config: { roles: [...builders] },
      schema: {
        tags,
        operationId: 'forgetReading',
        summary: 'Take back what you said: everything that it gets counts as read',
        params: z.object({ id: ApplicationId, operation: z.string().max(100) }),
        response: { 200: z.object({ operation: z.string() }) },
      },
    },
    (request) =>
      asWork(context, request, async (work) => {
        const { id, operation } = request.params
        await forgetReading(work, await ownApplication(work, request, id), operation)
        return { operation }
      }),
  )
}
