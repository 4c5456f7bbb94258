import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { type ControlContext, type Server, staffOf } from '#control/http/context.ts'
import { dropSession, keepSession, secretOf } from '#control/http/cookie.ts'
import { Credentials, StandingView, viewOfStanding } from '#control/sign-in/index.ts'
import { securityRoutes } from '#control/http/security-routes.ts'
import { fromOf } from '#control/http/session-routes.ts'
import {
  findStaff,
  listReadings,
  listStaff,
  Reading,
  ReadingId,
  signInStaff,
  signOutStaff,
  Staff,
  staffEntrance,
  staffNotFound,
} from './index.ts'

const PAGE = 100
const ReadingView = Reading.extend({ readAt: Instant })
const Me = z.object({ staff: Staff, standing: StandingView })

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, factorKey } = context
  const tags = ['staff']

  server.post(
    '/api/sessions',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'signIn',
        summary: 'Sign in; without the code of the second factor, the session waits for it',
        body: Credentials,
        response: { 201: z.object({ staff: Staff.exactOptional(), standing: StandingView }) },
      },
    },
    async (request, reply) => {
      const from = fromOf(request, world.now())
      const { secret, staff, standing } = await signInStaff(db, factorKey, request.body, from)
      keepSession(reply, 'console', secret)
      // Who knows the password only is told no more than what is asked next.
      const known = standing.factor === 'proven' ? { staff } : {}
      return reply.code(201).send({ ...known, standing: viewOfStanding(standing) })
    },
  )

  server.delete(
    '/api/sessions/current',
    {
      config: { open: true },
      schema: { tags, operationId: 'signOut', summary: 'Sign out', response: { 204: z.void() } },
    },
    async (request, reply) => {
      const secret = secretOf(request, 'console')
      if (secret) await signOutStaff(db, secret)
      dropSession(reply, 'console')
      return reply.code(204).send()
    },
  )

  server.get(
    '/api/me',
    { schema: { tags, operationId: 'me', summary: 'Who I am here', response: { 200: Me } } },
    async (request) => {
      const { staffId, standing } = staffOf(request)
      const staff = await findStaff(db, staffId)
      if (!staff) throw staffNotFound('the session outlived its person')
      return { staff, standing: viewOfStanding(standing) }
    },
  )

  server.get(
    '/api/staff',
    {
      schema: {
        tags,
        operationId: 'listStaff',
        summary: 'People of the bank and their roles',
        response: { 200: z.object({ data: z.array(Staff), next: z.null() }) },
      },
    },
    async () => ({ data: await listStaff(db), next: null }),
  )

  server.get(
    '/api/readings',
    {
      config: { roles: ['compliance', 'auditor', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'listReadings',
        summary: 'Who read personal data, about whom, for what, the latest first',
        querystring: z.object({
          about: z.string().max(120).optional().describe('The id that was read about'),
          before: ReadingId.optional().describe('Those before this one'),
        }),
        response: { 200: z.object({ data: z.array(ReadingView), next: ReadingId.nullable() }) },
      },
    },
    async (request) => {
      const { about, before } = request.query
      const data = await listReadings(db, { subject: about, before, limit: PAGE })
      return { data, next: data.length === PAGE ? (data.at(-1)?.id ?? null) : null }
    },
  )

  securityRoutes(server, context, 'console', staffEntrance)
}
