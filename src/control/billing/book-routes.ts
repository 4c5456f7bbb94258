/** The books: statements, what is overdue, and everything as the bank's general ledger takes it. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import { ageingOf } from './ageing.ts'
import {
  ACCOUNTS,
  generalLedgerCsv,
  GlAccount,
  listGlAccounts,
  nameGlAccounts,
} from './general-ledger.ts'
import { statementOf } from './ledger.ts'
import { DebitAsked, proposeDebit } from './notes.ts'
import { InvoiceId, monthInvalid } from './invoice.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'

const tags = ['billing']

const StatementView = z.object({
  data: z.array(
    z.object({
      at: Instant,
      text: z.string(),
      currency: z.string(),
      amount: z.string(),
      balance: z.string(),
    }),
  ),
})

const statementView = async (
  db: Db,
  partnerId: string,
): Promise<z.output<typeof StatementView>> => ({
  data: (await statementOf(db, partnerId)).map(({ at, text, currency, minor, balance }) => {
    const exponent = exponentOf(currency) ?? 2
    return {
      at,
      text,
      currency,
      amount: amountText(minor, exponent),
      balance: amountText(balance, exponent),
    }
  }),
})

const AgeingView = z.object({
  asOf: z.iso.date(),
  data: z.array(
    z.object({
      partnerId: z.string(),
      currency: z.string(),
      notDue: z.string(),
      to30: z.string(),
      to60: z.string(),
      to90: z.string(),
      over90: z.string(),
      disputed: z.string(),
    }),
  ),
})

const ageingView = async (
  { db, world }: ControlContext,
  partnerId?: string,
): Promise<z.output<typeof AgeingView>> => {
  const today = world.now().toZonedDateTimeISO(world.settings.PORTICO_BANK_ZONE).toPlainDate()
  const rows = await ageingOf(db, today, partnerId)
  return {
    asOf: today.toString(),
    data: rows.map(({ partnerId: partner, currency, exponent, minor, disputedMinor }) => {
      const text = (value: bigint) => amountText(value, exponent)
      return {
        partnerId: partner,
        currency,
        notDue: text(minor.notDue),
        to30: text(minor.to30),
        to60: text(minor.to60),
        to90: text(minor.to90),
        over90: text(minor.over90),
        disputed: text(disputedMinor),
      }
    }),
  }
}

export const portalBooks = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/statement',
    {
      schema: {
        tags,
        operationId: 'getOwnStatement',
        summary: 'What was owed and paid, with the balance after each',
        response: { 200: StatementView },
      },
    },
    (request) => statementView(context.db, partnerOf(request).partnerId),
  )
  server.get(
    '/api/ageing',
    {
      schema: {
        tags,
        operationId: 'getOwnAgeing',
        summary: 'What is open, by the days that it is overdue; what is disputed stands apart',
        response: { 200: AgeingView },
      },
    },
    (request) => ageingView(context, partnerOf(request).partnerId),
  )
}

const GlAccounts = z.object({
  data: z.array(z.object({ account: z.string(), code: z.string().nullable() })),
})

export const consoleBooks = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  server.get(
    '/api/partners/:id/statement',
    {
      schema: {
        tags,
        operationId: 'getStatement',
        summary: 'What a partner owed and paid, with the balance after each',
        params: z.object({ id: PartnerId }),
        response: { 200: StatementView },
      },
    },
    (request) => statementView(db, request.params.id),
  )
  server.get(
    '/api/ageing',
    {
      schema: {
        tags,
        operationId: 'getAgeing',
        summary: 'What partners owe, by the days that it is overdue; what is disputed stands apart',
        querystring: z.object({ partner: PartnerId.optional() }),
        response: { 200: AgeingView },
      },
    },
    (request) => ageingView(context, request.query.partner),
  )
  server.get(
    '/api/general-ledger/accounts',
    {
      schema: {
        tags,
        operationId: 'listGlAccounts',
        summary: 'Which account of the bank’s general ledger stands for which of ours',
        response: { 200: GlAccounts },
      },
    },
    async () => ({ data: await listGlAccounts(db) }),
  )
  server.put(
    '/api/general-ledger/accounts',
    {
      config: { roles: ['finance'] },
      schema: {
        tags,
        operationId: 'nameGlAccounts',
        summary: 'Name the bank’s accounts for the export',
        body: z.strictObject({
          data: z
            .array(GlAccount.extend({ account: z.enum(ACCOUNTS) }).strict())
            .min(1)
            .max(20),
        }),
        response: { 200: GlAccounts },
      },
    },
    async (request) => {
      await asWork(context, request, (w) => nameGlAccounts(w, request.body.data))
      return { data: await listGlAccounts(db) }
    },
  )
  server.get(
    '/api/general-ledger',
    {
      config: { roles: ['finance', 'head-of-platform', 'auditor'] },
      schema: {
        tags,
        operationId: 'exportGeneralLedger',
        summary: 'Every entry of the books between two days of the bank, as CSV (RFC 4180)',
        querystring: z.object({ from: z.iso.date(), to: z.iso.date() }),
        response: { 200: z.custom<Readable>(() => true).meta({ type: 'string' }) },
      },
    },
    async ({ query }, reply) => {
      const zone = world.settings.PORTICO_BANK_ZONE
      const start = (day: string) =>
        Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: zone }).toInstant()
      const [from, to] = [start(query.from), start(query.to)]
      if (Temporal.Instant.compare(from, to) >= 0) throw monthInvalid('it ends before it begins')
      return reply
        .type('text/csv; charset=utf-8')
        .header(
          'content-disposition',
          `attachment; filename="general-ledger-${query.from}-${query.to}.csv"`,
        )
        .send(Readable.from(generalLedgerCsv(db, { from, to, zone })))
    },
  )
  server.post(
    '/api/invoices/:id/debit-notes',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'proposeDebitNote',
        summary: 'Propose to charge more for a line of an invoice',
        params: z.object({ id: InvoiceId }),
        body: DebitAsked,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) =>
        proposeDebit(w, request.params.id, request.body),
      )
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
