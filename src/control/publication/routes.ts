import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { Audience } from '#platform/publication.ts'
import { type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import {
  ApplicationId,
  applicationNotFound,
  findApplication,
  PartnerId,
} from '#control/partners/index.ts'
import { CallExplanation, explainCall, explainLicences, LicencesView } from './explain.ts'
import { explainDecided, explainPast, PastExplanation } from './explain-at.ts'
import { FieldReport, fieldReport } from './field-report.ts'
import { lastReceipts, listPublished } from './index.ts'
import { momentOf } from './policy.ts'
import { heardSince } from './store.ts'

const Ask = z.object({
  application: ApplicationId,
  operation: z.string().max(100),
  /** Permissions of a consent, separated by commas: then each field is decided, and not left to the call. */
  consent: z
    .string()
    .max(500)
    .transform((words) => words.split(',').filter((word) => word !== ''))
    .optional(),
  /** The code of the consent's purpose. */
  purpose: z.string().max(100).optional(),
})

const AskPast = z.object({
  application: ApplicationId,
  operation: z.string().max(100),
  at: Instant,
})

const OneCall = z.object({ callId: z.string().regex(/^[0-9a-f]{32}$/, 'is no id of a call') })

/** Of one cell; production where none is named. */
const InCell = z.object({ cell: Cell.default('production') })

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/licences',
    {
      schema: {
        tags: ['licences'],
        operationId: 'getOwnLicences',
        summary: 'Statuses, and every permission in each cell with its gates',
        response: { 200: LicencesView },
      },
    },
    (request) => explainLicences(db, partnerOf(request).partnerId, momentOf(world)),
  )

  server.get(
    '/api/explain',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainOwnCall',
        summary: 'Every gate of a call: what is open, what is missing, who can give it',
        querystring: Ask,
        response: { 200: CallExplanation },
      },
    },
    (request) =>
      explainCall(db, { ...request.query, own: partnerOf(request).partnerId }, momentOf(world)),
  )

  server.get(
    '/api/explain/past',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainOwnPast',
        summary: 'Why a call was allowed or not at a moment that has passed',
        querystring: AskPast,
        response: { 200: PastExplanation },
      },
    },
    (request) => explainPast(db, { ...request.query, own: partnerOf(request).partnerId }),
  )

  server.get(
    '/api/usage/calls/:callId/explanation',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainOwnDecidedCall',
        summary:
          'Why a call of yours was decided so: by the snapshot that its gateway had, by its digest',
        params: OneCall,
        response: { 200: PastExplanation },
      },
    },
    (request) => explainDecided(db, { ...request.params, partnerId: partnerOf(request).partnerId }),
  )

  server.get(
    '/api/applications/:id/standing',
    {
      schema: {
        tags: ['partners'],
        operationId: 'getApplicationStanding',
        summary: 'Whether a gateway of its cell knows the application by now',
        params: z.object({ id: ApplicationId }),
        response: { 200: z.object({ known: z.boolean() }) },
      },
    },
    async (request) => {
      const application = await findApplication(db, request.params.id)
      if (application?.partnerId !== partnerOf(request).partnerId)
        throw applicationNotFound('there is no application with this id')
      const { cell, status, requestedAt } = application
      return { known: status === 'active' && (await heardSince(db, cell, requestedAt)) }
    },
  )

  server.get(
    '/api/fields',
    {
      schema: {
        tags: ['fields'],
        operationId: 'getOwnFields',
        summary: 'Every field that you are granted, and how often you got it',
        querystring: InCell,
        response: { 200: FieldReport },
      },
    },
    (request) => fieldReport(db, partnerOf(request).partnerId, request.query.cell, momentOf(world)),
  )
}

const PublishedView = z.object({
  cell: Cell,
  audience: Audience,
  epoch: z.int(),
  sha256: z.string(),
  compiledAt: Instant,
})

/** The last word of a reader: what it serves by, or why it refused what was sent. */
const ReceiptView = z.object({
  cell: Cell,
  audience: Audience,
  reader: z.string(),
  taken: z.boolean(),
  epoch: z.int().nullable(),
  sha256: z.string().nullable(),
  reason: z.string().nullable(),
  at: Instant,
})

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/licences/:partnerId',
    {
      schema: {
        tags: ['licences'],
        operationId: 'getLicences',
        summary: 'A partner’s statuses, and every permission in each cell with its gates',
        params: z.object({ partnerId: PartnerId }),
        response: { 200: LicencesView },
      },
    },
    (request) => explainLicences(db, request.params.partnerId, momentOf(world)),
  )

  server.get(
    '/api/explain',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainCall',
        summary: 'Every gate of a call: what is open, what is missing, who can give it',
        querystring: Ask,
        response: { 200: CallExplanation },
      },
    },
    (request) => explainCall(db, request.query, momentOf(world)),
  )

  server.get(
    '/api/explain/past',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainPast',
        summary:
          'Why a call was allowed or not at a moment that has passed: the snapshot of that day, by its digest',
        querystring: AskPast,
        response: { 200: PastExplanation },
      },
    },
    (request) => explainPast(db, request.query),
  )

  server.get(
    '/api/partners/:partnerId/calls/:callId/explanation',
    {
      schema: {
        tags: ['explain'],
        operationId: 'explainDecidedCall',
        summary: 'Why a call was decided so: by the snapshot that its gateway had, by its digest',
        params: OneCall.extend({ partnerId: PartnerId }),
        response: { 200: PastExplanation },
      },
    },
    (request) => explainDecided(db, request.params),
  )

  server.get(
    '/api/fields',
    {
      schema: {
        tags: ['fields'],
        operationId: 'getFields',
        summary:
          'Every field that a partner is granted, how often it left, and what its contract could do without',
        querystring: InCell.extend({ partner: PartnerId }),
        response: { 200: FieldReport },
      },
    },
    ({ query }) => fieldReport(db, query.partner, query.cell, momentOf(world)),
  )

  server.get(
    '/api/publications',
    {
      schema: {
        tags: ['publication'],
        operationId: 'listPublications',
        summary:
          'The newest epoch of every document, and what each reader made of what it was sent',
        response: {
          200: z.object({ data: z.array(PublishedView), receipts: z.array(ReceiptView) }),
        },
      },
    },
    async () => ({
      data: (await listPublished(db)).map((d) => ({ ...d, epoch: Number(d.epoch) })),
      receipts: (await lastReceipts(db)).map((r) => ({
        ...r,
        epoch: r.epoch === null ? null : Number(r.epoch),
      })),
    }),
  )
}
