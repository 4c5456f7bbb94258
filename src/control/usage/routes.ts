import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { Currency } from '#kernel/money.ts'
import { Instant } from '#kernel/time.ts'
import { requestInvalid } from '#platform/http.ts'
import { newestPrices } from '#control/catalogue/index.ts'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import {
  CallRow,
  findCall,
  GapRow,
  HourRow,
  latestCalls,
  listGaps,
  TotalRow,
  type UsageFilter,
  usageByHour,
  usageTotals,
} from './index.ts'
import { liveConsoleRoutes, livePortalRoutes } from './live-routes.ts'
import { consoleValues, portalValues } from './value-routes.ts'

const tags = ['usage']
const DAYS_MAX = 92

const counts = { calls: z.int(), billableCalls: z.int(), units: z.int() }
const HourView = HourRow.extend({ ...counts, hour: Instant })
const TotalView = TotalRow.extend(counts)
const CallView = CallRow.extend({ occurredAt: Instant, units: z.int() })
const GapView = GapRow.extend({ from: z.int(), to: z.int(), heardAt: Instant })

const Period = z.object({
  cell: Cell,
  from: Instant.optional(),
  /** Exclusive. */
  to: Instant.optional(),
})
const Latest = z.object({
  cell: Cell,
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  product: z.string().max(64).optional(),
  operation: z.string().max(64).optional(),
  application: z.string().max(64).optional(),
  consent: z.string().max(64).optional(),
  /** Of a refusal. */
  code: z.string().max(64).optional(),
  outcome: z.enum(['answered', 'refused', 'failed']).optional(),
})
const One = z.object({ callId: z.string().regex(/^[0-9a-f]{32}$/, 'is no id of a call') })
const OneView = CallView.extend({ cell: Cell, consentId: z.string().nullable() })

const callNotFound = problem('usage/call-not-found', 404, 'No such call')

const UsageView = z.object({
  /** Amounts are exact; they are rounded once, at the invoice line. */
  currency: Currency.nullable(),
  /** Sandbox calls are priced by the list for comparison, and never invoiced. */
  invoiced: z.boolean(),
  from: Instant,
  to: Instant,
  totals: z.array(TotalView),
  data: z.array(HourView),
})

const usageOf = async (
  { db, world }: ControlContext,
  { cell, from, to }: z.output<typeof Period>,
  partnerId: string | undefined,
): Promise<z.output<typeof UsageView>> => {
  const end = to ?? world.now()
  const filter: UsageFilter = {
    partnerId,
    cell,
    from: from ?? end.subtract({ hours: 24 }),
    to: end,
  }
  const days = filter.to.since(filter.from).total('hours') / 24
  if (days <= 0 || days > DAYS_MAX)
    throw requestInvalid(`ask for more than nothing and at most ${DAYS_MAX} days`, {
      errors: [{ pointer: '/from', code: 'period', detail: `it covers ${days.toFixed(1)} days` }],
    })
  const prices = await newestPrices(db)
  return {
    currency: prices?.currency ?? null,
    invoiced: cell === 'production',
    from: filter.from,
    to: filter.to,
    totals: await usageTotals(db, filter),
    data: await usageByHour(db, filter),
  }
}

const CallsView = z.object({ data: z.array(CallView), next: z.string().nullable() })

const callsOf = async (
  { db }: ControlContext,
  { limit, application, consent, ...rest }: z.output<typeof Latest>,
  partnerId: string,
): Promise<z.output<typeof CallsView>> => {
  const search = { ...rest, partnerId, applicationId: application, consentId: consent }
  const calls = await latestCalls(db, search, limit)
  return {
    data: calls,
    next: calls.length === limit ? (calls.at(-1)?.callId ?? null) : null,
  }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  livePortalRoutes(server, context)
  portalValues(server, context)
  server.get(
    '/api/usage',
    {
      schema: {
        tags,
        operationId: 'getOwnUsage',
        summary: 'Calls by hour and operation, with their price and what they come to',
        querystring: Period,
        response: { 200: UsageView },
      },
    },
    (request) => usageOf(context, request.query, partnerOf(request).partnerId),
  )

  server.get(
    '/api/usage/calls',
    {
      schema: {
        tags,
        operationId: 'listOwnCalls',
        summary: 'The latest calls that fit, each with its price',
        querystring: Latest,
        response: { 200: CallsView },
      },
    },
    (request) => callsOf(context, request.query, partnerOf(request).partnerId),
  )

  server.get(
    '/api/usage/calls/:callId',
    {
      schema: {
        tags,
        operationId: 'getOwnCall',
        summary: 'One call: what was asked, what came of it, how long it took',
        params: One,
        response: { 200: OneView },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const call = await findCall(context.db, { partnerId, callId: request.params.callId })
      if (!call) throw callNotFound('it is not on record, or not yet')
      return call
    },
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  liveConsoleRoutes(server, context)
  consoleValues(server, context)
  server.get(
    '/api/usage',
    {
      schema: {
        tags,
        operationId: 'getUsage',
        summary: 'Calls of one partner or of all, by hour and operation',
        querystring: Period.extend({ partner: PartnerId.optional() }),
        response: { 200: UsageView },
      },
    },
    (request) => usageOf(context, request.query, request.query.partner),
  )

  server.get(
    '/api/usage/calls',
    {
      schema: {
        tags,
        operationId: 'listCalls',
        summary: 'The latest calls of a partner, each with its price',
        querystring: Latest.extend({ partner: PartnerId }),
        response: { 200: CallsView },
      },
    },
    (request) => callsOf(context, request.query, request.query.partner),
  )

  server.get(
    '/api/usage/gaps',
    {
      schema: {
        tags,
        operationId: 'listUsageGaps',
        summary: 'Calls that gateways made and that have not been counted yet',
        response: { 200: z.object({ data: z.array(GapView) }) },
      },
    },
    async () => ({ data: await listGaps(context.db) }),
  )
}
