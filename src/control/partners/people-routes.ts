import { z } from 'zod'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { dropSession, keepSession, secretOf } from '#control/http/cookie.ts'
import { Credentials, Password } from '#control/sign-in/index.ts'
import { Name } from './admission.ts'
import {
  addPerson,
  changePassword,
  changeRoles,
  endPerson,
  findPartner,
  findPerson,
  listPeople,
  openSession,
  partnerNotFound,
  Person,
  PersonId,
  PersonRole,
  registerPartner,
  signInPerson,
  signOutPerson,
} from './index.ts'
import { statusesUnknown } from './partner.ts'
import { personNotFound, personRoleMissing } from './person.ts'
import { Me, PartnerView } from './views.ts'

const Email = z.email().trim().toLowerCase().max(254)
const Newcomer = z.strictObject({ name: Name, email: Email, password: Password })
const Roles = z.array(PersonRole).min(1)

const Registration = z.strictObject({
  organisation: Name,
  legalName: Name.optional(),
  country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 code of two capitals'),
  declaredStatuses: z.array(z.string()).max(20),
  person: Newcomer,
})
const One = z.object({ id: PersonId })

/** An admin brings people in, but makes nobody owner or signatory: that is the owner's to give. */
const mayGive = (held: readonly PersonRole[], given: readonly PersonRole[]) => {
  if (held.includes('owner')) return
  const beyond = given.filter((role) => role === 'owner' || role === 'signatory')
  if (beyond.length > 0)
    throw personRoleMissing(`only an owner gives the role ${beyond.join(', ')}`)
}

/** The organisation and its people: registration, sign-in, roles. */
export const peopleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const tags = ['partners']
  const meOf = async (id: PersonId) => {
    const person = await findPerson(db, id)
    if (!person) throw personNotFound('the session outlived its person')
    const partner = await findPartner(db, person.partnerId)
    if (!partner) throw partnerNotFound('the session outlived its partner')
    return { person, partner }
  }

  server.post(
    '/api/registrations',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'register',
        summary: 'Register an organisation with its first person, and be signed in',
        body: Registration,
        response: { 201: Me },
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
      const { secret, ...me } = await asWork(context, request, async (work) => {
        const registered = await registerPartner(work, { organisation, legalName, ...rest })
        return { ...registered, secret: await openSession(work, registered.person) }
      })
      keepSession(reply, 'portal', secret)
      return reply.code(201).send(me)
    },
  )

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
      const { secret, person } = await signInPerson(db, request.body, from)
      keepSession(reply, 'portal', secret)
      return reply.code(201).send(await meOf(person.id))
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
    { schema: { tags, operationId: 'me', summary: 'Who I am here', response: { 200: Me } } },
    (request) => meOf(partnerOf(request).personId),
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
      const { person } = await meOf(partnerOf(request).personId)
      const from = { address: request.ip, now: world.now() }
      keepSession(reply, 'portal', await changePassword(db, person, request.body, from))
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

  server.post(
    '/api/people',
    {
      config: { roles: ['owner', 'admin'] },
      schema: {
        tags,
        operationId: 'addPerson',
        summary: 'Add a person to my organisation',
        body: Newcomer.extend({ roles: Roles }),
        response: { 201: Person },
      },
    },
    async (request, reply) => {
      mayGive(partnerOf(request).roles, request.body.roles)
      const person = await asWork(context, request, (work) =>
        addPerson(work, partnerOf(request).partnerId, request.body),
      )
      return reply.code(201).send(person)
    },
  )

  server.put(
    '/api/people/:id/roles',
    {
      config: { roles: ['owner'] },
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
    '/api/people/:id/departure',
    {
      config: { roles: ['owner'] },
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
}
