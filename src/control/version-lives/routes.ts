import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { type ChangeSet, ChangeView, viewOfChange } from '#control/approvals/index.ts'
import {
  asWork,
  type ControlContext,
  demand,
  partnerOf,
  type Server,
} from '#control/http/context.ts'
import { ApplicationId, PartnerId } from '#control/partners/index.ts'
import {
  joinBeta,
  leaveBeta,
  movePin,
  proposeBrownout,
  proposeDeprecation,
  proposeExtension,
  proposeRetirement,
  retirementOf,
  standingOn,
  sunsetFor,
} from './index.ts'
import { deskRoutes } from './desk-routes.ts'
import { ComingInput, judgeDocument, proposeComing } from './coming.ts'
import { ownApplication, readingRoutes } from './reading-routes.ts'
import { meaningsFor, versionsFor } from './meaning.ts'
import { ComingId } from './life.ts'
import * as store from './store.ts'
import {
  ApplicationVersionView,
  ComingView,
  JudgementView,
  StandsOnView,
  VersionView,
} from './views.ts'
import { proposeComingWithdrawal, proposeDeprecationWithdrawal } from './withdrawal.ts'

const tags = ['versions']
const One = z.object({ version: z.iso.date() })
const builders = ['owner', 'admin', 'developer'] as const

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/versions',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'listVersions',
        summary: 'Every dated version, newest first: what it changed and how long it is served',
        response: { 200: z.object({ data: z.array(VersionView), next: z.null() }) },
      },
    },
    async (request) => {
      const partnerId = request.signedIn?.kind === 'person' ? request.signedIn.partnerId : undefined
      return { data: await versionsFor(db, world.now(), partnerId), next: null }
    },
  )

  server.get(
    '/api/applications/versions',
    {
      schema: {
        tags,
        operationId: 'listApplicationVersions',
        summary: 'Which version each of your applications speaks, and what newer ones mean for it',
        response: { 200: z.object({ data: z.array(ApplicationVersionView), next: z.null() }) },
      },
    },
    async (request) => ({
      data: await meaningsFor(db, partnerOf(request).partnerId, world.now()),
      next: null,
    }),
  )

  server.get(
    '/api/versions/coming',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'listComingChanges',
        summary: 'What will change for callers of every version, the nearest first',
        response: { 200: z.object({ data: z.array(ComingView), next: z.null() }) },
      },
    },
    async () => ({ data: await store.coming(db), next: null }),
  )

  server.post(
    '/api/applications/:id/version',
    {
      config: { roles: [...builders] },
      schema: {
        tags,
        operationId: 'pinApplicationVersion',
        summary: 'Move an application to a newer version, or back to where it was, for 72 hours',
        params: z.object({ id: ApplicationId }),
        body: z.strictObject({ version: z.iso.date() }),
        response: {
          200: z.object({ applicationId: z.string(), version: z.string(), before: z.string() }),
        },
      },
    },
    (request) =>
      asWork(context, request, async (work) => {
        const application = await ownApplication(work, request, request.params.id)
        // What real customers' calls are read as changes with it.
        if (application.cell === 'production') demand(context, request, 'fresh')
        return movePin(work, application, request.body.version)
      }),
  )

  server.post(
    '/api/applications/:id/betas',
    {
      config: { roles: [...builders] },
      schema: {
        tags,
        operationId: 'joinBeta',
        summary:
          'Ask for a version in trial for an application: it may change, ninety days after you are told',
        params: z.object({ id: ApplicationId }),
        body: z.strictObject({ version: z.iso.date() }),
        response: { 200: z.object({ version: z.string() }) },
      },
    },
    (request) =>
      asWork(context, request, async (work) => {
        const { version } = request.body
        await joinBeta(work, await ownApplication(work, request, request.params.id), version)
        return { version }
      }),
  )

  server.post(
    '/api/applications/:id/betas/:version/removal',
    {
      config: { roles: [...builders] },
      schema: {
        tags,
        operationId: 'leaveBeta',
        summary: 'Leave a version in trial',
        params: z.object({ id: ApplicationId, version: z.iso.date() }),
        response: { 200: z.object({ version: z.string() }) },
      },
    },
    (request) =>
      asWork(context, request, async (work) => {
        const { id, version } = request.params
        await leaveBeta(work, await ownApplication(work, request, id), version)
        return { version }
      }),
  )
  readingRoutes(server, context)
}

