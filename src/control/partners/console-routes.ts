import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, type Server } from '#control/http/context.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import {
  Application,
  ApplicationId,
  applicationNotFound,
  findApplication,
  findPartner,
  listApplications,
  listCertificates,
  listPartners,
  listPeople,
  PartnerId,
  partnerNotFound,
  Person,
  PersonId,
  proposeReinstatement,
  revokeApplication,
  revokeCertificate,
  suspendPartner,
} from './index.ts'
import { revokeKey } from './application-keys.ts'
import { proposeErasure } from './people-erasure.ts'
import { proposeFactorReset, Why } from './people-reset.ts'
import { masked } from './person.ts'
import { listSuspensions, Suspension } from './store.ts'
import {
  ApplicationView,
  ApplicationWithCertificates,
  CertificateView,
  PartnerView,
  viewOfCertificate,
} from './views.ts'

const PAGE = 100
const OnePartner = z.object({ id: PartnerId })
const OneApplication = z.object({ id: ApplicationId })
const SuspensionView = Suspension.extend({ suspendedAt: Instant, endedAt: Instant.nullable() })

/** Every partner, as the bank sees them. Stopping takes one person; letting in again takes two. */
export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const tags = ['partners']

  server.get(
    '/api/partners',
    {
      schema: {
        tags,
        operationId: 'listPartners',
        summary: 'Partners in the order in which they registered',
        querystring: z.object({ after: PartnerId.optional() }),
        response: { 200: z.object({ data: z.array(PartnerView), next: PartnerId.nullable() }) },
      },
    },
    async (request) => {
      const data = await listPartners(db, request.query.after, PAGE)
      return { data, next: data.length === PAGE ? (data.at(-1)?.id ?? null) : null }
    },
  )

  server.get(
    '/api/partners/:id',
    {
      schema: {
        tags,
        operationId: 'getPartner',
        summary: 'A partner with its applications and suspensions; its people masked',
        params: OnePartner,
        response: {
          200: z.object({
            partner: PartnerView,
            people: z.array(Person),
            applications: z.array(ApplicationView),
            suspensions: z.array(SuspensionView),
          }),
        },
      },
    },
    async (request) => {
      const { id } = request.params
      const partner = await findPartner(db, id)
      if (!partner) throw partnerNotFound('there is no partner with this id')
      const people = await listPeople(db, id)
      const applications = await listApplications(db, { partnerId: id }, 200)
      return {
        partner,
        people: people.map(masked),
        applications,
        suspensions: await listSuspensions(db, id),
      }
    },
  )

  server.get(
    '/api/partners/:id/people',
    {
      config: { purpose: true },
      schema: {
        tags,
        operationId: 'readPartnerPeople',
        summary: 'Who the people of a partner are: for a purpose, which the journal keeps',
        params: OnePartner,
        response: { 200: z.object({ data: z.array(Person), next: z.null() }) },
      },
    },
    async (request) => ({ data: await listPeople(db, request.params.id), next: null }),
  )

  server.post(
    '/api/partners/:id/suspension',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success', 'api-engineering'] },
      schema: {
        tags,
        operationId: 'suspendPartner',
        summary: 'Stop everything of a partner at once',
        params: OnePartner,
        body: Why,
        response: { 200: PartnerView },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        suspendPartner(work, request.params.id, request.body.reason),
      ),
  )

  server.post(
    '/api/partners/:id/reinstatement',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'proposeReinstatement',
        summary: 'Ask for a suspended partner to be let in again',
        params: OnePartner,
        body: Why,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeReinstatement(work, request.params.id, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/people/:id/factor-reset',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'proposeFactorReset',
        summary: 'Ask that a partner’s person who lost their devices may set up new ones',
        params: z.object({ id: PersonId }),
        body: Why,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeFactorReset(work, request.params.id, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/people/:id/erasure',
    {
      config: { roles: ['compliance', 'head-of-platform'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'proposePersonErasure',
        summary:
          'Ask that a person who has left a partner be forgotten: name, address, what was said of them',
        params: z.object({ id: PersonId }),
        body: Why,
        response: { 202: z.object({ change: ChangeView }) },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeErasure(work, request.params.id, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.get(
    '/api/applications',
    {
      schema: {
        tags: ['applications'],
        operationId: 'listApplications',
        summary: 'Applications of all partners',
        querystring: z.object({
          partner: PartnerId.optional(),
          cell: Cell.optional(),
          status: Application.shape.status.optional(),
        }),
        response: { 200: z.object({ data: z.array(ApplicationView), next: z.null() }) },
      },
    },
    async (request) => {
      const { partner, cell, status } = request.query
      const filter = { partnerId: partner, cell, status }
      return { data: await listApplications(db, filter, 1_000), next: null }
    },
  )

  server.get(
    '/api/applications/:id',
    {
      schema: {
        tags: ['applications'],
        operationId: 'getApplication',
        summary: 'An application with its certificates',
        params: OneApplication,
        response: { 200: ApplicationWithCertificates },
      },
    },
    async (request) => {
      const application = await findApplication(db, request.params.id)
      if (!application) throw applicationNotFound('there is no application with this id')
      const certificates = await listCertificates(db, [application.id])
      return {
        ...application,
        certificates: certificates.map((c) => viewOfCertificate(c, world.now())),
      }
    },
  )

  server.post(
    '/api/applications/:id/revocation',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success', 'api-engineering'] },
      schema: {
        tags: ['applications'],
        operationId: 'revokeApplication',
        summary: 'Stop an application for good, at once',
        params: OneApplication,
        response: { 200: ApplicationView },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        revokeApplication(work, { applicationId: request.params.id }),
      ),
  )

  server.post(
    '/api/applications/:id/certificates/:sha256/revocation',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success', 'api-engineering'] },
      schema: {
        tags: ['applications'],
        operationId: 'revokeCertificate',
        summary: 'End a certificate at once',
        params: OneApplication.extend({ sha256: z.string().max(64) }),
        response: { 200: CertificateView },
      },
    },
    async (request) => {
      const { id, sha256 } = request.params
      const certificate = await asWork(context, request, (work) =>
        revokeCertificate(work, { applicationId: id }, sha256),
      )
      return viewOfCertificate(certificate, world.now())
    },
  )

  server.post(
    '/api/applications/:id/keys/:kid/revocation',
    {
      config: { roles: ['compliance', 'head-of-platform', 'partner-success', 'api-engineering'] },
      schema: {
        tags: ['applications'],
        operationId: 'revokeKey',
        summary: 'End one public key at once, and the tokens that were issued before',
        params: OneApplication.extend({ kid: z.string().max(128) }),
        response: { 200: ApplicationView },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        revokeKey(work, { applicationId: request.params.id }, request.params.kid),
      ),
  )
}
