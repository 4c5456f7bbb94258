/** Values that no cell knows: what a partner earned itself, and what the bank's core charged its customers. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { Money } from '#kernel/money.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { reportValue } from './business.ts'

const tags = ['usage']
const Value = z.strictObject({
  /** Yours, unique: the same reference again changes nothing. */
  reference: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
  amount: Money.refine((m) => m.minor > 0n, 'is not above zero'),
  occurredAt: Instant,
})
const Taken = z.object({ reference: z.string(), isNew: z.boolean() })

export const portalValues = (server: Server, context: ControlContext): void => {
  server.post(
    '/api/reported-values',
    {
      config: { roles: ['owner', 'admin', 'finance'] },
      schema: {
        tags,
        operationId: 'reportValue',
        summary: 'Report revenue of your own in which your contract gives the bank a share',
        body: Value,
        response: { 200: Taken },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const { reference, amount, occurredAt } = request.body
      const { minor: amountMinor, currency } = amount
      const value = {
        partnerId,
        kind: 'reported',
        reference,
        amountMinor,
        currency,
        occurredAt,
      } as const
      return { reference, isNew: await asWork(context, request, (w) => reportValue(w, value)) }
    },
  )
}

export const consoleValues = (server: Server, context: ControlContext): void => {
  server.post(
    '/api/partners/:id/account-fees',
    {
      config: { roles: ['finance'] },
      schema: {
        tags,
        operationId: 'reportAccountFee',
        summary:
          'Tell a fee that the core charged customers whom a partner brought: what may be shared',
        params: z.object({ id: PartnerId }),
        body: Value,
        response: { 200: Taken },
      },
    },
    async (request) => {
      const { reference, amount, occurredAt } = request.body
      const { minor: amountMinor, currency } = amount
      const partnerId = request.params.id
      const value = {
        partnerId,
        kind: 'account-fee',
        reference,
        amountMinor,
        currency,
        occurredAt,
      } as const
      return { reference, isNew: await asWork(context, request, (w) => reportValue(w, value)) }
    },
  )
}