const Reason = z.string().trim().min(3).max(1_000)
const Proposed = z.object({ change: ChangeView })
const makers = { roles: ['head-of-platform', 'api-product'] } as const

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  deskRoutes(server, context)
  const proposed = (change: ChangeSet) => ({ change: viewOfChange(change, world.now()) })

  server.get(
    '/api/versions',
    {
      schema: {
        tags,
        operationId: 'listVersions',
        summary: 'Every dated version, newest first: what it changed and how long it is served',
        response: { 200: z.object({ data: z.array(VersionView), next: z.null() }) },
      },
    },
    async () => ({ data: await versionsFor(db, world.now()), next: null }),
  )

  server.get(
    '/api/versions/:version/standing',
    {
      schema: {
        tags,
        operationId: 'getVersionStanding',
        summary: 'Who stands on a version, who knows of its end, and when it may end',
        params: One,
        response: {
          200: z.object({
            data: z.array(StandsOnView),
            next: z.null(),
            earliestSunset: Instant.describe('If its end were announced now'),
            retirement: z.object({ allowed: z.boolean(), why: z.string().nullable() }),
          }),
        },
      },
    },
    async (request) => {
      const { version } = request.params
      const now = world.now()
      const data = await standingOn(db, version, now)
      const retirement = await retirementOf(db, version, now)
      return {
        data,
        next: null,
        earliestSunset: sunsetFor(data, now),
        retirement: {
          allowed: retirement.allowed,
          why: retirement.allowed ? null : retirement.why,
        },
      }
    },
  )

  server.post(
    '/api/versions/judgement',
    {
      config: { roles: ['head-of-platform', 'api-product', 'api-engineering'], paper: true },
      schema: {
        tags,
        operationId: 'judgeDocument',
        summary: 'What a document would change, whom that hits by their calls, and when it might',
        body: z.strictObject({
          product: z.string(),
          openapi: z.looseObject({ openapi: z.string() }),
        }),
        response: { 200: JudgementView },
      },
    },
    (request) => judgeDocument(db, request.body.product, request.body.openapi, world.now()),
  )

  server.post(
    '/api/versions/coming',
    {
      config: { roles: [...makers.roles] },
      schema: {
        tags,
        operationId: 'proposeComingChange',
        summary:
          'Propose to announce what will break somebody, for the first day that contracts allow',
        body: ComingInput.extend({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { reason, ...input } = request.body
      const change = await asWork(context, request, (work) => proposeComing(work, input, reason))
      return reply.code(202).send(proposed(change))
    },
  )

  server.post(
    '/api/versions/:version/deprecation',
    {
      config: { roles: [...makers.roles] },
      schema: {
        tags,
        operationId: 'proposeDeprecation',
        summary: 'Propose that a version ends, on the first day that every contract allows',
        params: One,
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeDeprecation(work, request.params.version, request.body.reason),
      )
      return reply.code(202).send(proposed(change))
    },
  )

  server.post(
    '/api/versions/:version/deprecation/withdrawal',
    {
      config: { roles: [...makers.roles] },
      schema: {
        tags,
        operationId: 'proposeDeprecationWithdrawal',
        summary: 'Propose that a version does not end after all; whoever was told is told again',
        params: One,
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeDeprecationWithdrawal(work, request.params.version, request.body.reason),
      )
      return reply.code(202).send(proposed(change))
    },
  )

  server.post(
    '/api/versions/coming/:id/withdrawal',
    {
      config: { roles: [...makers.roles] },
      schema: {
        tags,
        operationId: 'proposeComingWithdrawal',
        summary:
          'Propose that what was announced does not happen; whoever was told is told again, and nothing of it is excused',
        params: z.object({ id: ComingId }),
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeComingWithdrawal(work, request.params.id, request.body.reason),
      )
      return reply.code(202).send(proposed(change))
    },
  )

  server.post(
    '/api/versions/:version/extensions',
    {
      config: { roles: [...makers.roles, 'partner-success'] },
      schema: {
        tags,
        operationId: 'proposeVersionExtension',
        summary: 'Propose more time for one partner',
        params: One,
        body: z.strictObject({ partnerId: PartnerId, until: Instant, reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeExtension(work, request.params.version, request.body),
      )
      return reply.code(202).send(proposed(change))
    },
  )

  server.post(
    '/api/versions/:version/brownouts',
    {
      config: { roles: [...makers.roles, 'api-engineering'] },
      schema: {
        tags,
        operationId: 'proposeBrownout',
        summary: 'Propose hours in which a version is refused; payments go on but for who agreed',
        params: One,
        body: z.strictObject({
          cell: Cell,
          startsAt: Instant,
          endsAt: Instant,
          paymentsOf: z.array(PartnerId).max(1_000).default([]),
          reason: Reason,
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { reason, ...hours } = request.body
      const change = await asWork(context, request, (work) =>
        proposeBrownout(work, request.params.version, hours, reason),
      )
      return reply.code(202).send(proposed(change))
    },
  )

  server.post(
    '/api/versions/:version/retirement',
    {
      config: { roles: [...makers.roles] },
      schema: {
        tags,
        operationId: 'proposeRetirement',
        summary: 'Propose to refuse a version for good, once its time has run out',
        params: One,
        body: z.strictObject({ despite: z.boolean().default(false), reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeRetirement(work, request.params.version, request.body),
      )
      return reply.code(202).send(proposed(change))
    },
  )
}
