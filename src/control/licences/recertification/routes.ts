import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { StaffId } from '#control/staff/index.ts'
import { currentMatrix } from '../store.ts'
import {
  askRecertification,
  listRecertifications,
  occasionsOf,
  ownRecertification,
  proposeConfirmation,
  Recertification,
  RecertificationId,
  RecertificationView,
  revokeRecertified,
  standingOf,
} from './index.ts'

const tags = ['licences']
const PAGE = 500
const decides = { roles: ['compliance', 'head-of-platform'] } as const

const Reason = z.strictObject({ reason: z.string().trim().min(3).max(1_000) })
const One = z.object({ id: RecertificationId })

const viewing = async ({ db, world }: ControlContext) => {
  const matrix = await currentMatrix(db)
  const now = world.now()
  return (r: Recertification): RecertificationView => ({
    ...r,
    standing: r.state === 'open' ? standingOf(matrix, r, now) : null,
  })
}

/** The partner reads that it is looked at again, on which occasion and by when; not by whom. */
const OwnView = RecertificationView.omit({
  owner: true,
  openedBy: true,
  reason: true,
  changeId: true,
})

export const recertificationPortalRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/recertifications',
    {
      schema: {
        tags,
        operationId: 'listOwnRecertifications',
        summary:
          'When the bank looks again at what you are held as, and what is lost if nobody answers',
        response: { 200: z.object({ data: z.array(OwnView) }) },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const found = await listRecertifications(context.db, { partnerId }, PAGE)
      return { data: found.map(await viewing(context)) }
    },
  )
}

export const recertificationConsoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/recertifications',
    {
      schema: {
        tags,
        operationId: 'listRecertifications',
        summary: 'Partners that are certified again, open ones first, the nearest day first',
        querystring: z.object({
          partner: PartnerId.optional(),
          state: Recertification.shape.state.optional(),
        }),
        response: {
          200: z.object({
            data: z.array(RecertificationView),
            occasions: z.array(z.string()).describe('What may be named where one is asked for'),
          }),
        },
      },
    },
    async ({ query: { partner, state } }) => {
      const found = await listRecertifications(db, { partnerId: partner, state }, PAGE)
      const occasions = occasionsOf(await currentMatrix(db))
      return { data: found.map(await viewing(context)), occasions }
    },
  )

  server.post(
    '/api/recertifications',
    {
      config: decides,
      schema: {
        tags,
        operationId: 'askRecertification',
        summary: 'Look again at what a partner is held as, because something happened',
        body: Reason.extend({
          partnerId: PartnerId,
          occasion: z.string().max(64),
          dueAt: Instant,
        }),
        response: { 201: RecertificationView },
      },
    },
    async (request, reply) => {
      const made = await asWork(context, request, (w) => askRecertification(w, request.body))
      return reply.code(201).send((await viewing(context))(made))
    },
  )

  server.post(
    '/api/recertifications/:id/owner',
    {
      config: decides,
      schema: {
        tags,
        operationId: 'ownRecertification',
        summary: 'Name who of compliance answers for it',
        params: One,
        body: z.strictObject({ owner: StaffId }),
        response: { 200: RecertificationView },
      },
    },
    async (request) => {
      const { params, body } = request
      const owned = await asWork(context, request, (w) =>
        ownRecertification(w, params.id, body.owner),
      )
      return (await viewing(context))(owned)
    },
  )

  server.post(
    '/api/recertifications/:id/confirmation',
    {
      config: decides,
      schema: {
        tags,
        operationId: 'proposeRecertification',
        summary: 'Propose to confirm it: what it stands on is frozen in the proposal',
        params: One,
        body: Reason,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const change = await asWork(context, request, (w) =>
        proposeConfirmation(w, params.id, body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/recertifications/:id/revocation',
    {
      config: decides,
      schema: {
        tags,
        operationId: 'revokeRecertification',
        summary: 'Stop every status of the partner at once, because it cannot be confirmed',
        params: One,
        body: Reason,
        response: { 200: RecertificationView },
      },
    },
    async (request) => {
      const { params, body } = request
      const revoked = await asWork(context, request, (w) =>
        revokeRecertified(w, params.id, body.reason),
      )
      return (await viewing(context))(revoked)
    },
  )
}
