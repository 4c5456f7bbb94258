import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { makeTestAuthorities } from '#test/offices.ts'
import { newKey } from '#test/partner-keys.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { assert as known } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { ChangeSet } from '#control/approvals/index.ts'
import { appliers as catalogueAppliers } from '#control/catalogue/index.ts'
import { appliers as contractAppliers, proposeEnd, proposeOffer } from '#control/contracts/index.ts'
import {
  appliers as licenceAppliers,
  proposeGrant,
  proposeReinstatement,
  proposeVerification,
  submitEvidence,
  suspendLicence,
} from '#control/licences/index.ts'
import { ApplicationRequest, partnerAppliers, requestApplication } from '#control/partners/index.ts'
import { seedControl } from '#control/seed.ts'
import { listStaff } from '#control/staff/index.ts'
import { toldNow } from '#control/publication/index.ts'
import { impactOf, refusedByLimits } from './index.ts'
import { turnedFields } from './replay.ts'

const database = await freshDatabase('control')
const db = database.as('control')
await seedControl(db, noon, { documents: bankDocuments() })
const authorities = await makeTestAuthorities()
const appliers = new Map([
  ...partnerAppliers(authorities),
  ...Object.entries({ ...licenceAppliers, ...contractAppliers, ...catalogueAppliers }),
])
const agreed = approvedByTwo(db, appliers)
const world = { db, appliers, now: noon, bankCountry: 'UZ', zone: 'Asia/Tashkent' }
const [proposer] = (await listStaff(db)).filter((s) => s.roles.includes('compliance'))
assert.ok(proposer)
const propose = (body: (w: Work) => Promise<ChangeSet>) =>
  work(db, `staff:${proposer.id}`, noon, body)

/** A public authority under contract in production, which has verified owners forty times in the last days. */
const { partnerId, contract, calls } = await billedPartner(db, agreed, {
  now: noon,
  tier: 'Silver',
})
await agreed(noon, (w) => proposeGrant(w, partnerId, ['public-authority'], 'a statute'))
for (const type of ['legal_basis', 'dpa'])
  await agreed(noon, async (w) => {
    const evidence = await submitEvidence(w, partnerId, {
      type,
      issuer: 'Parliament',
      identifiers: {},
      validFrom: null,
      validTo: null,
      documentSha256: 'ab'.repeat(32),
      shows: [],
    })
    const verdict = { result: 'accepted', method: 'document read', remark: '' } as const
    return proposeVerification(w, evidence.id, verdict)
  })
const { jwk } = await newKey()
let application = ''
const asks = ApplicationRequest.parse({
  cell: 'production',
  name: 'Registry office',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: { keys: [jwk] },
  grantTypes: ['client_credentials'],
  products: ['accounts'],
})
await agreed(noon, async (w) => {
  const outcome = await requestApplication(w, authorities, partnerId, asks, ['accounts'])
  known(outcome.change, 'production waits for two people')
  application = outcome.application.id
  return outcome.change
})
const yesterday = noon.subtract({ hours: 24 })
await calls(40, yesterday, { applicationId: application, operation: 'verifyOwnership' })

const Standing = z.object({ lines: z.bigint(), contracts: z.bigint(), offered: z.bigint() })
const standing = () => database.owner.one(Standing)`
  select (select count(*) from journal.entry) as lines, (select count(*) from contracts.contract) as contracts,
         (select count(*) from contracts.contract where status = 'offered') as offered
`

test('an offer is judged as if it were signed: calls that it would refuse, by its limits too, and what last month would cost', async () => {
  const change = await propose((w) =>
    proposeOffer(
      w,
      {
        partnerId,
        tier: 'Bronze',
        products: ['payments'],
        priceVersion: '2026-11',
        early: 'agreed',
      },
      'Namuna',
    ),
  )
  const before = await standing()

  const impact = await impactOf(world, change)

  assert.equal(impact.not, null)
  assert.equal(impact.hash, change.hash)
  assert.equal(impact.calls, 40)
  assert.deepEqual(
    impact.refused.map((r) => [r.application, r.operation, r.calls, r.code]),
    [[application, 'verifyOwnership', 40, 'contracts/inactive']],
  )
  // Forty at one moment: an application of Silver has room for 160 at once, one of Bronze for sixteen.
  assert.deepEqual(
    impact.throttled.map((t) => [t.policy, t.calls, t.before, t.after]),
    [['application', 40, 0, 24]],
  )
  assert.equal(impact.costs[0]?.currency, 'UZS')
  assert.ok(
    impact.permissions.some(
      (p) => p.permission === 'accounts.ownership-verification' && p.after === 'contracts/inactive',
    ),
  )
  const [gone, ...less] = impact.commercial.filter(({ level }) => level === 'ERR')
  assert.deepEqual(gone, {
    id: 'commercial-product-removed',
    level: 'ERR',
    operation: null,
    path: null,
    text: '`accounts` is no longer open',
    partners: [partnerId],
  })
  const rules = new Set(less.map(({ id }) => id))
  assert.ok(rules.has('commercial-limit-lowered') && rules.has('commercial-notice-shortened'))
  assert.deepEqual(await standing(), before, 'a rehearsal leaves nothing behind')
})

