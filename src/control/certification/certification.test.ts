import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import type { Operation } from '#control/catalogue/index.ts'
import type { TraceRow } from '#control/usage/index.ts'
import { openPublicationWorld } from '#test/publication.ts'
import { work } from '#journal/index.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { decideChange } from '#control/approvals/index.ts'
import { ApplicationRequest, partnerAppliers, requestApplication } from '#control/partners/index.ts'
import { listStaff, seedStaff } from '#control/staff/index.ts'
import { checksOf, type Receiver } from './certificate.ts'
import { type Certified, certifiedFirst } from './index.ts'

const operation = (id: string, over: Partial<Operation> = {}): Operation => ({
  id,
  product: 'payments',
  method: 'POST',
  path: '/',
  summary: '',
  permissions: [],
  scope: '',
  consentType: 'urn:bank:payment:v1',
  budget: null,
  upstream: 'bank',
  priority: 'payment',
  risk: 'high',
  units: 1,
  ...over,
})
const operations = [
  operation('createPayment'),
  operation('getPayment', { method: 'GET', risk: 'personal' }),
  operation('listFxRates', { product: 'fx', method: 'GET', risk: 'reference', consentType: null }),
]
const call = (minute: number, over: Partial<TraceRow> = {}): TraceRow => ({
  at: noon.add({ milliseconds: Math.round(minute * 60_000) }),
  product: 'payments',
  operation: 'createPayment',
  status: 201,
  code: null,
  billable: true,
  consentId: 'c1',
  ...over,
})
const trialsOf = (...wrong: string[]): Receiver => ({
  at: noon,
  trials: ['genuine', 'foreign-key', 'altered', 'stale'].map((trial) => ({
    trial,
    right: !wrong.includes(trial),
  })),
})
const verdicts = (trace: TraceRow[], receivers = trace.length > 0 ? [trialsOf()] : []) =>
  checksOf('payments', operations, trace, receivers).map((c) => `${c.id} ${c.verdict}`)

const good = [
  call(0),
  call(1, { billable: false }),
  call(2, { status: 503, code: 'gateway/upstream-unavailable' }),
  call(3),
  call(11),
  call(20, { status: 403, code: 'consents/revoked' }),
]

test('traffic that shows everything is certified, and nothing is by no traffic', () => {
  const names = [
    'calls',
    'retries',
    'webhook-verification',
    'error-handling',
    'token-refresh',
    'consent-withdrawal',
  ]

  assert.deepEqual(
    verdicts(good),
    names.map((n) => `${n} shown`),
  )
  assert.deepEqual(
    verdicts([]),
    names.map((n) => `${n} missing`),
  )
})

test('each check falls when what it looks for is not there', () => {
  const without = (n: number) => verdicts(good.filter((_, i) => i !== n))

  assert.ok(without(1).includes('retries missing'))
  assert.ok(without(2).includes('error-handling missing'))
  assert.ok(without(4).includes('token-refresh missing'))
  assert.ok(without(5).includes('consent-withdrawal missing'))
})

test('one endpoint that takes what is forged, or refuses what is the bank’s, fails them all', () => {
  assert.ok(verdicts(good, []).includes('webhook-verification missing'))
  for (const wrong of ['genuine', 'foreign-key', 'altered', 'stale'])
    assert.ok(verdicts(good, [trialsOf(), trialsOf(wrong)]).includes('webhook-verification failed'))
})

test('hammering after a refusal, keys of others and deafness to a withdrawal are failures', () => {
  const hammered = [call(2, { status: 429 }), ...[1, 2, 3, 4].map((n) => call(2 + n / 1_000))]
  assert.ok(verdicts(hammered).includes('error-handling failed'))
  assert.ok(
    verdicts([call(0, { status: 422, code: 'gateway/idempotency-key-reused' })]).includes(
      'retries failed',
    ),
  )
  const deaf = [1, 2, 3, 4].map((n) => call(n, { status: 403, code: 'consents/revoked' }))
  assert.ok(verdicts(deaf).includes('consent-withdrawal failed'))
})

test('a product demands only what it has: without writes no retries, without consents no withdrawal', () => {
  assert.deepEqual(
    checksOf('fx', operations, []).map((c) => c.id),
    ['calls', 'error-handling'],
  )
})

test('where it is required, nobody goes live before everything was shown; where it is advised, people decide', async () => {
  const { db, world, authorities, register, doing } = await openPublicationWorld()
  await doing(seedStaff)
  const partnerId = await register(['aisp'])
  const key = publicJwk(await newSigningJwk('ES256'))
  const { change } = await doing((w) =>
    requestApplication(
      w,
      authorities,
      partnerId,
      ApplicationRequest.parse({
        cell: 'production',
        name: 'Program',
        authentication: 'private_key_jwt',
        senderConstraint: 'dpop',
        jwks: { keys: [key] },
        redirectUris: [],
        grantTypes: ['client_credentials'],
        products: ['accounts'],
      }),
      ['accounts'],
    ),
  )
  assert.ok(change)
  const people = (await listStaff(db)).filter(
    (s) => s.roles.includes('head-of-platform') || s.roles.includes('partner-success'),
  )
  const decide = (certified: Certified, i: number) =>
    work(db, `staff:${people[i]?.id ?? ''}`, world.now(), (w) =>
      decideChange(w, certifiedFirst(partnerAppliers(authorities), certified), {
        id: change.id,
        hash: change.hash,
        decision: 'approve',
        reason: '',
      }),
    )

  assert.equal((await decide('required', 0)).status, 'proposed')
  await assert.rejects(decide('required', 1), { code: 'certification/not-shown' })
  assert.equal((await decide('advised', 1)).status, 'applied')
})
