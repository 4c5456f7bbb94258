import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import { asWork, type ControlContext, type Server } from '#control/http/context.ts'
import { priceVersionNotFound } from './price-version.ts'
import {
  Limits,
  listPriceVersions,
  listProducts,
  listTiers,
  newestPrices,
  PriceVersion,
  productNotFound,
  proposeDocument,
  proposeLimits,
  proposePrices,
  Tier,
  UnitPrice,
} from './index.ts'

const tags = ['catalogue']

const OperationView = z.object({
  id: z.string(),
  method: z.string(),
  path: z.string(),
  summary: z.string(),
  /** Any of these permissions of the licence matrix is enough. */
  permissions: z.array(z.string()).readonly(),
  scope: z.string(),
  consentType: z.string().nullable(),
  /** For one unit, as decimal text; null: not on the list. */
  unitPrice: UnitPrice.nullable(),
})

const ProductView = z.object({
  id: z.string(),
  title: z.string(),
  version: z.string(),
  versions: z.array(z.string()).readonly(),
  operations: z.array(OperationView),
})

const Catalogue = z.object({
  data: z.array(ProductView),
  tiers: z.array(Tier),
  prices: z.object({ version: z.string(), currency: Currency }),
})

const catalogue = async ({ db }: ControlContext): Promise<z.output<typeof Catalogue>> => {
  const prices = await newestPrices(db)
  if (!prices) throw priceVersionNotFound('no prices are published yet')
  const products = await listProducts(db)
  return {
    data: products.map(({ id, title, version, versions, operations }) => ({
      id,
      title,
      version,
      versions,
      operations: operations.map((operation) => ({
        ...OperationView.omit({ unitPrice: true }).parse(operation),
        unitPrice: prices.unitPrices[operation.id] ?? null,
      })),
    })),
    tiers: await listTiers(db),
    prices: { version: prices.id, currency: prices.currency },
  }
}

export const portalRoutes = (server: Server, context: ControlContext): void => {
  server.get(
    '/api/products',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'listProducts',
        summary: 'Products with their operations and list prices, and the tiers with their limits',
        response: { 200: Catalogue },
      },
    },
    () => catalogue(context),
  )

  server.get(
    '/api/products/:id/openapi.json',
    {
      config: { open: true },
      schema: {
        tags,
        operationId: 'getProductDocument',
        summary: 'The OpenAPI document of a product',
        params: z.object({ id: z.string() }),
        response: { 200: z.looseObject({ openapi: z.string() }) },
      },
    },
    async (request) => {
      const products = await listProducts(context.db)
      const product = products.find((p) => p.id === request.params.id)
      if (!product) throw productNotFound(`no product is called ${request.params.id}`)
      return product.openapi
    },
  )
}

const Reason = z.string().trim().min(1).max(1_000)
const Proposed = z.object({ change: ChangeView })
const PriceVersionView = PriceVersion.extend({ publishedAt: Instant })

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context

  server.get(
    '/api/catalogue',
    {
      schema: {
        tags,
        operationId: 'getCatalogue',
        summary: 'Products, tiers and every price version',
        response: { 200: Catalogue.extend({ priceVersions: z.array(PriceVersionView) }) },
      },
    },
    async () => ({ ...(await catalogue(context)), priceVersions: await listPriceVersions(db) }),
  )

  server.post(
    '/api/catalogue/limits',
    {
      config: { roles: ['head-of-platform', 'api-product', 'api-engineering'] },
      schema: {
        tags,
        operationId: 'proposeLimits',
        summary: 'Propose other limits for a tier',
        body: z.strictObject({ tier: z.string(), limits: Limits, reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { tier, limits, reason } = request.body
      const change = await asWork(context, request, (work) =>
        proposeLimits(work, tier, limits, reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/catalogue/prices',
    {
      config: { roles: ['head-of-platform', 'api-product', 'finance'] },
      schema: {
        tags,
        operationId: 'proposePrices',
        summary: 'Propose a price version: it prices every operation on offer and never changes',
        body: z.strictObject({
          ...PriceVersion.omit({ publishedAt: true }).shape,
          reason: Reason,
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { reason, ...prices } = request.body
      const change = await asWork(context, request, (work) => proposePrices(work, prices, reason))
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/catalogue/documents',
    {
      config: { roles: ['head-of-platform', 'api-product', 'api-engineering'] },
      schema: {
        tags,
        operationId: 'proposeDocument',
        summary: 'Propose a version of a product: its OpenAPI document, checked',
        body: z.strictObject({
          product: z.string().regex(/^[a-z][a-z-]*$/),
          openapi: z.looseObject({ openapi: z.string() }),
          reason: Reason,
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { product, openapi, reason } = request.body
      const change = await asWork(context, request, (work) =>
        proposeDocument(work, product, openapi, reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}
