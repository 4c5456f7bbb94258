import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import { monthBefore, monthNamed, monthOf } from '#control/billing/index.ts'
import { priceVersionNamed, UnitPrice } from '#control/catalogue/index.ts'
import { ContractId, contractNotFound, findContract } from '#control/contracts/index.ts'
import {
  asWork,
  type ControlContext,
  partnerOf,
  type Server,
  staffOf,
} from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { PriceTerms } from '#control/rating/index.ts'
import { doTask } from '#control/tasks/index.ts'
import { bounds } from '#control/billing/index.ts'
import {
  findReplay,
  keepReplay,
  margins,
  MarginView,
  outlookOf,
  ReplayId,
  replayPrices,
  ReplayReport,
  setUnitCosts,
  unitCosts,
} from './index.ts'
import { Preview, previewOf, previewOfOffer } from './preview.ts'

const tags = ['forecast']

const MonthName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is a month such as 2026-11')
const OutlookView = z.object({
  month: z.string(),
  data: z.array(
    z.object({
      currency: z.string(),
      soFar: z.string(),
      expected: z.string(),
      elapsed: z.number(),
    }),
  ),
})

const zoneOf = ({ world }: ControlContext) => world.settings.PORTICO_BANK_ZONE

const outlookView = async (
  context: ControlContext,
  partnerId: PartnerId,
): Promise<z.output<typeof OutlookView>> => {
  const now = context.world.now()
  const month = monthOf(now, zoneOf(context))
  const data = await outlookOf(context.db, partnerId, monthNamed(month, zoneOf(context)), now)
  return { month, data }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  server.get(
    '/api/contracts/:id/preview',
    {
      schema: {
        tags,
        operationId: 'previewContract',
        summary:
          'What your own last month, or this one as it goes on, would cost under an offered contract, before it is signed',
        params: z.object({ id: ContractId }),
        querystring: z.object({ month: MonthName.optional() }),
        response: { 200: Preview },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const contract = await findContract(db, request.params.id)
      if (contract?.partnerId !== partnerId) throw contractNotFound('no contract has this id')
      const prices = await priceVersionNamed(db, contract.priceVersion)
      const plan = { prices, tier: contract.tier }
      const zone = zoneOf(context)
      const { month } = request.query
      return month === undefined
        ? previewOfOffer(db, partnerId, plan, { now: world.now(), zone })
        : previewOf(db, partnerId, monthNamed(month, zone), plan)
    },
  )
  server.get(
    '/api/outlook',
    {
      schema: {
        tags,
        operationId: 'getOwnOutlook',
        summary: 'What this month will come to if it goes on as it began',
        response: { 200: OutlookView },
      },
    },
    (request) => outlookView(context, partnerOf(request).partnerId),
  )
}

const Prices = z.strictObject({
  id: z.string(),
  currency: Currency,
  unitPrices: z.record(z.string(), UnitPrice),
  terms: PriceTerms,
})

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  server.get(
    '/api/partners/:id/what-if',
    {
      schema: {
        tags,
        operationId: 'whatIf',
        summary: 'What a month of a partner would have cost under another price version or tier',
        params: z.object({ id: PartnerId }),
        querystring: z.object({
          month: MonthName.optional(),
          priceVersion: z.string(),
          tier: z.string(),
        }),
        response: { 200: Preview },
      },
    },
    async ({ params, query }) => {
      const name = query.month ?? monthBefore(world.now(), zoneOf(context))
      const prices = await priceVersionNamed(db, query.priceVersion)
      const month = monthNamed(name, zoneOf(context))
      return previewOf(db, params.id, month, { prices, tier: query.tier })
    },
  )
  server.get(
    '/api/partners/:id/outlook',
    {
      schema: {
        tags,
        operationId: 'getOutlook',
        summary: 'What a partner’s month will come to if it goes on as it began',
        params: z.object({ id: PartnerId }),
        response: { 200: OutlookView },
      },
    },
    (request) => outlookView(context, request.params.id),
  )
  server.post(
    '/api/price-replays',
    {
      config: { roles: ['finance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'replayPrices',
        summary:
          'Try prices on everybody’s past months: winners, losers, cliffs; before they are published',
        body: z.strictObject({ prices: Prices, months: z.int().min(1).max(12).default(3) }),
        response: { 201: z.object({ id: z.string(), report: ReplayReport }) },
      },
    },
    async (request, reply) => {
      const { prices, months: count } = request.body
      const zone = zoneOf(context)
      const last = Temporal.PlainDate.from(`${monthBefore(world.now(), zone)}-01`)
      const months = Array.from({ length: count }, (_, back) =>
        monthNamed(last.subtract({ months: back }).toString().slice(0, 7), zone),
      )
      const today = world.now().toZonedDateTimeISO(zone).toPlainDate()
      const { staffId } = staffOf(request)
      const replayed = await doTask(context, {
        task: {
          kind: 'price-replay',
          about: { version: prices.id, months: String(count) },
          partnerId: null,
          askedBy: `staff:${staffId}`,
          // Each month, and keeping what came of it.
          steps: count + 1,
        },
        act: async (progress) => {
          const report = await replayPrices(db, prices, { months, today, progress })
          await progress(count)
          const id = await asWork(context, request, (w) => keepReplay(w, prices, report))
          return { id, report }
        },
        resultOf: ({ id }) => id,
      })
      return reply.status(201).send(replayed)
    },
  )
  server.get(
    '/api/price-replays/:id',
    {
      schema: {
        tags,
        operationId: 'readPriceReplay',
        summary: 'What prices that were tried would have cost, as it was found then',
        params: z.object({ id: ReplayId }),
        response: { 200: z.object({ id: z.string(), report: ReplayReport }) },
      },
    },
    async ({ params: { id } }) => ({ id, report: await findReplay(db, id) }),
  )
  const Costs = z.object({
    data: z.array(z.strictObject({ operation: z.string().min(1), cost: UnitPrice })).max(1_000),
  })
  server.get(
    '/api/unit-costs',
    {
      schema: {
        tags,
        operationId: 'listUnitCosts',
        summary: 'What a unit of each operation costs the bank',
        response: { 200: Costs },
      },
    },
    async () => ({ data: await unitCosts(db) }),
  )
  server.put(
    '/api/unit-costs',
    {
      config: { roles: ['finance'] },
      schema: {
        tags,
        operationId: 'setUnitCosts',
        summary: 'Say what a unit of operations costs the bank',
        body: Costs,
        response: { 200: Costs },
      },
    },
    async (request) => {
      await asWork(context, request, (w) => setUnitCosts(w, request.body.data))
      return { data: await unitCosts(db) }
    },
  )
  server.get(
    '/api/margins',
    {
      schema: {
        tags,
        operationId: 'getMargins',
        summary: 'Revenue and cost of each operation in a month, of one partner or of all',
        querystring: z.object({ month: MonthName.optional(), partner: PartnerId.optional() }),
        response: { 200: z.object({ month: z.string(), data: z.array(MarginView) }) },
      },
    },
    async ({ query }) => {
      const name = query.month ?? monthOf(world.now(), zoneOf(context))
      const span = bounds(monthNamed(name, zoneOf(context)))
      return { month: name, data: await margins(db, { partnerId: query.partner, ...span }) }
    },
  )
}
