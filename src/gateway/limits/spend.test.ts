/** B38: money that is reserved with a call: never more than the cap, whoever calls, dies or is slow. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  callerOf,
  limited,
  limitsOf,
  modelLimits,
  modelWindows,
  planFor,
} from '#test/gateway/leases.ts'
import { Problem } from '#kernel/problem.ts'
import type { Admission } from './admission.ts'
import { limitIn, type WindowRule } from './holdings.ts'
import { LimitPolicy } from './policy.ts'

const costs = { cheap: 22, dear: 500 }
const cap = (limit: number, more: object = {}) =>
  LimitPolicy.parse({
    name: 'cap',
    counts: 'spend',
    costs,
    shape: { kind: 'window', period: 'month', zone: 'UTC', limit },
    whenAway: 'refuse',
    ...more,
  })
const cheap = limited({ id: 'cheap' })
const dear = limited({ id: 'dear' })
const free = limited({ id: 'free' })
const operations = { cheap, dear, free }
const planOf = (policy: LimitPolicy) =>
  planFor(
    limitsOf({ rate: { perSecond: 1e6, burst: 2_000_000 }, policies: [policy] }),
    cheap,
    dear,
    free,
  )
const codeOf = async (admit: () => Admission | Promise<Admission>) => {
  try {
    await admit()
    return 'admitted'
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error.code
  }
}

test('what gateways let through never costs more than the cap, and what was not charged can be spent again', async () => {
  const step = fc.record({
    gateway: fc.nat(2),
    does: fc.constantFrom('call', 'call', 'call', 'call', 'dies', 'rests'),
    operation: fc.constantFrom('cheap' as const, 'dear' as const, 'free' as const),
    outcome: fc.constantFrom('charged', 'charged', 'refused', 'never-sent'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100, max: 20_000 }),
      fc.integer({ min: 0, max: 20_000 }),
      fc.array(step, { minLength: 20, maxLength: 120 }),
      async (limit, used, steps) => {
        const time = { nowMs: 1_000 }
        const clock = () => time.nowMs
        const windows = modelWindows(clock)
        const plan = planOf(cap(limit, { used: { permits: used, starts: '2026-11-01' } }))
        const open = () => {
          const { limits } = modelLimits({
            clock,
            crowd: () => ({ most: 4, live: 3 }),
            giveBack: (all) => windows.giveBack(all.map((one) => ({ ...one, starts: 'day-0' }))),
            windows: {
              // All of it happens in the month in which the cap began to count.
              ask: async (make) => ({
                ...(await windows.lease([make()]))[0]!,
                starts: '2026-11-01',
              }),
              away: () => false,
              heardAtMs: clock,
            },
          })
          return limits
        }
        const gateways = [open(), open(), open()]
        let spent = 0
        let lost = false
        for (const { gateway, does, operation, outcome } of steps) {
          time.nowMs += 6_000
          if (does === 'dies') {
            gateways[gateway] = open()
            lost = true
            continue
          }
          if (does === 'rests') {
            await gateways[gateway]!.close()
            continue
          }
          const limits = gateways[gateway]!
          try {
            const admission = await limits.admit(plan, callerOf(), operations[operation])
            if (outcome === 'charged') spent += operation === 'free' ? 0 : costs[operation]
            else if (outcome === 'refused') admission.spendNothing()
            else admission.giveBack()
            // Told twice, it is given back once.
            if (outcome === 'refused') admission.spendNothing()
            admission.leave()
          } catch (error) {
            assert.ok(error instanceof Problem)
            assert.equal(error.code, 'budgets/cap-reached')
            assert.notEqual(operation, 'free', 'what costs nothing meets no cap')
          }
          assert.ok(spent <= Math.max(0, limit - used), `${spent} of ${limit} less ${used}`)
        }
        if (lost) return
        // Nobody died: whatever was held is returned, and all of it can be spent.
        for (const limits of gateways) await limits.close()
        const last = open()
        while ((await codeOf(() => last.admit(plan, callerOf(), cheap))) === 'admitted') {
          spent += costs.cheap
          time.nowMs += 6_000
        }
        assert.ok(limit - used - spent < costs.cheap, `${limit - used - spent} is left`)
        assert.ok(spent <= Math.max(0, limit - used))
      },
    ),
    { numRuns: 60, seed: 38 },
  )
})

test('the cap of an application is met by its calls only, says whose it is, and stands in no rate header', async () => {
  const { limits } = modelLimits()
  const plan = planOf(cap(1_000, { application: 'application_capped' }))
  const capped = callerOf({ applicationId: 'application_capped' })
  const first = await limits.admit(plan, capped, dear)
  assert.doesNotMatch(`${first.policy} ${first.remaining}`, /cap/)
  await limits.admit(plan, capped, dear)
  assert.equal(await codeOf(() => limits.admit(plan, capped, dear)), 'budgets/cap-reached')
  assert.equal(await codeOf(() => limits.admit(plan, capped, free)), 'admitted')
  const other = callerOf({ applicationId: 'application_other' })
  assert.equal(await codeOf(() => limits.admit(plan, other, dear)), 'admitted')
})

test('what was spent before a cap counted is of its first window, until the store names a later one', () => {
  const rule: Pick<WindowRule, 'limit' | 'used'> = {
    limit: 100,
    used: { permits: 70, starts: '2026-11-01' },
  }
  assert.equal(limitIn(rule, ''), 30)
  assert.equal(limitIn(rule, '2026-11-01'), 30)
  assert.equal(limitIn(rule, '2026-12-01'), 100)
  assert.equal(limitIn({ limit: 50, used: rule.used }, ''), 0)
})

test('costs stand beside spend and nowhere else, and spend is counted in windows', () => {
  const shape = { kind: 'window', period: 'month', zone: 'UTC', limit: 5 }
  const faulty = [
    { name: 'a', counts: 'spend', shape, whenAway: 'refuse' },
    { name: 'a', counts: 'calls', costs, shape, whenAway: 'refuse' },
    { name: 'a', counts: 'spend', costs, shape: { kind: 'concurrent', limit: 5 } },
  ]
  for (const policy of faulty) assert.equal(LimitPolicy.safeParse(policy).success, false)
})
