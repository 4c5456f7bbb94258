import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type IdentifierKind, realIdentifiers, realIdentifiersWithin } from './real-identifiers.ts'

const kindsIn = (text: string): IdentifierKind[] => realIdentifiers(text).map(({ kind }) => kind)

for (const [kind, text] of [
  ['card number', '{"pan":"4111111111111111"}'],
  ['card number', 'HUMO 9860 1234 5678 9015'],
  ['card number', '{"pan":"378282246310005"}'],
  ['PINFL', '{"nationalId":"31403902000019"}'],
  ['PINFL', '{"nationalId":"PNOUZ-31403902000019"}'],
  ['PINFL', String.raw`{"note":"of\n31403902000019"}`],
  ['account number', '{"account":"20208000900000001001"}'],
  ['account number', '22618840123456789012'],
  ['bank code', '{"bankCode":"00014"}'],
  ['bank code', '{"bank_code": "01183"}'],
  ['bank code', '{"creditor_bank":"00014"}'],
  ['bank code', String.raw`{"body":"{\"bankCode\": \"00014\"}"}`],
  ['STIR', '{"stir":"302345678"}'],
  ['STIR', '{"registrationNumber":"302345678"}'],
  ['IBAN', 'DE89370400440532013000'],
  ['IBAN', '{"iban":"GB82WEST12345698765432"}'],
  ['IBAN', 'paid to GB82 WEST 1234 5698 7654 32, thank you'],
  ['e-mail address', 'ali@mail.uz'],
  ['telephone number', '+998 90 123 45 67'],
] as const)
  test(`${text} could be real: ${kind}`, () => {
    assert.deepEqual(kindsIn(text), [kind])
  })

for (const text of [
  '{"pan":"9999091234567897","note":"a range that is nobody’s"}',
  '{"pan":"4111111111111112"}',
  '{"nationalId":"91403902000010"}',
  '{"nationalId":"33213900200013"}',
  '{"nationalId":"PNOUZ-91403902000010"}',
  '{"amount_minor":-31403902000019}',
  '{"account":"80206000880000001001","bankCode":"09998"}',
  '{"stir":"981234567"}',
  '{"registrationNumber":"980000002","creditor_bank":"09998"}',
  'DE00370400440532013000',
  'person@partner.example, walker@bank.example.com',
  '{"id":"4111111111111111a","at":1763812800000}',
  '+998 00 123 45 67',
])
  test(`${text} is nobody’s`, () => {
    assert.deepEqual(kindsIn(text), [])
  })

test('what is found is told without being repeated', () => {
  const [found] = realIdentifiers('4111111111111111')
  assert.equal(found?.shown, '41…11')
})

test('of a value of JSON each is found at its place, however its text is escaped', () => {
  const value: unknown = JSON.parse(
    String.raw`{"person":{"a/b":["x","\u0033140390200001\u0039"]},"account":{"bankCode":"00014"},"at":31403902000019}`,
  )
  assert.deepEqual(
    [...realIdentifiersWithin(value)].map(({ pointer, kind }) => [pointer, kind]),
    [
      ['/person/a~1b/1', 'PINFL'],
      ['/account/bankCode', 'bank code'],
      ['/at', 'PINFL'],
    ],
  )
})
