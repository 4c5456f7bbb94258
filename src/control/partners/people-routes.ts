import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Country } from '#kernel/country.ts'
import { Problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { dropSession, keepSession, secretOf } from '#control/http/cookie.ts'
import { securityRoutes } from '#control/http/security-routes.ts'
import { fromOf } from '#control/http/session-routes.ts'
import {
  Credentials,
  Password,
  signInDelayed,
  StandingView,
  viewOfStanding,
} from '#control/sign-in/index.ts'
import { Name } from './admission.ts'
import {
  changePassword,
  changeRoles,
  claimVisit,
  endPerson,
  findPartner,
  findPerson,
  findVisit,
  listPeople,
  openSession,
  partnerNotFound,
  Person,
  personEntrance,
  PersonId,
  PersonRole,
  registerPartner,
  signInPerson,
  signOutPerson,
} from './index.ts'
import { statusesUnknown } from './partner.ts'
import { AskedChangeView, viewOfChange } from '#control/approvals/index.ts'
import { proposeFactorReset, Why } from './people-reset.ts'
import { Email, mailCode } from './people-mail-routes.ts'
import { personNotFound } from './person.ts'
import { Me, PartnerView } from './views.ts'

const Newcomer = z.strictObject({ name: Name, email: Email, password: Password })
const Roles = z.array(PersonRole).min(1)

const Registration = z.strictObject({
  organisation: Name,
  legalName: Name.optional(),
  country: Country,
  declaredStatuses: z.array(z.string()).max(20),
  person: Newcomer,
})
const One = z.object({ id: PersonId })

/** Of somebody who has just registered. */
const newcomer = { factor: 'missing', emailProven: false, freshUntil: null } as const

/** The organisation and its people: registration, sign-in, roles. */
export const peopleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, factorKey } = context
  const tags = ['partners']
  const meOf = async (id: PersonId) => {
    const person = await findPerson(db, id)
    if (!person) throw personNotFound('the session outlived its person')
    const partner = await findPartner(db, person.partnerId)
    if (!partner) throw partnerNotFound('the session outlived its partner')
    return { person, partner }
  }

  /** A registration stands whether or not its mail could go out: the reader asks for another. */
  const firstCode = async (request: FastifyRequest, person: Person) => {
    try {
      return (await mailCode(context, request, person)).shown
    } catch (error) {
      if (error instanceof Problem && error.code === signInDelayed.code) return undefined
      throw error
    }
  }

  server.post(
    '/api/registrations',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'register',
        summary:
          'Register an organisation with its first person, and be signed in; a stranger keeps what they tried',
        body: Registration,
        response: { 201: Me.extend({ shown: z.string().exactOptional() }) },
      },
    },
    async (request, reply) => {
      const { organisation, legalName = organisation, ...rest } = request.body
      const known = await context.declarableStatuses()
      const errors = rest.declaredStatuses.flatMap((status, i) =>
        known.includes(status)
          ? []
          : [
              {
                pointer: `/declaredStatuses/${i}`,
                code: 'unknown',
                detail: `known are ${known.join(', ')}`,
              },
            ],
      )
      if (errors.length > 0) throw statusesUnknown('a status is not one of ours', { errors })
      const stranger =
        request.signedIn?.kind === 'person' && (await findVisit(db, request.signedIn.partnerId))
      const { secret, ...me } = await asWork(context, request, async (work) => {
        const ask = { organisation, legalName, ...rest }
        const registered = stranger
          ? await claimVisit(work, stranger, ask)
          : await registerPartner(work, ask)
        const from = fromOf(request, world.now())
        return { ...registered, secret: await openSession(work, registered.person, from) }
      })
      keepSession(reply, 'portal', secret)
      const shown = await firstCode(request, me.person)
      return reply.code(201).send({ ...me, standing: newcomer, ...(shown && { shown }) })
    },
  )

  server.post(
    '/api/sessions',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'signIn',
        summary: 'Sign in; who has a second factor and gives no code is asked for it next',
        body: Credentials,
        response: { 201: Me.partial().extend({ standing: StandingView }) },
      },
    },
    async (request, reply) => {
      const from = fromOf(request, world.now())
      const { secret, person, standing } = await signInPerson(db, factorKey, request.body, from)
      keepSession(reply, 'portal', secret)
      // Who knows the password only, where more is asked, is told no more than what is asked next.
      const known = standing.factor === 'asked' ? {} : await meOf(person.id)
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
      const secret = secretOf(request, 'portal')
      if (secret) await signOutPerson(db, secret)
      dropSession(reply, 'portal')
      return reply.code(204).send()
    },
  )

  server.get(
    '/api/me',
    {
      schema: {
        tags,
        operationId: 'me',
        summary: 'Who I am here; a stranger is told until when',
        response: { 200: Me.extend({ visitEndsAt: Instant.nullable() }) },
      },
    },
    async (request) => ({
      ...(await meOf(partnerOf(request).personId)),
      standing: viewOfStanding(partnerOf(request).standing),
      visitEndsAt: (await findVisit(db, partnerOf(request).partnerId))?.endsAt ?? null,
    }),
  )

  server.post(
    '/api/me/password',
    {
      config: { roles: [...PersonRole.exclude(['auditor']).options] },
      schema: {
        tags,
        operationId: 'changePassword',
        summary: 'Change my password; every other session of mine ends',
        body: z.strictObject({ current: z.string().max(128), next: Password }),
        response: { 204: z.void() },
      },
    },
    async (request, reply) => {
      const { personId, session } = partnerOf(request)
      const { person } = await meOf(personId)
      const from = fromOf(request, world.now())
      const more = session.factorAt ? { factorAt: session.factorAt } : {}
      keepSession(reply, 'portal', await changePassword(db, person, request.body, from, more))
      return reply.code(204).send()
    },
  )

  server.get(
    '/api/partner',
    {
      schema: {
        tags,
        operationId: 'getPartner',
        summary: 'My organisation',
        response: { 200: PartnerView },
      },
    },
    async (request) => (await meOf(partnerOf(request).personId)).partner,
  )

  server.get(
    '/api/people',
    {
      schema: {
        tags,
        operationId: 'listPeople',
        summary: 'People of my organisation',
        response: { 200: z.object({ data: z.array(Person), next: z.null() }) },
      },
    },
    async (request) => ({
      data: await listPeople(db, partnerOf(request).partnerId),
      next: null,
    }),
  )

  server.put(
    '/api/people/:id/roles',
    {
      config: { roles: ['owner'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'changeRoles',
        summary: 'Give a person of my organisation other roles',
        params: One,
        body: z.strictObject({ roles: Roles }),
        response: { 200: Person },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        changeRoles(work, partnerOf(request).partnerId, request.params.id, request.body.roles),
      ),
  )

  server.post(
    '/api/people/:id/factor-reset',
    {
      config: { roles: ['owner', 'security-admin'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'proposeFactorReset',
        summary:
          'Ask that a person who lost their devices may set up new ones; two people of the bank decide',
        params: One,
        body: Why,
        response: { 202: z.object({ change: AskedChangeView }) },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      const change = await asWork(context, request, (work) =>
        proposeFactorReset(work, request.params.id, request.body.reason, partnerId),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/people/:id/departure',
    {
      config: { roles: ['owner'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'endPerson',
        summary: 'A person leaves my organisation',
        params: One,
        response: { 200: Person },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        endPerson(work, partnerOf(request).partnerId, request.params.id),
      ),
  )

  securityRoutes(server, context, 'portal', personEntrance)
}
