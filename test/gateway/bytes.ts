/**
 * Any bytes at all, against the edge (G8): what comes out at the upstream, read by a parser of our own, must be what a
 * second reader of the same bytes finds in them; else the connection ends with a refusal.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Pool } from 'undici'
import type { Serve } from '#gateway/edge/answering.ts'
import { attach } from '#gateway/edge/listener.ts'
import { openPace } from '#gateway/edge/pace.ts'

export const host = 'api.bank.example'

export interface Message {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +([^ \r\n]+) +HTTP\/1\.1\r\n/
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*\r\n/
const chunkLine = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?\r\n/

/** Reads requests one behind the other, as RFC 9112 writes them, up to the first thing that is none. */
export const readRequests = (bytes: string): Message[] => {
  const found: Message[] = []
  let rest = bytes
  const take = (shape: RegExp): RegExpExecArray | undefined => {
    const match = shape.exec(rest)
    if (!match) return undefined
    rest = rest.slice(match[0].length)
    return match
  }
  for (;;) {
    // Line ends between messages are nothing to either reader (RFC 9112 §2.2).
    take(/^[\r\n]+/)
    const line = take(requestLine)
    if (!line) return found
    const headers: [string, string][] = []
    for (let header = take(headerLine); header; header = take(headerLine))
      headers.push([header[1]?.toLowerCase() ?? '', header[2] ?? ''])
    if (!take(/^\r\n/)) return found
    const valuesOf = (name: string) => headers.filter(([n]) => n === name).map(([, v]) => v)
    const lengths = valuesOf('content-length')
    const codings = valuesOf('transfer-encoding')
    let body = ''
    if (lengths.length + codings.length > 1) return found
    if (codings.length === 1) {
      if (codings[0] !== 'chunked') return found
      for (;;) {
        const size = Number.parseInt(take(chunkLine)?.[1] ?? 'x', 16)
        if (Number.isNaN(size) || rest.length < size + 2) return found
        if (size === 0) break
        body += rest.slice(0, size)
        rest = rest.slice(size)
        if (!take(/^\r\n/)) return found
      }
      if (!take(/^\r\n/)) return found
    } else if (lengths.length === 1) {
      if (!/^[0-9]{1,15}$/.test(lengths[0] ?? '') || rest.length < Number(lengths[0])) return found
      body = rest.slice(0, Number(lengths[0]))
      rest = rest.slice(Number(lengths[0]))
    }
    found.push({ method: line[1] ?? '', target: line[2] ?? '', headers, body })
  }
}

