import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#kernel/problem.ts'
import { openDenials } from './denials.ts'
import { openFrequency, UNATTENDED_MAX } from './frequency.ts'
import { openLimits } from './limits.ts'
import type { Operation } from './operation.ts'
import type { Partner } from './table.ts'

const partner = (change: Partial<Partner> = {}): Partner => ({
  id: 'partner_1',
  active: true,
  verdicts: new Map(),
  contract: null,
  rate: { perSecond: 5, burst: 10 },
  concurrency: 1_000_000,
  dailyQuota: null,
  budgets: new Map([['small', { perSecond: 0.5, burst: 3 }]]),
  ...change,
})
const operation = (change: Partial<Operation> = {}): Operation => ({
  id: 'x',
  product: 'x',
  method: 'GET',
  template: '/x',
  parameterNames: [],
  permissions: ['x'],
  scope: 'x',
  consent: null,
  upstream: 'bank',
  priority: 'accounts',
  risk: 'personal',
  idempotency: null,
  units: 1,
  budget: null,
  cache: null,
  parameters: Object.assign(() => [], { pagesByCursor: false }),
  body: null,
  answers: new Map(),
  refusals: new Set(),
  ...change,
})
const refusalOf = (body: () => unknown): Problem | undefined => {
  try {
    body()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

test('G25: in every interval T no more than burst + rate × T are admitted, however the calls fall', () => {
  const gaps = fc.array(
    fc.tuple(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5_000)), fc.integer({ min: 1, max: 3 })),
    { minLength: 1, maxLength: 200 },
  )
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 3, max: 30 }),
      (steps, perSecond, burst) => {
        const limits = openLimits()
        const who = partner({ rate: { perSecond, burst } })
        const admitted: { atMs: number; units: number }[] = []
        let atMs = 0
        for (const [gap, units] of steps) {
          atMs += gap
          if (!refusalOf(() => limits.admit(who, operation({ units }), atMs, atMs)))
            admitted.push({ atMs, units })
        }
        admitted.forEach((first, i) => {
          let sum = 0
          for (const { atMs: at, units } of admitted.slice(i)) {
            sum += units
            assert.ok(
              sum <= burst + (perSecond * (at - first.atMs)) / 1000 + 1e-6,
              `${sum} in ${at - first.atMs} ms`,
            )
          }
        })
      },
    ),
    { numRuns: 500 },
  )
})

test('G30: a refused call is not charged to any of its limits', () => {
  const limits = openLimits()
  const who = partner({ dailyQuota: 5, rate: { perSecond: 100, burst: 100 } })
  const small = operation({ budget: 'small' })
  for (let i = 0; i < 3; i++) limits.admit(who, small, 0, 0)
  for (let i = 0; i < 50; i++)
    assert.equal(refusalOf(() => limits.admit(who, small, 0, 0))?.code, 'gateway/rate-limited')

  limits.admit(who, operation(), 0, 0)
  const last = limits.admit(who, operation(), 0, 0)
  assert.match(last.remaining, /"rate";r=95;/)
  assert.match(last.remaining, /"day";r=0;/)
  const over = refusalOf(() => limits.admit(who, operation(), 0, 0))
  assert.equal(over?.code, 'contracts/quota-exhausted')
  assert.ok(Number(over?.particulars.headers?.['retry-after']) >= 86_400)
  assert.equal(
    refusalOf(() => limits.admit(who, operation(), 86_400_000, 86_400_000)),
    undefined,
  )
})

test('what never reached the bank gives back quota and budget once, and never its rate', () => {
  const limits = openLimits()
  const who = partner({ dailyQuota: 1 })
  const admission = limits.admit(who, operation({ budget: 'small' }), 0, 0)
  admission.giveBack()
  admission.giveBack()
  assert.match(
    limits.admit(who, operation({ budget: 'small' }), 0, 0).remaining,
    /"rate";r=8;.*"day";r=0;.*"small";r=2;/,
  )
  assert.equal(
    refusalOf(() => limits.admit(who, operation(), 0, 0))?.code,
    'contracts/quota-exhausted',
  )
})

