import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareCommercially } from './commercial.ts'
import { openDocument } from './diff/index.ts'
import { commercialRules, compareLimits, comparePrices, compareSandboxValues } from './index.ts'
import { document, leaf, type Members } from '#test/versions/things.ts'

const commercially = (before: Members, after: Members) =>
  compareCommercially(
    openDocument(document('2026-06-01', { owner: leaf() }, { operation: before })),
    openDocument(document('2026-06-01', { owner: leaf() }, { operation: after })),
  ).map(({ level, id }) => `${level} ${id}`)
const consent = (more: Members) => ({ 'x-consent': { type: 'urn:bank:things:v1', ...more } })

test('each commercial rule is said by the smallest change that it is about, and by no other', () => {
  const cases: [before: Members, after: Members, said: string[]][] = [
    [{}, { 'x-permission': ['things.all'] }, ['ERR commercial-permission-required']],
    [{}, { 'x-permission': ['things.read', 'things.all', 'more'] }, []],
    [{}, { 'x-scope': 'things:more' }, ['ERR commercial-scope-changed']],
    [{ 'x-consent': 'none' }, {}, ['ERR commercial-consent-widened']],
    [{}, { 'x-consent': 'none' }, ['INFO commercial-consent-released']],
    [
      {},
      consent({ permissions: ['ReadThings', 'ReadMore'] }),
      ['INFO commercial-consent-released'],
    ],
    [{}, consent({ permissions: ['ReadMore'] }), ['ERR commercial-consent-widened']],
    [
      {},
      consent({ permissions: ['ReadThings'], binds: [{ body: '/a', detail: '/a' }] }),
      ['ERR commercial-consent-widened'],
    ],
    [{}, { 'x-sca-max-age': 600 }, ['ERR commercial-authentication-newer']],
    [{ 'x-sca-max-age': 600 }, { 'x-sca-max-age': 300 }, ['ERR commercial-authentication-newer']],
    [{ 'x-sca-max-age': 300 }, { 'x-sca-max-age': 600 }, []],
    [{}, { 'x-signature': 'required' }, ['ERR commercial-signature-required']],
    [{}, { 'x-signature': 'answer' }, []],
    [
      { 'x-idempotency': 'accepted' },
      { 'x-idempotency': 'required' },
      ['ERR commercial-idempotency-required'],
    ],
    [{}, { 'x-units': 2 }, ['ERR commercial-units-raised']],
    [{ 'x-units': 3 }, { 'x-units': 2 }, ['INFO commercial-units-lowered']],
    [{}, { requestBody: { 'x-bytes-max': 10 } }, ['ERR commercial-body-limit-lowered']],
    [
      { 'x-sandbox-scenarios': ['a', 'b'] },
      { 'x-sandbox-scenarios': ['b', 'c'] },
      ['ERR commercial-scenario-removed'],
    ],
    [{}, { 'x-budget': 'reads' }, ['WARN commercial-budget-changed']],
    [{}, { 'x-class': 'bulk' }, ['WARN commercial-priority-changed']],
    [{}, { 'x-risk': 'high' }, ['WARN commercial-risk-raised']],
    [{ 'x-risk': 'high' }, {}, []],
  ]
  for (const [before, after, said] of cases)
    assert.deepEqual(commercially(before, after), said, JSON.stringify(after))
})

test('who gets a field, and where a product is offered, are compared too', () => {
  const given = (more: Members = {}, root: Members = {}) =>
    openDocument(document('2026-06-01', { owner: leaf(more) }, { root }))
  const ids = (...[before, after]: [ReturnType<typeof given>, ReturnType<typeof given>]) =>
    compareCommercially(before, after).map(({ id }) => id)
  const some = { 'x-release': [{ action: 'release', scope: ['a'] }] }
  const others = { 'x-release': [{ action: 'release', scope: ['b'] }] }
  assert.deepEqual(ids(given(), given(some)), ['commercial-release-narrowed'])
  assert.deepEqual(ids(given(some), given(others)), ['commercial-release-changed'])
  assert.deepEqual(ids(given(), given({}, { 'x-cells': ['sandbox'] })), ['commercial-cell-removed'])
  assert.deepEqual(ids(given({}, { 'x-cells': ['sandbox'] }), given()), [])
})

