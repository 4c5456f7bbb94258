import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { AnswerMalformed, AnswerReader, AnswerTooLarge, type ReadAnswer } from './answer-reader.ts'
import { Exchange, type UpstreamRequest } from './exchange.ts'
import { openOwnSockets } from './own-sockets.ts'

/** Reads pieces of bytes that are overwritten as soon as they were read, as those of a connection are. */
const readIn = (pieces: readonly Buffer[], bytesMax = 4_096): ReadAnswer | undefined => {
  const reader = new AnswerReader(bytesMax)
  let answer: ReadAnswer | undefined
  for (const piece of pieces) {
    assert.equal(answer, undefined, 'nothing stands behind an answer')
    const shared = Buffer.from(piece)
    answer = reader.read(shared)
    shared.fill(0x58)
  }
  return answer
}
const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const cuts = [0, ...places.map((p) => p % bytes.length).toSorted((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((to, i) => bytes.subarray(cuts[i], to))
}
const read = (text: string, bytesMax?: number) => readIn([Buffer.from(text, 'latin1')], bytesMax)

const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
const bodies = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

test('an answer is read as it was written, wherever its bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }).filter((s) => s !== 204 && s !== 304),
      value,
      fc.constantFrom('', ' ', '\t '),
      fc.array(
        bodies.filter((b) => b.length > 0),
        { maxLength: 4 },
      ),
      fc.boolean(),
      fc.boolean(),
      fc.array(fc.nat(2_000), { maxLength: 12 }),
      (status, said, space, parts, chunked, interim, places) => {
        const body = Buffer.concat(parts)
        const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
        const chunks = parts.flatMap((part) => [`${part.length.toString(16)}\r\n`, part, '\r\n'])
        const bytes = Buffer.concat(
          [
            interim ? 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' : '',
            `HTTP/1.1 ${status} Words\r\nContent-Type:${space}${said}${space}\r\n${framing}\r\n\r\n`,
            ...(chunked ? [...chunks, '0\r\n\r\n'] : [body]),
          ].map((part) => Buffer.from(part)),
        )
        const answer = readIn(cutAt(bytes, places))
        assert.equal(answer?.status, status)
        assert.equal(answer.headers['content-type'], said)
        assert.deepEqual(answer.body, body)
        assert.equal(answer.lasts, true)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('RFC 9112 §6.3, §7.1, §11: what could be read in two ways is no answer', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  for (const text of [
    `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
    `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\nab`,
    `${ok}content-length: 2, 2\r\n\r\nab`,
    `${ok}content-length: +2\r\n\r\nab`,
    `${ok}content-length: 02\r\n\r\nab`,
    `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `${ok}\r\nab`,
    `${ok}a: b\r\n folded: c\r\ncontent-length: 0\r\n\r\n`,
    `${ok}a : b\r\ncontent-length: 0\r\n\r\n`,
    `${ok}a: b\nc: d\r\ncontent-length: 0\r\n\r\n`,
    `${ok}a: b\rc\r\ncontent-length: 0\r\n\r\n`,
    `${ok}a: b\0\r\ncontent-length: 0\r\n\r\n`,
    'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200OK\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n',
    'HTTP/1.1 204 None\r\ncontent-length: 2\r\n\r\n',
    `${ok}transfer-encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\n\r\n`,
    `${ok}transfer-encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n`,
    `${ok}transfer-encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n`,
    `${ok}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\ntrailer: x\r\n\r\n`,
    `${ok}transfer-encoding: chunked\r\n\r\n${'0'.repeat(40)}`,
    `${ok}${'a'.repeat(20_000)}`,
    `${ok}a: ${'b'.repeat(20_000)}\r\ncontent-length: 0\r\n\r\n`,
  ])
    assert.throws(() => read(text), AnswerMalformed, JSON.stringify(text.slice(0, 90)))
  assert.equal(read(`${ok}content-length: 2\r\n\r\na`), undefined, 'half of it is none yet')
})

test('G64: more than may be read is refused by what it says, and while it comes', () => {
  assert.throws(() => read('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n', 10), AnswerTooLarge)
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\n'
  assert.throws(() => read(chunked, 10), AnswerTooLarge)
})

test('a connection is not used again where the answer says so, or where something stands behind it', () => {
  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n'
  assert.equal(read(`${ok}\r\nab`)?.lasts, true)
  assert.equal(read(`${ok}connection: close\r\n\r\nab`)?.lasts, false)
  assert.equal(read(`${ok}\r\nabHTTP/1.1 200 OK\r\n`)?.lasts, false)
})

const request: UpstreamRequest = {
  method: 'GET',
  path: '/a',
  headers: { accept: 'application/json' },
  body: null,
  echoed: false,
}
const limits = { connectMs: 60_000, idleMs: 60_000, answerBytesMax: 4_096 }
const socketPath = () => join(mkdtempSync(join(tmpdir(), 'own-')), 'a.sock')

test('what Node’s own server writes is read, whole or in chunks, over one connection', async () => {
  const path = socketPath()
  let connections = 0
  const server = createHttpServer((asked, response) => {
    const chunks: Buffer[] = []
    asked
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        if (asked.url === '/chunks') response.write('first ')
        response.end(`${asked.method} ${Buffer.concat(chunks).toString()}`)
      })
  }).on('connection', () => connections++)
  server.listen(path)
  await once(server, 'listening')
  const sockets = openOwnSockets({ path, ...limits })
  after(async () => {
    await sockets.close()
    server.close()
  })
  const said = async (more: Partial<UpstreamRequest>) =>
    (await new Exchange(sockets, { ...request, ...more }).answer).body.toString()
  assert.equal(await said({}), 'GET ')
  assert.equal(await said({ path: '/chunks' }), 'first GET ')
  assert.equal(await said({ method: 'POST', body: Buffer.from('{"a":1}') }), 'POST {"a":1}')
  assert.equal(await said({ method: 'DELETE' }), 'DELETE ')
  assert.equal(connections, 1)
  assert.throws(
    () => new Exchange(sockets, { ...request, headers: { a: 'b\r\nc: d' } }),
    /is no header/,
  )
})

test('bytes that nobody asked for end the connection, and are no answer to the next question', async () => {
  const path = socketPath()
  const open: Socket[] = []
  const server = createServer((socket) => {
    open.push(socket)
    socket.on('error', () => {})
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na'))
  })
  server.listen(path)
  await once(server, 'listening')
  const sockets = openOwnSockets({ path, ...limits })
  after(async () => {
    await sockets.close()
    server.close()
  })
  const ask = async () => (await new Exchange(sockets, request).answer).body.toString()
  assert.equal(await ask(), 'a')
  const closed = once(open[0]!, 'close')
  open[0]!.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged')
  await closed
  assert.equal(await ask(), 'a')
  assert.equal(open.length, 2)
})

test('G64: a connection that has rested for too long is not used again', async () => {
  const path = socketPath()
  let connections = 0
  const server = createHttpServer((_, response) => response.end('a'))
  server.on('connection', () => connections++).listen(path)
  await once(server, 'listening')
  const sockets = openOwnSockets({ path, ...limits, idleMs: 0 })
  after(async () => {
    await sockets.close()
    server.close()
  })
  for (let i = 0; i < 3; i++) await new Exchange(sockets, request).answer
  assert.equal(connections, 3)
})
