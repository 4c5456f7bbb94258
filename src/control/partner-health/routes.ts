import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import type { ControlContext, Server } from '#control/http/context.ts'
import { PartnerId, partnerNotFound } from '#control/partners/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import { Health, partnerHealth, partnersByHealth } from './index.ts'

const tags = ['partner-health']

export const HealthView = Health.extend({
  organisation: z.string(),
  registeredAt: Instant,
  firstCallAt: Instant.nullable().describe('Of either cell; null: no call was answered well yet'),
})
export type HealthView = z.output<typeof HealthView>

export const consoleRoutes =
  (couriers: Couriers) =>
  (server: Server, { db, world }: ControlContext): void => {
    const asked = () => ({
      db,
      couriers,
      now: world.now(),
      zone: world.settings.PORTICO_BANK_ZONE,
    })

    server.get(
      '/api/partner-health',
      {
        schema: {
          tags,
          operationId: 'listPartnerHealth',
          summary: 'How every partner is doing, the worst first; each part with what it came of',
          response: { 200: z.object({ data: z.array(HealthView), next: z.null() }) },
        },
      },
      async () => ({ data: await partnersByHealth(asked()), next: null }),
    )

    server.get(
      '/api/partners/:id/health',
      {
        schema: {
          tags,
          operationId: 'getPartnerHealth',
          summary: 'How one partner is doing, part by part',
          params: z.object({ id: PartnerId }),
          response: { 200: HealthView },
        },
      },
      async ({ params }) => {
        const health = await partnerHealth(asked(), params.id)
        if (!health) throw partnerNotFound('there is no partner with this id')
        return health
      },
    )
  }
