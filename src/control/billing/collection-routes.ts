import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { Currency } from '#kernel/money.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import { AccountNumber, Collection, Mandate, MandateAsked, MandateId } from './collection.ts'
import {
  type CollectingDesk,
  endMandate,
  giveMandate,
  proposeIncomeAccount,
  proposeMandate,
  tryAgain,
} from './collecting.ts'
import * as collected from './collection-store.ts'
import { InvoiceId } from './invoice.ts'

const tags = ['billing']
const params = z.object({ id: MandateId })
const Changed = z.object({ change: ChangeView })

const MandateView = Mandate.extend({ givenAt: Instant, endedAt: Instant.nullable() })
const CollectionView = Collection.pick({
  id: true,
  invoiceId: true,
  mandateId: true,
  partnerId: true,
  currency: true,
  status: true,
  reasonCode: true,
  reference: true,
}).extend({
  amount: z.string(),
  askedAt: Instant,
  toldAt: Instant,
  /** When somebody looked at why it was rejected. */
  clearedAt: Instant.nullable(),
})

const viewOf = ({ amountMinor, ...c }: Collection): z.output<typeof CollectionView> => ({
  ...c,
  amount: amountText(amountMinor, exponentOf(c.currency) ?? 2),
})

export const portalCollections =
  (desk: () => CollectingDesk) =>
  (server: Server, context: ControlContext): void => {
    const { db } = context
    server.get(
      '/api/mandates',
      {
        schema: {
          tags,
          operationId: 'listOwnMandates',
          summary: 'Accounts that invoices may be collected from, and what was collected',
          response: {
            200: z.object({ data: z.array(MandateView), collections: z.array(CollectionView) }),
          },
        },
      },
      async (request) => {
        const { partnerId } = partnerOf(request)
        return {
          data: await collected.mandates(db, { partnerId }),
          collections: (await collected.collections(db, { partnerId }, 100)).map(viewOf),
        }
      },
    )
    server.post(
      '/api/mandates',
      {
        config: { roles: ['signatory'], proof: 'fresh' },
        schema: {
          tags,
          operationId: 'giveMandate',
          summary: 'Name an account of your own that invoices may be collected from',
          body: MandateAsked,
          response: { 201: MandateView },
        },
      },
      async (request, reply) => {
        const { partnerId } = partnerOf(request)
        const { accountNumber: number, holderId, currency } = request.body
        const fit = await desk().account({ partnerId, number, holderId, currency })
        const mandate = await asWork(context, request, (w) =>
          giveMandate(w, partnerId, request.body, fit),
        )
        return reply.status(201).send(mandate)
      },
    )
    server.post(
      '/api/mandates/:id/end',
      {
        config: { roles: ['owner', 'finance', 'signatory'] },
        schema: {
          tags,
          operationId: 'endOwnMandate',
          summary: 'Nothing is collected from this account any more, from now on',
          params,
          response: { 200: MandateView },
        },
      },
      (request) => {
        const { partnerId } = partnerOf(request)
        return asWork(context, request, (w) => endMandate(w, { partnerId, id: request.params.id }))
      },
    )
  }

export const consoleCollections = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  server.get(
    '/api/mandates',
    {
      schema: {
        tags,
        operationId: 'listMandates',
        summary: 'Mandates of partners, where their money goes, and what was collected',
        querystring: z.object({ partner: z.string().optional() }),
        response: {
          200: z.object({
            data: z.array(MandateView),
            incomeAccounts: z.array(z.object({ currency: z.string(), accountNumber: z.string() })),
            collections: z.array(CollectionView),
          }),
        },
      },
    },
    async ({ query: { partner: partnerId } }) => ({
      data: await collected.mandates(db, { partnerId }),
      incomeAccounts: await collected.incomeAccounts(db),
      collections: (await collected.collections(db, { partnerId }, 100)).map(viewOf),
    }),
  )
  server.post(
    '/api/mandates/:id/acceptance',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'proposeMandate',
        summary: 'Propose to collect by a mandate; another person decides',
        params,
        response: { 202: Changed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) => proposeMandate(w, request.params.id))
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
  server.post(
    '/api/mandates/:id/end',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'endMandate',
        summary: 'Collect by this mandate no more',
        params,
        response: { 200: MandateView },
      },
    },
    (request) =>
      asWork(context, request, (w) =>
        endMandate(w, { partnerId: undefined, id: request.params.id }),
      ),
  )
  server.post(
    '/api/invoices/:id/collection-retry',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'collectAgain',
        summary:
          'Say that what stood in the way of collecting an invoice was looked at; the next run tries it anew',
        params: z.object({ id: InvoiceId }),
        response: { 200: z.object({ data: z.array(CollectionView) }) },
      },
    },
    async (request) => ({
      data: (await asWork(context, request, (w) => tryAgain(w, request.params.id))).map(viewOf),
    }),
  )
}

/** Which needs the bank: whether it has the account. */
export const consoleIncomeAccounts =
  (desk: () => CollectingDesk) =>
  (server: Server, context: ControlContext): void => {
    server.put(
      '/api/income-accounts/:currency',
      {
        config: { roles: ['finance', 'head-of-platform'] },
        schema: {
          tags,
          operationId: 'proposeIncomeAccount',
          summary: 'Propose the account of the bank that collections of a currency go to',
          params: z.object({ currency: Currency }),
          body: z.strictObject({ accountNumber: AccountNumber }),
          response: { 202: Changed },
        },
      },
      async (request, reply) => {
        const { currency } = request.params
        const { accountNumber } = request.body
        const fit = await desk().incomeAccount({ number: accountNumber, currency })
        const change = await asWork(context, request, (w) =>
          proposeIncomeAccount(w, { currency, accountNumber }, fit),
        )
        return reply.status(202).send({ change: viewOfChange(change, context.world.now()) })
      },
    )
  }
