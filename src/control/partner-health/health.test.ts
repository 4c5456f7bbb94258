import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openPublicationWorld } from '#test/publication.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { openMeter } from '#control/usage/index.ts'
import type { UsageRecord } from '#gateway/usage.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import { healthOf, type Measured, partsOf, scoreOf, weights } from './health.ts'
import { partnerHealth, partnersByHealth } from './index.ts'

const now = Temporal.Instant.from('2026-11-22T12:00:00Z')
const days = (n: number) => now.add({ hours: 24 * n })

const well: Measured = {
  registeredAt: days(-90),
  firstCallAt: days(-90),
  cell: 'production',
  calls: 1_000,
  refused: 10,
  failed: 0,
  usualCalls: 140,
  promises: 2,
  missed: 0,
  openTasks: 0,
  lateTasks: 0,
  endsAt: days(200),
  ending: 'contract',
  hasContract: true,
  endpoints: 1,
  failingEndpoints: 0,
  disabledEndpoints: 0,
  applications: 1,
  versionsBehind: 0,
  checks: 0,
  shownChecks: 0,
  failedChecks: 0,
}

const { db, world, register } = await openPublicationWorld()
const couriers: Couriers = { of: () => assert.fail('nobody may be asked'), hears: () => false }

test('a partner of whom all is well has a hundred, and what was not measured does not count', () => {
  const parts = partsOf(well, now)
  assert.equal(scoreOf(parts), 100)
  assert.equal(parts.find((p) => p.part === 'certification')?.points, null)
  assert.deepEqual(new Set(parts.map((p) => p.part)), new Set(Object.keys(weights)))
  assert.equal(
    Object.values(weights).reduce((sum, w) => sum + w, 0),
    100,
  )
})

test('a partner of whom little was measured has no score, whatever these parts are', () => {
  const fresh: Measured = {
    ...well,
    registeredAt: now,
    firstCallAt: null,
    calls: 0,
    refused: 0,
    usualCalls: 0,
    promises: 0,
    endsAt: null,
    ending: null,
    hasContract: false,
    endpoints: 0,
    applications: 0,
  }
  const health = healthOf({ partnerId: PartnerId.next(), stage: 'registered' }, fresh, now)
  assert.deepEqual([health.score, health.verdict], [null, 'unknown'])
  assert.equal(health.parts.find((p) => p.part === 'tasks')?.points, 10)
})

test('each part takes its own points, and says whose move it is', () => {
  const cases: readonly [Partial<Measured>, string, number, 'partner' | 'bank'][] = [
    [{ firstCallAt: null }, 'first-call', 0, 'partner'],
    [{ refused: 60 }, 'errors', 8, 'partner'],
    [{ refused: 300 }, 'errors', 0, 'partner'],
    [{ failed: 20 }, 'failures', 0, 'bank'],
    [{ usualCalls: 250 }, 'trend', 5, 'partner'],
    [{ missed: 1 }, 'levels', 8, 'bank'],
    [{ openTasks: 3, lateTasks: 1 }, 'tasks', 0, 'partner'],
    [{ endsAt: days(5) }, 'terms', 0, 'partner'],
    [{ failingEndpoints: 1 }, 'webhooks', 5, 'partner'],
    [{ versionsBehind: 2 }, 'version', 0, 'partner'],
    [{ checks: 4, shownChecks: 2, failedChecks: 1 }, 'certification', 0, 'partner'],
  ]
  for (const [worse, name, points, move] of cases) {
    const part = partsOf({ ...well, ...worse }, now).find((p) => p.part === name)
    assert.deepEqual([name, part?.points, part?.move], [name, points, move])
  }
})

test('the score is what the shown parts come to, between nothing and a hundred', () => {
  const count = fc.nat(2_000)
  const measured = fc.record({
    calls: count,
    refused: count,
    failed: count,
    usualCalls: count,
    promises: fc.nat(6),
    missed: fc.nat(6),
    openTasks: fc.nat(5),
    lateTasks: fc.nat(5),
    endpoints: fc.nat(3),
    disabledEndpoints: fc.nat(3),
    versionsBehind: fc.nat(4),
  })
  const partnerId = PartnerId.next()
  fc.assert(
    fc.property(measured, (found) => {
      const health = healthOf({ partnerId, stage: 'live' }, { ...well, ...found }, now)
      const known = health.parts.filter((p) => p.points !== null)
      const [got, most] = [
        known.reduce((sum, p) => sum + (p.points ?? 0), 0),
        known.reduce((sum, p) => sum + p.weight, 0),
      ]
      assert.ok(known.every((p) => (p.points ?? 0) >= 0 && (p.points ?? 0) <= p.weight))
      assert.equal(health.score, Math.round((got * 100) / most))
    }),
    { numRuns: 300 },
  )
})

test('a partner is measured by its own calls: the worst comes first', async () => {
  const [good, bad] = [await register(['aisp']), await register(['aisp'])]
  const at = world.now().round({ smallestUnit: 'microsecond', roundingMode: 'floor' })
  const meter = openMeter()
  let seq = 0
  const call = (partnerId: string, status: number): UsageRecord => ({
    callId: uuidv7(at.epochMilliseconds - 1_000),
    seq: ++seq,
    occurredAt: at.subtract({ seconds: 1 }).toString(),
    partnerId,
    applicationId: `application_${uuidv7()}`,
    product: 'accounts',
    operation: 'listAccounts',
    contractId: null,
    priceVersion: null,
    consentId: null,
    status,
    code: status === 200 ? null : 'gateway/forbidden',
    billable: status === 200,
    units: 1,
    latencyMs: 5,
    upstreamMs: 3,
    epoch: 1,
  })
  const records = [
    ...Array.from({ length: 30 }, () => call(good, 200)),
    call(bad, 200),
    ...Array.from({ length: 29 }, () => call(bad, 403)),
  ]
  await work(db, 'system', at, (w) =>
    meter.take(w, 'sandbox', { gateway: 'g', boot: 'b', records }),
  )

  const asked = { db, couriers, now: at.add({ seconds: 1 }), zone: 'Asia/Tashkent' }
  const all = await partnersByHealth(asked)

  const part = (id: string, name: string) =>
    all.find((h) => h.partnerId === id)?.parts.find((p) => p.part === name)
  assert.equal(part(good, 'errors')?.verdict, 'good')
  assert.deepEqual(part(bad, 'errors')?.measured, {
    percent: 96.67,
    refused: 29,
    calls: 30,
    cell: 'sandbox',
  })
  assert.equal(part(good, 'first-call')?.verdict, 'good')
  assert.ok(
    all.findIndex((h) => h.partnerId === bad) < all.findIndex((h) => h.partnerId === good),
    'the worst is not first',
  )
  const one = await partnerHealth(asked, bad)
  assert.equal(one?.score, all.find((h) => h.partnerId === bad)?.score)
})
