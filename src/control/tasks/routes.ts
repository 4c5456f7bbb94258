import { z } from 'zod'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { listTasks, type TaskFilter, TaskKind, TaskView, viewOfTask } from './index.ts'

const LISTED = 20

const schema = (operationId: string, summary: string) => ({
  tags: ['tasks'],
  operationId,
  summary,
  querystring: z.object({ kind: TaskKind.optional() }),
  response: { 200: z.object({ data: z.array(TaskView) }) },
})

const listing =
  ({ db, world }: ControlContext) =>
  async (filter: TaskFilter) => ({
    data: (await listTasks(db, filter, LISTED)).map((task) => viewOfTask(task, world.now())),
  })

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const list = listing(context)
  server.get(
    '/api/tasks',
    {
      schema: schema(
        'listOwnTasks',
        'Long work of my organisation, newest first, and how far it is',
      ),
    },
    (request) => list({ partnerId: partnerOf(request).partnerId, kind: request.query.kind }),
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const list = listing(context)
  server.get(
    '/api/tasks',
    { schema: schema('listTasks', 'Long work of the bank, newest first, and how far it is') },
    (request) => list({ partnerId: null, kind: request.query.kind }),
  )
}
