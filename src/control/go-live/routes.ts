import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { checklistOf, Step } from './index.ts'

const tags = ['go-live']

export const StepView = Step.extend({ since: Instant.nullable(), dueAt: Instant.nullable() })
export const ChecklistView = z.object({
  products: z.array(z.string()),
  steps: z.array(StepView),
  liveAt: Instant.nullable(),
  bankMs: z
    .number()
    .describe('How long the bank was waited for until now, or until the first call'),
  partnerMs: z.number(),
})
export type ChecklistView = z.output<typeof ChecklistView>

const Products = z.object({
  products: z
    .string()
    .max(500)
    .default('')
    .transform((words) => words.split(',').filter((word) => word !== ''))
    .describe('Product ids with commas between; without any, those of your applications'),
})

const answer = async (
  { db, world }: ControlContext,
  id: PartnerId,
  products: readonly string[],
): Promise<ChecklistView> => {
  const partner = await findPartner(db, id)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  const bankCountry = world.settings.PORTICO_BANK_COUNTRY
  const found = await checklistOf(db, { partner, products, bankCountry, now: world.now() })
  return { ...found, products: [...found.products], steps: [...found.steps] }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/go-live',
    {
      schema: {
        tags,
        operationId: 'getOwnGoLive',
        summary: 'What stands between you and production, whose move each step is, and since when',
        querystring: Products,
        response: { 200: ChecklistView },
      },
    },
    (request) => answer(context, partnerOf(request).partnerId, request.query.products),
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/partners/:id/go-live',
    {
      schema: {
        tags,
        operationId: 'getGoLive',
        summary: 'What stands between a partner and production, as the partner reads it',
        params: z.object({ id: PartnerId }),
        querystring: Products,
        response: { 200: ChecklistView },
      },
    },
    ({ params, query }) => answer(context, params.id, query.products),
  )
}
