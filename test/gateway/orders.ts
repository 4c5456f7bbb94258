/** A product whose orders were written otherwise twice, and what its callers of each version know. */
import { SnapshotProduct } from '#gateway/snapshot.ts'
import { day } from './partner.ts'

export const oldest = '2026-03-02'
export const middle = '2026-07-01'

const leaf = (more: object = {}) => ({ type: 'string', 'x-data-class': 'public', ...more })
const object = (properties: object, required: string[] = Object.keys(properties)) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})
const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const secretly = leaf({ 'x-release': [{ action: 'release', scope: ['payments:split'] }] })
const order = object({
  orderId: leaf(),
  state: leaf({ enum: ['Open', 'Shut'] }),
  buyer: object({ name: leaf(), rating: secretly }, ['name']),
})
const common = {
  'x-permission': 'payments.initiate',
  'x-scope': 'payments',
  'x-consent': 'none',
  'x-upstream': 'bank',
  'x-class': 'accounts',
  'x-risk': 'reference',
}
const price = object({
  amount: { type: 'string', pattern: '^[0-9]+\\.[0-9]{2}$' },
  currency: { type: 'string', enum: ['UZS', 'USD'] },
})
const refusals = Object.fromEntries(
  ['400', '404', '409', '422'].map((status) => [status, { description: 'No.' }]),
)
export const document = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: day },
  'x-changes': [
    {
      id: 'orders-have-amounts',
      since: middle,
      summary: { en: 'Prices are amounts.', ru: 'Цены — суммы.', uz: 'Narxlar — summalar.' },
      operations: {
        createOrder: {
          request: [
            { do: 'money', at: '', member: 'price', minor: 'priceMinor', currency: 'currency' },
          ],
        },
      },
    },
    {
      id: 'orders-name-their-buyer',
      since: day,
      summary: {
        en: 'The buyer is an object.',
        ru: 'Покупатель — объект.',
        uz: 'Xaridor — obyekt.',
      },
      operations: {
        createOrder: {
          request: [{ do: 'rename', at: '', from: 'customer', to: 'buyer' }],
          answer: [{ do: 'move', at: '', from: '/customer', to: '/buyer/name' }],
          refusals: [
            {
              code: 'orders/buyer-unknown',
              older: { code: 'orders/customer-unknown', status: 409 },
            },
          ],
        },
        closeOrder: { answer: [{ do: 'move', at: '', from: '/customer', to: '/buyer/name' }] },
        listOrders: {
          parameters: [{ do: 'rename', from: 'customer', to: 'buyer' }],
          answer: [
            { do: 'move', at: '/data/*', from: '/customer', to: '/buyer/name' },
            {
              do: 'map',
              at: '/data/*',
              member: 'state',
              up: { OPEN: 'Open', SHUT: 'Shut' },
              down: { Open: 'OPEN', Shut: 'SHUT' },
            },
          ],
        },
      },
    },
  ],
  paths: {
    '/orders/v1/orders': {
      get: {
        operationId: 'listOrders',
        ...common,
        'x-cache': { maxAgeS: 0 },
        parameters: [{ name: 'buyer', in: 'query', schema: { type: 'string', maxLength: 20 } }],
        responses: {
          200: { description: 'All.', ...json(object({ data: { type: 'array', items: order } })) },
          ...refusals,
        },
      },
      post: {
        operationId: 'createOrder',
        ...common,
        'x-class': 'payment',
        'x-idempotency': 'required',
        requestBody: {
          required: true,
          ...json(object({ price, buyer: { type: 'string', maxLength: 20 } })),
        },
        responses: { 201: { description: 'Made.', ...json(order) }, ...refusals },
      },
    },
    '/orders/v1/closures': {
      post: {
        operationId: 'closeOrder',
        ...common,
        'x-class': 'payment',
        'x-idempotency': 'required',
        requestBody: { required: true, ...json(object({ orderId: leaf() })) },
        responses: { 201: { description: 'Shut.', ...json(order) }, ...refusals },
      },
    },
  },
}
export const product = SnapshotProduct.parse({
  id: 'orders',
  version: day,
  versions: [oldest, middle, day],
  openapi: document,
})
