import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import {
  DueRecheck,
  dueRechecks,
  EvidenceId,
  Freeze,
  freezePartner,
  LicenceTask,
  listFreezes,
  proposeExtension,
  proposeThaw,
  recheckEvidence,
  tasksOf,
} from './index.ts'

const tags = ['licences']

const TaskView = LicenceTask.extend({
  endsAt: Instant,
  next: LicenceTask.shape.next.unwrap().extend({ at: Instant }).nullable(),
})
const FreezeView = Freeze.extend({ at: Instant, liftedAt: Instant.nullable() })
const RecheckView = DueRecheck.extend({ lastAt: Instant, dueAt: Instant })
const Proposed = z.object({ change: ChangeView })
const Reason = z.string().trim().min(3).max(1_000)
const OfPartner = z.object({ partnerId: PartnerId })

/** What a partner has to renew, and what it loses on which day if it does not. */
export const declinePortalRoutes = (server: Server, { db, world }: ControlContext): void => {
  server.get(
    '/api/licence-tasks',
    {
      schema: {
        tags,
        operationId: 'listOwnLicenceTasks',
        summary: 'Evidence that runs out, whose move it is, and what is lost on which day',
        response: { 200: z.object({ data: z.array(TaskView) }) },
      },
    },
    async (request) => ({ data: await tasksOf(db, world.now(), partnerOf(request).partnerId) }),
  )
}

/** What runs out anywhere; more time for it; and no new customers for a partner. */
export const declineConsoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/licence-tasks',
    {
      schema: {
        tags,
        operationId: 'listLicenceTasks',
        summary: 'Evidence that runs out, of one partner or of all, the nearest end first',
        querystring: z.object({ partner: PartnerId.optional() }),
        response: { 200: z.object({ data: z.array(TaskView) }) },
      },
    },
    async (request) => ({ data: await tasksOf(db, world.now(), request.query.partner) }),
  )

  server.post(
    '/api/evidence/:id/extension',
    {
      config: { roles: ['compliance'] },
      schema: {
        tags,
        operationId: 'extendEvidence',
        summary: 'Propose to let a document count longer: once, by two people, for a reason',
        params: z.object({ id: EvidenceId }),
        body: z.strictObject({ until: Instant, reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { until, reason } = request.body
      const change = await asWork(context, request, (work) =>
        proposeExtension(work, request.params.id, until, reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.get(
    '/api/evidence-rechecks',
    {
      schema: {
        tags,
        operationId: 'listRechecks',
        summary: 'Documents that somebody has to look at again, the nearest day first',
        response: { 200: z.object({ data: z.array(RecheckView) }) },
      },
    },
    async () => ({ data: await dueRechecks(db, world.now()) }),
  )

  server.post(
    '/api/evidence/:id/recheck',
    {
      config: { roles: ['compliance'] },
      schema: {
        tags,
        operationId: 'recheckEvidence',
        summary: 'Say that a document was looked at again and still holds',
        params: z.object({ id: EvidenceId }),
        body: z.strictObject({ remark: Reason }),
        response: { 201: z.object({ dueAt: Instant }) },
      },
    },
    async (request, reply) => {
      const looked = await asWork(context, request, (work) =>
        recheckEvidence(work, request.params.id, request.body.remark),
      )
      return reply.code(201).send(looked)
    },
  )

  server.get(
    '/api/licences/:partnerId/freezes',
    {
      schema: {
        tags,
        operationId: 'listFreezes',
        summary: 'When no new customer could come to a partner, and why',
        params: OfPartner,
        response: { 200: z.object({ data: z.array(FreezeView) }) },
      },
    },
    async (request) => ({ data: await listFreezes(db, request.params.partnerId) }),
  )

  server.post(
    '/api/licences/:partnerId/freeze',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success'] },
      schema: {
        tags,
        operationId: 'freezePartner',
        summary: 'Let no new customer come to a partner; those who came stay',
        params: OfPartner,
        body: z.strictObject({ reason: Reason }),
        response: { 201: z.object({ freeze: FreezeView }) },
      },
    },
    async (request, reply) => {
      const freeze = await asWork(context, request, (work) =>
        freezePartner(work, request.params.partnerId, request.body.reason),
      )
      return reply.code(201).send({ freeze })
    },
  )

  server.post(
    '/api/licences/:partnerId/thaw',
    {
      config: { roles: ['compliance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'thawPartner',
        summary: 'Propose to let customers come to a partner again',
        params: OfPartner,
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeThaw(work, request.params.partnerId, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
