import { z } from 'zod'
import { ChangeSetId, changeNotFound, findChange } from '#control/approvals/index.ts'
import type { ControlContext, Server } from '#control/http/context.ts'
import { Impact, impactOf } from './index.ts'

export const consoleRoutes = (server: Server, { db, world, appliers }: ControlContext): void => {
  server.get(
    '/api/approvals/:id/impact',
    {
      schema: {
        tags: ['approvals'],
        operationId: 'getImpact',
        summary:
          'What a proposed change would do to the calls of the last seven days and to last month’s costs; nothing is kept',
        params: z.object({ id: ChangeSetId }),
        response: { 200: Impact },
      },
    },
    async (request) => {
      const change = await findChange(db, request.params.id)
      if (!change) throw changeNotFound('there is no change with this id')
      const { PORTICO_BANK_COUNTRY: bankCountry, PORTICO_BANK_ZONE: zone } = world.settings
      return impactOf({ db, appliers, now: world.now(), bankCountry, zone }, change)
    },
  )
}
