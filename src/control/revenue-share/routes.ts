import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { type Billing, monthNamed, monthOf } from '#control/billing/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import {
  AgreementId,
  AgreementTerms,
  draftStatements,
  earned,
  findStatement,
  listAgreements,
  listPayouts,
  listStatements,
  proposeAgreement,
  proposeEnd,
  proposePayout,
  proposeStatement,
  Statement,
  StatementContent,
  StatementId,
  statementNotFound,
} from './index.ts'

const tags = ['revenue-share']
const MonthName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is a month such as 2026-11')
const AgreementView = AgreementTerms.extend({ id: AgreementId })

const StatementView = z.object({
  id: StatementId,
  partnerId: z.string(),
  status: Statement.shape.status,
  number: z.string().nullable(),
  from: z.iso.date(),
  to: z.iso.date(),
  currency: z.string(),
  net: z.string(),
  tax: z.string(),
  gross: z.string(),
  sha256: z.string(),
  draftedAt: Instant,
  issuedAt: Instant.nullable(),
})

const viewOf = (s: Statement): z.output<typeof StatementView> => {
  const text = (minor: bigint) => amountText(minor, s.exponent)
  return {
    id: s.id,
    partnerId: s.partnerId,
    status: s.status,
    number: s.number,
    from: s.periodStart.toString(),
    to: s.periodEnd.toString(),
    currency: s.currency,
    net: text(s.netMinor),
    tax: text(s.taxMinor),
    gross: text(s.netMinor + s.taxMinor),
    sha256: s.sha256,
    draftedAt: s.draftedAt,
    issuedAt: s.issuedAt,
  }
}

const Page = z.object({ data: z.array(StatementView), next: z.string().nullable() })
const PAGE = 50
const pageOf = (statements: readonly Statement[]): z.output<typeof Page> => ({
  data: statements.map(viewOf),
  next: statements.length === PAGE ? (statements.at(-1)?.id ?? null) : null,
})
const Whole = z.object({ statement: StatementView, content: StatementContent })

const Earnings = z.object({
  /** What the bank owes now. */
  balances: z.array(z.object({ currency: z.string(), amount: z.string() })),
  payouts: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['transfer', 'netting']),
      currency: z.string(),
      amount: z.string(),
      reference: z.string(),
      paidAt: Instant,
    }),
  ),
})

const earningsOf = async (
  { db }: ControlContext,
  partnerId: string,
): Promise<z.output<typeof Earnings>> => {
  const text = (minor: bigint, currency: string) => amountText(minor, exponentOf(currency) ?? 2)
  return {
    balances: [...(await earned(db, partnerId))].map(([currency, minor]) => ({
      currency,
      amount: text(minor, currency),
    })),
    payouts: (await listPayouts(db, partnerId)).map((p) => ({
      id: p.id,
      kind: p.kind,
      currency: p.currency,
      amount: text(p.minor, p.currency),
      reference: p.reference,
      paidAt: p.paidAt,
    })),
  }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db } = context
  const own = (request: Parameters<typeof partnerOf>[0]) => partnerOf(request).partnerId
  server.get(
    '/api/revenue-shares',
    {
      schema: {
        tags,
        operationId: 'listOwnShares',
        summary: 'By what you earn: agreements in which you are a party',
        response: { 200: z.object({ data: z.array(AgreementView) }) },
      },
    },
    async (request) => ({ data: await listAgreements(db, own(request)) }),
  )
  server.get(
    '/api/revenue-statements',
    {
      schema: {
        tags,
        operationId: 'listOwnStatements',
        summary: 'Statements of what you earned, newest first',
        querystring: z.object({ before: StatementId.optional() }),
        response: { 200: Page },
      },
    },
    async (request) =>
      pageOf(
        await listStatements(
          db,
          { partnerId: own(request), status: 'issued', before: request.query.before },
          PAGE,
        ),
      ),
  )
  server.get(
    '/api/revenue-statements/:id',
    {
      schema: {
        tags,
        operationId: 'getOwnStatementOfShares',
        summary: 'A statement with every event that it was computed from',
        params: z.object({ id: StatementId }),
        response: { 200: Whole },
      },
    },
    async (request) => {
      const statement = await findStatement(db, request.params.id)
      if (!statement || statement.partnerId !== own(request) || statement.number === null)
        throw statementNotFound('no statement has this id')
      return { statement: viewOf(statement), content: statement.content }
    },
  )
  server.get(
    '/api/earnings',
    {
      schema: {
        tags,
        operationId: 'getOwnEarnings',
        summary: 'What the bank owes you, and what was paid out or set off',
        response: { 200: Earnings },
      },
    },
    (request) => earningsOf(context, own(request)),
  )
}

