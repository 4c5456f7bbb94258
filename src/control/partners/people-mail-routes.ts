/** Addresses that people prove, and places that they are offered, by mail. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { work } from '#journal/index.ts'
import { officeAddress } from '#platform/config.ts'
import { isUniqueViolation } from '#platform/db.ts'
import type { Letter } from '#platform/mail.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { keepSession } from '#control/http/cookie.ts'
import { fromOf } from '#control/http/session-routes.ts'
import { codeWrong, Password, sendCode, takeCode } from '#control/sign-in/index.ts'
import { Name } from './admission.ts'
import {
  acceptInvitation,
  invitePerson,
  listInvitations,
  readInvitation,
  withdrawInvitation,
} from './people-invitations.ts'
import { languageOf, lettersIn } from './people-letters.ts'
import { openSession, proveEmail } from './people.ts'
import { Invitation, InvitationId } from './person-invitation.ts'
import { mayGive, type Person, PersonRole, personNotFound } from './person.ts'
import { findPerson, isProvenByAnother } from './store.ts'
import { Me } from './views.ts'

export const Email = z.email().trim().toLowerCase().max(254)

/** `shown` stands in a demonstration only: what a mail server would have carried. */
const Sent = z.object({ to: z.string(), again: Instant, shown: z.string().exactOptional() })
const InvitationView = Invitation.omit({ acceptedAt: true, withdrawnAt: true }).extend({
  invitedAt: Instant,
  expiresAt: Instant,
})
const Token = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'not a token of ours')

const tags = ['partners']

const mailer = ({ mail, world }: ControlContext) => {
  const bank = world.settings.PORTICO_BANK_NAME
  return {
    bank,
    words: (request: FastifyRequest) => lettersIn(languageOf(request.headers['accept-language'])),
    /** What the server does not take is asked for again by its reader; a request never fails of it. */
    post: async (letter: Letter) => {
      try {
        await mail.send(letter, world.now())
      } catch (cause) {
        world.log.error({ cause }, 'a letter was not taken')
      }
    },
  }
}

/** Mails a new code to the person: the same answer, and a mail, whether or not the address is somebody's already. */
export const mailCode = async (
  context: ControlContext,
  request: FastifyRequest,
  person: Person,
): Promise<z.output<typeof Sent>> => {
  const { db, world, factorKey, mail } = context
  const { bank, words, post } = mailer(context)
  const decoy = await isProvenByAnother(db, person)
  const { code, again } = await sendCode(
    db,
    factorKey,
    { holder: person.id, to: person.email },
    { decoy, now: world.now() },
  )
  const letter = decoy ? words(request).known(bank) : words(request).code(bank, code)
  await post({ to: person.email, ...letter })
  return { to: person.email, again, ...(mail.shown && { shown: code }) }
}

export const peopleMailRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, factorKey, mail } = context
  const { bank, words, post } = mailer(context)
  const self = async (request: FastifyRequest) => {
    const person = await findPerson(db, partnerOf(request).personId)
    if (!person) throw personNotFound('the session outlived its person')
    return person
  }

  server.post(
    '/api/me/email-code',
    {
      config: { own: true },
      schema: {
        tags,
        operationId: 'mailCode',
        summary: 'Mail me a code that proves my address; once a minute',
        response: { 202: Sent },
      },
    },
    async (request, reply) =>
      reply.code(202).send(await mailCode(context, request, await self(request))),
  )

  server.post(
    '/api/me/email-verification',
    {
      config: { own: true },
      schema: {
        tags,
        operationId: 'proveEmail',
        summary: 'The code that was mailed: the address is mine',
        body: z.strictObject({
          code: z
            .string()
            .trim()
            .regex(/^\d{6}$/, 'six digits'),
        }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      const person = await self(request)
      await takeCode(
        db,
        factorKey,
        { holder: person.id, to: person.email },
        request.body.code,
        world.now(),
      )
      try {
        await asWork(context, request, (w) => proveEmail(w, person))
      } catch (cause) {
        // Somebody else proved it between the mail and its answer.
        if (isUniqueViolation(cause, 'person_email'))
          throw codeWrong('it no longer holds', { cause })
        throw cause
      }
      return reply.code(204).send()
    },
  )

  server.get(
    '/api/invitations',
    {
      config: { roles: ['owner', 'admin', 'security-admin', 'auditor'] },
      schema: {
        tags,
        operationId: 'listInvitations',
        summary: 'Places of my organisation that are offered',
        response: { 200: z.object({ data: z.array(InvitationView), next: z.null() }) },
      },
    },
    async (request) => ({
      data: await listInvitations(db, partnerOf(request).partnerId, world.now()),
      next: null,
    }),
  )

  server.post(
    '/api/invitations',
    {
      config: { roles: ['owner', 'admin'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'invitePerson',
        summary: 'Offer a person a place in my organisation, by mail',
        body: z.strictObject({ email: Email, roles: z.array(PersonRole).min(1) }),
        response: {
          201: z.object({ invitation: InvitationView, shown: z.string().exactOptional() }),
        },
      },
    },
    async (request, reply) => {
      const by = partnerOf(request)
      mayGive(by.roles, request.body.roles)
      const { invitation, token } = await asWork(context, request, (w) =>
        invitePerson(w, by, request.body),
      )
      const { partner } = await readInvitation(db, token, world.now())
      // Behind the hash: no log of a server that the browser asks holds it.
      const link = `${officeAddress(world.ports, 'portal')}/join#${token}`
      const letter = words(request).invitation(bank, partner.organisation, link)
      await post({ to: invitation.email, ...letter })
      return reply.code(201).send({ invitation, ...(mail.shown && { shown: link }) })
    },
  )

  server.delete(
    '/api/invitations/:id',
    {
      config: { roles: ['owner', 'admin'] },
      schema: {
        tags,
        operationId: 'withdrawInvitation',
        summary: 'Take an offer back',
        params: z.object({ id: InvitationId }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      await asWork(context, request, (w) =>
        withdrawInvitation(w, { partnerId, id: request.params.id }),
      )
      return reply.code(204).send()
    },
  )

  server.post(
    '/api/invitations/reading',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'readInvitation',
        summary: 'Who offers which place to whom',
        body: z.strictObject({ token: Token }),
        response: {
          200: z.object({
            organisation: z.string(),
            email: z.string(),
            roles: z.array(PersonRole),
            expiresAt: Instant,
          }),
        },
      },
    },
    async (request) => {
      const found = await readInvitation(db, request.body.token, world.now())
      const { email, roles, expiresAt } = found.invitation
      return { organisation: found.partner.organisation, email, roles, expiresAt }
    },
  )

  server.post(
    '/api/invitations/acceptance',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'acceptInvitation',
        summary: 'Take the place, and be signed in',
        body: z.strictObject({ token: Token, name: Name, password: Password }),
        response: { 201: Me },
      },
    },
    async (request, reply) => {
      const now = world.now()
      const { token, ...newcomer } = request.body
      const { partner } = await readInvitation(db, token, now)
      const { secret, person } = await work(db, 'system', now, async (w) => {
        const joined = await acceptInvitation(w, token, newcomer)
        return { person: joined, secret: await openSession(w, joined, fromOf(request, now)) }
      })
      keepSession(reply, 'portal', secret)
      return reply.code(201).send({ person, partner, standing: fresh })
    },
  )
}

/** Of somebody who has just taken a place: they have read a mail, and nothing else yet. */
const fresh = { factor: 'missing', emailProven: true, freshUntil: null } as const
