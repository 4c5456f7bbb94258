import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { asWork, type ControlContext, partnerOf, type Server } from '#control/http/context.ts'
import { PartnerId } from '#control/partners/index.ts'
import {
  addLine,
  endIncident,
  findIncident,
  Incident,
  IncidentId,
  IncidentLine,
  incidentNotFound,
  LineKind,
  linesOf,
  listIncidents,
  openIncident,
} from './index.ts'

const tags = ['incidents']
const PAGE = 100

const IncidentView = Incident.extend({
  beganAt: Instant,
  openedAt: Instant,
  endedAt: Instant.nullable(),
})
/** A partner reads when and how badly, not who else was touched, nor who wrote it down. */
const OwnIncidentView = IncidentView.omit({ partnerIds: true, openedBy: true })
const LineView = IncidentLine.extend({ at: Instant })
const Said = z.string().trim().min(3).max(4_000)
const One = z.object({ id: IncidentId })

export const portalRoutes = (server: Server, { db }: ControlContext): void => {
  server.get(
    '/api/incidents',
    {
      schema: {
        tags,
        operationId: 'listOwnIncidents',
        summary: 'Incidents that touched you, newest first',
        querystring: z.object({ before: IncidentId.optional() }),
        response: {
          200: z.object({ data: z.array(OwnIncidentView), next: IncidentId.nullable() }),
        },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const data = await listIncidents(db, { partnerId, before: request.query.before }, PAGE)
      return { data, next: data.length === PAGE ? (data.at(-1)?.id ?? null) : null }
    },
  )
}

/** People who run the platform write incidents down; everybody of the bank reads them. */
const writers = {
  roles: ['api-engineering', 'compliance', 'partner-success', 'head-of-platform'],
} as const

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db } = context

  server.get(
    '/api/incidents',
    {
      schema: {
        tags,
        operationId: 'listIncidents',
        summary: 'Incidents, newest first',
        querystring: z.object({
          partner: PartnerId.optional(),
          before: IncidentId.optional(),
        }),
        response: { 200: z.object({ data: z.array(IncidentView), next: IncidentId.nullable() }) },
      },
    },
    async (request) => {
      const { partner, before } = request.query
      const data = await listIncidents(db, { partnerId: partner, before }, PAGE)
      return { data, next: data.length === PAGE ? (data.at(-1)?.id ?? null) : null }
    },
  )

  server.get(
    '/api/incidents/:id',
    {
      schema: {
        tags,
        operationId: 'getIncident',
        summary: 'An incident with everything that was found, done and reported',
        params: One,
        response: { 200: z.object({ incident: IncidentView, lines: z.array(LineView) }) },
      },
    },
    async (request) => {
      const incident = await findIncident(db, request.params.id)
      if (!incident) throw incidentNotFound('no incident has this id')
      return { incident, lines: await linesOf(db, [incident.id]) }
    },
  )

  server.post(
    '/api/incidents',
    {
      config: { roles: [...writers.roles] },
      schema: {
        tags,
        operationId: 'openIncident',
        summary: 'Put an incident on record; no partner named is every partner',
        body: z.strictObject({
          title: z.string().trim().min(3).max(200),
          severity: Incident.shape.severity,
          cell: Incident.shape.cell.default(null),
          partnerIds: z.array(PartnerId).max(1_000).default([]),
          beganAt: Instant,
        }),
        response: { 201: z.object({ incident: IncidentView }) },
      },
    },
    async (request, reply) => {
      const incident = await asWork(context, request, (work) => openIncident(work, request.body))
      return reply.code(201).send({ incident })
    },
  )

  server.post(
    '/api/incidents/:id/lines',
    {
      config: { roles: [...writers.roles] },
      schema: {
        tags,
        operationId: 'addIncidentLine',
        summary: 'Add what was found, done, reported, or why it happened; it stays on record',
        params: One,
        body: z.strictObject({ kind: LineKind.exclude(['end']), said: Said }),
        response: { 201: z.object({ incident: IncidentView }) },
      },
    },
    async (request, reply) => {
      const incident = await asWork(context, request, (work) =>
        addLine(work, request.params.id, request.body),
      )
      return reply.code(201).send({ incident })
    },
  )

  server.post(
    '/api/incidents/:id/end',
    {
      config: { roles: [...writers.roles] },
      schema: {
        tags,
        operationId: 'endIncident',
        summary: 'Say when it was over, and how',
        params: One,
        body: z.strictObject({ endedAt: Instant, said: Said }),
        response: { 200: z.object({ incident: IncidentView }) },
      },
    },
    async (request) => ({
      incident: await asWork(context, request, (work) =>
        endIncident(work, request.params.id, request.body),
      ),
    }),
  )
}
