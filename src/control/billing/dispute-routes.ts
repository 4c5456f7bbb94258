import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText } from '#control/rating/index.ts'
import { Dispute, DisputeId } from './dispute.ts'
import * as disputes from './dispute-store.ts'
import { closeDispute, grantDispute, openDispute } from './disputing.ts'
import { InvoiceId } from './invoice.ts'
import * as store from './store.ts'

const tags = ['billing']
const params = z.object({ id: DisputeId })
const reason = z.string().trim().min(1).max(2_000)

const DisputeView = z.object({
  id: DisputeId,
  invoiceId: z.string(),
  invoiceNumber: z.string().nullable(),
  partnerId: z.string(),
  section: z.number(),
  n: z.number(),
  currency: z.string(),
  /** Without tax, and what waits: with it. */
  net: z.string(),
  frozen: z.string(),
  reason: z.string(),
  status: Dispute.shape.status,
  openedAt: Instant,
  decidedAt: Instant.nullable(),
  answer: z.string().nullable(),
})

const viewOf = async (db: Db, dispute: Dispute): Promise<z.output<typeof DisputeView>> => {
  const invoice = await store.find(db, InvoiceId.parse(dispute.invoiceId))
  const text = (minor: bigint) => amountText(minor, invoice?.exponent ?? 2)
  return {
    ...dispute,
    invoiceNumber: invoice?.number ?? null,
    currency: invoice?.currency ?? '',
    net: text(dispute.netMinor),
    frozen: text(dispute.frozenMinor),
  }
}

const Page = z.object({ data: z.array(DisputeView), next: z.string().nullable() })
const PAGE = 50
const Filter = z.object({
  status: Dispute.shape.status.optional(),
  invoice: InvoiceId.optional(),
  before: DisputeId.optional(),
})

const pageOf = async (db: Db, filter: disputes.DisputeFilter): Promise<z.output<typeof Page>> => {
  const found = await disputes.list(db, filter, PAGE)
  return {
    data: await Promise.all(found.map((d) => viewOf(db, d))),
    next: found.length === PAGE ? (found.at(-1)?.id ?? null) : null,
  }
}

export const portalDisputes = (server: Server, context: ControlContext): void => {
  const { db } = context
  server.get(
    '/api/disputes',
    {
      schema: {
        tags,
        operationId: 'listOwnDisputes',
        summary: 'Lines that were disputed, newest first',
        querystring: Filter,
        response: { 200: Page },
      },
    },
    (request) =>
      pageOf(db, {
        partnerId: partnerOf(request).partnerId,
        invoiceId: request.query.invoice,
        status: request.query.status,
        before: request.query.before,
      }),
  )
  server.post(
    '/api/invoices/:id/disputes',
    {
      config: { roles: ['owner', 'admin', 'finance'] },
      schema: {
        tags,
        operationId: 'openDispute',
        summary: 'Dispute one line of an invoice: that amount, and no other, waits for the answer',
        params: z.object({ id: InvoiceId }),
        body: z.strictObject({
          section: z.int().min(0),
          n: z.int().min(0),
          amount: z.string().optional(),
          reason,
        }),
        response: { 201: DisputeView },
      },
    },
    async (request, reply) => {
      const own = { partnerId: partnerOf(request).partnerId, id: request.params.id }
      const dispute = await asWork(context, request, (w) => openDispute(w, own, request.body))
      return reply.status(201).send(await viewOf(db, dispute))
    },
  )
  server.post(
    '/api/disputes/:id/withdrawal',
    {
      config: { roles: ['owner', 'admin', 'finance'] },
      schema: {
        tags,
        operationId: 'withdrawDispute',
        summary: 'Take a dispute back; the amount is payable again',
        params,
        response: { 200: DisputeView },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const closed = await asWork(context, request, (w) =>
        closeDispute(w, request.params.id, { status: 'withdrawn', partnerId }),
      )
      return viewOf(db, closed)
    },
  )
}

export const consoleDisputes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  server.get(
    '/api/disputes',
    {
      schema: {
        tags,
        operationId: 'listDisputes',
        summary: 'Lines that partners disputed, newest first',
        querystring: Filter.extend({ partner: PartnerId.optional() }),
        response: { 200: Page },
      },
    },
    ({ query: { partner, invoice, status, before } }) =>
      pageOf(db, { partnerId: partner, invoiceId: invoice, status, before }),
  )
  server.post(
    '/api/disputes/:id/credit',
    {
      config: { roles: ['finance', 'head-of-platform', 'partner-success'] },
      schema: {
        tags,
        operationId: 'grantDispute',
        summary: 'Propose the credit that a dispute asks for; a second person decides',
        params,
        body: z.strictObject({ reason }),
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) =>
        grantDispute(w, request.params.id, request.body.reason),
      )
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
  server.post(
    '/api/disputes/:id/rejection',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'rejectDispute',
        summary: 'Say why a line stands; its amount is payable again',
        params,
        body: z.strictObject({ answer: reason }),
        response: { 200: DisputeView },
      },
    },
    async (request) => {
      const { answer } = request.body
      const closed = await asWork(context, request, (w) =>
        closeDispute(w, request.params.id, { status: 'rejected', answer }),
      )
      return viewOf(db, closed)
    },
  )
}
