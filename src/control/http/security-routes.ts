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
  passkeyRefused,
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

const tags = ['security']
const own = { config: { own: true } } as const
const Codes = z.object({ recoveryCodes: z.array(z.string()) })
const Hash = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex')
const Proven = z.object({ standing: StandingView })
const Code = z.string().trim().min(6).max(32)

/** Where a request comes from, for those who count tries and name sessions. */
export const fromOf = (request: FastifyRequest, now: Temporal.Instant) => ({
  address: request.ip,
  now,
  agent: request.headers['user-agent'] ?? '',
})

export const securityRoutes = (
  server: Server,
  context: ControlContext,
  office: Office,
  { signIns, find, actor }: Entrance,
): void => {
  const { db, world, factorKey } = context
  const rp = relyingParty(world, office)

  const sessionOf = (request: FastifyRequest) => {
    if (!request.signedIn) throw notSignedIn('this needs a session')
    return request.signedIn.session
  }
  const holderOf = async (request: FastifyRequest) => {
    const holder = await find(db, sessionOf(request).holder)
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
    const { holder, id } = sessionOf(request)
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
      const session = sessionOf(request)
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
      const { holder } = sessionOf(request)
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
      const { holder } = sessionOf(request)
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
      const { holder } = sessionOf(request)
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
      await as(request, (w) => removeTotp(w, sessionOf(request).holder))
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
      const { holder } = sessionOf(request)
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
      const { holder } = sessionOf(request)
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
      const { holder } = sessionOf(request)
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
      await as(request, (w) => removePasskey(w, sessionOf(request).holder, request.params.id))
      return reply.code(204).send()
    },
  )

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
      const { holder } = sessionOf(request)
      await as(request, async (w) => {
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
      const { holder, id } = sessionOf(request)
      await as(request, async (w) => {
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
        response: { 201: Proven },
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