const Proposed = z.object({ change: ChangeView })
const roles = ['finance', 'head-of-platform'] as const

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const billing: Billing = {
    bankName: world.settings.PORTICO_BANK_NAME,
    zone: world.settings.PORTICO_BANK_ZONE,
  }
  server.get(
    '/api/revenue-shares',
    {
      schema: {
        tags,
        operationId: 'listShares',
        summary: 'Agreements by which partners earn',
        querystring: z.object({ party: PartnerId.optional() }),
        response: { 200: z.object({ data: z.array(AgreementView) }) },
      },
    },
    async ({ query }) => ({ data: await listAgreements(db, query.party) }),
  )
  server.post(
    '/api/revenue-shares',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'proposeShare',
        summary: 'Propose that partners earn a share of what the bank earns with them',
        body: AgreementTerms,
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) => proposeAgreement(w, request.body))
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
  server.post(
    '/api/revenue-shares/:id/end',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'proposeShareEnd',
        summary: 'Propose the first day on which a share no longer rules',
        params: z.object({ id: AgreementId }),
        body: z.strictObject({ endsOn: z.iso.date(), reason: z.string().trim().min(1).max(500) }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { endsOn, reason } = request.body
      const change = await asWork(context, request, (w) =>
        proposeEnd(w, request.params.id, endsOn, reason),
      )
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
  server.get(
    '/api/revenue-statements',
    {
      schema: {
        tags,
        operationId: 'listStatements',
        summary: 'Drafts and statements of what partners earned, newest first',
        querystring: z.object({
          partner: PartnerId.optional(),
          status: Statement.shape.status.optional(),
          before: StatementId.optional(),
        }),
        response: { 200: Page },
      },
    },
    async ({ query: { partner, status, before } }) =>
      pageOf(await listStatements(db, { partnerId: partner, status, before }, PAGE)),
  )
  server.get(
    '/api/revenue-statements/:id',
    {
      schema: {
        tags,
        operationId: 'getStatementOfShares',
        summary: 'A draft or statement with every event that it was computed from',
        params: z.object({ id: StatementId }),
        response: { 200: Whole },
      },
    },
    async (request) => {
      const statement = await findStatement(db, request.params.id)
      if (!statement) throw statementNotFound('no statement has this id')
      return { statement: viewOf(statement), content: statement.content }
    },
  )
  server.post(
    '/api/revenue-statement-drafts',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'draftStatements',
        summary: 'Draft what a partner earned in a month anew, by what is known now',
        body: z.strictObject({ partnerId: PartnerId, month: MonthName }),
        response: { 201: z.object({ data: z.array(StatementView) }) },
      },
    },
    async (request, reply) => {
      const { partnerId, month } = request.body
      const latest = monthOf(world.now(), billing.zone)
      const named = monthNamed(month > latest ? latest : month, billing.zone)
      const drafts = await asWork(context, request, (w) =>
        draftStatements(w, partnerId, named, billing),
      )
      return reply.status(201).send({ data: drafts.map(viewOf) })
    },
  )
  server.post(
    '/api/revenue-statements/:id/issue',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'proposeStatement',
        summary: 'Propose that a drafted statement be issued',
        params: z.object({ id: StatementId }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) => proposeStatement(w, request.params.id))
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
  server.get(
    '/api/partners/:id/earnings',
    {
      schema: {
        tags,
        operationId: 'getEarnings',
        summary: 'What the bank owes a partner, and what was paid out or set off',
        params: z.object({ id: PartnerId }),
        response: { 200: Earnings },
      },
    },
    (request) => earningsOf(context, request.params.id),
  )
  server.post(
    '/api/partners/:id/payouts',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'proposePayout',
        summary: 'Propose to pay out what a partner earned, or to set it against what it owes',
        params: z.object({ id: PartnerId }),
        body: z.strictObject({ kind: z.enum(['transfer', 'netting']), currency: z.string() }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const asked = { partnerId: request.params.id, ...request.body }
      const change = await asWork(context, request, (w) => proposePayout(w, asked))
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
