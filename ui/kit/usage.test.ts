import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { barsOf, byOperation, sumOf, type UsageHour } from './usage.ts'

test('amounts are added as decimal text: no figure loses a digit', () => {
  assert.equal(sumOf(['0.1', '0.2']), '0.3')
  assert.equal(sumOf(['9007199254740993', '0.000000000001']), '9007199254740993.000000000001')
  assert.equal(sumOf(['1.50', '1.50']), '3')
  assert.equal(sumOf([]), '0')
})

test('a sum of hundredths is what integers say it is', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10 ** 9 })), (minor) => {
      const texts = minor.map((m) => `${Math.floor(m / 100)}.${String(m % 100).padStart(2, '0')}`)
      const [whole = '0', fraction = ''] = sumOf(texts).split('.')
      const total = BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0'))
      assert.equal(total, BigInt(minor.reduce((a, b) => a + b, 0)))
    }),
  )
})

const row = (hour: string, operation: string, calls: number, amount: string): UsageHour => ({
  partnerId: 'p',
  hour,
  product: 'cards',
  operation,
  unitPrice: '22',
  calls,
  billableCalls: calls,
  units: calls,
  amount,
  priceVersion: '2026-11',
  priceBasis: 'list',
})

test('hours without a call stand between those with some', () => {
  const rows = [
    row('2026-11-23T10:00:00Z', 'listCards', 2, '44'),
    row('2026-11-23T10:00:00Z', 'getCard', 1, '22'),
    row('2026-11-23T12:00:00Z', 'getCard', 4, '88'),
  ]

  const bars = barsOf(rows, new Date('2026-11-23T12:40:00Z'), 4)

  assert.deepEqual(
    bars.map((bar) => bar.calls),
    [0, 3, 0, 4],
  )
  assert.equal(bars[0]?.hour, '2026-11-23T09:00:00.000Z')
})

test('operations are added up over the hours, the dearest first', () => {
  const rows = [
    row('2026-11-23T10:00:00Z', 'listCards', 2, '44'),
    row('2026-11-23T11:00:00Z', 'listCards', 3, '66'),
    row('2026-11-23T11:00:00Z', 'issueCard', 1, '3200'),
  ]

  assert.deepEqual(
    byOperation(rows).map(({ operation, calls, amount }) => [operation, calls, amount]),
    [
      ['issueCard', 1, '3200'],
      ['listCards', 5, '110'],
    ],
  )
})
