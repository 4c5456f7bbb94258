import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { upstreamGuardOf } from '#platform/upstream-guard.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, type Server } from '#control/http/context.ts'
import { Draft, ProductId } from './import/draft.ts'
import { Overlay } from './import/overlay.ts'
import {
  annotateDraft,
  type DraftState,
  draftState,
  findUpstream,
  listDrafts,
  listUpstreams,
  proposeDraft,
  proposeUpstream,
  saveDraft,
} from './index.ts'
import { probe, ProbeView } from './probe.ts'
import { readUpstream, shownUpstream, UpstreamInput, upstreamNotFound } from './upstream.ts'

const tags = ['catalogue']
const roles = ['head-of-platform', 'api-product', 'api-engineering'] as const
const Reason = z.string().trim().min(1).max(1_000)
const Proposed = z.object({ change: ChangeView })

const Place = z.object({ pointer: z.string(), detail: z.string() })
const DraftView = z.object({
  product: z.string(),
  upstream: z.string(),
  version: z.string(),
  overlay: Overlay,
  /** What must be mended before it may be proposed. */
  findings: z.array(Place.extend({ code: z.string() })).readonly(),
  /** What the import did of itself. */
  notes: z.array(Place).readonly(),
  /** Places that the overlay speaks of and the document no longer has. */
  gone: z.array(z.string()).readonly(),
  /** Classes that names suggest. Nothing is released by them. */
  suggestions: z.array(z.object({ target: z.string(), dataClass: z.string() })).readonly(),
  news: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }).optional(),
  /** As it would be published. */
  document: z.record(z.string(), z.json()),
})

const viewOf = ({ draft, ...state }: DraftState): z.output<typeof DraftView> => ({
  product: draft.productId,
  upstream: draft.upstreamId,
  version: draft.version,
  overlay: draft.overlay,
  ...state,
})

const UpstreamView = z.object({
  id: z.string(),
  cell: Cell,
  address: z.string(),
  ca: z.boolean(),
  showsCertificateUntil: z.string().nullable(),
})

/** The bank's own APIs on their way behind the gateway. */
export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/catalogue/upstreams',
    {
      schema: {
        tags,
        operationId: 'listUpstreams',
        summary: 'Systems behind the gateway, and documents on their way to becoming products',
        response: {
          200: z.object({
            data: z.array(UpstreamView),
            drafts: z.array(
              z.object({ product: z.string(), upstream: z.string(), version: z.string() }),
            ),
          }),
        },
      },
    },
    async () => ({
      data: (await listUpstreams(db)).map(shownUpstream),
      drafts: (await listDrafts(db)).map(({ productId, upstreamId, version }) => ({
        product: productId,
        upstream: upstreamId,
        version: version.toString(),
      })),
    }),
  )

  server.post(
    '/api/catalogue/upstreams',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'proposeUpstream',
        summary: 'Propose a system behind the gateway of a cell, or another address for one',
        body: UpstreamInput.extend({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { reason, ...input } = request.body
      const guard = upstreamGuardOf(world, input.cell)
      const change = await asWork(context, request, (work) =>
        proposeUpstream(work, input, { guard, reason }),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/catalogue/upstream-probes',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'probeUpstream',
        summary:
          'Ask whether a system answers: a registered one by its name, or one not proposed yet',
        body: z.union([UpstreamInput, z.strictObject({ id: z.string(), cell: Cell })]),
        response: { 200: ProbeView },
      },
    },
    async (request) => {
      const asked = request.body
      const guard = upstreamGuardOf(world, asked.cell)
      if ('address' in asked) return probe(readUpstream(asked, guard, world.now()), guard)
      const upstream = await findUpstream(db, asked.cell, asked.id)
      if (!upstream) throw upstreamNotFound(`${asked.cell} has no system ${asked.id}`)
      return probe(upstream, guard)
    },
  )

  server.get(
    '/api/catalogue/drafts/:product',
    {
      schema: {
        tags,
        operationId: 'getDraft',
        summary: 'A document on its way to becoming a product, and what it still lacks',
        params: z.object({ product: ProductId }),
        response: { 200: DraftView },
      },
    },
    async (request) => viewOf(await draftState(db, request.params.product)),
  )

  server.post(
    '/api/catalogue/drafts',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'saveDraft',
        summary: 'Hand in an OpenAPI 3.0 or 3.1 document, again as often as it changes',
        body: z.strictObject({
          product: ProductId,
          upstream: Draft.shape.upstreamId,
          version: Draft.shape.version,
          source: Draft.shape.source,
          overlay: Overlay.optional(),
        }),
        response: { 200: DraftView },
      },
    },
    async (request) => {
      const { product, upstream, ...rest } = request.body
      return viewOf(
        await asWork(context, request, (work) =>
          saveDraft(work, { productId: product, upstreamId: upstream, ...rest }),
        ),
      )
    },
  )

  server.post(
    '/api/catalogue/drafts/:product/annotations',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'annotateDraft',
        summary: 'Say more of a draft: members that are merged at places of its document',
        params: z.object({ product: ProductId }),
        body: z.strictObject({ overlay: Overlay }),
        response: { 200: DraftView },
      },
    },
    async (request) =>
      viewOf(
        await asWork(context, request, (work) =>
          annotateDraft(work, request.params.product, request.body.overlay),
        ),
      ),
  )

  server.post(
    '/api/catalogue/drafts/:product/proposal',
    {
      config: { roles },
      schema: {
        tags,
        operationId: 'proposeDraft',
        summary: 'Propose what a draft says as a version of its product',
        params: z.object({ product: ProductId }),
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeDraft(work, request.params.product, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
