/** Documents to keep: the PDF in the reader's language, and the data file that computes it again. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { listProducts } from '#control/catalogue/index.ts'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { findPartner, PartnerId } from '#control/partners/index.ts'
import { invoicePdf } from './documents/invoice-paper.ts'
import { Language } from './documents/words.ts'
import { type Invoice, InvoiceId, invoiceNotFound } from './invoice.ts'
import * as store from './store.ts'

const tags = ['billing']
const params = z.object({ id: InvoiceId })
const querystring = z.object({ language: Language.default('en') })
const File = z.custom<Buffer>(() => true).meta({ type: 'string', format: 'binary' })

/** The first words of an operation's summary: what a finance person reads instead of its name. */
const titlesOf = async (db: Db): Promise<ReadonlyMap<string, string>> =>
  new Map((await listProducts(db)).flatMap((p) => p.operations.map((o) => [o.id, o.summary])))

export const pdfOf = async (
  { db, world: { settings } }: ControlContext,
  invoice: Invoice,
  language: Language,
): Promise<Buffer> => {
  const partner = await findPartner(db, PartnerId.parse(invoice.partnerId))
  const titles = await titlesOf(db)
  const { content } = invoice
  const isWhole = content.format === 'portico.invoice/1'
  const notes = isWhole ? await store.notesOf(db, invoice.id) : []
  return invoicePdf({
    invoice,
    language,
    titleOf: (operation) => titles.get(operation),
    notedMinor: notes.reduce((sum, n) => sum + n.netMinor + n.taxMinor, 0n),
    bankName: isWhole ? content.bank.name : settings.PORTICO_BANK_NAME,
    partnerName: isWhole ? content.partner.legalName : (partner?.legalName ?? invoice.partnerId),
    zone: settings.PORTICO_BANK_ZONE,
  })
}

const nameOf = ({ number, id }: Invoice, ending: string) =>
  `attachment; filename="${number ?? id}.${ending}"`

const addPapers = (
  server: Server,
  context: ControlContext,
  prefix: 'Own' | '',
  visible: (invoice: Invoice, request: Parameters<typeof partnerOf>[0]) => boolean,
): void => {
  const found = async (id: InvoiceId, request: Parameters<typeof partnerOf>[0]) => {
    const invoice = await store.find(context.db, id)
    if (!invoice || !visible(invoice, request)) throw invoiceNotFound('no invoice has this id')
    return invoice
  }
  server.get(
    '/api/invoices/:id/pdf',
    {
      schema: {
        tags,
        operationId: `get${prefix}InvoicePdf`,
        summary: 'An invoice or a note on paper, in English, Russian or Uzbek',
        params,
        querystring,
        response: { 200: File },
      },
    },
    async (request, reply) => {
      const invoice = await found(request.params.id, request)
      const pdf = await pdfOf(context, invoice, request.query.language)
      return reply
        .type('application/pdf')
        .header('content-disposition', nameOf(invoice, 'pdf'))
        .send(pdf)
    },
  )
  server.get(
    '/api/invoices/:id/data',
    {
      schema: {
        tags,
        operationId: `get${prefix}InvoiceData`,
        summary:
          'The data file of an invoice or a note: “portico invoice verify” computes it again',
        params,
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const invoice = await found(request.params.id, request)
      return reply
        .type('application/json')
        .header('content-disposition', nameOf(invoice, 'json'))
        .send(JSON.stringify(invoice.content, null, 2))
    },
  )
}

export const portalPapers = (server: Server, context: ControlContext): void =>
  addPapers(
    server,
    context,
    'Own',
    (invoice, request) =>
      invoice.partnerId === partnerOf(request).partnerId && invoice.number !== null,
  )

export const consolePapers = (server: Server, context: ControlContext): void =>
  addPapers(server, context, '', () => true)
