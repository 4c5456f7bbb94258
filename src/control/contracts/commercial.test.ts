import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import { Problem } from '#kernel/problem.ts'
import { noTerms, type PriceTerms } from '#control/rating/index.ts'
import { checkNotice, compareTerms } from './commercial.ts'
import type { Compiled } from './compiled.ts'
import { noticesOfTier } from './notices.ts'
import { supportOfTier } from './support.ts'

const level = {
  product: 'payments',
  title: 'Payments are there',
  availability: {
    method: 'occurrences' as const,
    badPercent: '5',
    bands: [{ below: '99.9', percent: '10' }],
  },
  latency: [{ withinMs: 500, bands: [{ below: '95', percent: '5' }] }],
  base: 'product' as const,
  capPercent: null,
  maintenance: null,
}
const agreed: Compiled = {
  products: ['payments', 'cards'],
  limits: {
    tier: 'Gold',
    rate: { perSecond: 10, burst: 20 },
    concurrency: 5,
    dailyQuota: null,
    budgets: {},
  },
  prices: { version: '1', currency: 'UZS', unitPrices: { getCard: '10' }, terms: noTerms },
  levels: [level],
  notices: noticesOfTier('Gold'),
  support: supportOfTier('Gold'),
  messages: { signatures: null, withheld: {} },
}
const broken = (is: Partial<Compiled>) =>
  compareTerms(agreed, { ...agreed, ...is }).map(({ level: l, id }) => `${l} ${id}`)

test('each term that became worse is named by its rule, and none that became better', () => {
  const { notices, limits, prices } = agreed
  const cases: [Partial<Compiled>, string[]][] = [
    [{}, []],
    [{ products: ['payments'] }, ['ERR commercial-product-removed']],
    [{ products: ['payments', 'cards', 'fx'] }, []],
    [{ limits: { ...limits, concurrency: 4 } }, ['ERR commercial-limit-lowered']],
    [{ limits: { ...limits, concurrency: 6 } }, []],
    [
      { prices: { ...prices, version: '2', unitPrices: { getCard: '11' } } },
      ['ERR commercial-price-raised'],
    ],
    [
      { prices: { ...prices, version: '2', unitPrices: { getCard: '9' } } },
      ['INFO commercial-price-lowered'],
    ],
    [{ levels: [] }, ['ERR commercial-level-weakened']],
    [
      {
        levels: [{ ...level, latency: [{ withinMs: 900, bands: level.latency[0]?.bands ?? [] }] }],
      },
      ['ERR commercial-level-weakened'],
    ],
    [
      {
        levels: [
          {
            ...level,
            availability: { ...level.availability, bands: [{ below: '99', percent: '10' }] },
          },
        ],
      },
      ['ERR commercial-level-weakened'],
    ],
    [{ levels: [{ ...level, capPercent: '50' }] }, ['ERR commercial-level-weakened']],
    [{ levels: [{ ...level, title: 'Other words' }] }, ['INFO commercial-level-changed']],
    [{ notices: { ...notices, breakingMonths: 6 } }, ['ERR commercial-notice-shortened']],
    [{ notices: { ...notices, breakingMonths: 24 } }, []],
    [{ support: null }, ['ERR commercial-support-weakened']],
    [{ support: supportOfTier('Platinum') }, []],
    [{ messages: { signatures: 'required', withheld: {} } }, ['ERR commercial-signature-required']],
    [
      { messages: { signatures: null, withheld: { getCard: ['/holder'] } } },
      ['ERR commercial-release-narrowed'],
    ],
  ]
  for (const [is, said] of cases) assert.deepEqual(broken(is), said, JSON.stringify(is))
})

test('what is dearer is looked for among what is about the contract’s own tier, and in its tax', () => {
  const priced = (
    tier: string,
    version: string,
    terms: Partial<PriceTerms>,
  ): Partial<Compiled> => ({
    limits: { ...agreed.limits, tier },
    prices: { ...agreed.prices, version, terms: { ...noTerms, ...terms } },
  })
  const fee = (id: string, amount: string, tiers?: string[]) => ({ id, title: id, amount, tiers })
  const fees = [fee('silver', '4500000', ['Silver']), fee('gold', '18000000', ['Gold'])]
  const forGold = [fee('desk', '1000000', ['Gold'])]
  const forAll = [fee('desk', '1000000')]
  const reads = (tiers?: string[]) => ({
    charges: [
      {
        id: 'reads',
        title: 'Reads',
        counts: ['getCard'],
        price: { model: 'per_unit', unit: '10' },
        tiers,
      },
    ],
  })
  const cases: [was: Partial<Compiled>, is: Partial<Compiled>, string[]][] = [
    [
      priced('Bronze', '1', { taxPercent: '12' }),
      priced('Bronze', '2', { taxPercent: '15' }),
      ['ERR commercial-tax-raised'],
    ],
    [
      priced('Bronze', '1', {}),
      priced('Bronze', '2', { taxPercent: '12' }),
      ['ERR commercial-tax-raised'],
    ],
    [priced('Bronze', '1', { taxPercent: '15' }), priced('Bronze', '2', { taxPercent: '12' }), []],
    [
      priced('Bronze', '1', { fees: forGold }),
      priced('Bronze', '2', { fees: forAll }),
      ['ERR commercial-fee-added'],
    ],
    [priced('Gold', '1', { fees: forGold }), priced('Gold', '2', { fees: forAll }), []],
    // The same list, another tier.
    [priced('Silver', '1', { fees }), priced('Gold', '1', { fees }), ['ERR commercial-fee-added']],
    [priced('Gold', '1', { fees }), priced('Silver', '1', { fees }), []],
    [
      priced('Silver', '1', reads(['Gold'])),
      priced('Gold', '1', reads(['Gold'])),
      ['ERR commercial-charges-changed'],
    ],
    [priced('Gold', '1', reads(['Gold'])), priced('Gold', '2', reads()), []],
  ]
  for (const [was, is, said] of cases)
    assert.deepEqual(
      compareTerms({ ...agreed, ...was }, { ...agreed, ...is }).map(
        ({ level: l, id }) => `${l} ${id}`,
      ),
      said,
      JSON.stringify([was, is]),
    )
  const dollars = { prices: { ...agreed.prices, version: '2', currency: 'USD' } }
  assert.deepEqual(broken(dollars), ['ERR commercial-currency-changed'])
})

const codeOf = (is: Partial<Compiled>, days: number, early?: 'agreed' | 'law') => {
  const begins = noon.add({ hours: 24 * days })
  try {
    checkNotice(agreed, { ...agreed, ...is }, { begins, now: noon, early })
    return 'kept'
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error.code
  }
}

test('what is less than was agreed is told in the months that the contract promises, or it is said why not', () => {
  const less = { products: ['payments'] }
  assert.equal(codeOf(less, 0), 'contracts/notice-too-short')
  assert.equal(codeOf(less, 364), 'contracts/notice-too-short')
  assert.equal(codeOf(less, 365), 'kept')
  assert.equal(codeOf(less, 0, 'agreed'), 'kept')
  assert.equal(codeOf({ products: ['payments', 'cards', 'fx'] }, 0), 'kept')
  // Prices have a notice of their own: ninety days of Gold.
  const dearer = { prices: { ...agreed.prices, version: '2', unitPrices: { getCard: '11' } } }
  assert.equal(codeOf(dearer, 89), 'contracts/notice-too-short')
  assert.equal(codeOf(dearer, 90), 'kept')
})
