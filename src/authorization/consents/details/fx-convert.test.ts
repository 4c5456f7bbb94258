import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import { FxConvertDetail, fxConvert } from './fx-convert.ts'

const money = (amount: string, currency: string) => ({ amount, currency })
const told = (sell: object, buy: object, language: 'en' | 'ru' = 'en') => {
  const type = 'urn:bank:fx-convert:v1'
  const detail = FxConvertDetail.parse({ type, quoteId: 'quote_1', sell, buy })
  const reader = { language, partner: 'Anor', zone: 'Asia/Tashkent', expiresAt: noon }
  return fxConvert.wording(detail, reader).facts.map(([, value]) => value.replaceAll('\u00a0', ' '))
}

test('the customer sees what they give, what they get, and what a unit costs with all that is in it', () => {
  assert.deepEqual(told(money('318823.69', 'UZS'), money('25.00', 'USD')), [
    '318 823.69 soʻm',
    '25.00 USD',
    '1 USD = 12 752.9476 soʻm',
    'quote_1',
  ])
})

test('the rate is of the dearer currency, whichever is sold, and of currencies with any decimals', () => {
  assert.equal(
    told(money('25.00', 'USD'), money('315000.00', 'UZS'))[2],
    '1 USD = 12 600.0000 soʻm',
  )
  assert.equal(told(money('100.00', 'EUR'), money('109.22', 'USD'), 'ru')[2], '1 EUR = 1,0922 USD')
  assert.equal(told(money('1.000', 'KWD'), money('500', 'JPY'))[2], '1 KWD = 500.0000 JPY')
  assert.equal(
    told(money('0.01', 'USD'), money('99999999.99', 'UZS'))[2],
    '1 USD = 9 999 999 999.0000 soʻm',
  )
})
