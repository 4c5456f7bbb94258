import { z } from 'zod'
import { type ControlContext, type Server, staffOf } from '#control/http/context.ts'
import { dropSession, keepSession, secretOf } from '#control/http/cookie.ts'
import { Credentials } from '#control/sign-in/index.ts'
import { findStaff, listStaff, signInStaff, signOutStaff, Staff, staffNotFound } from './index.ts'

const Me = z.object({ staff: Staff })

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const tags = ['staff']

  server.post(
    '/api/sessions',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'signIn',
        summary: 'Sign in',
        body: Credentials,
        response: { 201: Me },
      },
    },
    async (request, reply) => {
      const from = { address: request.ip, now: world.now() }
      const { secret, staff } = await signInStaff(db, request.body, from)
      keepSession(reply, 'console', secret)
      return reply.code(201).send({ staff })
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
      const staff = await findStaff(db, staffOf(request).staffId)
      if (!staff) throw staffNotFound('the session outlived its person')
      return { staff }
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
}
