/** How the people of both offices prove themselves: second factors, step-up, passkeys, sessions. */
import { z } from 'zod'
import { work } from '#journal/index.ts'
import type { FastifyRequest } from 'fastify'
import {
  addPasskey,
  Attestation,
  Assertion,
  challengeFor,
  confirmTotp,
  drawRecoveryCodes,
  type Entrance,
  factorsOf,
  PasskeyName,
  PasskeyOptions,
  registrationFor,
  removePasskey,
  removeTotp,
  renamePasskey,
  SecurityView,
  standingOf,
  StandingView,
  startTotp,
  useCode,
  usePasskey,
  viewOfFactors,
  viewOfSessions,
  viewOfStanding,
} from '#control/sign-in/index.ts'
import { asWork, type ControlContext, demand, notSignedIn, type Server } from './context.ts'
import { keepSession, type Office, secretOf } from './cookie.ts'
import { relyingParty } from './relying-party.ts'
import { fromOf, sessionIn, sessionRoutes } from './session-routes.ts'

const tags = ['security']
const own = { config: { own: true } } as const
const Codes = z.object({ recoveryCodes: z.array(z.string()) })
const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex')
const Proven = z.object({ standing: StandingView })
const Code = z.string().trim().min(6).max(32)

export const securityRoutes = (
  server: Server,
  context: ControlContext,
  office: Office,
  { signIns, find, actor }: Entrance,
): void => {
  sessionRoutes(server, context, office, { signIns, find, actor })
  const { db, world, factorKey } = context
  const rp = relyingParty(world, office)

  const holderOf = async (request: FastifyRequest) => {
    const holder = await find(db, sessionIn(request).holder)
    if (!holder) throw notSignedIn('the session outlived its holder')
    return holder
  }
  const as = <T>(request: FastifyRequest, body: Parameters<typeof asWork<T>>[2]) =>
    asWork(context, request, body)

  /** The first second factor is set up on the word of the password alone; every later change asks for one. */
  const mayChange = async (request: FastifyRequest) => {
    const { standing } = request.signedIn ?? {}
    if (standing?.factor !== 'missing') demand(context, request, 'fresh')
  }

  /** A second factor was proven: the session knows, and says until when. */
  const raised = async (
    request: FastifyRequest,
    reply: Parameters<typeof keepSession>[0],
    method: string,
  ) => {
    const now = world.now()
    const { holder, id } = sessionIn(request)
    const secret = secretOf(request, office) ?? ''
    const next = await work(db, actor(holder), now, async (w) => {
      await w.record('sign-in.factor-proven', holder, { method, session: id })
      return signIns.raise(w, secret, now)
    })
    keepSession(reply, office, next)
    const emailProven = request.signedIn?.standing.emailProven ?? false
    return { standing: viewOfStanding({ factor: 'proven', factorAt: now, emailProven }) }
  }

  server.get(
    '/api/me/security',
    {
      ...own,
      schema: {
        tags,
        operationId: 'getSecurity',
        summary: 'How I sign in, and where I am signed in',
        response: { 200: SecurityView },
      },
    },
    async (request) => {
      demand(context, request, 'password')
      const now = world.now()
      const session = sessionIn(request)
      const holder = await holderOf(request)
      return {
        email: holder.email,
        standing: viewOfStanding(await standingOf(db, session, holder.emailProven)),
        ...viewOfFactors(await factorsOf(db, holder.id)),
        sessions: viewOfSessions(await signIns.list(db, holder.id, now), session.id),
      }
    },
  )

  server.post(
    '/api/sessions/current/factor',
    {
      ...own,
      schema: {
        tags,
        operationId: 'proveFactor',
        summary: 'Prove my second factor in this session, at the sign-in or once more',
        body: z.union([z.strictObject({ code: Code }), z.strictObject({ assertion: Assertion })]),
        response: { 200: Proven },
      },
    },
    async (request, reply) => {
      const { holder } = sessionIn(request)
      const { body } = request
      const now = world.now()
      if ('code' in body) {
        const from = fromOf(request, now)
        return raised(request, reply, await useCode(db, factorKey, holder, body.code, from))
      }
      await usePasskey(db, rp, body.assertion, { purpose: 'factor', holder }, now)
      return raised(request, reply, 'passkey')
    },
  )

  server.post(
    '/api/me/passkey-challenges',
    {
      ...own,
      schema: {
        tags,
        operationId: 'askPasskey',
        summary:
          'Options for my browser to use a passkey of mine: to prove me, or to sign the text of a hash',
        body: z.strictObject({ about: Hash.exactOptional() }),
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      const { holder } = sessionIn(request)
      const { about } = request.body
      if (about !== undefined) demand(context, request, 'factor')
      const asked =
        about === undefined
          ? ({ purpose: 'factor', holder } as const)
          : ({ purpose: 'signature', holder, about } as const)
      return { ...(await challengeFor(db, rp, asked, world.now())) }
    },
  )

  server.post(
    '/api/me/totp',
    {
      ...own,
      schema: {
        tags,
        operationId: 'startTotp',
        summary: 'Begin an authenticator app; it counts from its first code',
        response: { 201: z.object({ secret: z.string(), uri: z.string() }) },
      },
    },
    async (request, reply) => {
      await mayChange(request)
      const { id, email } = await holderOf(request)
      const secret = await startTotp(db, factorKey, id)
      const issuer = encodeURIComponent(rp.name)
      const uri = `otpauth://totp/${issuer}:${encodeURIComponent(email)}?secret=${secret}&issuer=${issuer}`
      return reply.code(201).send({ secret, uri })
    },
  )

  server.post(
    '/api/me/totp/confirmation',
    {
      ...own,
      schema: {
        tags,
        operationId: 'confirmTotp',
        summary: 'The first code of my authenticator app; answers ten recovery codes, this once',
        body: z.strictObject({ code: Code }),
        response: { 200: Codes },
      },
    },
    async (request, reply) => {
      await mayChange(request)
      const { holder } = sessionIn(request)
      const from = fromOf(request, world.now())
      await confirmTotp(db, factorKey, holder, request.body.code, from)
      const recoveryCodes = await as(request, async (w) => {
        await w.record('sign-in.totp-added', holder, {})
        return drawRecoveryCodes(w, factorKey, holder)
      })
      await raised(request, reply, 'totp')
      return { recoveryCodes }
    },
  )

  server.delete(
    '/api/me/totp',
    {
      ...own,
      schema: {
        tags,
        operationId: 'removeTotp',
        summary: 'Take my authenticator app away',
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      demand(context, request, 'fresh')
      await as(request, (w) => removeTotp(w, sessionIn(request).holder))
      return reply.code(204).send()
    },
  )

  server.post(
    '/api/me/recovery-codes',
    {
      ...own,
      schema: {
        tags,
        operationId: 'drawRecoveryCodes',
        summary: 'Ten new recovery codes; the ones before are void',
        response: { 201: Codes },
      },
    },
    async (request, reply) => {
      demand(context, request, 'fresh')
      const { holder } = sessionIn(request)
      const recoveryCodes = await as(request, (w) => drawRecoveryCodes(w, factorKey, holder))
      return reply.code(201).send({ recoveryCodes })
    },
  )

  server.post(
    '/api/me/passkeys/options',
    {
      ...own,
      schema: {
        tags,
        operationId: 'beginPasskey',
        summary: 'Options for my browser to make a passkey',
        response: { 200: PasskeyOptions },
      },
    },
    async (request) => {
      await mayChange(request)
      return { ...(await registrationFor(db, rp, await holderOf(request), world.now())) }
    },
  )

  server.post(
    '/api/me/passkeys',
    {
      ...own,
      schema: {
        tags,
        operationId: 'addPasskey',
        summary: 'Keep the passkey that my browser made',
        body: z.strictObject({ name: PasskeyName, response: Attestation }),
        response: { 201: z.object({ id: z.string(), name: z.string() }) },
      },
    },
    async (request, reply) => {
      await mayChange(request)
      const { holder } = sessionIn(request)
      const { id, name } = await as(request, (w) => addPasskey(w, rp, holder, request.body))
      await raised(request, reply, 'passkey')
      return reply.code(201).send({ id, name })
    },
  )

  const One = z.object({ id: z.string().max(1_400) })
  server.put(
    '/api/me/passkeys/:id/name',
    {
      ...own,
      schema: {
        tags,
        operationId: 'renamePasskey',
        summary: 'Give a passkey of mine another name',
        params: One,
        body: z.strictObject({ name: PasskeyName }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      demand(context, request, 'factor')
      const { holder } = sessionIn(request)
      await as(request, (w) => renamePasskey(w, holder, request.params.id, request.body.name))
      return reply.code(204).send()
    },
  )

  server.delete(
    '/api/me/passkeys/:id',
    {
      ...own,
      schema: {
        tags,
        operationId: 'removePasskey',
        summary: 'Take a passkey of mine away',
        params: One,
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      demand(context, request, 'fresh')
      await as(request, (w) => removePasskey(w, sessionIn(request).holder, request.params.id))
      return reply.code(204).send()
    },
  )
}
