/** The catalogue as documents for machines: AsyncAPI 3.0 and the `webhooks` of OpenAPI 3.1, both made of the same schemas. */
import { stringify } from 'yaml'
import { catalogue, type Fact, factSchema } from './catalogue.ts'
import { eventChanges } from './event-versions.ts'

const VERSION = '2026-11-22'
const about =
  'What the bank tells partners, signed by Standard Webhooks 1.0.0. Delivered at least once: `webhook-id` is the same on ' +
  'every attempt and replay. `data.sequence` counts the events of a subject. Personal data is fetched, never sent.'

const nameOf = (type: string) =>
  type
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

const payload = (type: string, facts: readonly Fact[]) => ({
  type: 'object',
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { type: 'string', const: type },
    timestamp: { type: 'string', format: 'date-time', description: 'When it happened' },
    data: {
      type: 'object',
      required: ['subject', 'sequence'],
      properties: {
        subject: { type: 'string', description: 'Id of the resource that it happened to' },
        sequence: {
          type: 'integer',
          minimum: 1,
          description: 'Which event of its subject it is for you',
        },
        applicationId: { type: 'string', description: 'Your application, where it is one’s own' },
        ...Object.fromEntries(facts.map((fact) => [fact, factSchema(fact)])),
      },
    },
  },
})

const headers = {
  type: 'object',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  properties: {
    'webhook-id': { type: 'string', description: 'The same on every attempt and replay' },
    'webhook-timestamp': { type: 'string', description: 'Unix seconds of this attempt' },
    'webhook-signature': {
      type: 'string',
      description: 'Space-separated: v1a,<base64 Ed25519> and v1,<base64 HMAC-SHA256>',
    },
    'webhook-replay': { type: 'string', const: '1', description: 'You asked for it again' },
  },
}

const kinds = [...catalogue].map(([type, { summary, facts }]) => ({
  type,
  name: nameOf(type),
  summary,
  schema: payload(type, facts),
}))
const byName = <T>(of: (kind: (typeof kinds)[number]) => T) =>
  Object.fromEntries(kinds.map((kind) => [kind.name, of(kind)]))

export const asyncApi = (): string =>
  stringify(
    {
      asyncapi: '3.0.0',
      info: { title: 'Events for partners', version: VERSION, description: about },
      defaultContentType: 'application/json',
      channels: {
        endpoint: {
          address: null,
          description: 'An endpoint of yours, as you registered it in the portal',
          messages: byName(({ name }) => ({ $ref: `#/components/messages/${name}` })),
        },
      },
      operations: byName(({ name, summary }) => ({
        action: 'receive',
        channel: { $ref: '#/channels/endpoint' },
        summary,
        messages: [{ $ref: `#/channels/endpoint/messages/${name}` }],
      })),
      components: {
        messages: byName(({ type, summary, schema }) => ({
          name: type,
          title: summary,
          headers: { $ref: '#/components/schemas/Headers' },
          payload: schema,
        })),
        schemas: { Headers: headers },
      },
    },
    { aliasDuplicateObjects: false },
  )

const parameters = Object.entries(headers.properties).map(([name, { description, ...schema }]) => ({
  name,
  in: 'header',
  required: headers.required.includes(name),
  description,
  schema,
}))

export const openApiWebhooks = (): string =>
  stringify(
    {
      openapi: '3.1.0',
      info: { title: 'Events for partners', version: VERSION, description: about },
      'x-changes': eventChanges,
      webhooks: Object.fromEntries(
        kinds.map(({ type, name, summary, schema }) => [
          type,
          {
            post: {
              operationId: `on${name}`,
              summary,
              parameters: parameters.map((p) => ({ $ref: `#/components/parameters/${p.name}` })),
              requestBody: {
                required: true,
                content: { 'application/json': { schema } },
              },
              responses: {
                '2XX': { description: 'Taken. Answer first, work later: there are 15 seconds.' },
                '410': { description: 'Send nothing here any more' },
                '429': { description: 'Later: `Retry-After` is honoured' },
              },
            },
          },
        ]),
      ),
      components: { parameters: Object.fromEntries(parameters.map((p) => [p.name, p])) },
    },
    { aliasDuplicateObjects: false },
  )
