// The smallest document that the tests of this room compare: one operation, one answer.
export const leaf = (more: object = {}) => ({ type: 'string', 'x-data-class': 'public', ...more })

export type Members = Record<string, unknown>
export const document = (
  version: string,
  properties: Members,
  { operation = {}, root = {} }: { operation?: Members; root?: Members } = {},
): Members => ({
  openapi: '3.1.0',
  info: { title: 'Things', version },
  ...root,
  paths: {
    '/things/v1/things': {
      get: {
        operationId: 'listThings',
        'x-permission': ['things.read', 'things.all'],
        'x-scope': 'things',
        'x-consent': { type: 'urn:bank:things:v1', permissions: ['ReadThings'] },
        'x-class': 'accounts',
        'x-risk': 'personal',
        ...operation,
        responses: {
          '200': {
            description: 'All',
            content: {
              'application/json': {
                schema: { type: 'object', required: Object.keys(properties), properties },
              },
            },
          },
        },
      },
    },
  },
})
