import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amendmentOf, type Terms } from './amendment.ts'
import { linesOf, withheldIn } from './withheld.ts'

const signed: Terms = {
  tier: 'Silver',
  priceVersion: '2026-11',
  products: ['accounts', 'cards'],
  notices: { breakingMonths: 9, priceDays: 60, endDays: 90 },
  levels: [],
  signatures: null,
  withheld: { listCards: ['/data/*/bin', '/data/*/expiry'] },
  template: '3',
}

test('an amendment names what differs and nothing else, in whatever order it was filled in', () => {
  assert.deepEqual(
    amendmentOf(signed, {
      ...signed,
      products: ['cards', 'accounts'],
      withheld: { listCards: ['/data/*/expiry', '/data/*/bin'] },
    }),
    {},
  )
  assert.deepEqual(amendmentOf(signed, { ...signed, tier: 'Gold' }, '2026-12-01T19:00:00.000Z'), {
    tier: 'Gold',
    validFrom: '2026-12-01T19:00:00.000Z',
  })
  assert.deepEqual(
    amendmentOf(signed, { ...signed, notices: { ...signed.notices, endDays: 180 } }).notices,
    { breakingMonths: 9, priceDays: 60, endDays: 180 },
  )
})

test('promises are named when one is added, changed or taken out, and only then', () => {
  const level = {
    product: 'cards',
    title: 'Cards answer',
    availability: {
      method: 'occurrences',
      badPercent: '5',
      bands: [{ below: '99', percent: '5' }],
    },
    latency: [],
    base: 'product',
    capPercent: null,
    maintenance: null,
  } as const
  const turned = {
    ...level,
    availability: { ...level.availability, bands: [{ percent: '5', below: '99' }] },
  }
  const promising: Terms = { ...signed, levels: [level] }
  assert.deepEqual(amendmentOf(promising, { ...promising, levels: [turned] }), {})
  assert.deepEqual(amendmentOf(signed, promising), { levels: [level] })
  assert.deepEqual(amendmentOf(promising, signed), { levels: [] })
})

test('what is no longer withheld or signed is said, not left out', () => {
  assert.deepEqual(amendmentOf(signed, { ...signed, withheld: {} }), { withheld: null })
  const strict: Terms = { ...signed, signatures: 'required' }
  assert.deepEqual(amendmentOf(strict, signed), { signatures: null })
})

test('fields that are left out read as they were written, line by line', () => {
  const lines = 'listCards /data/*/bin\nlistCards /data/*/expiry\ngetCard /pan'
  assert.equal(linesOf(withheldIn(`\n ${lines.replaceAll(' ', '   ')} \n`)), lines)
  assert.deepEqual(withheldIn('nonsense'), { nonsense: [''] })
})
