/** The reference for everybody: no sign-in, no cookie, the same for all who ask. */
import { z } from 'zod'
import { addressesOf } from '#platform/config.ts'
import type { ControlContext, Server } from '#control/http/context.ts'
import { openReference, type Reference } from './index.ts'
import { llmsText } from './llms.ts'
import { postmanOf } from './postman.ts'
import { callOf, sampleOf } from './samples.ts'
import {
  FoundView,
  GuidesView,
  GuideView,
  OperationView,
  ReferenceView,
  RefusalsView,
} from './views.ts'

const tags = ['reference']
const config = { open: true } as const

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const reference = openReference(db)
  const gateway = addressesOf(world.ports, 'sandbox').gatewayMtls

  server.get(
    '/api/reference',
    {
      config,
      schema: {
        tags,
        operationId: 'listReference',
        summary: 'Products with all their operations and events, by one line each',
        response: { 200: ReferenceView },
      },
    },
    async () => ReferenceView.parse({ data: await reference.products() }),
  )

  server.get(
    '/api/reference/:product/:operation',
    {
      config,
      schema: {
        tags,
        operationId: 'getReferenceOperation',
        summary: 'One operation or event: what it takes, returns and refuses',
        params: z.object({ product: z.string(), operation: z.string() }),
        querystring: z.object({ version: z.iso.date().optional() }),
        response: { 200: OperationView },
      },
    },
    async ({ params, query }) => {
      const model = await reference.operation(params.product, params.operation, query.version)
      return OperationView.parse({
        ...model,
        ...(model.method !== 'EVT' && { samples: sampleOf(callOf(model, gateway)) }),
      })
    },
  )

  server.get(
    '/api/refusals',
    {
      config,
      schema: {
        tags,
        operationId: 'listRefusals',
        summary:
          'Every code that a product’s document names, with what it means and where it is met',
        response: { 200: RefusalsView },
      },
    },
    async () => RefusalsView.parse({ data: await reference.refusals() }),
  )

  server.get(
    '/api/search',
    {
      config,
      schema: {
        tags,
        operationId: 'searchReference',
        summary: 'Operations, events, refusal codes and guides by the words of a reader',
        querystring: z.object({ q: z.string().trim().min(1).max(200) }),
        response: { 200: FoundView },
      },
    },
    async ({ query }) => FoundView.parse({ data: await reference.search(query.q) }),
  )

  addGuides(server, reference)

  server.get(
    '/api/products/:id/postman.json',
    {
      config,
      schema: {
        tags,
        operationId: 'getPostmanCollection',
        summary: 'A product as a Postman collection (format 2.1)',
        params: z.object({ id: z.string() }),
        response: { 200: z.looseObject({ info: z.looseObject({ name: z.string() }) }) },
      },
    },
    async ({ params }) => postmanOf(reference, params.id),
  )

  server.get('/llms.txt', { config }, async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(llmsText(await reference.products(), reference.guides())),
  )
}

const addGuides = (server: Server, reference: Reference): void => {
  server.get(
    '/api/guides',
    {
      config,
      schema: {
        tags,
        operationId: 'listGuides',
        summary: 'The guides, in the order of reading',
        response: { 200: GuidesView },
      },
    },
    () => GuidesView.parse({ data: reference.guides() }),
  )

  server.get(
    '/api/guides/:id',
    {
      config,
      schema: {
        tags,
        operationId: 'getGuide',
        summary: 'One guide as a page',
        params: z.object({ id: z.string() }),
        response: { 200: GuideView },
      },
    },
    ({ params }) => GuideView.parse(reference.guide(params.id)),
  )

  /** Every guide as it was written: the page’s address and `.md`. */
  server.get(
    '/guides/:id(^[a-z-]+).md',
    { config, schema: { params: z.object({ id: z.string() }) } },
    ({ params }, reply) =>
      reply.type('text/markdown; charset=utf-8').send(reference.guide(params.id).markdown),
  )
}
