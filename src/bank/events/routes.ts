import { parseRequest, type Server } from '#platform/http.ts'
import { callerOf } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { listEvents } from './index.ts'
import { EventsQuery } from './query.ts'

export const eventRoutes = (server: Server, bank: BankWorld): void => {
  server.get('/events/v1/events', { config: { operation: 'listEvents' } }, (request) => {
    const { query, headers } = request
    const asked = parseRequest(EventsQuery, {
      ...(typeof query === 'object' ? query : {}),
      ...(headers['api-version'] && { version: headers['api-version'] }),
    })
    return listEvents(bank, callerOf(request), asked)
  })
}
