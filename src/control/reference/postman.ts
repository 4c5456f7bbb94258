/** A product as a Postman collection 2.1. Certificates are set in Postman itself: a collection cannot carry them. */
import type { Reference } from './index.ts'
import { callOf } from './samples.ts'

export const postmanOf = async (reference: Reference, id: string) => {
  const product = (await reference.products()).find((p) => p.id === id)
  const operations = (product?.operations ?? []).filter((o) => o.method !== 'EVT')
  // Asked of the reference, so that an unknown product is refused by its own words.
  const models = product
    ? await Promise.all(operations.map((o) => reference.operation(id, o.id)))
    : [await reference.operation(id, '')]
  const tags = [...new Set(models.map((model) => model.tag))]
  const itemOf = (model: (typeof models)[number]) => {
    const { method, url, headers, body, once } = callOf(model, '{{gateway}}')
    return {
      name: model.summary,
      request: {
        method,
        description: model.description,
        url: url.replaceAll(/\{(\w+)\}(?!\})/g, (whole: string, name: string) =>
          name === 'gateway' ? whole : `:${name}`,
        ),
        header: [
          ...headers.map(([key, value]) => ({ key, value })),
          ...(once ? [{ key: 'Idempotency-Key', value: '{{$guid}}' }] : []),
        ],
        ...(body !== undefined && { body: { mode: 'raw', raw: body } }),
      },
    }
  }
  return {
    info: {
      name: product?.title ?? id,
      description: product?.description ?? '',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
    variable: [{ key: 'gateway', value: '' }],
    item: tags.map((tag) => ({
      name: tag,
      item: models.filter((model) => model.tag === tag).map(itemOf),
    })),
  }
}
