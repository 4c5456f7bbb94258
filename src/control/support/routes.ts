import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { Support } from '#control/contracts/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import {
  answerSupport,
  askOn,
  closeSupport,
  dueAt,
  Figures,
  figuresOf,
  findSupport,
  listSupport,
  openSupport,
  productsAsked,
  promiseOf,
  type Request,
  Said,
  Status,
  Subject,
  SupportId,
  supportNotFound,
  Urgent,
  waitingSupport,
} from './index.ts'
import {
  conversation,
  DeskView,
  deskView,
  MessageView,
  organisationOf,
  RequestView,
  requestView,
} from './views.ts'

const tags = ['support']
const One = z.object({ id: SupportId })
const InCell = z.object({ cell: Cell })
const Month = z.object({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is a month such as 2026-11')
    .optional(),
})
const Text = z.strictObject({ text: Said })
const Whole = z.object({ request: RequestView, messages: z.array(MessageView) })
const WholeDesk = z.object({ request: DeskView, messages: z.array(MessageView) })
const CallId = z.string().regex(/^[0-9a-f]{32}$/, 'is no id of a call')
const PAGE = 100

/** People of partners who ask; an auditor reads. */
const askers = ['owner', 'admin', 'security-admin', 'developer', 'finance', 'signatory'] as const
const answerers = ['head-of-platform', 'partner-success', 'developer-relations'] as const

const figures = (
  { db, world }: ControlContext,
  partnerId: string,
  asked: string | undefined,
): Promise<Figures> => {
  const now = world.now()
  const zone = world.settings.PORTICO_BANK_ZONE
  const month = asked ?? now.toZonedDateTimeISO(zone).toPlainDate().toString().slice(0, 7)
  return figuresOf(db, partnerId, { month, zone, now })
}

/**
 * The cell stands in the path: a request about production moves nothing in production, and who cannot prove a second factor
 * any more must still be able to ask for help.
 */
