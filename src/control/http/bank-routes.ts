import { z } from 'zod'
import type { ControlContext, Server } from './context.ts'

const Bank = z.object({
  name: z.string(),
  zone: z.string().describe('IANA zone of the bank’s days'),
})

/** Whose offices these are: the pages show the name, and date everything as the bank does. */
export const bankRoutes = (server: Server, { world: { settings } }: ControlContext): void => {
  server.get(
    '/api/bank',
    {
      config: { open: true },
      schema: {
        tags: ['bank'],
        operationId: 'getBank',
        summary: 'The bank’s name and zone',
        response: { 200: Bank },
      },
    },
    () => ({ name: settings.PORTICO_BANK_NAME, zone: settings.PORTICO_BANK_ZONE }),
  )
}
