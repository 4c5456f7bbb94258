import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { admit, type RawHead } from './edge.ts'

const host = 'api.bank.example'
const good: RawHead = {
  method: 'GET',
  target: '/a/v1/b?c=1',
  version: '1.1',
  rawHeaders: ['Host', host],
}
const verdict = (change: Partial<RawHead>) => admit({ ...good, ...change }, [host])
const withHeaders = (...headers: string[]) => verdict({ rawHeaders: ['Host', host, ...headers] })

test('a plain head is admitted as it stands', () => {
  const admitted = withHeaders(
    'Authorization',
    'DPoP x',
    'Content-Length',
    '12',
    'X-Unread',
    'y',
    'x-unread',
    'z',
    'Connection',
    'Keep-Alive',
  )
  assert.deepEqual(admitted, {
    admitted: true,
    head: {
      method: 'GET',
      path: '/a/v1/b',
      query: 'c=1',
      body: 12,
      headers: { authorization: 'DPoP x' },
    },
    host,
    proxied: undefined,
  })
})

for (const target of [
  '',
  '*',
  'a',
  'http://api.bank.example/a',
  '//a',
  '/a//b',
  '/a/',
  '/a/./b',
  '/a/../b',
  '/a/..',
  '/a/.',
  '/a;b=1',
  '/a#b',
  '/a b',
  '/a\\b',
  '/ä',
  '/a%2fb',
  '/a%2Fb',
  '/a%5Cb',
  '/a%2e%2e/b',
  '/%61',
  '/a%',
  '/a%4',
  '/a%zz',
  '/a%00',
  '/a%0D%0A',
  '/a%7F',
  '/a%25',
  '/a%3B',
  '/a|b',
  '/a"b',
  '/a<b>',
  '/a?',
  '/a?b=c+d',
  '/a?b=c#d',
  '/a?b=%41',
  '/a?b=[1]',
  '/a?b=ä',
  `/${'a'.repeat(3000)}`,
])
  test(`RFC 3986 §6.2: the target ${JSON.stringify(target).slice(0, 40)} is refused`, () => {
    assert.equal(verdict({ target }).admitted, false)
  })

for (const target of [
  '/',
  '/a',
  '/a/b-c_d.e~f',
  '/a:b@c',
  '/a%20b',
  '/%D0%B0',
  '/a?b=%2B%20%3A',
  '/a?b',
  "/a?b=c'd(e)*!$",
])
  test(`RFC 3986 §6.2: the target ${target} is taken as it is written`, () => {
    assert.equal(verdict({ target }).admitted, true)
  })

for (const [what, ...headers] of [
  ['two Content-Lengths that agree', 'Content-Length', '1', 'Content-Length', '1'],
  ['a signed Content-Length', 'Content-Length', '+1'],
  ['a padded Content-Length', 'Content-Length', '01'],
  ['a hexadecimal Content-Length', 'Content-Length', '0x1'],
  ['a list of lengths', 'Content-Length', '1, 1'],
  [
    'Content-Length beside Transfer-Encoding',
    'Content-Length',
    '1',
    'Transfer-Encoding',
    'chunked',
  ],
  ['a coding before chunked', 'Transfer-Encoding', 'gzip, chunked'],
  ['chunked twice', 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'],
  ['chunked in capitals', 'Transfer-Encoding', 'CHUNKED'],
  ['identity', 'Transfer-Encoding', 'identity'],
  ['a second Host', 'Host', host],
  ['a second Authorization', 'Authorization', 'a', 'authorization', 'b'],
  ['a second DPoP', 'DPoP', 'a', 'dpop', 'b'],
  ['a second Idempotency-Key', 'Idempotency-Key', 'a', 'idempotency-key', 'a'],
  ['an underscore in a name', 'Content_Length', '1'],
  ['a space in a name', 'Content Length', '1'],
  ['a tab in a value', 'X-A', 'a\tb'],
  ['an obsolete fold', 'X-A', 'a\r\n b'],
  ['a NUL', 'X-A', 'a\0b'],
  ['a byte above ASCII', 'X-A', 'caf\u00e9'],
  ['Upgrade', 'Upgrade', 'h2c'],
  ['Expect', 'Expect', '100-continue'],
  ['Trailer', 'Trailer', 'Digest'],
  ['a Content-Encoding', 'Content-Encoding', 'gzip'],
  ['a Connection that names a header', 'Connection', 'close, Authorization'],
  ['two Connections', 'Connection', 'close', 'Connection', 'keep-alive'],
  ['too many headers', ...Array.from({ length: 140 }, (_, i) => (i % 2 === 0 ? `X-${i}` : 'y'))],
] as const)
  test(`RFC 9112: ${what} is refused`, () => {
    assert.equal(withHeaders(...headers).admitted, false)
  })

test('RFC 9112 §3.2: no Host, another Host and a Host with another port are refused', () => {
  for (const rawHeaders of [
    [],
    ['Host', 'elsewhere.example'],
    ['Host', `${host}:8080`],
    ['Host', host.toUpperCase()],
    ['Host', `user@${host}`],
    ['Host', ''],
  ])
    assert.equal(verdict({ rawHeaders }).admitted, false)
})

test('TRACE and CONNECT, old and new versions are refused', () => {
  for (const method of ['TRACE', 'CONNECT', 'get', 'PROPFIND', ''])
    assert.equal(verdict({ method }).admitted, false)
  for (const version of ['1.0', '0.9', '2.0', '1.2'])
    assert.equal(verdict({ version }).admitted, false)
})

test('what is admitted reads the same when it is written down and read again', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      'Z',
      '0',
      '/',
      '.',
      '-',
      '_',
      '~',
      '%',
      '2',
      'F',
      'f',
      '?',
      '=',
      '&',
      '+',
      ';',
      '#',
      ' ',
      '\\',
      'é',
    ),
    maxLength: 24,
  })
  fc.assert(
    fc.property(
      text,
      fc.array(
        fc.tuple(
          fc.constantFrom(
            'Host',
            'Content-Length',
            'Transfer-Encoding',
            'X-A',
            'Connection',
            'DPoP',
          ),
          fc.constantFrom(host, '0', '7', 'chunked', 'close', 'a b', ' a'),
        ),
      ),
      (tail, headers) => {
        const target = `/${tail}`
        const first = admit(
          { method: 'POST', target, version: '1.1', rawHeaders: headers.flat() },
          [host],
        )
        if (!first.admitted) return
        const { path, query, body } = first.head
        assert.equal(query === '' ? path : `${path}?${query}`, target)
        assert.equal(
          new URL(target, `https://${host}`).pathname,
          path,
          'another parser reads the same path',
        )
        const lengths = headers.filter(
          ([name]) => name === 'Content-Length' || name === 'Transfer-Encoding',
        )
        assert.ok(lengths.length <= 1)
        assert.equal(String(body), lengths[0]?.[1] ?? '0')
      },
    ),
    { numRuns: 5_000 },
  )
})
