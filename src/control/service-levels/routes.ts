import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { ContractId } from '#control/contracts/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { Words, wordsOf } from '../../status/facts.ts'
import { levelNotFound } from './agreement.ts'
import {
  announceMaintenance,
  Evaluation,
  evaluationNamed,
  judgeMonth,
  LevelId,
  LevelTerms,
  listLevels,
  maintenanceIn,
  proposeLevel,
} from './index.ts'

const tags = ['service-levels']
const MonthName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'is a month such as 2026-11')

const JudgedView = z.object({
  data: z.array(
    z.object({
      id: LevelId,
      contractId: z.string(),
      terms: LevelTerms,
      evaluation: Evaluation,
      sha256: z.string(),
    }),
  ),
})

const MaintenanceView = z.object({
  id: z.string(),
  product: z.string(),
  startsAt: Instant,
  endsAt: Instant,
  reason: z.string(),
  words: Words,
  announcedAt: Instant,
})

const judgedView = async (
  { db, world }: ControlContext,
  partnerId: string,
  name: string | undefined,
): Promise<z.output<typeof JudgedView>> => {
  const zone = world.settings.PORTICO_BANK_ZONE
  const now = world.now()
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  const start = name ? Temporal.PlainDate.from(`${name}-01`) : today.with({ day: 1 })
  const month = { zone, start: start.toString(), end: start.add({ months: 1 }).toString() }
  const judged = await judgeMonth(db, partnerId, month, now)
  return {
    data: judged.map(({ level: { id, contractId, terms }, evaluation, sha256 }) => ({
      id,
      contractId,
      terms,
      evaluation,
      sha256,
    })),
  }
}

const Kept = z.object({ sha256: z.string(), madeAt: Instant, evaluation: Evaluation })

const keptView = async (
  { db }: ControlContext,
  sha256: string,
  partnerId?: string,
): Promise<z.output<typeof Kept>> => {
  const kept = await evaluationNamed(db, sha256, partnerId)
  if (!kept) throw levelNotFound('no judgement has this digest')
  return { sha256, madeAt: kept.madeAt, evaluation: Evaluation.parse(kept.result) }
}

const Sha = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })
const Month = z.object({ month: MonthName.optional() })

const addMaintenanceList = (server: Server, { db, world }: ControlContext, name: string): void => {
  server.get(
    '/api/maintenance',
    {
      schema: {
        tags,
        operationId: name,
        summary: 'Work that is announced for the next ninety days, or was under way in the last',
        querystring: z.object({ product: z.string().optional() }),
        response: { 200: z.object({ data: z.array(MaintenanceView) }) },
      },
    },
    async ({ query }) => {
      const now = world.now()
      const span = { from: now.subtract({ hours: 2_160 }), to: now.add({ hours: 2_160 }) }
      return { data: await maintenanceIn(db, query.product, span) }
    },
  )
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  addMaintenanceList(server, context, 'listAnnouncedMaintenance')
  server.get(
    '/api/service-levels',
    {
      schema: {
        tags,
        operationId: 'getOwnServiceLevels',
        summary: 'What the bank promised you, and how it was kept in a month, by your own calls',
        querystring: Month,
        response: { 200: JudgedView },
      },
    },
    (request) => judgedView(context, partnerOf(request).partnerId, request.query.month),
  )
  server.get(
    '/api/service-levels/evaluations/:sha256',
    {
      schema: {
        tags,
        operationId: 'getOwnEvaluation',
        summary: 'The judgement that a line of an invoice stands on',
        params: Sha,
        response: { 200: Kept },
      },
    },
    (request) => keptView(context, request.params.sha256, partnerOf(request).partnerId),
  )
}

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  addMaintenanceList(server, context, 'listMaintenance')
  server.get(
    '/api/service-levels',
    {
      schema: {
        tags,
        operationId: 'listServiceLevels',
        summary: 'What was promised to partners',
        querystring: z.object({ partner: PartnerId.optional() }),
        response: {
          200: z.object({
            data: z.array(
              z.object({
                id: LevelId,
                partnerId: z.string(),
                contractId: z.string(),
                terms: LevelTerms,
              }),
            ),
          }),
        },
      },
    },
    async ({ query }) => ({
      data: await listLevels(db, query.partner, world.settings.PORTICO_BANK_ZONE),
    }),
  )
  server.get(
    '/api/partners/:id/service-levels',
    {
      schema: {
        tags,
        operationId: 'getServiceLevels',
        summary: 'How a partner’s promises were kept in a month, by its own calls',
        params: z.object({ id: PartnerId }),
        querystring: Month,
        response: { 200: JudgedView },
      },
    },
    ({ params, query }) => judgedView(context, params.id, query.month),
  )
  server.get(
    '/api/service-levels/evaluations/:sha256',
    {
      schema: {
        tags,
        operationId: 'getEvaluation',
        summary: 'The judgement that a line of an invoice stands on',
        params: Sha,
        response: { 200: Kept },
      },
    },
    ({ params }) => keptView(context, params.sha256),
  )
  server.post(
    '/api/contracts/:id/service-levels',
    {
      config: { roles: ['head-of-platform', 'finance', 'partner-success'] },
      schema: {
        tags,
        operationId: 'proposeServiceLevel',
        summary: 'Propose a promise about a product of a contract',
        params: z.object({ id: ContractId }),
        body: LevelTerms,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (w) =>
        proposeLevel(w, request.params.id, request.body),
      )
      return reply.status(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
  server.post(
    '/api/maintenance',
    {
      config: { roles: ['head-of-platform', 'api-engineering'] },
      schema: {
        tags,
        operationId: 'announceMaintenance',
        summary: 'Announce work on a product; what it excuses is said by each contract',
        body: z.strictObject({
          product: z.string(),
          startsAt: Instant,
          endsAt: Instant,
          reason: z.string().trim().min(1).max(500),
          words: wordsOf(500)
            .default({})
            .describe('The reason by language; one left out reads `reason`'),
        }),
        response: { 201: MaintenanceView },
      },
    },
    async (request, reply) => {
      const announced = await asWork(context, request, (w) => announceMaintenance(w, request.body))
      return reply.status(201).send(announced)
    },
  )
}
