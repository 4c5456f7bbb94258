import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { fetch } from 'undici'
import { Problem } from '#kernel/problem.ts'
import { approve, push, redeem, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { agentFor, clientOf, hangUp, newApplication } from '#test/authorization/partner.ts'
import { assertion, authenticated, newKeys, post, proof } from '#test/authorization/wire.ts'
import { admit } from './edge.ts'

const house = await openHouse()
const elsewhere = await openHouse('production')
after(hangUp)

const app = await newApplication(house)
const keys = await newKeys()
const token = `${house.issuer}/token`

test('whatever comes, the edge admits it to one place or says why, and to none for a foreign host', () => {
  const door = { kind: 'tls' as const, host: 'localhost:8412' }
  const path = fc.oneof(
    fc.string(),
    fc.constantFrom('/token', '/auth', '/jwks', '//token', '/token/', '/TOKEN', 'http://x/token'),
  )
  fc.assert(
    fc.property(path, fc.string(), fc.array(fc.string()), (url, method, hosts) => {
      assert.ok(admit({ method, url, hosts, contentLength: undefined }, door) instanceof Problem)
    }),
  )
  fc.assert(
    fc.property(path, fc.constantFrom('GET', 'POST'), (url, method) => {
      const head = { method, url, hosts: ['localhost:8412'], contentLength: undefined }
      const answer = admit(head, door)
      if (answer instanceof Problem) assert.ok([404, 405].includes(answer.status))
      else assert.ok(['/token', '/auth', '/jwks'].includes(answer.path))
    }),
  )
})

test('a browser’s pages do not exist behind the door for certificates', () => {
  const door = { kind: 'mtls' as const, host: 'localhost:8413' }
  for (const url of ['/dashboard', '/auth', '/interaction/x', '/jwks']) {
    const head = { method: 'GET', url, hosts: [door.host], contentLength: undefined }
    const answer = admit(head, door)
    assert.ok(answer instanceof Problem && answer.status === 404)
  }
})

describe('the edge', () => {
  const ask = async (path: string, init: { method?: string; headers?: Record<string, string> }) =>
    fetch(`${house.issuer}${path}`, { ...init, dispatcher: agentFor(house), redirect: 'manual' })

  test('a forged Host reaches nothing, on any address', async () => {
    const { port } = new URL(house.issuer)
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/auth', '/dashboard']) {
      const socket = connect({ port: Number(port), host: 'localhost', ca: house.ca })
      socket.write(`GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      assert.match(text, /^HTTP\/1\.1 421 /)
      assert.doesNotMatch(text, /token_endpoint/)
    }
  })

  test('RFC 9126 §2.3: another method is answered 405 with the allowed ones', async () => {
    const cases = [
      ['PUT', '/request', 'POST'],
      ['GET', '/token', 'POST'],
      ['POST', '/auth', 'GET'],
      ['DELETE', '/jwks', 'GET'],
    ] as const
    for (const [method, path, allowed] of cases) {
      const answer = await ask(path, { method })
      assert.equal(answer.status, 405)
      assert.equal(answer.headers.get('allow'), allowed)
    }
  })

  test('FAPI 2.0 §5.3.2.2: without a pushed request the authorization endpoint refuses', async () => {
    const query = new URLSearchParams({
      client_id: app.id,
      response_type: 'code',
      redirect_uri: app.redirectUri,
      scope: 'accounts',
    })
    const answer = await ask(`/auth?${query}`, { headers: { accept: 'text/html' } })
    const location = new URL(answer.headers.get('location') ?? 'https://none.example')
    assert.ok(answer.status === 400 || location.searchParams.get('error') === 'invalid_request')
    assert.equal(location.searchParams.get('code'), null)
  })

  test('every answer is guarded, and none is stored', async () => {
    for (const path of ['/dashboard', '/nowhere', '/.well-known/openid-configuration']) {
      const { headers } = await ask(path, {})
      assert.match(headers.get('strict-transport-security') ?? '', /max-age=\d+/)
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /script-src/)
      assert.ok(headers.get('x-fapi-interaction-id'))
    }
  })

  test('who floods is told to wait, and may come again', async () => {
    const { port, host } = new URL(house.issuer)
    const head = (end: string) =>
      `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n${end}\r\n`
    const flood = async () => {
      const socket = connect({ port: Number(port), host: 'localhost', ca: house.ca })
      socket.write(`${head('').repeat(29)}${head('Connection: close\r\n')}`)
      let text = ''
      for await (const chunk of socket) text += String(chunk)
      return text
    }
    const text = (await Promise.all(Array.from({ length: 50 }, flood))).join('')

    assert.match(text, /HTTP\/1\.1 429 Too Many Requests/)
    assert.match(text, /retry-after: 1\r\n/)
    await sleep(1_000)
    assert.equal((await post(app.via(false), token, {})).status, 400)
  })

  test('a body without end is cut off', async () => {
    const answer = await post(app.via(false), token, { grant_type: 'x'.repeat(100_000) })
    assert.equal(answer.status, 413)
  })

  test('FAPI 2.0 §5.2.1: TLS 1.1 and a weak cipher are refused, and no session is resumed', async () => {
    const port = Number(new URL(house.issuerMtls).port)
    const { pem, keyPem } = app.certificate
    const shake = (options: object) =>
      new Promise<{ ticket: Buffer | undefined; reused: boolean }>((resolve, reject) => {
        let ticket: Buffer | undefined
        let reused = false
        const peer = { port, host: 'localhost', ca: house.ca, cert: pem, key: keyPem }
        const socket = connect({ ...peer, ...options })
        socket.on('session', (given) => (ticket = given))
        socket.once('error', reject)
        socket.once('secureConnect', () => {
          reused = socket.isSessionReused()
          socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
          socket.resume()
        })
        socket.once('close', () => resolve({ ticket, reused }))
      })
    await assert.rejects(shake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }))
    await assert.rejects(shake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }))
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const only = { minVersion: version, maxVersion: version }
      const { ticket: session } = await shake(only)
      assert.equal((await shake({ ...only, session })).reused, false, version)
    }
  })
})

test('nothing of one cell is worth anything in the other', async () => {
  const there = await newApplication(elsewhere)
  await elsewhere.admit({ ...app.row, applicationId: app.id })
  const sandboxAssertion = await assertion(house, app)
  const answer = await post(
    agentFor(elsewhere),
    `${elsewhere.issuer}/token`,
    { grant_type: 'client_credentials', ...(await authenticated(house, app, sandboxAssertion)) },
    { dpop: await proof(keys, `${elsewhere.issuer}/token`) },
  )
  assert.equal(answer.body.error, 'invalid_client')

  const request = await push(elsewhere, there)
  const moved = new URL(request.url)
  moved.port = new URL(house.issuer).port
  const page = await fetch(moved, { dispatcher: agentFor(house), redirect: 'manual' })
  assert.equal(page.status, 400)

  const back = await approve(await toDecision(elsewhere, request))
  const ours = { ...request, config: await clientOf(house, app) }
  back.searchParams.set('iss', house.issuer)
  await assert.rejects(redeem(ours, back))
})
