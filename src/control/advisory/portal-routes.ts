import { z } from 'zod'
import {
  asWork,
  type ControlContext,
  partnerOf,
  type Server,
  type SignedInPerson,
} from '#control/http/context.ts'
import {
  Choice,
  fileRequest,
  listMeetings,
  listMembers,
  listRequests,
  MeetingId,
  meetingNotFound,
  notOnBoard,
  RequestId,
  vote,
  votesOf,
  withdrawRequest,
  type Request,
} from './index.ts'
import { packRoutes } from './pack-routes.ts'
import {
  asMember,
  MeetingView,
  meetingView,
  MemberView,
  memberViews,
  organisations,
  OwnRequestView,
  requestView,
  wholeMeeting,
  WholeMeeting,
} from './views.ts'

const tags = ['advisory']
const OneMeeting = z.object({ id: MeetingId })
const OneRequest = z.object({ id: RequestId })
const Said = z.string().trim().min(3).max(4_000)
const PAGE = 200

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const isMember = async ({ partnerId }: SignedInPerson) =>
    (await listMembers(db, partnerId)).length > 0
  const mayRead = async (request: Parameters<typeof partnerOf>[0]) => {
    if (!(await isMember(partnerOf(request))))
      throw notOnBoard('your organisation has no seat', {
        hint: 'Ask partner success for one; requests are open to every partner.',
      })
  }
  const ownView = async (request: Request, person: SignedInPerson) => {
    const own = request.partnerId === person.partnerId
    const names = (await isMember(person)) || own ? await organisations(db) : undefined
    const name = names?.get(request.partnerId) ?? null
    return {
      ...requestView(request, world.now(), name),
      own,
      vote: (await votesOf(db, person.partnerId)).get(request.id) ?? null,
    }
  }
  packRoutes(server, context, mayRead)

  server.get(
    '/api/advisory',
    {
      schema: {
        tags,
        operationId: 'getAdvisoryBoard',
        summary:
          'The board as you see it: members and meetings, where your organisation has a seat',
        response: {
          200: z.object({
            member: z.boolean(),
            members: z.array(MemberView.omit({ personId: true })),
            meetings: z.array(MeetingView),
          }),
        },
      },
    },
    async (request) => {
      if (!(await isMember(partnerOf(request)))) return { member: false, members: [], meetings: [] }
      const meetings = await listMeetings(db)
      return {
        member: true,
        members: await memberViews(db),
        meetings: await Promise.all(
          meetings.map(async (m) => ({
            ...(await meetingView(db, m)),
            minutes: m.status === 'published' ? m.minutes : null,
          })),
        ),
      }
    },
  )

  server.get(
    '/api/advisory/meetings/:id',
    {
      schema: {
        tags,
        operationId: 'getAdvisoryMeeting',
        summary: 'A meeting with its pack; minutes, decisions and actions once they are published',
        params: OneMeeting,
        response: { 200: WholeMeeting },
      },
    },
    async (request) => {
      await mayRead(request)
      const whole = await wholeMeeting(db, request.params.id)
      if (!whole) throw meetingNotFound('no meeting has this id')
      return asMember(whole)
    },
  )

  server.get(
    '/api/advisory/requests',
    {
      schema: {
        tags,
        operationId: 'listAdvisoryRequests',
        summary: 'What partners ask of the platform, newest first, with the votes and yours',
        querystring: z.object({ before: RequestId.optional() }),
        response: {
          200: z.object({ data: z.array(OwnRequestView), next: RequestId.nullable() }),
        },
      },
    },
    async (request) => {
      const person = partnerOf(request)
      const found = await listRequests(db, { before: request.query.before }, PAGE)
      const votes = await votesOf(db, person.partnerId)
      const names = (await isMember(person)) ? await organisations(db) : undefined
      const data = found.map((r) => ({
        ...requestView(r, world.now(), names?.get(r.partnerId) ?? null),
        own: r.partnerId === person.partnerId,
        vote: votes.get(r.id) ?? null,
      }))
      return { data, next: data.length === PAGE ? (data.at(-1)?.id ?? null) : null }
    },
  )

  server.post(
    '/api/advisory/requests',
    {
      config: { roles: ['owner', 'admin', 'developer'] },
      schema: {
        tags,
        operationId: 'fileAdvisoryRequest',
        summary: 'Ask for something of the platform; other partners vote on it for thirty days',
        body: z.strictObject({ title: z.string().trim().min(3).max(200), body: Said }),
        response: { 201: z.object({ request: OwnRequestView }) },
      },
    },
    async (request, reply) => {
      const person = partnerOf(request)
      const filed = await asWork(context, request, (work) =>
        fileRequest(work, person.partnerId, request.body),
      )
      return reply.code(201).send({ request: await ownView(filed, person) })
    },
  )

  server.post(
    '/api/advisory/requests/:id/vote',
    {
      config: { roles: ['owner', 'admin', 'developer'] },
      schema: {
        tags,
        operationId: 'voteOnAdvisoryRequest',
        summary: 'Your organisation’s one vote; it may change until voting closes',
        params: OneRequest,
        body: z.strictObject({ choice: Choice }),
        response: { 200: z.object({ request: OwnRequestView }) },
      },
    },
    async (request) => {
      const person = partnerOf(request)
      const { partnerId } = person
      const after = await asWork(context, request, (work) =>
        vote(work, { id: request.params.id, partnerId, choice: request.body.choice }),
      )
      return { request: await ownView(after, person) }
    },
  )

  server.post(
    '/api/advisory/requests/:id/withdrawal',
    {
      config: { roles: ['owner', 'admin', 'developer'] },
      schema: {
        tags,
        operationId: 'withdrawAdvisoryRequest',
        summary: 'Take back a request of yours that has no answer yet',
        params: OneRequest,
        response: { 200: z.object({ request: OwnRequestView }) },
      },
    },
    async (request) => {
      const person = partnerOf(request)
      const { partnerId } = person
      const after = await asWork(context, request, (work) =>
        withdrawRequest(work, { id: request.params.id, partnerId }),
      )
      return { request: await ownView(after, person) }
    },
  )
}
