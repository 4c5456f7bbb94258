import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Component, PublicIncident, StatusFacts } from './facts.ts'
import { judge, levelOf, reached } from './judging.ts'

const now = Temporal.Instant.from('2026-11-23T12:00:00Z')
const STALE_MS = 300_000
const minutesAgo = (minutes: number) => now.subtract({ minutes })

const component = (
  part: string,
  recent: readonly (readonly [ago: number, good: number, total: number])[],
  cell: Component['cell'] = 'production',
): Component => ({
  cell,
  part,
  title: null,
  since: minutesAgo(1_000),
  recent: recent.map(([ago, good, total]) => ({ minute: minutesAgo(ago), good, total })),
  days: [],
})
const facts = (
  components: Component[],
  more: Partial<Pick<StatusFacts, 'at' | 'incidents' | 'maintenance'>> = {},
): StatusFacts => ({
  format: 'portico.status/1',
  at: now,
  incidents: [],
  maintenance: [],
  ...more,
  components,
})
const incident = (more: Partial<PublicIncident>): PublicIncident => ({
  id: 'incident_1',
  title: 'Slow',
  severity: 'significant',
  cell: 'production',
  parts: [],
  beganAt: minutesAgo(5),
  openedAt: minutesAgo(4),
  endedAt: null,
  updates: [],
  ...more,
})
const states = (given: StatusFacts, at = now) =>
  Object.fromEntries(judge(given, at, STALE_MS).judged.map(({ id, state }) => [id, state]))

test('what was measured a moment ago decides, and the last three minutes decide together', () => {
  const given = facts([
    component('accounts', [[2, 10, 10]]),
    component('payments', [
      [4, 0, 50],
      [3, 99, 100],
      [2, 99, 100],
      [1, 90, 100],
    ]),
    component('cards', [[1, 5, 10]]),
    component('fx', [[1, 0, 3]]),
  ])

  assert.deepEqual(states(given), {
    'production-accounts': 'operational',
    'production-payments': 'operational',
    'production-cards': 'partial_outage',
    'production-fx': 'major_outage',
  })
})

test('what nobody called for a quarter of an hour is not known, and never operational', () => {
  const given = facts([component('kyc', [[16, 10, 10]]), component('cards', [])])
  const { judged, indicator } = judge(given, now, STALE_MS)

  assert.deepEqual(
    judged.map(({ state }) => state),
    ['unknown', 'unknown'],
  )
  assert.equal(indicator, 'unknown')
})

test('facts that are older than the page stands for make everything unknown, and so do facts from the future', () => {
  for (const at of [minutesAgo(6), now.add({ minutes: 2 })]) {
    const standing = judge(facts([component('accounts', [[1, 9, 9]])], { at }), now, STALE_MS)
    assert.equal(standing.stale, true)
    assert.equal(standing.indicator, 'unknown')
    assert.deepEqual(
      standing.judged.map(({ state }) => state),
      ['unknown'],
    )
  }
})

test('nothing is ever good that was not measured within a quarter of an hour', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(60), fc.nat(20), fc.nat(20)), { maxLength: 6 }),
      fc.nat(20),
      (recent, ageMinutes) => {
        const measured = recent.map(
          ([ago, good, bad]) => [ago + ageMinutes, good, good + bad] as const,
        )
        const given = facts([component('accounts', measured)], { at: minutesAgo(ageMinutes) })
        const { judged, indicator } = judge(given, now, STALE_MS)
        const isFresh = measured.some(([ago, , total]) => total > 0 && ago <= 15)
        if (judged[0]?.state === 'operational' || indicator === 'none')
          assert.ok(isFresh && ageMinutes <= 5)
      },
    ),
  )
})

test('work begins and ends by the clock, whether or not control is heard meanwhile', () => {
  const maintenance = [
    {
      id: 'maintenance_1',
      part: 'payments',
      reason: 'The core is moved',
      startsAt: now.add({ minutes: 2 }),
      endsAt: now.add({ minutes: 4 }),
      announcedAt: minutesAgo(60),
    },
  ]
  const given = facts(
    [component('payments', [[1, 9, 9]]), component('payments', [[1, 9, 9]], 'sandbox')],
    { maintenance },
  )
  const stateAt = (minutes: number) => states(given, now.add({ minutes }))['production-payments']

  assert.equal(stateAt(1), 'operational')
  assert.equal(stateAt(2), 'under_maintenance')
  assert.equal(stateAt(4), 'operational')
  assert.equal(states(given, now.add({ minutes: 3 }))['sandbox-payments'], 'operational')
  assert.equal(judge(given, now.add({ minutes: 3 }), STALE_MS).indicator, 'maintenance')
})

test('an incident that is not over speaks for the parts that it names, however well they were measured', () => {
  const components = [
    component('accounts', [[1, 9, 9]]),
    component('cards', [[1, 9, 9]]),
    component('kyc', []),
  ]
  const given = facts(components, { incidents: [incident({ parts: ['cards', 'kyc'] })] })

  assert.deepEqual(states(given), {
    'production-accounts': 'operational',
    'production-cards': 'partial_outage',
    'production-kyc': 'partial_outage',
  })
  const over = facts(components, {
    incidents: [incident({ parts: ['cards'], endedAt: minutesAgo(1) })],
  })
  assert.equal(states(over)['production-cards'], 'operational')
})

test('behind a gateway that is shut nothing works, and what ails the sandbox is minor', () => {
  const shut = facts([component('gateway', [[1, 0, 3]]), component('accounts', [[2, 9, 9]])])
  assert.equal(states(shut)['production-accounts'], 'major_outage')
  assert.equal(judge(shut, now, STALE_MS).indicator, 'critical')

  const sandbox = facts([
    component('accounts', [[1, 9, 9]]),
    component('gateway', [[1, 0, 3]], 'sandbox'),
  ])
  assert.equal(judge(sandbox, now, STALE_MS).indicator, 'minor')
})

test('a day is down from a quarter of an hour on, and its share is cut, not rounded up', () => {
  const day = { day: '2026-11-22', known: 1_440, good: 1_440, down: 0, planned: 0 }

  assert.equal(levelOf(undefined), 'unknown')
  assert.equal(levelOf({ ...day, known: 0, good: 0 }), 'unknown')
  assert.equal(levelOf(day), 'good')
  assert.equal(levelOf({ ...day, planned: 3 }), 'planned')
  assert.equal(levelOf({ ...day, good: 1_439 }), 'partly')
  assert.equal(levelOf({ ...day, good: 1_425, down: 15 }), 'down')
  assert.equal(reached([{ ...day, known: 100_000, good: 99_999 }]), '99.99')
  assert.equal(reached([{ ...day, known: 0, good: 0 }]), undefined)
})
