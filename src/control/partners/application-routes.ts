import { z } from 'zod'
import {
  asWork,
  type ControlContext,
  demand,
  partnerOf,
  type Server,
} from '#control/http/context.ts'
import {
  Application,
  ApplicationId,
  applicationNotFound,
  ApplicationRequest,
  findApplication,
  listApplications,
  listCertificates,
  requestApplication,
  requestCertificate,
  revokeApplication,
  revokeCertificate,
  updateApplication,
} from './index.ts'
import { revokeKey } from './application-keys.ts'
import {
  ApplicationView,
  ApplicationWithCertificates,
  CertificateView,
  OutcomeView,
  viewOfCertificate,
  viewOfOutcome,
} from './views.ts'

const One = z.object({ id: ApplicationId })
const OneCertificate = One.extend({ sha256: z.string().max(64) })
const OneKey = One.extend({ kid: z.string().max(128) })
const Update = ApplicationRequest.omit({ cell: true, csr: true, rehearsal: true })
const Csr = z.strictObject({ csr: z.string().max(16_384) })

/** The applications of the partner who asks. Another's are as if they were not there. */
export const applicationRoutes = (server: Server, context: ControlContext): void => {
  const { db, world, authorities } = context
  const tags = ['applications']

  const own = async (request: Parameters<typeof partnerOf>[0], id: ApplicationId) => {
    const application = await findApplication(db, id)
    if (application?.partnerId !== partnerOf(request).partnerId)
      throw applicationNotFound('there is no application with this id')
    return application
  }
  /** What opens more in production asks for a fresh second factor; stopping is never slower than starting. */
  const changing = async (request: Parameters<typeof partnerOf>[0], id: ApplicationId) => {
    const { cell } = await own(request, id)
    if (cell === 'production') demand(context, request, 'fresh')
  }
  const withCertificates = async (application: Application) => ({
    ...application,
    certificates: (await listCertificates(db, [application.id])).map((c) =>
      viewOfCertificate(c, world.now()),
    ),
  })

  server.get(
    '/api/applications',
    {
      schema: {
        tags,
        operationId: 'listApplications',
        summary: 'My applications in both cells',
        response: { 200: z.object({ data: z.array(ApplicationView), next: z.null() }) },
      },
    },
    async (request) => ({
      data: await listApplications(db, { partnerId: partnerOf(request).partnerId }, 200),
      next: null,
    }),
  )

  server.post(
    '/api/applications',
    {
      config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
      schema: {
        tags,
        operationId: 'requestApplication',
        summary: 'Ask for an application: at once in the sandbox, after two people in production',
        body: ApplicationRequest,
        response: { 201: OutcomeView, 202: OutcomeView },
      },
    },
    async (request, reply) => {
      const offered = await context.offeredProducts()
      const { partnerId } = partnerOf(request)
      const outcome = await asWork(context, request, (work) =>
        requestApplication(work, authorities, partnerId, request.body, offered),
      )
      return reply.code(outcome.change ? 202 : 201).send(viewOfOutcome(outcome, world.now()))
    },
  )

  server.get(
    '/api/applications/:id',
    {
      schema: {
        tags,
        operationId: 'getApplication',
        summary: 'An application with its certificates',
        params: One,
        response: { 200: ApplicationWithCertificates },
      },
    },
    async (request) => withCertificates(await own(request, request.params.id)),
  )

  server.put(
    '/api/applications/:id',
    {
      config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
      schema: {
        tags,
        operationId: 'updateApplication',
        summary:
          'Change keys, addresses or names: at once in the sandbox, after two people in production',
        params: One,
        body: Update,
        response: { 200: OutcomeView, 202: OutcomeView },
      },
    },
    async (request, reply) => {
      await changing(request, request.params.id)
      const offered = await context.offeredProducts()
      const { partnerId } = partnerOf(request)
      const outcome = await asWork(context, request, (work) =>
        updateApplication(
          work,
          { partnerId, applicationId: request.params.id },
          request.body,
          offered,
        ),
      )
      return reply.code(outcome.change ? 202 : 200).send(viewOfOutcome(outcome, world.now()))
    },
  )

  server.post(
    '/api/applications/:id/certificates',
    {
      config: { roles: ['owner', 'security-admin', 'developer'] },
      schema: {
        tags,
        operationId: 'requestCertificate',
        summary: 'Ask for a client certificate by a CSR',
        params: One,
        body: Csr,
        response: { 201: OutcomeView, 202: OutcomeView },
      },
    },
    async (request, reply) => {
      await changing(request, request.params.id)
      const { partnerId } = partnerOf(request)
      const outcome = await asWork(context, request, (work) =>
        requestCertificate(
          work,
          authorities,
          { partnerId, applicationId: request.params.id },
          request.body.csr,
        ),
      )
      return reply.code(outcome.change ? 202 : 201).send(viewOfOutcome(outcome, world.now()))
    },
  )

  server.post(
    '/api/applications/:id/certificates/:sha256/revocation',
    {
      config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
      schema: {
        tags,
        operationId: 'revokeCertificate',
        summary: 'End a certificate at once',
        params: OneCertificate,
        response: { 200: CertificateView },
      },
    },
    async (request) => {
      const { id, sha256 } = request.params
      const { partnerId } = partnerOf(request)
      const certificate = await asWork(context, request, (work) =>
        revokeCertificate(work, { partnerId, applicationId: id }, sha256),
      )
      return viewOfCertificate(certificate, world.now())
    },
  )

  server.post(
    '/api/applications/:id/keys/:kid/revocation',
    {
      config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
      schema: {
        tags,
        operationId: 'revokeKey',
        summary: 'End one public key at once, and the tokens that were issued before',
        params: OneKey,
        response: { 200: ApplicationView },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        revokeKey(
          work,
          { partnerId: partnerOf(request).partnerId, applicationId: request.params.id },
          request.params.kid,
        ),
      ),
  )

  server.post(
    '/api/applications/:id/revocation',
    {
      config: { roles: ['owner', 'admin', 'security-admin', 'developer'] },
      schema: {
        tags,
        operationId: 'revokeApplication',
        summary: 'Stop an application for good, at once',
        params: One,
        response: { 200: ApplicationView },
      },
    },
    (request) =>
      asWork(context, request, (work) =>
        revokeApplication(work, {
          partnerId: partnerOf(request).partnerId,
          applicationId: request.params.id,
        }),
      ),
  )
}
