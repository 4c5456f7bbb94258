import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText } from '#control/rating/index.ts'
import { leftOf, Prepaid, PrepaidAsked } from './prepaid.ts'
import { prepaidCredits, proposePrepaid } from './prepaying.ts'

const tags = ['billing']

const PrepaidView = Prepaid.pick({
  id: true,
  title: true,
  currency: true,
  source: true,
  priority: true,
}).extend({
  amount: z.string(),
  used: z.string(),
  left: z.string(),
  grantedAt: Instant,
  /** The first instant at which it pays nothing more. */
  expiresAt: Instant.nullable(),
})
const Credits = z.object({ data: z.array(PrepaidView) })

const viewOf = (p: Prepaid): z.output<typeof PrepaidView> => {
  const text = (minor: bigint) => amountText(minor, p.exponent)
  const { id, title, currency, source, priority, grantedAt, expiresAt } = p
  return {
    id,
    title,
    currency,
    source,
    priority,
    grantedAt,
    expiresAt,
    amount: text(p.amountMinor),
    used: text(p.usedMinor),
    left: text(leftOf(p)),
  }
}

export const portalPrepaid = (server: Server, { db }: ControlContext): void => {
  server.get(
    '/api/prepaid-credits',
    {
      schema: {
        tags,
        operationId: 'listOwnPrepaidCredits',
        summary: 'What was paid ahead or given, and what is left of it',
        response: { 200: Credits },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      return { data: (await prepaidCredits(db, { partnerId })).map(viewOf) }
    },
  )
}

export const consolePrepaid = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const params = z.object({ id: PartnerId })
  server.get(
    '/api/partners/:id/prepaid-credits',
    {
      schema: {
        tags,
        operationId: 'listPrepaidCredits',
        summary: 'What a partner paid ahead or was given, and what is left of it',
        params,
        response: { 200: Credits },
      },
    },
    async ({ params: { id: partnerId } }) => ({
      data: (await prepaidCredits(db, { partnerId })).map(viewOf),
    }),
  )
  server.post(
    '/api/partners/:id/prepaid-credits',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'proposePrepaidCredit',
        summary:
          'Propose a credit that was paid ahead, or that the bank gives; another person decides',
        params,
        body: PrepaidAsked,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) =>
        proposePrepaid(w, request.params.id, request.body),
      )
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
