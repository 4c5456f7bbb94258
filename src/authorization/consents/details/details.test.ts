import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import { wordingOf } from '../index.ts'
import { ConsentDetail, type ConsentType, consentTypes, isConsentType } from './index.ts'

const account = { schemeName: 'UZ.AccountNumber', identification: '20208000900000001001' }
const uzs = { amount: '10.00', currency: 'UZS' }
const purpose = { code: 'KYC', text: 'To open a wallet.' }
const examples: Readonly<Record<ConsentType, object>> = {
  'urn:bank:accounts:v1': { permissions: ['ReadAccountsBasic'], purpose },
  'urn:bank:funds-confirmation:v1': { account },
  'urn:bank:ownership-verification:v1': { account, purpose, legalReference: 'Art. 7' },
  'urn:bank:payment:v1': {
    instructedAmount: uzs,
    creditorAccount: account,
    creditorName: 'Bozor',
  },
  'urn:bank:mandate:v1': {
    maxIndividual: uzs,
    periodicLimits: [{ period: 'month', amount: uzs }],
    payees: [{ creditorName: 'Bozor', creditorAccount: account }],
    validTo: '2027-01-01T00:00:00Z',
  },
  'urn:bank:card-issue:v1': { cardType: 'virtual', currency: 'UZS' },
  'urn:bank:lending-read:v1': { loans: ['loan_1'] },
  'urn:bank:lending-apply:v1': { productId: 'car', amount: uzs, term: 24 },
  'urn:bank:kyc-claims:v1': { predicates: ['age_over_18'], trustFramework: 'uz_aml', purpose },
  'urn:bank:fx-convert:v1': { quoteId: 'q1', sell: uzs, buy: { amount: '1.00', currency: 'USD' } },
}

test('O47: every type says in three languages what is asked, and refuses what it does not know', () => {
  for (const [type, kind] of Object.entries(consentTypes)) {
    assert.ok(isConsentType(type))
    const detail = ConsentDetail.parse({ ...examples[type], type })
    assert.equal(kind.schema.safeParse({ ...detail, extra: true }).success, false, type)
    const told = (['en', 'ru', 'uz'] as const).map((language) =>
      wordingOf(
        { detail, partnerName: 'Anor', expiresAt: noon },
        { language, zone: 'Asia/Tashkent' },
      ),
    )
    const titles = new Set(told.map((words) => words.title))
    assert.equal(titles.size, 3, type)
    for (const words of told) {
      assert.ok(words.title.includes('Anor'), type)
      assert.ok(words.short && words.lead && words.approve, type)
      assert.equal(words.choose === undefined, kind.accounts === 'none', type)
      assert.ok(words.sees.length + words.facts.length > 0, type)
      assert.doesNotMatch(JSON.stringify(words), /undefined|\{\w+\}/, type)
    }
  }
})

test('a payment on a day, a standing payment and a file each say what they are, and are never two of them', () => {
  const type = 'urn:bank:payment:v1'
  const one = { type, ...examples[type] }
  const standing = { frequency: { type: 'MNTH' }, firstPaymentDate: '2026-12-05' }
  const bulk = { fileSha256: 'a'.repeat(64), numberOfTransactions: 250 }
  const told = (detail: object) =>
    JSON.stringify(
      wordingOf(
        { detail: ConsentDetail.parse(detail), partnerName: 'Anor', expiresAt: noon },
        { language: 'en', zone: 'Asia/Tashkent' },
      ),
    )

  assert.match(told({ ...one, requestedExecutionDate: '2026-12-05' }), /5\sDec\s2026/)
  assert.match(told({ ...one, standing }), /"short":"Every month: .*until it is ended/)
  assert.match(told({ type, instructedAmount: uzs, bulk }), /250 payments/)

  for (const wrong of [
    { ...one, bulk },
    { ...one, standing, requestedExecutionDate: '2026-12-05' },
    { ...one, standing, bulk },
    { type, instructedAmount: uzs },
    { ...one, requestedExecutionDate: '2026-02-30' },
  ])
    assert.equal(ConsentDetail.safeParse(wrong).success, false, JSON.stringify(wrong))
})

test('money that is no money, two limits for a month and a purpose without end are refused', () => {
  const refused: readonly (readonly [ConsentType, object])[] = [
    ['urn:bank:payment:v1', { instructedAmount: { amount: '0.00', currency: 'UZS' } }],
    ['urn:bank:payment:v1', { instructedAmount: { amount: '1.001', currency: 'UZS' } }],
    ['urn:bank:payment:v1', { creditorName: 'x'.repeat(141) }],
    ['urn:bank:mandate:v1', { periodicLimits: [] }],
    [
      'urn:bank:mandate:v1',
      {
        periodicLimits: ['1.00', '2.00'].map((amount) => ({
          period: 'month',
          amount: { amount, currency: 'UZS' },
        })),
      },
    ],
    ['urn:bank:mandate:v1', { maxIndividual: { amount: '1.00', currency: 'USD' } }],
    ['urn:bank:accounts:v1', { purpose: { code: 'A', text: 'x'.repeat(281) } }],
    ['urn:bank:accounts:v1', { permissions: ['ReadAccountsBasic', 'ReadAccountsBasic'] }],
    ['urn:bank:accounts:v1', { permissions: ['ReadBalances'] }],
    ['urn:bank:fx-convert:v1', { buy: uzs }],
    ['urn:bank:kyc-claims:v1', { predicates: undefined }],
  ]
  for (const [type, wrong] of refused) {
    assert.ok(ConsentDetail.safeParse({ ...examples[type], type }).success, type)
    const parsed = ConsentDetail.safeParse({ ...examples[type], type, ...wrong })
    assert.equal(parsed.success, false, JSON.stringify(wrong))
  }
})