/** An edge over plain bytes, and an upstream that keeps what it was sent to the byte. */
export const openEdge = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'by-'))
  const front = join(folder, 'front.sock')
  const back = join(folder, 'back.sock')
  let arrived = ''
  const upstream = createServer((socket) => {
    let held = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      held += chunk.toString('latin1')
      const whole = readRequests(held)
      if (whole.length === 0) return
      arrived += held
      held = ''
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'.repeat(whole.length))
    })
  })
  const pool = new Pool('http://upstream', { socketPath: back, connections: 1, pipelining: 1 })
  const server = createHttpServer({
    maxHeaderSize: 16_384,
    requireHostHeader: false,
    headersTimeout: 2_000,
    requestTimeout: 2_000,
    connectionsCheckingInterval: 100,
  })
  const pass: Serve = async ({ head, readBody }) => {
    const body = await readBody(1_000).catch(() => undefined)
    const answer = { contentType: null, body: '', headers: [], refusal: undefined }
    if (!body) return { ...answer, status: 400, close: true }
    const sent = await pool.request({
      method: head.method,
      path: head.query === '' ? head.path : `${head.path}?${head.query}`,
      headers: { accept: 'application/json' },
      body: body.length === 0 ? null : body,
    })
    await sent.body.dump()
    return { ...answer, status: sent.statusCode, close: false }
  }
  let serving = 0
  let taken = () => 0
  server.on('connection', (socket) => {
    taken = () => socket.bytesRead
  })
  const pace = openPace({ bodyBytesPerSecond: 1, answerMs: 2_000 })
  attach(server, 'connection', {
    doors: [{ origin: `https://${host}`, host, mutual: false }],
    presenting: null,
    refused: () => {},
    limits: { headMs: 2_000, requestMs: 2_000, connections: 1_000, requestsPerConnection: 1_000 },
    pace,
    log: pino({ level: 'silent' }),
    now: () => Temporal.Now.instant(),
    environment: 'sandbox',
    draining: () => false,
    serve: async (arrival) => {
      serving++
      return pass(arrival).finally(() => serving--)
    },
  })
  await new Promise<void>((resolve) => upstream.listen(back, resolve))
  await new Promise<void>((resolve) => server.listen(front, resolve))

  /** Sends bytes and reads to the end. Where the edge waits for more, it is told that there is none. */
  const send = (bytes: string): Promise<number[]> =>
    new Promise((resolve, reject) => {
      const socket = connect(front)
      let text = ''
      let idle = 0
      const look = () => {
        if (socket.destroyed) return
        idle = taken() === bytes.length && serving === 0 ? idle + 1 : 0
        if (idle < IDLE_TURNS) setImmediate(look)
        else socket.end()
      }
      socket.setTimeout(10_000, () => reject(new Error('the connection was left open')))
      socket.on('data', (chunk) => (text += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () =>
        resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((m) => Number(m[1]))),
      )
      socket.write(Buffer.from(bytes, 'latin1'), look)
    })

  return {
    /** Throws where the property does not hold; answers how many requests were passed on. */
    check: async (tried: string): Promise<number> => {
      arrived = ''
      const bytes = tried + last
      const statuses = await send(bytes)
      const passed = readRequests(arrived)
      const inBytes = readRequests(bytes)
      const refusedAt = statuses.findIndex((status) => status !== 200)
      assert.ok(refusedAt < 0 || refusedAt === statuses.length - 1, 'a refusal is the last answer')
      assert.ok(statuses.every((status) => status === 200 || (status >= 400 && status < 500)))
      assert.equal(passed.length, statuses.filter((status) => status === 200).length)
      passed.forEach((message, i) => {
        const meant = inBytes[i]
        assert.ok(meant, 'a request was passed on that a second reader does not find')
        assert.deepEqual(
          [message.method, message.target, message.body],
          [meant.method, meant.target, meant.body],
        )
        const names = message.headers.map(([name]) => name)
        assert.deepEqual(
          names.filter((name) => !passedOn.has(name)),
          [],
        )
        assert.equal(new Set(names).size, names.length)
        assert.equal(
          new URL(message.target, 'http://upstream').pathname,
          message.target.split('?')[0],
        )
      })
      return passed.length
    },
    close: async () => {
      pace.stop()
      await pool.destroy()
      server.closeAllConnections()
      server.close()
      upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Turns of the loop in which nothing happens: it has read all, and answers nothing. */
const IDLE_TURNS = 5
/** A last request that is answered and ends the connection, where the bytes before it were requests. */
const last = `GET /last HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
const passedOn = new Set(['host', 'connection', 'accept', 'content-length'])

/** Numbers that are the same in every run of a seed (mulberry32). */
const openChance = (seed: number) => {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number) => Math.floor(next() * n)
  return { below, one: <T>(of: readonly [T, ...T[]]): T => of[below(of.length)] ?? of[0] }
}

const smuggled = `GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`

/** Messages that are nearly requests, and what has made other servers stumble put anywhere in them. */
export const openBytes = (seed: number): (() => string) => {
  const { below, one } = openChance(seed)
  const start = () =>
    one([
      'GET /a HTTP/1.1',
      'POST /a/v1/b?c=d HTTP/1.1',
      'POST /a%20b HTTP/1.1',
      'DELETE /a/v1/b HTTP/1.1',
      'GET /a/../b HTTP/1.1',
      'GET //a HTTP/1.1',
      'GET /a%2e%2e/b HTTP/1.1',
      'POST http://x/a HTTP/1.1',
      'POST /a HTTP/1.0',
      'GET  /a HTTP/1.1',
      'TRACE /a HTTP/1.1',
      'OPTIONS * HTTP/1.1',
    ])
  const line = () =>
    one([
      'X-A: b',
      'X-A: b',
      'Accept: */*',
      'Authorization: Bearer abc',
      'Content-Length: 3',
      'Content-Length: 0',
      'Content-Length: +3',
      'Content-Length: 3, 3',
      'Content-Length: 0x3',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: gzip, chunked',
      'Transfer-Encoding: identity',
      'Transfer-Encoding : chunked',
      'Transfer-Encoding:\tchunked',
      'X-A: b\nTransfer-Encoding: chunked',
      'X_A: b',
      ' folded',
      'Host: other',
      'Connection: close',
      'Connection: keep-alive, Authorization',
      'Expect: 100-continue',
      'Upgrade: h2c',
      'Client-Cert: :AA==:',
      'Trailer: X-T',
    ])
  const body = () =>
    one([
      '',
      '',
      'abc',
      '3\r\nabc\r\n0\r\n\r\n',
      '3;a=b\r\nabc\r\n0\r\n\r\n',
      '3\nabc\n0\n\n',
      '0\r\n\r\n',
      '0\r\nX-T: 1\r\n\r\n',
      'ffffffffffffffff\r\nabc',
      smuggled,
    ])
  const hostile = () =>
    one([
      '\0',
      '\r',
      '\n',
      '\r\n',
      '\t',
      ' ',
      '\x0b',
      '\x7f',
      '\x80',
      '\xff',
      ':',
      ';',
      '%',
      '%0d%0a',
      '#',
      '\\',
      smuggled,
    ])
  const message = () => {
    const lines = Array.from({ length: below(4) }, line)
    const end = below(12) === 0 ? one(['\n', '\r', '\r\r\n']) : '\r\n'
    return [start(), `Host: ${host}`, ...lines, ''].join(end) + end + body()
  }
  const wellFormed = () =>
    one([
      `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `POST /a/v1/b?c=d HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\n\r\nabc`,
      `POST /a HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    ])
  const bent = (text: string) => {
    const at = below(text.length + 1)
    switch (below(4)) {
      case 0:
        return text.slice(0, at) + hostile() + text.slice(at)
      case 1:
        return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1)
      case 2:
        return text.slice(0, at) + text.slice(at + 1 + below(4))
      default:
        return text.slice(0, at)
    }
  }
  return () => {
    let bytes = ''
    for (let i = below(3); i >= 0; i--) bytes += below(2) === 0 ? wellFormed() : message()
    for (let i = below(3); i > 0; i--) bytes = bent(bytes)
    return bytes
  }
}
