import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountLines, customerLines } from '../multitude.ts'
import { customers, identities, people } from '../people.ts'
import { type IdentifierKind, realIdentifiers } from './real-identifiers.ts'

const kindsIn = (text: string): IdentifierKind[] => realIdentifiers(text).map(({ kind }) => kind)

for (const [kind, text] of [
  ['card number', '{"pan":"4111111111111111"}'],
  ['card number', 'HUMO 9860 1234 5678 9015'],
  ['PINFL', '{"nationalId":"31403902000019"}'],
  ['account number', '{"account":"20208000900000001001"}'],
  ['account number', '22618840123456789012'],
  ['bank code', '{"bankCode":"00014"}'],
  ['bank code', '{"bank_code": "01183"}'],
  ['STIR', '{"stir":"302345678"}'],
  ['IBAN', 'DE89370400440532013000'],
  ['IBAN', '{"iban":"GB82WEST12345698765432"}'],
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
  '{"account":"80206000880000001001","bankCode":"09998"}',
  '{"stir":"981234567"}',
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

test('nobody who lives in the sandbox has anything that could be real', () => {
  const texts = [...customers, ...identities, ...people].map((one) => JSON.stringify(one))
  assert.ok(texts.length > 30)
  assert.deepEqual(
    texts.flatMap((text) => realIdentifiers(text)),
    [],
  )
})

test('nor does anybody of the multitude', () => {
  const multitude = {
    customers: 2_000,
    transactions: 1_000,
    seed: 1,
    today: Temporal.PlainDate.from('2026-11-22'),
  }
  for (const lines of [customerLines(multitude), accountLines(multitude)])
    for (const line of lines) assert.deepEqual(realIdentifiers(line), [])
})
