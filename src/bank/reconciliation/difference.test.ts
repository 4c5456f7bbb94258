import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { OrderAtCore } from '../cores/order-at-core.ts'
import { compared, explained, found, type Seen } from './difference.ts'

const now = Temporal.Instant.from('2026-11-22T03:00:00Z')
const day = new Temporal.PlainDate(2026, 11, 21)

const order = fc.record({
  reference: fc.constant('R'),
  status: fc.constantFrom<OrderAtCore['status']>('open', 'accepted', 'booked', 'rejected'),
  accountRef: fc.constantFrom('A', 'B'),
  minor: fc.bigInt({ min: -3n, max: 3n }).filter((minor) => minor !== 0n),
  currency: fc.constantFrom('UZS' as const, 'USD' as const),
  writtenAt: fc.constant(now),
  bookedAt: fc.constant(now),
})
const stated = fc
  .tuple(
    fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.bigInt({ min: -3n, max: 3n }), { minKeys: 1 }),
    fc.constantFrom('UZS' as const, 'USD' as const),
  )
  .map(([moved, currency]) => ({
    reference: 'R',
    currency,
    moved: new Map(Object.entries(moved)),
  }))

test('nothing agrees but the same amount, in the same currency, on the same account, of an order that was taken', () => {
  fc.assert(
    fc.property(stated, fc.option(order, { nil: undefined }), (core, ours) => {
      const agrees =
        ours !== undefined &&
        (ours.status === 'booked' || ours.status === 'accepted') &&
        ours.currency === core.currency &&
        core.moved.get(ours.accountRef) === ours.minor
      const seen = compared(core, ours)
      assert.equal(seen === undefined, agrees)
      if (seen) assert.equal(seen.subject, 'R')
    }),
    { numRuns: 2_000 },
  )
})

test('a difference is explained once, by whoever is first, and never opens again', () => {
  const seen: Seen = {
    kind: 'amount',
    subject: 'R',
    oursMinor: 1n,
    coreMinor: 2n,
    currency: 'UZS',
  }
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (people) => {
      const [first = '', ...others] = people
      let difference = explained(found(seen, day, now), { explanation: 'typed', by: first }, now)
      for (const by of others)
        assert.throws(
          () => (difference = explained(difference, { explanation: 'other', by }, now)),
          { code: 'reconciliation/difference-explained' },
        )
      assert.deepEqual(
        [difference.status, difference.explainedBy, difference.explanation],
        ['explained', first, 'typed'],
      )
    }),
  )
})
