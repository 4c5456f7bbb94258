import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { holdsCardNumber } from './card-guard.ts'

const visa = '4111111111111111'
const uzcard = '8600123412341232'
const luhn = (digits: string) => {
  const sum = Array.from(digits)
    .toReversed()
    .reduce(
      (total, d, i) =>
        total + (i % 2 === 0 ? Number(d) : [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(d)]!),
      0,
    )
  return sum % 10 === 0
}
/** A number of an issuer's range with its check digit, computed apart from the guard. */
const card = fc
  .tuple(
    fc.constantFrom('4', '51', '2200', '37', '8600', '9860', '62'),
    fc.integer({ min: 13, max: 19 }),
    fc.array(fc.nat(9), { minLength: 19, maxLength: 19 }),
  )
  .map(([prefix, length, digits]) => {
    const body = (prefix + digits.join('')).slice(0, length - 1)
    return Array.from('0123456789')
      .map((check) => body + check)
      .find(luhn)!
  })

test('a card number is found, whatever stands around it or between its groups', () => {
  const ahead = fc.constantFrom(
    '',
    '"',
    ' ',
    'card:',
    'x',
    '{"a":"',
    '12 ',
    '2026-11-22 ',
    '/',
    '#',
  )
  const behind = fc.constantFrom('', '"', ' ', 'x', ' 12', '-2026', '/', '#')
  const between = fc.constantFrom('', ' ', '-', '.', '\u00a0', '  ', ' - ')
  fc.assert(
    fc.property(card, ahead, behind, between, (number, before, after, separator) => {
      assert.ok(holdsCardNumber(before + number.match(/.{1,4}/g)!.join(separator) + after))
    }),
    { numRuns: 5_000 },
  )
})

test('other scripts’ digits are digits', () => {
  for (const zero of ['０', '٠', '०', '𝟎', '෦']) {
    const from = zero.codePointAt(0)!
    assert.ok(
      holdsCardNumber(
        Array.from(visa)
          .map((d) => String.fromCodePoint(from + Number(d)))
          .join(''),
      ),
      zero,
    )
  }
})

test('accounts, ids, digests, dates and amounts are no card numbers', () => {
  for (const text of [
    '20208000900000001001',
    '{"accountId":"acc_41111111111111111111111111111111"}',
    '0193f5fe-4111-7111-8111-411111111111',
    `sha256 ${'4'.repeat(64)}`,
    '2026-11-22T10:00:00.000000+05:00',
    '998901234567',
    '1000000.00',
    '411111******1111',
    '4111111111111112',
    '1234567812345670',
  ])
    assert.equal(holdsCardNumber(text), false, text)
  assert.ok(luhn(uzcard) === holdsCardNumber(uzcard))
})

test('random ids do not set it off', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      assert.equal(holdsCardNumber(`{"id":"card_${bytes.toHex()}"}`), false)
    }),
    { numRuns: 20_000 },
  )
})

test('what stands in a permitted place is permitted, and nothing besides', () => {
  const text = `{"pan":"${visa}"}`
  const place = [7, 7 + visa.length + 2]
  assert.equal(holdsCardNumber(text, place), false)
  assert.ok(holdsCardNumber(`${text}${visa}`, place))
})

test('a number that is cut over strings, numbers or lines of JSON is found', () => {
  for (const text of [
    JSON.stringify(['4111', '1111', '1111', '1111']),
    JSON.stringify([
      [4111, 1111],
      [1111, 1111],
    ]),
    JSON.stringify({ a: ['41111111', '11111111'] }),
    JSON.stringify(Array.from(visa, Number)),
    JSON.stringify({ note: '4111\n1111\n1111\n1111' }),
    JSON.stringify({ note: '4111\t1111/1111_1111' }),
    '{"note":"\\u0034111111111111111"}',
    '{"n":4111111111111111}',
    '{"n":4.111111111111111e15}',
    '4111\u200b1111\u200b1111\u200b1111',
  ])
    assert.ok(holdsCardNumber(text), text)
})

test('lists of figures are no card numbers only because they stand beside each other', () => {
  for (const text of [
    JSON.stringify([12500, 48000, 7, 1900, 22300]),
    JSON.stringify(['20208000900000001001', '20208000900000001002']),
    'Пример текста на русском языке без карт, 22.11.2026 и 23.11.2026',
  ])
    assert.equal(holdsCardNumber(text), false, text)
})

test('a national number that says that it is one is no card, and no other word can say so', () => {
  // Fourteen digits that pass Luhn, in a range of Diners Club.
  const number = '30569309025904'
  assert.equal(holdsCardNumber(JSON.stringify({ nationalId: number })), true)
  assert.equal(holdsCardNumber(JSON.stringify({ nationalId: `PNOUZ-${number}` })), false)
  for (const other of [`PNO-${number}`, `PNOUZ ${number}`, `XPNOUZ-${number}`, `PNOUZ-${number}-1`])
    assert.equal(holdsCardNumber(JSON.stringify({ nationalId: other })), true, other)
  assert.equal(holdsCardNumber('PNOUZ-4111111111111111'), true)
})
