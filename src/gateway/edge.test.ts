import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import type { Arrival } from './call.ts'
import { admit, type RawHead } from './edge.ts'
import { attach } from './listener.ts'

const host = 'api.bank.example'
const good: RawHead = {
  method: 'GET',
  target: '/a/v1/b?c=1',
  version: '1.1',
  rawHeaders: ['Host', host],
}
const verdict = (change: Partial<RawHead>) => admit({ ...good, ...change }, host)
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
          host,
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

// ---- on the wire: Node's parser in front of the edge, any bytes at all

const arrived: { arrival: Arrival; body: string }[] = []
const server = createServer({
  maxHeaderSize: 16_384,
  requireHostHeader: false,
  headersTimeout: 2_000,
  requestTimeout: 2_000,
  connectionsCheckingInterval: 100,
})
attach(server, 'connection', {
  door: { origin: `https://${host}`, host, mutual: false },
  log: pino({ level: 'silent' }),
  draining: () => false,
  serve: async (arrival) => {
    const one = { arrival, body: '' }
    arrived.push(one)
    one.body = (await arrival.readBody(1000).catch(() => Buffer.from('refused'))).toString()
    const ok = one.body !== 'refused'
    return {
      status: ok ? 200 : 400,
      contentType: null,
      body: '',
      headers: [],
      refusal: undefined,
      close: !ok,
    }
  },
})
await new Promise<void>((resolve) => server.listen(0, resolve))
after(() => {
  server.closeAllConnections()
  server.close()
})

/** Sends bytes, says nothing more, and reads until the other side ends or has nothing more to say. */
const send = (bytes: string): Promise<{ statuses: number[]; ended: boolean }> =>
  new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port)
    let text = ''
    let ended = false
    const done = () => {
      socket.destroy()
      resolve({
        statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((m) => Number(m[1])),
        ended,
      })
    }
    socket.setTimeout(150, done)
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => {
      ended = true
      done()
    })
    socket.write(Buffer.from(bytes, 'latin1'))
  })

const head = `POST /a/v1/b HTTP/1.1\r\nHost: ${host}\r\n`
const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`

for (const [what, bytes] of [
  ['CL.TE', `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  [
    'TE.TE with a disguised coding',
    `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  ['TE with a vertical tab', `${head}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`],
  [
    'two lengths',
    `${head}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
  ],
  ['a space before the colon', `${head}Content-Length : ${smuggled.length}\r\n\r\n${smuggled}`],
  ['a folded header', `${head}X-A: a\r\n b\r\nContent-Length: 0\r\n\r\n${smuggled}`],
  ['a bare line feed', `POST /a/v1/b HTTP/1.1\nHost: ${host}\n\n${smuggled}`],
  ['an absolute target', `GET https://${host}/a HTTP/1.1\r\nHost: ${host}\r\n\r\n${smuggled}`],
  [
    'HTTP/1.0 with chunks',
    `POST /a HTTP/1.0\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ],
  ['a chunk size that is none', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${smuggled}`],
  [
    'a chunk that is longer than it says',
    `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n${smuggled}`,
  ],
  ['trailers', `${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n${smuggled}`],
  [
    'an upgrade',
    `GET /a HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${smuggled}`,
  ],
  ['Expect', `${head}Expect: 100-continue\r\nContent-Length: 1\r\n\r\na${smuggled}`],
  [
    'an unknown expectation',
    `${head}Expect: the unexpected\r\nContent-Length: 1\r\n\r\na${smuggled}`,
  ],
  ['CONNECT', `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n${smuggled}`],
  ['a head without end', `GET /a HTTP/1.1\r\nHost: ${host}\r\nX-A: ${'a'.repeat(20_000)}`],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
] as const)
  test(`G7: after ${what} the connection ends, and what follows is no request`, async () => {
    arrived.length = 0
    const { statuses, ended } = await send(bytes)
    assert.ok(statuses.length === 1 && statuses.every((s) => s >= 400 && s < 500), String(statuses))
    assert.ok(ended)
    assert.ok(arrived.every(({ arrival }) => arrival.head.path !== '/smuggled'))
    assert.ok(arrived.length <= 1 && arrived.every(({ body }) => body === 'refused'))
  })

test('two requests in one packet are answered in their order, one after the other', async () => {
  arrived.length = 0
  const { statuses, ended } = await send(`${head}Content-Length: 3\r\n\r\nabc${smuggled}`)
  assert.deepEqual(statuses, [200, 200])
  assert.equal(ended, false)
  assert.deepEqual(
    arrived.map(({ arrival, body }) => [arrival.head.path, body]),
    [
      ['/a/v1/b', 'abc'],
      ['/smuggled', ''],
    ],
  )
})

test('G8: whatever bytes come, each request is one that was written canonically, or the connection ends with a 4xx', async () => {
  const line = fc.constantFrom(
    `Host: ${host}`,
    'Host: other',
    'Content-Length: 3',
    'Content-Length: 0',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip',
    'X-A: b',
    'X_A: b',
    'X-A : b',
    ' folded',
    'Connection: close',
    'Connection: upgrade',
    'Expect: 100-continue',
    '',
  )
  const start = fc.constantFrom(
    'GET /a HTTP/1.1',
    'POST /a/v1/b?c=d HTTP/1.1',
    'GET /a/../b HTTP/1.1',
    'POST http://x/a HTTP/1.1',
    'POST /a HTTP/1.0',
    'GET  /a HTTP/1.1',
    'TRACE /a HTTP/1.1',
  )
  const body = fc.constantFrom(
    '',
    'abc',
    '3\r\nabc\r\n0\r\n\r\n',
    '0\r\n\r\n',
    'GET /x HTTP/1.1\r\n\r\n',
  )
  const ending = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r')
  const message = fc
    .tuple(start, fc.array(line, { maxLength: 5 }), ending, body)
    .map(([s, lines, end, b]) => [s, ...lines, ''].join(end) + end + b)
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 3 }), async (messages) => {
      arrived.length = 0
      const bytes = messages.join('')
      const { statuses, ended } = await send(bytes)
      for (const { arrival, body: read } of arrived) {
        if (read === 'refused') continue
        const { method, path, query } = arrival.head
        const target = query === '' ? path : `${path}?${query}`
        assert.ok(
          bytes.includes(`${method} ${target} HTTP/1.1\r\n`),
          'the request stands in the bytes as it was read',
        )
        assert.ok(['', 'abc'].includes(read))
      }
      const refusedAt = statuses.findIndex((s) => s >= 400)
      if (refusedAt >= 0) {
        assert.equal(refusedAt, statuses.length - 1, 'nothing is answered after a refusal')
        assert.ok(ended, 'a refusal ends the connection')
      }
      assert.ok(statuses.every((s) => s === 200 || (s >= 400 && s < 500)))
      assert.equal(
        statuses.filter((s) => s === 200).length,
        arrived.filter(({ body: b }) => b !== 'refused').length,
      )
    }),
    { numRuns: 300 },
  )
})
