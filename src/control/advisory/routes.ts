import { z } from 'zod'
import { PlainDate } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, type Server } from '#control/http/context.ts'
import { PersonId } from '#control/partners/index.ts'
import { StaffId } from '#control/staff/index.ts'
import {
  ActionId,
  addAction,
  AgendaItem,
  Answer,
  answerRequest,
  endSeat,
  finishAction,
  gatherPack,
  holdMeeting,
  layPack,
  listMeetings,
  listRequests,
  MeetingId,
  meetingNotFound,
  MemberId,
  planMeeting,
  proposeMinutes,
  Quarter,
  replanMeeting,
  RequestId,
  seatMember,
  takeDecision,
  Team,
  writeMinutes,
} from './index.ts'
import { packRoutes } from './pack-routes.ts'
import {
  ActionView,
  DecisionView,
  MeetingView,
  meetingView,
  MemberView,
  maskedMembers,
  organisations,
  RequestView,
  requestView,
  wholeMeeting,
  WholeMeeting,
} from './views.ts'

export { portalRoutes } from './portal-routes.ts'

const tags = ['advisory']
const OneMeeting = z.object({ id: MeetingId })
const OneRequest = z.object({ id: RequestId })
const Said = z.string().trim().min(3).max(4_000)

/** Those who run the board; everybody of the bank reads it. */
const runners = {
  roles: ['head-of-platform', 'developer-relations', 'partner-success', 'api-product'],
} as const

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  packRoutes(server, context, async () => {})
  const whole = async (id: MeetingId) => {
    const found = await wholeMeeting(db, id)
    if (!found) throw meetingNotFound('no meeting has this id')
    return found
  }
  const Plan = { heldOn: PlainDate, chair: StaffId, agenda: z.array(AgendaItem).max(50) }

  server.get(
    '/api/advisory',
    {
      schema: {
        tags,
        operationId: 'getAdvisoryBoard',
        summary: 'Members, meetings and requests of the partner advisory board',
        response: {
          200: z.object({
            members: z.array(MemberView),
            meetings: z.array(MeetingView),
            requests: z.array(RequestView),
          }),
        },
      },
    },
    async () => {
      const names = await organisations(db)
      return {
        members: await maskedMembers(db),
        meetings: await Promise.all((await listMeetings(db)).map((m) => meetingView(db, m))),
        requests: (await listRequests(db)).map((r) =>
          requestView(r, world.now(), names.get(r.partnerId) ?? ''),
        ),
      }
    },
  )

  server.post(
    '/api/advisory/members',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'seatAdvisoryMember',
        summary: 'Give a person of a partner a seat',
        body: z.strictObject({ personId: PersonId }),
        response: { 201: z.object({ members: z.array(MemberView) }) },
      },
    },
    async (request, reply) => {
      await asWork(context, request, (work) => seatMember(work, request.body.personId))
      return reply.code(201).send({ members: await maskedMembers(db) })
    },
  )

  server.post(
    '/api/advisory/members/:id/departure',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'endAdvisorySeat',
        summary: 'End a seat',
        params: z.object({ id: MemberId }),
        response: { 200: z.object({ members: z.array(MemberView) }) },
      },
    },
    async (request) => {
      await asWork(context, request, (work) => endSeat(work, request.params.id))
      return { members: await maskedMembers(db) }
    },
  )

  server.post(
    '/api/advisory/meetings',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'planAdvisoryMeeting',
        summary: 'Plan the meeting about a quarter',
        body: z.strictObject({ quarter: Quarter, ...Plan, agenda: Plan.agenda.default([]) }),
        response: { 201: WholeMeeting },
      },
    },
    async (request, reply) => {
      const { id } = await asWork(context, request, (work) => planMeeting(work, request.body))
      return reply.code(201).send(await whole(id))
    },
  )

  server.get(
    '/api/advisory/meetings/:id',
    {
      schema: {
        tags,
        operationId: 'getAdvisoryMeeting',
        summary: 'A meeting with its pack, minutes, decisions and actions',
        params: OneMeeting,
        response: { 200: WholeMeeting },
      },
    },
    (request) => whole(request.params.id),
  )

  server.post(
    '/api/advisory/meetings/:id/plan',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'replanAdvisoryMeeting',
        summary: 'Another day, chair or agenda, until the board has met',
        params: OneMeeting,
        body: z.strictObject(Plan),
        response: { 200: WholeMeeting },
      },
    },
    async (request) => {
      const { id } = request.params
      await asWork(context, request, (work) => replanMeeting(work, id, request.body))
      return whole(id)
    },
  )

  server.post(
    '/api/advisory/meetings/:id/pack',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'makeAdvisoryPack',
        summary: 'Make the pack of the quarter from the facts as they are now',
        params: OneMeeting,
        response: { 200: WholeMeeting },
      },
    },
    async (request) => {
      const { id } = request.params
      const { meeting } = await whole(id)
      const pack = await gatherPack(db, {
        quarter: meeting.quarter,
        bank: world.settings.PORTICO_BANK_NAME,
        zone: world.settings.PORTICO_BANK_ZONE,
        now: world.now(),
      })
      await asWork(context, request, (work) => layPack(work, id, pack))
      return whole(id)
    },
  )

  server.post(
    '/api/advisory/meetings/:id/opening',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'holdAdvisoryMeeting',
        summary: 'Say that the board has met; its pack stays as it is from then on',
        params: OneMeeting,
        response: { 200: WholeMeeting },
      },
    },
    async (request) => {
      const { id } = request.params
      await asWork(context, request, (work) => holdMeeting(work, id))
      return whole(id)
    },
  )

  server.post(
    '/api/advisory/meetings/:id/minutes',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'writeAdvisoryMinutes',
        summary: 'Write the minutes; they may be written anew until they are published',
        params: OneMeeting,
        body: z.strictObject({ minutes: z.string().trim().min(3).max(40_000) }),
        response: { 200: WholeMeeting },
      },
    },
    async (request) => {
      const { id } = request.params
      await asWork(context, request, (work) => writeMinutes(work, id, request.body.minutes))
      return whole(id)
    },
  )

  server.post(
    '/api/advisory/meetings/:id/decisions',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'addAdvisoryDecision',
        summary: 'Put on record what the board decided',
        params: OneMeeting,
        body: z.strictObject({ said: Said, requestId: RequestId.nullable().default(null) }),
        response: { 201: z.object({ decision: DecisionView }) },
      },
    },
    async (request, reply) => {
      const decision = await asWork(context, request, (work) =>
        takeDecision(work, request.params.id, request.body),
      )
      return reply.code(201).send({ decision })
    },
  )

  server.post(
    '/api/advisory/meetings/:id/actions',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'addAdvisoryAction',
        summary: 'Give a team something to do by a day; it becomes work of that team',
        params: OneMeeting,
        body: z.strictObject({ said: Said, owner: Team, dueOn: PlainDate }),
        response: { 201: z.object({ action: ActionView }) },
      },
    },
    async (request, reply) => {
      const action = await asWork(context, request, (work) =>
        addAction(work, request.params.id, request.body),
      )
      return reply.code(201).send({ action })
    },
  )

  server.post(
    '/api/advisory/actions/:id/outcome',
    {
      config: { roles: ['head-of-platform', ...Team.options] },
      schema: {
        tags,
        operationId: 'finishAdvisoryAction',
        summary: 'Say what came of an action',
        params: z.object({ id: ActionId }),
        body: z.strictObject({ outcome: Said }),
        response: { 200: z.object({ action: ActionView }) },
      },
    },
    async (request) => ({
      action: await asWork(context, request, (work) =>
        finishAction(work, request.params.id, request.body.outcome),
      ),
    }),
  )

  server.post(
    '/api/advisory/meetings/:id/publication',
    {
      config: { roles: [...runners.roles] },
      schema: {
        tags,
        operationId: 'proposeAdvisoryMinutes',
        summary: 'Propose to show the minutes to members; a second person agrees to the same text',
        params: OneMeeting,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeMinutes(work, request.params.id),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/advisory/requests/:id/answer',
    {
      config: { roles: ['head-of-platform', 'api-product'] },
      schema: {
        tags,
        operationId: 'answerAdvisoryRequest',
        summary: 'The bank’s answer to a request, with its reason',
        params: OneRequest,
        body: z.strictObject({ status: Answer, answer: Said }),
        response: { 200: z.object({ request: RequestView }) },
      },
    },
    async (request) => {
      const after = await asWork(context, request, (work) =>
        answerRequest(work, request.params.id, request.body),
      )
      const names = await organisations(db)
      return { request: requestView(after, world.now(), names.get(after.partnerId) ?? '') }
    },
  )
}
