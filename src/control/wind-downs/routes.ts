import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { listWindDowns, proposeWindDown, stepsOf, takeStep, WindDown, windDownOf } from './index.ts'

const tags = ['wind-downs']

const StepView = z.object({
  step: z.enum(['frozen', 'told', 'exported', 'ended']),
  by: Instant,
  doneAt: Instant.nullable(),
  late: z.boolean(),
})
const PlanView = WindDown.pick({ id: true, partnerId: true, reason: true, successor: true }).extend(
  {
    steps: z.array(StepView),
  },
)
const OwnPlanView = PlanView.omit({ reason: true })
const viewOf = (plan: WindDown, now: Temporal.Instant) => ({ ...plan, steps: stepsOf(plan, now) })
const OfPartner = z.object({ partnerId: PartnerId })

export const portalRoutes = (server: Server, { db, world }: ControlContext): void => {
  server.get(
    '/api/wind-down',
    {
      schema: {
        tags,
        operationId: 'getOwnWindDown',
        summary: 'How you leave, step by step; null while you do not',
        response: { 200: z.object({ plan: OwnPlanView.nullable() }) },
      },
    },
    async (request) => {
      const plan = await windDownOf(db, partnerOf(request).partnerId)
      return { plan: plan ? viewOf(plan, world.now()) : null }
    },
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/wind-downs',
    {
      schema: {
        tags,
        operationId: 'listWindDowns',
        summary: 'Partners that are leaving or have left, with the steps that are late',
        response: { 200: z.object({ data: z.array(PlanView) }) },
      },
    },
    async () => ({ data: (await listWindDowns(db)).map((p) => viewOf(p, world.now())) }),
  )

  server.post(
    '/api/partners/:partnerId/wind-down',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success'] },
      schema: {
        tags,
        operationId: 'proposeWindDown',
        summary: 'Propose how a partner leaves: no new customer at once, then each step by its day',
        params: OfPartner,
        body: z.strictObject({
          reason: z.string().trim().min(3).max(1_000),
          successor: z.string().trim().min(1).max(200).nullable().default(null),
          tellBy: Instant,
          exportBy: Instant,
          endsAt: Instant,
        }),
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const { reason, ...terms } = request.body
      const change = await asWork(context, request, (work) =>
        proposeWindDown(work, request.params.partnerId, terms, reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/partners/:partnerId/wind-down/steps',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success'] },
      schema: {
        tags,
        operationId: 'takeWindDownStep',
        summary: 'Say that customers were told, or that the data was handed over',
        params: OfPartner,
        body: z.strictObject({ step: z.enum(['told', 'exported']) }),
        response: { 200: z.object({ plan: PlanView }) },
      },
    },
    async (request) => {
      const plan = await asWork(context, request, (work) =>
        takeStep(work, request.params.partnerId, request.body.step),
      )
      return { plan: viewOf(plan, world.now()) }
    },
  )
}
