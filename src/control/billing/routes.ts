import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText } from '#control/rating/index.ts'
import { Content } from './content.ts'
import {
  type Billing,
  contentsOf,
  CreditAsked,
  draftMonth,
  findInvoice,
  type Invoice,
  InvoiceId,
  invoiceNotFound,
  InvoiceStatus,
  listInvoices,
  monthNamed,
  monthOf,
  notesOf,
  proposeCredit,
  proposeIssue,
  recordPayment,
} from './index.ts'
import { consoleBooks, portalBooks } from './book-routes.ts'
import { consoleCollections } from './collection-routes.ts'
import { consoleDisputes, portalDisputes } from './dispute-routes.ts'
import { frozenByInvoice } from './dispute-store.ts'
import { monthInvalid, NoteContent } from './invoice.ts'
import { consolePapers, portalPapers } from './paper-routes.ts'
import { consolePrepaid, portalPrepaid } from './prepaid-routes.ts'

const tags = ['billing']
const MonthName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is a month such as 2026-11')

const InvoiceView = z.object({
  id: InvoiceId,
  partnerId: z.string(),
  kind: z.enum(['invoice', 'credit_note', 'debit_note']),
  status: InvoiceStatus,
  number: z.string().nullable(),
  credits: InvoiceId.nullable(),
  /** First day and the day after the last, in the bank's zone. */
  from: z.iso.date(),
  to: z.iso.date(),
  currency: z.string(),
  net: z.string(),
  tax: z.string(),
  gross: z.string(),
  paid: z.string(),
  sha256: z.string(),
  draftedAt: Instant,
  issuedAt: Instant.nullable(),
  dueOn: z.iso.date().nullable(),
})

const viewOf = (i: Invoice): z.output<typeof InvoiceView> => {
  const text = (minor: bigint) => amountText(minor, i.exponent)
  return {
    id: i.id,
    partnerId: i.partnerId,
    kind: i.kind,
    status: i.status,
    number: i.number,
    credits: i.credits,
    from: i.periodStart.toString(),
    to: i.periodEnd.toString(),
    currency: i.currency,
    net: text(i.netMinor),
    tax: text(i.taxMinor),
    gross: text(i.netMinor + i.taxMinor),
    paid: text(i.paidMinor),
    sha256: i.sha256,
    draftedAt: i.draftedAt,
    issuedAt: i.issuedAt,
    dueOn: i.dueOn?.toString() ?? null,
  }
}

const Whole = z.object({
  invoice: InvoiceView,
  /** What `portico invoice verify` computes again. */
  content: z.union([Content, NoteContent]),
  /** Credit and debit notes. */
  creditNotes: z.array(InvoiceView),
  /** What of it is disputed and waits for an answer. */
  frozen: z.string(),
})

const Page = z.object({ data: z.array(InvoiceView), next: z.string().nullable() })
const Before = z.object({ before: InvoiceId.optional() })
const PAGE = 50

const pageOf = (invoices: readonly Invoice[]): z.output<typeof Page> => ({
  data: invoices.map(viewOf),
  next: invoices.length === PAGE ? (invoices.at(-1)?.id ?? null) : null,
})

const billingOf = ({ world: { settings } }: ControlContext): Billing => ({
  bankName: settings.PORTICO_BANK_NAME,
  zone: settings.PORTICO_BANK_ZONE,
})

