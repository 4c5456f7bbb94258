import { z } from 'zod'
import { EndpointId, TriedView } from '#courier/desk-contract.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import { certify, Check } from './index.ts'
import { keepTrial } from './receivers.ts'

const tags = ['certification']
const Products = z.object({
  products: z
    .string()
    .max(500)
    .transform((words) => words.split(',').filter((word) => word !== ''))
    .describe('Product ids, separated by commas'),
})
const Certification = z.object({
  ready: z.boolean().describe('Whether everything was shown'),
  checks: z.array(Check),
})

const answered = (checks: Check[]) => ({
  ready: checks.length > 0 && checks.every((c) => c.verdict === 'shown'),
  checks,
})

export const portalRoutes = (server: Server, { db, world }: ControlContext): void => {
  server.get(
    '/api/certification',
    {
      schema: {
        tags,
        operationId: 'getOwnCertification',
        summary:
          'What your sandbox traffic has shown of what products demand, and how to show the rest',
        querystring: Products,
        response: { 200: Certification },
      },
    },
    async (request) =>
      answered(
        await certify(db, partnerOf(request).partnerId, request.query.products, world.now()),
      ),
  )
}

/** Trying an endpoint needs the sandbox's courier. */
export const receiverRoutes =
  (couriers: Pick<Couriers, 'of'>) =>
  (server: Server, context: ControlContext): void => {
    server.post(
      '/api/certification/receivers/:id/trial',
      {
        config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
        schema: {
          tags,
          operationId: 'tryReceiver',
          summary:
            'Send a sandbox endpoint events of the bank and forged ones: 2xx to the first and 4xx to the others is the proof',
          params: z.object({ id: EndpointId }),
          response: { 200: z.object({ right: z.boolean(), data: z.array(TriedView) }) },
        },
      },
      async (request) => {
        const { partnerId } = partnerOf(request)
        const endpointId = request.params.id
        const { applicationId, data } = await couriers
          .of('sandbox')
          .certify({ partnerId, endpointId })
        await asWork(context, request, (work) =>
          keepTrial(work, { partnerId, applicationId, endpointId, trials: data }),
        )
        return { right: data.every((t) => t.right), data }
      },
    )
  }

export const consoleRoutes = (server: Server, { db, world }: ControlContext): void => {
  server.get(
    '/api/partners/:partnerId/certification',
    {
      schema: {
        tags,
        operationId: 'getCertification',
        summary: 'What a partner’s sandbox traffic has shown of what products demand',
        params: z.object({ partnerId: PartnerId }),
        querystring: Products,
        response: { 200: Certification },
      },
    },
    async ({ params, query }) =>
      answered(await certify(db, params.partnerId, query.products, world.now())),
  )
}