test('a problem keeps its status and its code, unless a change says how it read before', () => {
  const refusing = (status: string, codes: string[], root: Members = {}) => {
    const one = document('2026-06-01', { owner: leaf() }, { root })
    const paths = one['paths'] as Record<string, Record<string, Members>>
    const responses = paths['/things/v1/things']?.['get']?.['responses'] as Members
    const examples = Object.fromEntries(codes.map((code) => [code, { value: {} }]))
    responses[status] = { description: 'No', content: { 'application/problem+json': { examples } } }
    return openDocument(one)
  }
  const ids = (...of: [ReturnType<typeof refusing>, ReturnType<typeof refusing>]) =>
    compareCommercially(...of).map(({ id }) => id)
  const before = refusing('409', ['things-closed'])
  assert.deepEqual(ids(before, refusing('409', ['things-closed', 'things-new'])), [])
  assert.deepEqual(ids(before, refusing('422', ['things-closed'])), [
    'commercial-problem-status-changed',
  ])
  assert.deepEqual(ids(before, refusing('409', ['things-ended'])), ['commercial-problem-removed'])
  const told = {
    operations: {
      listThings: {
        refusals: [{ code: 'things/ended', older: { code: 'things/closed', status: 409 } }],
      },
    },
  }
  assert.deepEqual(ids(before, refusing('409', ['things-ended'], { 'x-changes': [told] })), [])
})

test('what the sandbox plays for a value is a promise', () => {
  assert.deepEqual(compareSandboxValues({ '02': 'a' }, { '02': 'a', '03': 'b' }), [])
  const [lost] = compareSandboxValues({ '02': 'a' }, { '02': 'b' })
  assert.equal(lost?.id, 'commercial-sandbox-value-changed')
})

const limits = {
  rate: { perSecond: 10, burst: 20 },
  concurrency: 5,
  dailyQuota: null,
  budgets: { reads: { perSecond: 1, burst: 1 } },
}

test('limits that became less, and prices that rose, are named', () => {
  const said = (more: object) =>
    compareLimits(limits, { ...limits, ...more }).map(({ text }) => text)
  assert.deepEqual(said({}), [])
  assert.deepEqual(said({ concurrency: 6, rate: { perSecond: 11, burst: 20 } }), [])
  assert.equal(said({ rate: { perSecond: 9, burst: 19 } }).length, 2)
  assert.match(said({ dailyQuota: 5 })[0] ?? '', /dailyQuota/)
  assert.match(said({ budgets: {} })[0] ?? '', /reads/)
  assert.deepEqual(said({ budgets: { ...limits.budgets, writes: { perSecond: 1, burst: 1 } } }), [])
  const policy = {
    name: 'month',
    per: [],
    counts: 'calls',
    appliesTo: {},
    whenAway: 'refuse',
  } as const
  const shape = { kind: 'window', period: 'month', zone: 'UTC', limit: 100 } as const
  assert.equal(said({ policies: [{ ...policy, shape }] }).length, 1)

  assert.deepEqual(
    comparePrices({ a: '1.10', b: '2', c: '3' }, { a: '1.1', b: '2.000001', c: '2.9', d: '9' }).map(
      ({ id, operation }) => `${id} ${operation}`,
    ),
    ['commercial-price-raised b', 'commercial-price-lowered c'],
  )
})

test('every commercial rule has a level and words', () => {
  for (const [id, { level, says }] of Object.entries(commercialRules)) {
    assert.match(id, /^commercial-[a-z-]+$/)
    assert.ok(['ERR', 'WARN', 'INFO'].includes(level) && says.length > 10)
  }
})
