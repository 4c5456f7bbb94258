import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Change, CHANGES, changesAfter, ChangeUnfit, documentAt, Step } from './index.ts'
import { bringDown, bringUp, lowerPointer, raisedQuery } from './index.ts'

const step = (raw: unknown): Step => Step.parse(raw)

const text = { type: 'string', 'x-data-class': 'public' }
const newest = (changes: unknown[] = []) => ({
  openapi: '3.1.0',
  info: { title: 'Things', version: '2026-11-22' },
  [CHANGES]: changes,
  paths: {
    '/things/v1/things': {
      get: {
        operationId: 'listThings',
        parameters: [{ name: 'fromDate', in: 'query', schema: { type: 'string' } }],
        responses: {
          '200': {
            description: 'All',
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['data'],
                  properties: {
                    data: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
                  },
                },
                example: {
                  data: [{ id: '1', state: 'Open', holder: { name: 'Ann' }, tags: ['a'] }],
                },
              },
            },
          },
        },
      },
      post: {
        operationId: 'createThing',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NewThing' } } },
        },
        responses: {
          '201': {
            description: 'Made',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      NewThing: {
        type: 'object',
        additionalProperties: false,
        required: ['price', 'purpose'],
        properties: {
          price: {
            type: 'object',
            additionalProperties: false,
            required: ['amount', 'currency'],
            properties: { amount: { type: 'string' }, currency: { type: 'string', enum: ['UZS'] } },
          },
          purpose: text,
        },
      },
      Thing: {
        type: 'object',
        required: ['id', 'state', 'holder', 'tags'],
        properties: {
          id: text,
          state: { ...text, enum: ['Open', 'Shut', 'Frozen'] },
          holder: { type: 'object', required: ['name'], properties: { name: text } },
          tags: { type: 'array', items: text },
          note: text,
        },
      },
    },
  },
})

const answerSteps = [
  step({ do: 'move', at: '/data/*', from: '/owner', to: '/holder/name' }),
  step({
    do: 'map',
    at: '/data/*',
    member: 'state',
    up: { OPEN: 'Open', SHUT: 'Shut' },
    down: { Open: 'OPEN', Shut: 'SHUT', Frozen: 'SHUT' },
  }),
  step({ do: 'list', at: '/data/*', member: 'tags' }),
  step({ do: 'allow', at: '/data/*', member: 'note', value: '' }),
]
const requestSteps = [
  step({ do: 'money', at: '', member: 'price', minor: 'priceMinor', currency: 'currency' }),
  step({ do: 'require', at: '', member: 'purpose', value: 'OTHR' }),
]
const change = (more: object) => ({
  id: 'things-are-held',
  since: '2026-11-22',
  summary: { en: 'Held', ru: 'Held', uz: 'Held' },
  ...more,
})
const changed = newest([
  change({
    operations: {
      listThings: {
        parameters: [{ do: 'rename', from: 'from', to: 'fromDate' }],
        answer: answerSteps,
      },
      createThing: { request: requestSteps },
    },
  }),
])

test('the document of an older version is made of the newest one and what changed since', () => {
  const { paths, components, info } = documentAt(changed, '2026-09-01') as ReturnType<typeof newest>
  assert.equal(info.version, '2026-09-01')
  const { get, post } = paths['/things/v1/things']
  assert.deepEqual(get.parameters[0]?.name, 'from')
  const list = get.responses['200'].content['application/json']
  const thing: unknown = list.schema.properties.data.items
  assert.deepEqual(thing, {
    type: 'object',
    required: ['id', 'state', 'tags', 'note', 'owner'],
    properties: {
      id: text,
      state: { ...text, enum: ['OPEN', 'SHUT'] },
      tags: text,
      note: text,
      owner: text,
    },
  })
  assert.deepEqual(list.example.data[0], {
    id: '1',
    state: 'OPEN',
    owner: 'Ann',
    tags: 'a',
    note: '',
  })
  const body: unknown = post.requestBody.content['application/json'].schema
  assert.deepEqual(body, {
    type: 'object',
    additionalProperties: false,
    required: ['priceMinor', 'currency'],
    properties: {
      priceMinor: { type: 'string', pattern: '^-?[0-9]{1,18}$' },
      currency: { type: 'string', enum: ['UZS'] },
      purpose: text,
    },
  })
  assert.deepEqual(
    components.schemas.Thing,
    newest().components.schemas.Thing,
    'what others refer to stays as it is',
  )
})

test('a version that nothing changed since reads as the newest', () => {
  assert.deepEqual(documentAt(changed, '2026-11-22'), changed)
})

