import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import { declineConsoleRoutes, declinePortalRoutes } from './decline-routes.ts'
import {
  recertificationConsoleRoutes,
  recertificationPortalRoutes,
} from './recertification/routes.ts'
import { registerPortalRoutes, registerRoutes } from './registers/routes.ts'
import {
  applyForLicence,
  currentMatrix,
  endOf,
  Evidence,
  EvidenceId,
  evidenceTypeOf,
  LicenceApplication,
  listEvidence,
  type Matrix,
  proposeGrant,
  proposeMatrix,
  proposeReinstatement,
  proposeVerification,
  shownState,
  submitEvidence,
  Suspension,
  suspendLicence,
} from './index.ts'
import { qualifiedTypes } from './qualified-types.ts'
import { saysRoles, submitCertificate } from './qualified.ts'

const tags = ['licences']
const PAGE = 100
const IDENTIFIERS_MAX = 20

const EvidenceView = Evidence.extend({
  state: z.enum([...Evidence.shape.state.options, 'expired']),
  validFrom: Instant.nullable(),
  validTo: Instant.nullable(),
  submittedAt: Instant,
  verifiedAt: Instant.nullable(),
  extendedTo: Instant.nullable(),
  /** Until when it counts: no longer than the matrix lets its type. */
  endsAt: Instant.nullable(),
})
/** The partner reads what was decided and why, not by whom. */
const OwnEvidenceView = EvidenceView.omit({ verifiedBy: true })

const viewOf = (evidence: Evidence, matrix: Matrix, now: Temporal.Instant) => {
  const type = evidenceTypeOf(matrix, evidence.type)
  return { ...evidence, state: shownState(evidence, type, now), endsAt: endOf(evidence, type) }
}

/** Text that compliance reads and believes: no control and no direction signs, so that it shows as it is written. */
const Visible = (max: number) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .min(1)
    .max(max)
    .regex(/^[^\p{C}]*$/u, 'has signs that nobody sees')

const ApplicationView = LicenceApplication.extend({ appliedAt: Instant })
const Statuses = z.array(z.string().max(64)).min(1).max(20)

/**
 * A moment, or a day of the bank's calendar: the first day counts from its beginning, the last one to its end.
 */
