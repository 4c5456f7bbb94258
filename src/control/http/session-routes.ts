/** Sessions: opened by passkey alone, and ended wherever they are open. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { work } from '#journal/index.ts'
import {
  Assertion,
  challengeFor,
  type Entrance,
  passkeyRefused,
  PasskeyOptions,
  StandingView,
  usePasskey,
  viewOfStanding,
} from '#control/sign-in/index.ts'
import { asWork, type ControlContext, demand, notSignedIn, type Server } from './context.ts'
import { keepSession, type Office } from './cookie.ts'
import { relyingParty } from './relying-party.ts'

const tags = ['security']
const own = { config: { own: true } } as const
const One = z.object({ id: z.string().max(64) })

/** Where a request comes from, for those who count tries and name sessions. */
export const fromOf = (request: FastifyRequest, now: Temporal.Instant) => ({
  address: request.ip,
  now,
  agent: request.headers['user-agent'] ?? '',
})

/** The session that a request came in. */
export const sessionIn = ({ signedIn }: Pick<FastifyRequest, 'signedIn'>) => {
  if (!signedIn) throw notSignedIn('this needs a session')
  return signedIn.session
}

export const sessionRoutes = (
  server: Server,
  context: ControlContext,
  office: Office,
  { signIns, find, actor }: Entrance,
): void => {
  const { db, world } = context
  const rp = relyingParty(world, office)

  server.delete(
    '/api/me/sessions/:id',
    {
      ...own,
      schema: {
        tags,
        operationId: 'endSession',
        summary: 'End a session of mine, wherever it is open',
        params: One,
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      demand(context, request, 'password')
      const { holder } = sessionIn(request)
      await asWork(context, request, async (w) => {
        if (await signIns.closeOne(w, holder, request.params.id))
          await w.record('sign-in.session-ended', holder, { session: request.params.id })
      })
      return reply.code(204).send()
    },
  )

  server.post(
    '/api/me/sessions/revocation',
    {
      ...own,
      schema: {
        tags,
        operationId: 'endOtherSessions',
        summary: 'End every other session of mine',
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      demand(context, request, 'password')
      const { holder, id } = sessionIn(request)
      await asWork(context, request, async (w) => {
        await signIns.closeAll(w, holder, id)
        await w.record('sign-in.other-sessions-ended', holder, {})
      })
      return reply.code(204).send()
    },
  )

  server.post(
    '/api/passkey-challenges',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'askAnyPasskey',
        summary: 'Options for a browser to sign in by passkey alone',
        response: { 200: PasskeyOptions },
      },
    },
    async () => ({ ...(await challengeFor(db, rp, { purpose: 'sign-in' }, world.now())) }),
  )

  server.post(
    '/api/passkey-sessions',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'signInByPasskey',
        summary: 'Sign in by passkey: the device, and who opened it, are two factors',
        body: z.strictObject({ assertion: Assertion }),
        response: { 201: z.object({ standing: StandingView }) },
      },
    },
    async (request, reply) => {
      const now = world.now()
      const { assertion } = request.body
      const { passkey } = await usePasskey(db, rp, assertion, { purpose: 'sign-in' }, now)
      const holder = await find(db, passkey.holder)
      if (!holder) throw passkeyRefused('it is not known here')
      const secret = await work(db, actor(holder.id), now, async (w) => {
        await w.record('sign-in.signed-in-by-passkey', holder.id, { passkey: passkey.id })
        return signIns.open(w, holder.id, now, { factorAt: now, agent: fromOf(request, now).agent })
      })
      keepSession(reply, office, secret)
      const { emailProven } = holder
      return reply.code(201).send({
        standing: viewOfStanding({ factor: 'proven', factorAt: now, emailProven }),
      })
    },
  )
}
