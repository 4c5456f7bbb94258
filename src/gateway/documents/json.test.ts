import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonRefused, type JsonReason, parseJson } from './json.ts'

const refusedAs = (bytes: string | Buffer): JsonReason | undefined => {
  try {
    parseJson(Buffer.from(bytes))
    return undefined
  } catch (error) {
    if (error instanceof JsonRefused) return error.reason
    throw error
  }
}

test('what JSON.stringify writes is read as JSON.parse reads it, unless a number is inexact', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, depthSize: 'large' }), (value) => {
      const text = JSON.stringify(value)
      const reason = refusedAs(text)
      if (reason === undefined) assert.deepEqual(parseJson(Buffer.from(text)), JSON.parse(text))
      else
        assert.ok(
          ['number-inexact', 'reserved-name', 'too-deep'].includes(reason),
          `${reason}: ${text}`,
        )
    }),
    { numRuns: 2_000 },
  )
})

test('whatever is read, JSON.parse reads too: there is no text that only we accept', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    '"b"',
    ':',
    ',',
    '1',
    '-',
    '0',
    '.5',
    'e3',
    'true',
    'null',
    'nul',
    '"\\u00e9"',
    '"\\x"',
    '"\\ud800"',
    ' ',
    '\n',
    '\t',
    '\v',
    '\u00a0',
    '"',
    '\\',
    '1.',
    '01',
    '+1',
    '//',
    "'a'",
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      if (refusedAs(text) === undefined) JSON.parse(text)
    }),
    { numRuns: 20_000 },
  )
})

for (const [what, text, reason] of [
  ['a name that stands twice', '{"a":1,"a":2}', 'duplicate-name'],
  ['a name that stands twice in other spelling', '{"a":1,"\\u0061":2}', 'duplicate-name'],
  ['a name that stands twice, deep inside', '{"x":[{"a":{"b":1,"b":1}}]}', 'duplicate-name'],
  ['__proto__', '{"__proto__":{"admin":true}}', 'reserved-name'],
  ['__proto__ in other spelling', '{"\\u005f_proto__":1}', 'reserved-name'],
  ['a name that V8 14.6 may read as another', '{"a":1,"\\"":2}', 'reserved-name'],
  ['a name that spoils V8 14.6 for others', '{"a":1,"\\\\":2}', 'reserved-name'],
  ['an integer that a double rounds', '9007199254740993', 'number-inexact'],
  ['more digits than a double holds', '0.12345678901234567', 'number-inexact'],
  ['a number that is infinite', '1e999', 'number-inexact'],
  ['a byte order mark', '\uFEFF{}', 'malformed'],
  ['a second value', '{} {}', 'malformed'],
  ['a comment', '{}//', 'malformed'],
  ['a trailing comma', '[1,]', 'malformed'],
  ['a raw control character in a string', '"a\u0001"', 'malformed'],
  ['nothing', '', 'malformed'],
  ['an unended string', '"abc', 'malformed'],
  ['33 lists in one another', `${'['.repeat(33)}${']'.repeat(33)}`, 'too-deep'],
  ['a million opening brackets', '['.repeat(1_000_000), 'too-deep'],
] as const)
  test(`RFC 8259, RFC 7493: ${what} is refused as ${reason}`, () => {
    assert.equal(refusedAs(text), reason)
  })

test('RFC 8259 §8.1: what is not UTF-8 is refused, not mended', () => {
  assert.equal(refusedAs(Buffer.from([0x22, 0xff, 0x22])), 'not-utf8')
  assert.equal(refusedAs(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 'not-utf8')
  assert.equal(
    refusedAs('32 × "["'.replace(/.*/, `${'['.repeat(32)}1${']'.repeat(32)}`)),
    undefined,
  )
})