const moment = (zone: string, edge: 'first' | 'last') =>
  z.string().transform((text, ctx) => {
    try {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return Temporal.Instant.from(text)
      const day = Temporal.PlainDate.from(text)
      return (edge === 'first' ? day : day.add({ days: 1 })).toZonedDateTime(zone).toInstant()
    } catch {
      const message = 'not a day such as 2026-11-22 nor an instant such as 2026-11-22T10:00:00Z'
      ctx.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  })

export const portalRoutes = (server: Server, context: ControlContext): void => {
  declinePortalRoutes(server, context)
  recertificationPortalRoutes(server, context)
  registerPortalRoutes(server, context)
  const { db, world } = context
  const zone = world.settings.PORTICO_BANK_ZONE
  const Submission = z
    .strictObject({
      type: z.string().max(64),
      issuer: Visible(200),
      identifiers: z
        .record(Visible(64), Visible(200))
        .refine((all) => Object.keys(all).length <= IDENTIFIERS_MAX, 'has too many')
        .default({}),
      validFrom: moment(zone, 'first').nullable().default(null),
      validTo: moment(zone, 'last').nullable().default(null),
      documentSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex')
        .optional(),
      /** PEM of a qualified certificate: what it says is read from it. */
      certificate: z.string().max(16_384).optional(),
      shows: z.array(Visible(200)).max(20).default([]),
    })
    .refine(
      ({ validFrom, validTo }) =>
        !validFrom || !validTo || Temporal.Instant.compare(validFrom, validTo) < 0,
      { path: ['validTo'], message: 'it ends before it begins' },
    )
    .refine((s) => (s.certificate === undefined) !== (s.documentSha256 === undefined), {
      path: ['documentSha256'],
      message: 'a document is named by its hash; a certificate is handed in itself',
    })
    .refine((s) => s.certificate === undefined || qualifiedTypes.has(s.type), {
      path: ['certificate'],
      message: `belongs to ${[...qualifiedTypes].join(' or ')}`,
    })
    .refine((s) => s.certificate !== undefined || !qualifiedTypes.has(s.type) || !saysRoles(s), {
      path: ['certificate'],
      message: 'its roles and its number are read from it, never typed: hand it in itself',
    })

  server.get(
    '/api/evidence',
    {
      schema: {
        tags,
        operationId: 'listOwnEvidence',
        summary: 'What the organisation handed in, and what became of it',
        response: { 200: z.object({ data: z.array(OwnEvidenceView) }) },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const matrix = await currentMatrix(db)
      const evidence = await listEvidence(db, { partnerId }, PAGE)
      return { data: evidence.map((e) => viewOf(e, matrix, world.now())) }
    },
  )

  server.post(
    '/api/evidence',
    {
      config: { roles: ['owner', 'admin', 'signatory'], proof: 'factor' },
      schema: {
        tags,
        operationId: 'submitEvidence',
        summary: 'Hand in a document by its hash; it counts once two people of the bank accept it',
        body: Submission,
        response: { 201: z.object({ evidence: OwnEvidenceView }) },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      const { certificate: pem, documentSha256 = '', ...said } = request.body
      const evidence = await asWork(context, request, (work) =>
        pem === undefined
          ? submitEvidence(work, partnerId, { ...said, documentSha256 })
          : submitCertificate(work, partnerId, { ...said, pem }),
      )
      const matrix = await currentMatrix(db)
      return reply.code(201).send({ evidence: viewOf(evidence, matrix, world.now()) })
    },
  )

  server.post(
    '/api/licence-applications',
    {
      config: { roles: ['owner', 'admin', 'signatory'], proof: 'factor' },
      schema: {
        tags,
        operationId: 'applyForLicence',
        summary: 'Ask to be held as these statuses; compliance decides, with two people',
        body: z.strictObject({ statuses: Statuses }),
        response: { 201: z.object({ application: ApplicationView }) },
      },
    },
    async (request, reply) => {
      const { partnerId } = partnerOf(request)
      const application = await asWork(context, request, (work) =>
        applyForLicence(work, partnerId, request.body.statuses),
      )
      return reply.code(201).send({ application })
    },
  )
}

const Reason = z.string().trim().min(1).max(1_000)
const OfPartner = z.object({ partnerId: PartnerId })
const Proposed = z.object({ change: ChangeView })
const SuspensionView = Suspension.extend({ at: Instant, liftedAt: Instant.nullable() })

/** One status or one permission. */
const Stopped = z.union([
  z.strictObject({ permission: z.string().max(64), reason: Reason }),
  z.strictObject({ status: z.string().max(64), reason: Reason }),
])
const stoppedOf = (body: z.output<typeof Stopped>) =>
  'permission' in body
    ? ({ kind: 'permission', name: body.permission } as const)
    : ({ kind: 'status', name: body.status } as const)

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  declineConsoleRoutes(server, context)
  recertificationConsoleRoutes(server, context)
  registerRoutes(server, context)
  const { db, world } = context
  const view = (change: Parameters<typeof viewOfChange>[0]) => ({
    change: viewOfChange(change, world.now()),
  })

  server.get(
    '/api/evidence',
    {
      schema: {
        tags,
        operationId: 'listEvidence',
        summary: 'Evidence of all partners, newest first',
        querystring: z.object({
          status: Evidence.shape.state.optional(),
          partner: PartnerId.optional(),
          before: EvidenceId.optional(),
        }),
        response: {
          200: z.object({ data: z.array(EvidenceView), next: EvidenceId.nullable() }),
        },
      },
    },
    async (request) => {
      const { status, partner, before } = request.query
      const matrix = await currentMatrix(db)
      const evidence = await listEvidence(db, { state: status, partnerId: partner, before }, PAGE)
      const next = evidence.length === PAGE ? (evidence.at(-1)?.id ?? null) : null
      return { data: evidence.map((e) => viewOf(e, matrix, world.now())), next }
    },
  )

  server.post(
    '/api/evidence/:id/verification',
    {
      config: { roles: ['compliance'] },
      schema: {
        tags,
        operationId: 'verifyEvidence',
        summary: 'Say what a check of a document found; a second person agrees or not',
        params: z.object({ id: EvidenceId }),
        body: z.strictObject({
          result: z.enum(['accepted', 'rejected']),
          method: z.string().trim().min(1).max(200),
          remark: z.string().trim().max(1_000).default(''),
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeVerification(work, request.params.id, request.body),
      )
      return reply.code(202).send(view(change))
    },
  )

  server.post(
    '/api/licences/:partnerId/grants',
    {
      config: { roles: ['compliance'] },
      schema: {
        tags,
        operationId: 'grantLicence',
        summary: 'Propose to hold a partner as these statuses',
        params: OfPartner,
        body: z.strictObject({
          statuses: Statuses,
          reason: Reason.default('the partner applied for it'),
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { statuses, reason } = request.body
      const change = await asWork(context, request, (work) =>
        proposeGrant(work, request.params.partnerId, statuses, reason),
      )
      return reply.code(202).send(view(change))
    },
  )

  server.post(
    '/api/licences/:partnerId/suspension',
    {
      config: { roles: ['compliance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'suspendLicence',
        summary: 'Stop a status or a permission of a partner at once; to lift it takes two',
        params: OfPartner,
        body: Stopped,
        response: { 201: z.object({ suspension: SuspensionView }) },
      },
    },
    async (request, reply) => {
      const suspension = await asWork(context, request, (work) =>
        suspendLicence(
          work,
          request.params.partnerId,
          stoppedOf(request.body),
          request.body.reason,
        ),
      )
      return reply.code(201).send({ suspension })
    },
  )

  server.post(
    '/api/licences/:partnerId/reinstatement',
    {
      config: { roles: ['compliance', 'head-of-platform'] },
      schema: {
        tags,
        operationId: 'reinstateLicence',
        summary: 'Propose to lift a stop',
        params: OfPartner,
        body: Stopped,
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeReinstatement(
          work,
          request.params.partnerId,
          stoppedOf(request.body),
          request.body.reason,
        ),
      )
      return reply.code(202).send(view(change))
    },
  )

  server.get(
    '/api/licence-matrix',
    {
      schema: {
        tags,
        operationId: 'getLicenceMatrix',
        summary: 'The policy in force: what each status may use, with which evidence',
        response: { 200: z.looseObject({ version: z.string() }) },
      },
    },
    () => currentMatrix(db),
  )

  server.post(
    '/api/licence-matrix',
    {
      config: { roles: ['compliance'] },
      schema: {
        tags,
        operationId: 'proposeLicenceMatrix',
        summary: 'Propose another version of the policy',
        body: z.strictObject({ matrix: z.looseObject({ version: z.string() }), reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { matrix, reason } = request.body
      const change = await asWork(context, request, (work) => proposeMatrix(work, matrix, reason))
      return reply.code(202).send(view(change))
    },
  )
}