const wholeOf = async (
  { db }: ControlContext,
  id: InvoiceId,
  visible: (invoice: Invoice) => boolean,
): Promise<z.output<typeof Whole>> => {
  const invoice = await findInvoice(db, id)
  if (!invoice || !visible(invoice)) throw invoiceNotFound('no invoice has this id')
  return {
    invoice: viewOf(invoice),
    content: invoice.content,
    creditNotes: (await notesOf(db, id)).map(viewOf),
    frozen: amountText(
      (await frozenByInvoice(db, invoice.partnerId)).get(id) ?? 0n,
      invoice.exponent,
    ),
  }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  portalBooks(server, context)
  portalDisputes(server, context)
  portalPrepaid(server, context)
  portalPapers(server, context)
  const own = (request: Parameters<typeof partnerOf>[0]) => partnerOf(request).partnerId

  server.get(
    '/api/invoices',
    {
      schema: {
        tags,
        operationId: 'listOwnInvoices',
        summary: 'Invoices and credit notes, newest first',
        querystring: Before,
        response: { 200: Page },
      },
    },
    async (request) =>
      pageOf(
        await listInvoices(
          context.db,
          { partnerId: own(request), issuedOnly: true, before: request.query.before },
          PAGE,
        ),
      ),
  )

  server.get(
    '/api/invoices/preview',
    {
      schema: {
        tags,
        operationId: 'previewOwnInvoice',
        summary:
          'What this month comes to by now, from the same engine as the invoice; nothing is kept',
        response: { 200: z.object({ asOf: Instant, contents: z.array(Content) }) },
      },
    },
    async (request) => {
      const billing = billingOf(context)
      const now = context.world.now()
      const month = monthNamed(monthOf(now, billing.zone), billing.zone)
      const contents = await contentsOf(context.db, own(request), month, { ...billing, asOf: now })
      return { asOf: now, contents }
    },
  )

  server.get(
    '/api/invoices/:id',
    {
      schema: {
        tags,
        operationId: 'getOwnInvoice',
        summary: 'An invoice with each line, how it came about, and its credit notes',
        params: z.object({ id: InvoiceId }),
        response: { 200: Whole },
      },
    },
    (request) =>
      wholeOf(context, request.params.id, (i) => i.partnerId === own(request) && i.number !== null),
  )
}

const Proposed = z.object({ change: ChangeView })

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  consoleBooks(server, context)
  consoleDisputes(server, context)
  consoleCollections(server, context)
  consolePrepaid(server, context)
  consolePapers(server, context)

  server.get(
    '/api/invoices',
    {
      schema: {
        tags,
        operationId: 'listInvoices',
        summary: 'Drafts, invoices and credit notes, newest first',
        querystring: Before.extend({
          partner: PartnerId.optional(),
          status: InvoiceStatus.optional(),
        }),
        response: { 200: Page },
      },
    },
    async ({ query }) =>
      pageOf(
        await listInvoices(
          db,
          { partnerId: query.partner, status: query.status, before: query.before },
          PAGE,
        ),
      ),
  )

  server.post(
    '/api/invoice-drafts',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'draftInvoices',
        summary: 'Draft a month of a partner anew, by what is known now',
        body: z.strictObject({ partnerId: PartnerId, month: MonthName }),
        response: { 201: z.object({ data: z.array(InvoiceView) }) },
      },
    },
    async (request, reply) => {
      const { partnerId, month } = request.body
      const billing = billingOf(context)
      if (month > monthOf(world.now(), billing.zone)) throw monthInvalid(`${month} has not begun`)
      const drafts = await asWork(context, request, (w) =>
        draftMonth(w, partnerId, monthNamed(month, billing.zone), billing),
      )
      return reply.status(201).send({ data: drafts.map(viewOf) })
    },
  )

  server.get(
    '/api/invoices/:id',
    {
      schema: {
        tags,
        operationId: 'getInvoice',
        summary: 'A draft or invoice with each line, how it came about, and its credit notes',
        params: z.object({ id: InvoiceId }),
        response: { 200: Whole },
      },
    },
    (request) => wholeOf(context, request.params.id, () => true),
  )

  server.post(
    '/api/invoices/:id/issue',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'proposeInvoice',
        summary: 'Propose that a draft be issued',
        params: z.object({ id: InvoiceId }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) => proposeIssue(w, request.params.id))
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/invoices/:id/credit-notes',
    {
      config: { roles: ['finance', 'head-of-platform', 'partner-success'] },
      schema: {
        tags,
        operationId: 'proposeCreditNote',
        summary: 'Propose a credit for a line of an invoice, by units or by amount',
        params: z.object({ id: InvoiceId }),
        body: CreditAsked,
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) =>
        proposeCredit(w, request.params.id, request.body),
      )
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/invoices/:id/payments',
    {
      config: { roles: ['finance'] },
      schema: {
        tags,
        operationId: 'recordPayment',
        summary: 'Money that came in for an invoice; the same reference again is the same payment',
        params: z.object({ id: InvoiceId }),
        body: z.strictObject({
          amount: z.string(),
          reference: z.string().regex(/^[A-Za-z0-9-]{1,35}$/),
        }),
        response: { 201: InvoiceView },
      },
    },
    async (request, reply) => {
      const paid = await asWork(context, request, (w) =>
        recordPayment(w, request.params.id, request.body),
      )
      return reply.status(201).send(viewOf(paid))
    },
  )
}
