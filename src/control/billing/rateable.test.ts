import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import { type PriceTerms, termsFaults } from '#control/rating/index.ts'
import { compose } from './composing.ts'
import type { PeriodFacts, Used } from './rateable.ts'
import { differencesIn } from './verify.ts'

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

const perCall = (terms: Partial<PriceTerms>, units: bigint) =>
  compose(
    facts({ taxPercent: '12', ...terms }, [used('getBalances', units, { unitPrice: '36' })]),
    [],
    'UZS',
    bank,
  )
const linesIn = (content: ReturnType<typeof perCall>) =>
  content?.sections.flatMap((s) => s.lines.map((l) => [l.kind, l.title, l.amount]))

test('a commitment holds what is used up to it, what exceeds it costs more, what it lacks is billed and taxed', () => {
  const commitments = [
    { title: 'Promised', amount: '1000', overageFactor: '1.5', trueUp: true, tiers: ['Silver'] },
  ]
  assert.deepEqual(linesIn(perCall({ commitments }, 100n)), [
    ['usage', 'getBalances', '1000.00'],
    ['overage', 'getBalances', '3900.00'],
  ])
  const short = perCall({ commitments }, 10n)
  assert.deepEqual(linesIn(short), [
    ['usage', 'getBalances', '360.00'],
    ['commitment', 'Promised', '640.00'],
  ])
  assert.deepEqual(short?.totals, { net: '1000.00', tax: '120.00', gross: '1120.00' })
  assert.ok(short && differencesIn(short).length === 0)
  const others = [{ ...commitments[0]!, tiers: ['Gold'] }]
  assert.equal(perCall({ commitments: others }, 10n)?.totals.net, '360.00')
})

test('a credit that pays a commitment alone pays it before its tax', () => {
  const commitments = [{ title: 'Promised', amount: '1000', overageFactor: '1', trueUp: true }]
  const credits = [
    {
      id: 'prepaid_1',
      title: 'Paid ahead',
      currency: 'UZS',
      leftMinor: 1_000_00n,
      priority: 0,
      expiresAt: null,
    },
  ]
  const content = compose(
    { ...facts({ taxPercent: '12', commitments }, []), credits },
    [],
    'UZS',
    bank,
  )
  assert.deepEqual(linesIn(content), [
    ['commitment', 'Promised', '1000.00'],
    ['credit', 'Paid ahead', '-1000.00'],
  ])
  assert.deepEqual(content?.totals, { net: '0.00', tax: '0.00', gross: '0.00' })
  assert.deepEqual(content && differencesIn(content), [])
})

test('two commitments of a tier and one that makes overage cheaper are refused with their places', () => {
  const one = { title: 'Promised', amount: '1000', overageFactor: '1', trueUp: true }
  const faults = termsFaults(
    {
      rounding: 'half_up',
      charges: [],
      fees: [],
      commitments: [one, { ...one, tiers: ['Gold'], overageFactor: '0.5' }],
    },
    {},
  )
  assert.deepEqual(
    faults.map((f) => f.pointer),
    ['/commitments/1/tiers', '/commitments/1/overageFactor'],
  )
})
