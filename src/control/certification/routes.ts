import { z } from 'zod'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { certify, Check } from './index.ts'

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
