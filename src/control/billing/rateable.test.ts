import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import type { PriceTerms } from '#control/rating/index.ts'
import { compose } from './composing.ts'
import type { PeriodFacts, Used } from './rateable.ts'

const period = { zone: 'Asia/Tashkent', start: '2026-11-01', end: '2026-12-01' }
const bank = { bankName: 'Namuna', partner: { id: 'partner_1', legalName: 'Anor', country: 'UZ' } }
const contractId = 'contract_1'

const used = (operation: string, units: bigint, over: Partial<Used> = {}): Used => ({
  contractId,
  operation,
  priceVersion: '2026-11',
  basis: 'contract',
  unitPrice: '0',
  units,
  ...over,
})

const facts = (terms: Partial<PriceTerms>, all: readonly Used[]): PeriodFacts => ({
  period,
  used: all,
  values: [],
  promises: [],
  contracts: [
    {
      contractId,
      tier: 'Silver',
      prices: {
        id: '2026-11',
        currency: 'UZS',
        unitPrices: { listAccounts: '0' },
        terms: { rounding: 'half_up', charges: [], fees: [], ...terms },
        publishedAt: noon,
      },
      activeFrom: Temporal.Instant.from('2026-01-01T00:00:00Z'),
      endsAt: null,
    },
  ],
  booked: new Map(),
})

test('a price over many calls never counts those that the law opened, and shows them at nothing', () => {
  const terms = {
    charges: [
      {
        id: 'reads',
        title: 'Reads',
        counts: ['listAccounts'],
        price: { model: 'per_unit', unit: '10' },
      },
    ],
  }
  const content = compose(
    facts(terms, [
      used('listAccounts', 7n),
      used('listAccounts', 1_000n, { basis: 'regulated' }),
      used('listAccounts', 500n, { basis: 'regulated', contractId: null }),
    ]),
    [],
    'UZS',
    bank,
  )
  assert.equal(content?.totals.net, '70.00')
  const lines = content.sections.flatMap((s) => s.lines)
  assert.deepEqual(
    lines.filter((l) => l.amount === '0.00').map((l) => l.quantity),
    ['7', '1000', '500'],
  )
})