test('a change that names what is not there is refused with its name', () => {
  const wrong = (steps: unknown[], operation = 'listThings') =>
    newest([change({ operations: { [operation]: { answer: steps } } })])
  const cases = [
    [wrong([{ do: 'rename', at: '/data/*', from: 'a', to: 'b' }]), /things-are-held, listThings/],
    [wrong([{ do: 'rename', at: '/data/*', from: 'id', to: 'state' }]), /id is there already/],
    [wrong([{ do: 'rename', at: '', from: 'a', to: 'id' }], 'nobody'), /no operation/],
  ] as const
  for (const [document, said] of cases)
    assert.throws(
      () => documentAt(document, '2026-01-01'),
      (error) => error instanceof ChangeUnfit && said.test(error.message),
    )
})

test('what a step could write into a prototype is no name', () => {
  for (const name of ['__proto__', 'a/b', '']) {
    assert.equal(Step.safeParse({ do: 'rename', at: '', from: 'a', to: name }).success, false)
    assert.equal(Step.safeParse({ do: 'add', at: `/${name}/x y`, member: 'a' }).success, false)
  }
})

const plain = { noNullPrototype: true }
const thing = fc.record(
  {
    id: fc.string(),
    state: fc.constantFrom('OPEN', 'SHUT'),
    owner: fc.string(),
    tags: fc.string(),
    note: fc.string(),
  },
  plain,
)
const older = fc.record({ data: fc.array(thing) }, plain)

test('what is brought forward and back again is what it was', () => {
  const up = bringUp(answerSteps)
  const down = bringDown(answerSteps)
  fc.assert(
    fc.property(older, (value) => {
      assert.deepEqual(down(up(structuredClone(value))), value)
    }),
  )
})

test('amounts survive both ways to the last digit', () => {
  const up = bringUp(requestSteps)
  const down = bringDown(requestSteps)
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }),
      fc.constantFrom('UZS', 'JPY', 'KWD'),
      (minor, currency) => {
        const sent = { priceMinor: String(minor), currency, purpose: 'GDDS' }
        assert.deepEqual(down(up({ ...sent })), sent)
      },
    ),
  )
  assert.deepEqual(up({ priceMinor: '1250', currency: 'UZS' }), {
    price: { amount: '12.50', currency: 'UZS' },
    purpose: 'OTHR',
  })
})

test('a chain does what its changes do one after another', () => {
  const changes = ['2026-03-01', '2026-06-01', '2026-11-22'].map((since, i) =>
    Change.parse(change({ id: `change-${i}`, since })),
  )
  assert.deepEqual(
    changesAfter(changes, '2026-03-01').map(({ id }) => id),
    ['change-1', 'change-2'],
  )
  const [first, second] = [
    [step({ do: 'rename', at: '', from: 'a', to: 'b' })],
    [step({ do: 'rename', at: '', from: 'b', to: 'c' })],
  ]
  assert.ok(first && second)
  const value = { a: 1 }
  assert.deepEqual(
    bringUp([...first, ...second])({ ...value }),
    bringUp(second)(bringUp(first)({ ...value })),
  )
  assert.deepEqual(bringDown([...first, ...second])({ c: 1 }), { a: 1 })
})

test('a place that a refusal names is named as the older request has it', () => {
  const lower = lowerPointer(
    [
      step({ do: 'rename', at: '/legs/*', from: 'iban', to: 'account' }),
      step({ do: 'move', at: '', from: '/payee', to: '/creditor/name' }),
      step({ do: 'money', at: '', member: 'price', minor: 'priceMinor', currency: 'currency' }),
    ],
    [{ do: 'rename', from: 'from', to: 'fromDate' }],
  )
  assert.equal(lower('/legs/3/account/0'), '/legs/3/iban/0')
  assert.equal(lower('/legs/account'), '/legs/account')
  assert.equal(lower('/creditor/name'), '/payee')
  assert.equal(lower('/price/amount'), '/priceMinor')
  assert.equal(lower('/query/fromDate'), '/query/from')
  assert.equal(lower('/other'), '/other')
})

test('a query is brought forward by name and by word, and keeps what it does not know', () => {
  const up = raisedQuery([
    { do: 'rename', from: 'from', to: 'fromDate' },
    { do: 'map', name: 'state', up: { OPEN: 'Open' }, down: { Open: 'OPEN' } },
    { do: 'remove', name: 'verbose', schema: { type: 'boolean' } },
    { do: 'add', name: 'order', value: 'newest' },
  ])
  assert.equal(
    up('from=2026-01-01&state=OPEN&verbose=true&x=a%20b'),
    'fromDate=2026-01-01&state=Open&x=a%20b&order=newest',
  )
  assert.equal(up(''), 'order=newest')
})