test('an end that lies ahead is judged at its own moment', async () => {
  const at = noon.add({ hours: 24 * 90 })
  const end = await propose((w) => proposeEnd(w, contract.id, at, 'they leave', 'agreed'))
  const impact = await impactOf(world, end)
  assert.equal(impact.judgedAt.toString(), at.toString())
  assert.deepEqual(
    impact.refused.map((r) => [r.calls, r.code]),
    [[40, 'contracts/inactive']],
  )
})

test('what is let in again says which calls would go through that are refused now', async () => {
  const permission = 'accounts.ownership-verification'
  const stopped = { kind: 'permission', name: permission } as const
  await work(db, 'system', noon, (w) => suspendLicence(w, partnerId, stopped, 'a complaint'))
  const change = await propose((w) => proposeReinstatement(w, partnerId, stopped, 'it is settled'))

  const impact = await impactOf(world, change)

  assert.deepEqual(
    impact.opened.map((o) => [o.operation, o.calls, o.code]),
    [['verifyOwnership', 40, 'licences/suspended']],
  )
  assert.deepEqual(impact.refused, [])
  assert.deepEqual(
    impact.permissions.map((p) => [p.permission, p.before, p.after]),
    [[permission, 'licences/suspended', 'granted']],
  )
  const late = { ...change, base: 'f'.repeat(64) }
  assert.match((await impactOf(world, late)).not ?? '', /moved on/)
  assert.match((await impactOf(world, { ...change, kind: 'billing.issue' })).not ?? '', /no call/)
})

test('fields that answers would leave out are named, and those that they would hold again', async () => {
  const told = await toldNow(db, 'production', world, partnerId)
  const [partner] = told.partners
  assert.ok(partner)
  const leaving = (withheld: Record<string, string[]>) => ({
    ...told,
    partners: [{ ...partner, withheld }],
  })
  const [before, after] = [leaving({ getAccount: ['/name'] }), leaving({ getAccount: ['/iban'] })]
  assert.deepEqual(
    turnedFields(before, after).map((f) => [f.operation, f.field, f.becomes]),
    [
      ['getAccount', '/iban', 'left-out'],
      ['getAccount', '/name', 'released'],
    ],
  )
})

const operation = {
  id: 'getBalances',
  product: 'accounts',
  scope: 'accounts',
  priority: 'accounts',
  risk: 'personal',
  units: 1,
  budget: null,
} as const
const timed = (atMs: number, latencyMs = 10) => ({
  atMs,
  applicationId: 'a',
  product: 'accounts',
  operation: 'getBalances',
  consentId: null,
  units: 1,
  latencyMs,
})
const limits = (over: object) => ({
  rate: { perSecond: 1_000, burst: 1_000 },
  concurrency: 100,
  dailyQuota: null,
  budgets: {},
  ...over,
})
const refused = (over: object, atMs: readonly number[], latencyMs?: number) =>
  Object.fromEntries(
    refusedByLimits(
      limits(over),
      atMs.map((ms) => timed(ms, latencyMs)),
      new Map([[operation.id, operation]]),
    ),
  )

test('calls are replayed by the rules of the gateways: buckets fill again, days end at midnight, a place is free when its call is over', () => {
  const second = { rate: { perSecond: 1, burst: 2 } }
  assert.deepEqual(refused(second, [0, 0, 0, 500, 1_000, 1_000]), { rate: 3 })
  const day = 86_400_000
  assert.deepEqual(refused({ dailyQuota: 2 }, [1, 2, 3, day - 1, day, day + 1, day + 2]), {
    day: 3,
  })
  assert.deepEqual(refused({ concurrency: 1 }, [0, 50, 100, 150], 100), { concurrency: 2 })
  assert.deepEqual(refused({}, [0, 0, 0]), {})
})