test('places are given back when calls end, and only once each', () => {
  const limits = openLimits()
  const who = partner({ concurrency: 1 })
  const first = limits.admit(who, operation(), 0, 0)
  assert.equal(refusalOf(() => limits.admit(who, operation(), 0, 0))?.status, 429)
  first.leave()
  first.leave()
  limits.admit(who, operation(), 0, 0)
  assert.equal(refusalOf(() => limits.admit(who, operation(), 0, 0))?.status, 429)
})

test('an operation whose budget the contract lacks is refused', () => {
  assert.equal(
    refusalOf(() =>
      openLimits().admit(partner({ budgets: new Map() }), operation({ budget: 'small' }), 0, 0),
    )?.code,
    'contracts/inactive',
  )
})

test('partners that are no longer published are forgotten, so the map is as large as the snapshot', () => {
  const limits = openLimits()
  for (let i = 0; i < 1_000; i++) limits.admit(partner({ id: `p${i}` }), operation(), 0, 0)
  limits.keepOnly(new Map([['p7', partner({ id: 'p7' })]]))
  assert.equal(limits.size(), 1)
})

test('O57: never more than four unattended accesses in any 24 hours', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000_000), { maxLength: 60 }), (gaps) => {
      const frequency = openFrequency()
      const taken: number[] = []
      let atMs = 1
      for (const gap of gaps) {
        atMs += gap
        if (frequency.take('k', false, atMs).allowed) taken.push(atMs)
      }
      taken.forEach((t) =>
        assert.ok(taken.filter((u) => u >= t && u < t + 86_400_000).length <= UNATTENDED_MAX),
      )
    }),
  )
})

test('further pages of a list that was begun are the same access; a page without a beginning is one', () => {
  const frequency = openFrequency()
  for (let i = 0; i < 4; i++) assert.ok(frequency.take('k', i > 0, i * 1_000_000).allowed)
  assert.ok(frequency.take('k', true, 3_000_000 + 60_000).allowed)
  assert.equal(frequency.take('k', true, 3_000_000 + 1_000_000).allowed, false)
  assert.equal(frequency.take('k', false, 3_000_000 + 60_000).allowed, false)
})

test('a denial is applied in any order and any number of times, and ends when its time has come', () => {
  const revocation = (
    seq: number,
    at: string,
    expiresAt: string,
    source: 'control' | 'cell' = 'cell',
  ) => ({ source, seq, kind: 'partner' as const, id: 'p', at, expiresAt })
  const early = revocation(1, '2026-11-22T10:00:00Z', '2026-11-22T10:10:00Z')
  const late = revocation(2, '2026-11-22T10:05:00Z', '2026-11-22T10:15:00Z', 'control')
  const atMs = (text: string) => Date.parse(`2026-11-22T${text}Z`)
  for (const all of [
    [early, late],
    [late, early],
    [late, early, late, early],
  ]) {
    const denials = openDenials()
    all.forEach((r) => denials.add(r))
    assert.ok(
      denials.denies('partner', 'p', atMs('10:14:00'), atMs('10:14:00')),
      'the cell’s own word does not give way to a snapshot',
    )
    assert.equal(denials.denies('partner', 'p', atMs('10:15:00'), 0), false)
    assert.equal(denials.denies('client', 'p', atMs('10:06:00'), 0), false)
    denials.sweep(atMs('10:15:00'))
    assert.equal(denials.size(), 0)
  }
  const denials = openDenials()
  denials.add(late)
  assert.ok(denials.denies('partner', 'p', atMs('10:06:00'), atMs('10:05:04')))
  assert.equal(
    denials.denies('partner', 'p', atMs('10:06:00'), atMs('10:05:06')),
    false,
    'a snapshot compiled well after speaks for itself',
  )
})
