/** `/api/openapi.json`: what the pages can do, for programs. Made of the same schemas that check the requests. */
import swagger, { type SwaggerTransform } from '@fastify/swagger'
import { z } from 'zod'
import type { Server } from '#platform/http.ts'
import type { Office } from './cookie.ts'

/** A schema as it goes over the wire; a codec is what it is before it is decoded, in questions and in answers. */
const onTheWire = (schema: z.ZodType) => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return json
}

const aProblem = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

const transform: SwaggerTransform = ({ schema, url, route }) => {
  if (!url.startsWith('/api/') || !schema) return { schema: { hide: true }, url }
  const { body, querystring, params, response, ...said } = schema
  const asked = Object.entries({ body, querystring, params }).flatMap(([place, given]) =>
    given instanceof z.ZodType ? [[place, onTheWire(given)]] : [],
  )
  const answers = Object.entries(response ?? {}).map(([status, given]) => [
    status,
    given instanceof z.ZodType ? onTheWire(given) : { type: 'null' },
  ])
  const { open, roles } = route.config ?? {}
  return {
    url,
    schema: {
      ...said,
      ...Object.fromEntries(asked),
      response: { ...Object.fromEntries(answers), default: aProblem },
      ...(roles && { 'x-roles': roles }),
      ...(!open && { security: [{ session: [] }] }),
    },
  }
}

/** Describes every route that is added after it. */
export const describeApi = async (server: Server, office: Office): Promise<void> => {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: `Portico ${office}`, version: '1.0.0' },
      components: {
        schemas: {
          Problem: {
            type: 'object',
            required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'retryable'],
            properties: {
              type: { type: 'string' },
              title: { type: 'string' },
              status: { type: 'integer' },
              detail: { type: 'string' },
              instance: { type: 'string' },
              code: { type: 'string' },
              retryable: { type: 'boolean' },
              hint: { type: 'string' },
              errors: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['pointer', 'code', 'detail'],
                  properties: {
                    pointer: { type: 'string' },
                    code: { type: 'string' },
                    detail: { type: 'string' },
                  },
                },
              },
            },
          },
        },
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: `portico_${office}` },
        },
      },
    },
    transform,
  })
  server.get('/api/openapi.json', { config: { open: true }, schema: { hide: true } }, () =>
    server.swagger(),
  )
}