export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const whole = async (request: Request) => ({
    request: requestView(request, world.now()),
    messages: await conversation(db, request, 'partner'),
  })

  server.get(
    '/api/support/figures',
    {
      schema: {
        tags,
        operationId: 'getOwnSupportFigures',
        summary: 'How the first answers that your contract promises were kept in a month',
        querystring: Month,
        response: { 200: Figures },
      },
    },
    (request) => figures(context, partnerOf(request).partnerId, request.query.month),
  )

  server.get(
    '/api/support/:cell/promise',
    {
      schema: {
        tags,
        operationId: 'getSupportPromise',
        summary: 'What you may ask about in a cell, and by when a request of now would be answered',
        params: InCell,
        response: {
          200: z.object({
            products: z.array(z.string()),
            support: Support.nullable().describe('null: nothing is promised here'),
            dueAt: z.object({ critical: Instant, major: Instant, minor: Instant }).nullable(),
          }),
        },
      },
    },
    async (request) => {
      const { cell } = request.params
      const at = world.now()
      const asked = { partnerId: partnerOf(request).partnerId, cell, at }
      const support = (await promiseOf(db, asked))?.support ?? null
      return {
        products: await productsAsked(db, asked),
        support,
        dueAt: support && {
          critical: dueAt(support, 'critical', at),
          major: dueAt(support, 'major', at),
          minor: dueAt(support, 'minor', at),
        },
      }
    },
  )

  server.get(
    '/api/support/:cell/requests',
    {
      schema: {
        tags,
        operationId: 'listOwnSupportRequests',
        summary: 'What your organisation asked the bank about a cell, newest first',
        params: InCell,
        querystring: z.object({ status: Status.optional(), before: SupportId.optional() }),
        response: { 200: z.object({ data: z.array(RequestView), next: SupportId.nullable() }) },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const filter = { partnerId, ...request.params, ...request.query }
      const found = await listSupport(db, filter, PAGE)
      return {
        data: found.map((r) => requestView(r, world.now())),
        next: found.length === PAGE ? (found.at(-1)?.id ?? null) : null,
      }
    },
  )

  server.post(
    '/api/support/:cell/requests',
    {
      config: { roles: askers },
      schema: {
        tags,
        operationId: 'openSupportRequest',
        summary: 'Ask the bank; the answer says by when your contract promises the first answer',
        params: InCell,
        body: z.strictObject({
          product: z.string().max(100).nullable().default(null),
          urgency: Urgent,
          subject: Subject,
          text: Said,
          callId: CallId.nullable().default(null),
        }),
        response: { 201: Whole },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      const { text: said, ...asked } = request.body
      const opened = await asWork(context, request, (work) =>
        openSupport(work, { partnerId, ...request.params, ...asked, said }),
      )
      return reply.code(201).send(await whole(opened))
    },
  )

  server.get(
    '/api/support/requests/:id',
    {
      schema: {
        tags,
        operationId: 'getOwnSupportRequest',
        summary: 'A request of your organisation with all that was said',
        params: One,
        response: { 200: Whole },
      },
    },
    async (request) => {
      const found = await findSupport(db, request.params.id)
      if (found?.partnerId !== partnerOf(request).partnerId)
        throw supportNotFound('no support request has this id')
      return whole(found)
    },
  )

  server.post(
    '/api/support/requests/:id/messages',
    {
      config: { roles: askers },
      schema: {
        tags,
        operationId: 'writeOnSupportRequest',
        summary: 'Write on; a request that was closed within thirty days is open again',
        params: One,
        body: Text,
        response: { 201: Whole },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      const after = await asWork(context, request, (work) =>
        askOn(work, { id: request.params.id, partnerId }, request.body.text),
      )
      return reply.code(201).send(await whole(after))
    },
  )

  server.post(
    '/api/support/requests/:id/closure',
    {
      config: { roles: askers },
      schema: {
        tags,
        operationId: 'closeOwnSupportRequest',
        summary: 'Close it; before an answer is due, the promise of one is let go',
        params: One,
        response: { 200: Whole },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const after = await asWork(context, request, (work) =>
        closeSupport(work, request.params.id, partnerId),
      )
      return whole(after)
    },
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const view = async (request: Request) =>
    deskView(request, world.now(), await organisationOf(db, request))
  const whole = async (request: Request) => ({
    request: await view(request),
    messages: await conversation(db, request, 'bank'),
  })

  server.get(
    '/api/support/requests',
    {
      schema: {
        tags,
        operationId: 'listSupportRequests',
        summary: 'What partners ask: what waits, the soonest due first; or all else, newest first',
        querystring: z.object({
          status: Status.default('open'),
          partner: PartnerId.optional(),
          before: SupportId.optional(),
        }),
        response: { 200: z.object({ data: z.array(DeskView), next: SupportId.nullable() }) },
      },
    },
    async ({ query: { status, partner, before } }) => {
      const desk = status === 'open' && partner === undefined
      const found = desk
        ? await waitingSupport(db)
        : await listSupport(db, { status, partnerId: partner, before }, PAGE)
      return {
        data: await Promise.all(found.map(view)),
        next: !desk && found.length === PAGE ? (found.at(-1)?.id ?? null) : null,
      }
    },
  )

  server.get(
    '/api/support/requests/:id',
    {
      schema: {
        tags,
        operationId: 'getSupportRequest',
        summary: 'A request of a partner with all that was said',
        params: One,
        response: { 200: WholeDesk },
      },
    },
    async ({ params }) => {
      const found = await findSupport(db, params.id)
      if (!found) throw supportNotFound('no support request has this id')
      return whole(found)
    },
  )

  server.post(
    '/api/support/requests/:id/messages',
    {
      config: { roles: answerers },
      schema: {
        tags,
        operationId: 'answerSupportRequest',
        summary: 'Answer a partner; the first answer is the one that its contract promises',
        params: One,
        body: Text,
        response: { 201: WholeDesk },
      },
    },
    async (request, reply) => {
      const after = await asWork(context, request, (work) =>
        answerSupport(work, request.params.id, request.body.text),
      )
      return reply.code(201).send(await whole(after))
    },
  )

  server.post(
    '/api/support/requests/:id/closure',
    {
      config: { roles: answerers },
      schema: {
        tags,
        operationId: 'closeSupportRequest',
        summary: 'Close a request that was answered',
        params: One,
        response: { 200: WholeDesk },
      },
    },
    async (request) =>
      whole(await asWork(context, request, (work) => closeSupport(work, request.params.id))),
  )

  server.get(
    '/api/partners/:id/support/figures',
    {
      schema: {
        tags,
        operationId: 'getSupportFigures',
        summary: 'How the first answers that a partner’s contract promises were kept in a month',
        params: z.object({ id: PartnerId }),
        querystring: Month,
        response: { 200: Figures },
      },
    },
    ({ params, query }) => figures(context, params.id, query.month),
  )
}
