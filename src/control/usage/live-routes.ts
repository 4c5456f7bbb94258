import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { LiveLimit } from '#gateway/live-report.ts'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { KEPT_SECONDS, type LiveView } from './live.ts'

const tags = ['usage']
const Look = z.object({
  cell: Cell,
  seconds: z.coerce.number().int().min(1).max(KEPT_SECONDS).default(30),
})
const Counts = z.record(z.string(), z.int())
const Milliseconds = z.number().nullable()

const LiveAnswer = z.object({
  seconds: z.array(z.object({ second: z.int(), calls: z.int(), refused: z.int() })),
  calls: z.int(),
  refused: z.int(),
  p50Ms: Milliseconds,
  p95Ms: Milliseconds,
  p99Ms: Milliseconds,
  refusals: Counts.describe('By code'),
  operations: Counts,
  limits: z.array(LiveLimit).describe('As they stood in the last answer of each: hints'),
})

/** Zod answers mutable lists; the board keeps its own. */
const answerOf = (view: LiveView): z.output<typeof LiveAnswer> => ({
  ...view,
  seconds: [...view.seconds],
  limits: [...view.limits],
})

const GatewayView = z.object({
  cell: Cell,
  gateway: z.string(),
  ready: z.boolean(),
  degraded: z.boolean(),
  reasons: z.array(z.string()),
  heardSecondsAgo: z.int(),
})

export const livePortalRoutes = (server: Server, { world, live }: ControlContext): void => {
  server.get(
    '/api/live',
    {
      schema: {
        tags,
        operationId: 'getOwnLive',
        summary: 'What happens now: calls, refusals and their times in the last seconds',
        querystring: Look,
        response: { 200: LiveAnswer },
      },
    },
    async (request) => {
      const { cell, seconds } = request.query
      return answerOf(live.view(cell, partnerOf(request).partnerId, seconds, world.now()))
    },
  )
}

export const liveConsoleRoutes = (server: Server, { world, live }: ControlContext): void => {
  server.get(
    '/api/live',
    {
      schema: {
        tags,
        operationId: 'getLive',
        summary: 'What a partner does now, in the last seconds',
        querystring: Look.extend({ partner: PartnerId }),
        response: { 200: LiveAnswer },
      },
    },
    async (request) => {
      const { cell, seconds, partner } = request.query
      return answerOf(live.view(cell, partner, seconds, world.now()))
    },
  )

  server.get(
    '/api/live/partners',
    {
      schema: {
        tags,
        operationId: 'listLivePartners',
        summary: 'Partners that call now, the busiest first',
        querystring: Look,
        response: {
          200: z.object({ data: z.array(z.object({ partnerId: z.string(), calls: z.int() })) }),
        },
      },
    },
    async (request) => {
      const { cell, seconds } = request.query
      return { data: live.partners(cell, seconds, world.now()).slice(0, 100) }
    },
  )

  server.get(
    '/api/live/gateways',
    {
      schema: {
        tags,
        operationId: 'listGateways',
        summary: 'Every gateway that was heard in the last minute, with what is wrong at it',
        response: { 200: z.object({ data: z.array(GatewayView) }) },
      },
    },
    async () => ({
      data: live.gateways(world.now()).map((one) => ({ ...one, reasons: [...one.reasons] })),
    }),
  )
}
