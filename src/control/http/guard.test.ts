import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import * as partners from '#control/partners/routes.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { portalRoutes as statusRoutes } from '#control/status/routes.ts'
import { journalRoutes } from './journal-routes.ts'
import { openTestOffices } from '#test/offices.ts'
import { wellKnownRoutes } from './well-known-routes.ts'

const offices = await openTestOffices({
  portal: [wellKnownRoutes, partners.portalRoutes, statusRoutes],
  console: [journalRoutes, staffRoutes, approvalRoutes, partners.consoleRoutes],
})
const signIn = { email: 'head@namuna.example', password: 'portico-demo' }

test('a request that changes something is refused without the header that no other site can send', async () => {
  const visit = offices.visitor('console')

  const answer = await visit('POST', '/api/sessions', signIn, { 'x-portico-csrf': '' })

  assert.equal(answer.status, 403)
  assert.equal(answer.body['code'], 'control/cross-site')
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('a request from another origin, another port of this host included, is refused', async () => {
  const visit = offices.visitor('console')
  const { portal } = offices.context.world.ports
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: `http://localhost:${portal}` },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await visit('POST', '/api/sessions', signIn, headers)
    assert.equal(answer.status, 403, JSON.stringify(headers))
  }
  const own = { origin: `http://localhost:${offices.context.world.ports.console}` }
  assert.equal((await visit('POST', '/api/sessions', signIn, own)).status, 201)
})

test('a name that only points at this machine is not answered (DNS rebinding)', async () => {
  const visit = offices.visitor('portal')

  const answer = await visit('GET', '/api/me', undefined, { host: 'evil.example:8400' })

  assert.equal(answer.status, 421)
})

test('every route but the open ones asks for a session, at both offices', async () => {
  const asked = ['/api/me', '/api/applications', '/api/partner', '/api/people']
  for (const path of asked) {
    const answer = await offices.visitor('portal')('GET', path)
    assert.deepEqual(
      [path, answer.status, answer.body['code']],
      [path, 401, 'control/not-signed-in'],
    )
  }
  for (const path of ['/api/me', '/api/approvals', '/api/partners', '/api/journal', '/api/staff'])
    assert.equal((await offices.visitor('console')('GET', path)).status, 401, path)
})

test('a session of one office opens nothing at the other', async () => {
  const { visit, credentials } = await offices.partner()
  const cookie = String((await visit('POST', '/api/sessions', credentials())).headers['set-cookie'])
  const secret = /portico_portal=([^;]+)/.exec(cookie)?.[1] ?? ''
  assert.equal(secret.length, 43)

  for (const forged of [`portico_console=${secret}`, `portico_portal=${secret}`])
    assert.equal(
      (await offices.visitor('console')('GET', '/api/partners', undefined, { cookie: forged }))
        .status,
      401,
    )
})

test('what concerns production asks for a second factor, wherever a request names the cell', async () => {
  const { visit, email } = await offices.newcomer()
  const letter = offices.letters.findLast(({ to }) => to === email)
  await visit('POST', '/api/me/email-verification', { code: /\d{6}/.exec(letter?.text ?? '')?.[0] })
  assert.equal((await visit('GET', '/api/status/sandbox')).status, 200)
  for (const path of ['/api/status/production', '/api/status/sandbox?cell=production']) {
    const { status, body } = await visit('GET', path)
    assert.deepEqual([path, status, body['code']], [path, 403, 'sign-in/factor-missing'])
  }
})

test('two cookies of one name are believed neither', async () => {
  const { visit, credentials } = await offices.partner()
  const set = String((await visit('POST', '/api/sessions', credentials())).headers['set-cookie'])
  const cookie = set.split(';')[0] ?? ''
  const someone = offices.visitor('portal')

  assert.equal((await someone('GET', '/api/me', undefined, { cookie })).status, 200)
  const tossed = `${cookie}; portico_portal=${'A'.repeat(43)}`
  assert.equal((await someone('GET', '/api/me', undefined, { cookie: tossed })).status, 401)
})

test('the session’s cookie is out of reach for scripts and for other sites', async () => {
  const answer = await offices.visitor('console')('POST', '/api/sessions', signIn)

  assert.match(
    String(answer.headers['set-cookie']),
    /^portico_console=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
})

test('every answer forbids foreign scripts and frames, and answers of the API are kept nowhere', async () => {
  const page = await offices.visitor('portal')('GET', '/anything')
  const csp = String(page.headers['content-security-policy'])
  assert.match(csp, /default-src 'none'/)
  assert.match(csp, /frame-ancestors 'none'/)
  assert.doesNotMatch(csp, /unsafe/)

  const api = await offices.visitor('portal')('GET', '/api/me')
  assert.equal(api.headers['cache-control'], 'no-store')
  assert.equal(api.headers['content-type'], 'application/problem+json')
})

test('an auditor reads everything and changes nothing', async () => {
  const auditor = await offices.staff('auditor')
  const { id } = await offices.partner()
  for (const path of ['/api/partners', `/api/partners/${id}`, '/api/journal', '/api/approvals'])
    assert.equal((await auditor('GET', path)).status, 200, path)

  const document = (await auditor('GET', '/api/openapi.json')).body
  const paths = document['paths'] as Record<string, Record<string, unknown>>
  const changing = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => method === 'post' || method === 'put')
      .map((method) => ({ path, method: method.toUpperCase() as 'POST' | 'PUT' })),
  )
  assert.ok(changing.length >= 6)
  // How one signs in oneself is the only thing that anybody changes.
  const others = changing.filter(({ path: p }) => !/^\/api\/(me|sessions|passkey-)/.test(p))
  for (const { path, method } of others) {
    const answer = await auditor(method, path.replace(/\{[^}]+\}/, id), {})
    assert.deepEqual([path, answer.status, answer.body['code']], [path, 403, 'staff/role-missing'])
  }
})

test('both offices describe what they serve as OpenAPI 3.1, with an operation id for every operation', async () => {
  for (const office of ['portal', 'console'] as const) {
    const { body } = await offices.visitor(office)('GET', '/api/openapi.json')
    assert.equal(body['openapi'], '3.1.0')
    const operations = Object.values(
      body['paths'] as Record<string, Record<string, { operationId?: string; responses: object }>>,
    ).flatMap((path) => Object.values(path))
    const ids = operations.map((o) => o.operationId)
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(!ids.includes(undefined))
    for (const operation of operations) assert.ok('default' in operation.responses)
  }
})

test('an unknown address of the API is a problem, an unknown page is the one page', async () => {
  const visit = offices.visitor('portal')
  const api = await visit('GET', '/api/nothing-here')
  assert.equal(api.status, 404)
  assert.equal(api.body['code'], 'platform/not-found')
  assert.equal((await visit('POST', '/api/nothing-here', {})).status, 404)
  assert.equal((await visit('GET', '/applications/new')).status, 200)
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/../../package.json'])
    assert.doesNotMatch(JSON.stringify((await visit('GET', path)).body), /fastify-type-provider/)
})

test('the well-known document is public', async () => {
  const answer = await offices.visitor('portal')('GET', '/.well-known/portico')
  assert.deepEqual([answer.status, answer.body], [200, { ready: true, health: [] }])
})
