import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as oidc from 'openid-client'
import { fetch } from 'undici'
import { z } from 'zod'
import { askedBy, ath, call, given, withToken } from '#test/authorization/consents.ts'
import { authorise } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import {
  accountsDetail,
  agentFor,
  hangUp,
  newApplication,
  paymentDetail,
} from '#test/authorization/partner.ts'

const house = await openHouse()
after(hangUp)

test('a partner reads its consent and ends it; the refresh token dies with it', async () => {
  const { app, tokens, config, DPoP, url, consentId } = await given(house)
  const { headersFor } = await withToken(house, app)

  const read = await call(app.via(false), url, await headersFor(url, 'GET'))
  const ended = await call(
    app.via(false),
    `${url}/revocation`,
    await headersFor(`${url}/revocation`, 'POST'),
    'POST',
  )
  const again = await call(
    app.via(false),
    `${url}/revocation`,
    await headersFor(`${url}/revocation`, 'POST'),
    'POST',
  )

  assert.equal(read.status, 200)
  assert.equal(read.body.consentId, consentId)
  assert.equal(read.body.status, 'AUTHORISED')
  assert.deepEqual(read.body['authorizationDetails'], tokens['authorization_details'])
  assert.equal(ended.body.status, 'REVOKED')
  assert.equal(ended.body['by'], 'partner')
  assert.equal(again.status, 409)
  assert.equal(again.body.code, 'consents/closed')
  const refresh = oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )
  await assert.rejects(refresh, { error: 'invalid_grant' })
})

test('another application is told of it as of one that does not exist, in the same words', async () => {
  const { url } = await given(house)
  const other = await newApplication(house)
  const { headersFor } = await withToken(house, other)
  const missing = `${house.issuer}/consents/v1/consents/consent_${'0'.repeat(32)}`

  const foreign = await call(other.via(false), url, await headersFor(url, 'GET'))
  const nothing = await call(other.via(false), missing, await headersFor(missing, 'GET'))

  assert.equal(foreign.status, 404)
  assert.equal(foreign.body.code, 'consents/not-found')
  assert.deepEqual({ ...foreign.body, instance: '' }, { ...nothing.body, instance: '' })
})

test('RFC 9449 §4.3, §7: what is not exactly this proof of this token for this request is refused', async () => {
  const { app, url } = await given(house)
  const { token, headersFor } = await withToken(house, app)
  const agent = app.via(false)
  const good = await headersFor(url, 'GET')
  const others = await withToken(house, app)
  const refusals: Record<string, Record<string, string>> = {
    'no token': {},
    'no proof': { authorization: `DPoP ${token}` },
    'Bearer instead': { ...good, authorization: `Bearer ${token}` },
    'another method': await headersFor(url, 'POST'),
    'another address': await headersFor(`${url}x`, 'GET'),
    'another host': await headersFor(url.replace('localhost', 'evil.example'), 'GET'),
    'another key': { ...good, dpop: (await others.headersFor(url, 'GET')).dpop },
    'another token': await headersFor(url, 'GET', { ath: ath('x') }),
    'an hour ago': await headersFor(url, 'GET', { iat: 1 }),
    'a token that was tampered with': { ...good, authorization: `DPoP ${token.slice(0, -2)}AA` },
  }
  for (const [name, headers] of Object.entries(refusals)) {
    const answer = await call(agent, url, headers)
    assert.equal(answer.status, 401, name)
    assert.match(answer.headers.get('www-authenticate') ?? '', /DPoP error=/, name)
  }

  assert.equal((await call(agent, url, good)).status, 200)
  assert.equal((await call(agent, url, good)).status, 401, 'the same proof twice')
})

test('RFC 8705 §3: a certificate-bound token works with its certificate, on the door for certificates', async () => {
  const app = await newApplication(house, { senderConstraint: 'mtls' })
  const { tokens } = await authorise(house, app)
  const other = await newApplication(house)
  const [detail] = z
    .array(z.object({ consentId: z.string() }))
    .parse(tokens['authorization_details'])
  const path = `/consents/v1/consents/${detail?.consentId}`
  const headers = { authorization: `Bearer ${tokens.access_token}` }

  const own = await call(app.via(true), `${house.issuerMtls}${path}`, headers)
  const stolen = await call(other.via(true), `${house.issuerMtls}${path}`, headers)
  const bare = await call(agentFor(house), `${house.issuer}${path}`, headers)

  assert.equal(own.status, 200)
  assert.equal(stolen.status, 401)
  assert.equal(bare.status, 401)
})

test('O49: a consent that was laid down is answered by a request that names it, under its own id', async () => {
  const app = await newApplication(house)
  const { ask } = await withToken(house, app)
  const json = { authorizationDetails: [accountsDetail], scope: 'accounts' }
  const staged = await ask('/consents/v1/consents', {
    method: 'POST',
    json,
    headers: { 'idempotency-key': 'one' },
  })
  const again = await ask('/consents/v1/consents', {
    method: 'POST',
    json,
    headers: { 'idempotency-key': 'one' },
  })
  const other = await ask('/consents/v1/consents', {
    method: 'POST',
    json: { ...json, authorizationDetails: [paymentDetail], scope: 'payments' },
    headers: { 'idempotency-key': 'one' },
  })
  assert.equal(staged.status, 201)
  assert.equal(staged.body.status, 'AWAITING_AUTHORISATION')
  assert.equal(again.body.consentId, staged.body.consentId)
  assert.equal(other.body.code, 'consents/idempotency-key-reused')

  const { tokens } = await authorise(house, app, askedBy(staged.body))

  const [detail] = z.array(z.looseObject({})).parse(tokens['authorization_details'])
  assert.equal(detail?.['consentId'], staged.body.consentId)
  const read = await ask(`/consents/v1/consents/${staged.body.consentId}`)
  assert.equal(read.body.status, 'AUTHORISED')
  assert.deepEqual(read.body['authorizationDetails'], tokens['authorization_details'])
})

test('what the licence does not open, or the type does not, is not laid down', async () => {
  const app = await newApplication(house, {
    authorizationDetailsTypes: ['urn:bank:accounts:v1'],
    scopes: ['accounts'],
  })
  const { ask } = await withToken(house, app, 'accounts')
  const put = async (json: object) => {
    const { status, body } = await ask('/consents/v1/consents', { method: 'POST', json })
    return [status, body.code]
  }
  const authorizationDetails = [accountsDetail]
  assert.deepEqual(await put({ authorizationDetails: [paymentDetail] }), [
    403,
    'consents/type-refused',
  ])
  assert.deepEqual(await put({ authorizationDetails, scope: 'payments' }), [
    403,
    'consents/scope-refused',
  ])
  const unknown = [{ ...accountsDetail, extra: 1 }]
  assert.deepEqual(await put({ authorizationDetails: unknown }), [400, 'platform/request-invalid'])
  assert.deepEqual(await put({ authorizationDetails: [{ type: 'urn:bank:all:v1' }] }), [
    400,
    'platform/request-invalid',
  ])
  const past = [{ ...accountsDetail, expirationDateTime: '2020-01-01T00:00:00Z' }]
  assert.deepEqual(await put({ authorizationDetails: past }), [400, 'consents/end-refused'])
  const named = [{ ...accountsDetail, consentId: `consent_${'0'.repeat(32)}` }]
  assert.deepEqual(await put({ authorizationDetails: named }), [400, 'platform/request-invalid'])
})

test('where nobody is real, a consent about what could be somebody’s is not laid down', async () => {
  const app = await newApplication(house)
  const { ask } = await withToken(house, app, 'payments')
  const creditorAccount = { ...paymentDetail.creditorAccount, bankCode: '00014' }
  const json = { authorizationDetails: [{ ...paymentDetail, creditorAccount }], scope: 'payments' }
  const { status, body } = await ask('/consents/v1/consents', { method: 'POST', json })
  assert.deepEqual([status, body.code], [400, 'platform/request-invalid'])
  assert.match(String(body.detail), /^\/authorizationDetails\/0\/creditorAccount\/bankCode /)
})

test('O57: a partner sees what is left of its unattended accesses, and when it came last', async () => {
  const { app, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  const path = `/consents/v1/consents/${consentId}/usage`
  const fresh = await ask(path)
  assert.deepEqual(fresh.body['budgets'], [])
  assert.equal(fresh.body['lastAccess'], null)
  await house.database.owner.run`
    insert into accesses.access (consent_id, account, family, at)
    select ${consentId}, 'acc_1', 'accounts.balances', now() - n * interval '1 hour'
      from generate_series(1, 3) n
  `
  await house.database.owner.run`
    insert into accesses.access (consent_id, account, family, at)
    values (${consentId}, '', 'accounts.list', now() - interval '25 hours')
  `
  await house.database.owner.run`
    insert into accesses.last (consent_id, at, present) values (${consentId}, now(), false)
  `

  const used = await ask(path)

  const [budget, ...more] = z
    .array(z.looseObject({ resetAt: z.string() }))
    .parse(used.body['budgets'])
  assert.deepEqual(more, [])
  const { resetAt = '', ...rest } = budget ?? {}
  assert.deepEqual(rest, {
    account: 'acc_1',
    family: 'accounts.balances',
    allowed: 4,
    used: 3,
    remaining: 1,
  })
  const hours = Temporal.Instant.from(resetAt).since(Temporal.Now.instant()).total('hours')
  assert.ok(hours > 20.9 && hours <= 21)
  assert.equal(z.object({ present: z.boolean() }).parse(used.body['lastAccess']).present, false)
})

test('G57: what is missing, foreign or foreign and ended is one answer, byte for byte, at every address', async () => {
  const { url, app: owner, consentId } = await given(house)
  const ended = await given(house)
  await (
    await withToken(house, ended.app)
  ).ask(`/consents/v1/consents/${ended.consentId}/revocation`, {
    method: 'POST',
  })
  const { ask } = await withToken(house, await newApplication(house))
  const ids = [consentId ?? '', ended.consentId ?? '', `consent_${'0'.repeat(32)}`, 'x', '']
  const bare = ({ status, text, headers }: Awaited<ReturnType<typeof call>>) => ({
    status,
    text: text.replace(/"instance":"[^"]*"/, ''),
    headers: [...headers].filter(([name]) => !/^(date|x-fapi-interaction-id)$/.test(name)),
  })
  for (const [part, method] of [
    ['', 'GET'],
    ['/usage', 'GET'],
    ['/revocation', 'POST'],
    ['/extension', 'POST'],
  ] as const) {
    const answers = await Promise.all(
      ids
        .filter((id) => id !== '')
        .map(async (id) => bare(await ask(`/consents/v1/consents/${id}${part}`, { method }))),
    )
    assert.equal(answers[0]?.status, 404, part)
    for (const answer of answers) assert.deepEqual(answer, answers[0], part)
  }
  assert.equal((await (await withToken(house, owner)).ask(new URL(url).pathname)).status, 200)
})

test('FAPI 2.0 §5.3.4: a token of a consent that has ended opens nothing here either', async () => {
  const { app, consentId } = await given(house)
  const other = await newApplication(house, { senderConstraint: 'mtls', partnerId: app.partnerId })
  const { tokens } = await authorise(house, other)
  const [detail] = z
    .array(z.object({ consentId: z.string() }))
    .parse(tokens['authorization_details'])
  const address = `${house.issuerMtls}/consents/v1/consents/${detail?.consentId}`
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  assert.equal((await call(other.via(true), address, headers)).status, 200)
  assert.notEqual(consentId, detail?.consentId)
  const ended = await call(other.via(true), `${address}/revocation`, headers, 'POST')
  assert.equal(ended.status, 200)
  const after = await call(other.via(true), address, headers)
  assert.equal(after.status, 401)
})

test('every address of the document is served, and every answer has the members that it names', async () => {
  const { app, consentId } = await given(house)
  const { ask } = await withToken(house, app)
  const path = `/consents/v1/consents/${consentId}`
  const Schema = z.looseObject({ required: z.array(z.string()).optional() })
  const { components } = z
    .object({ components: z.object({ schemas: z.record(z.string(), Schema) }) })
    .parse((await ask('/consents/v1/openapi.json')).body)
  const complete = (body: object, name: string) => {
    const { required = [], properties = {} } = z
      .looseObject({
        required: z.array(z.string()).optional(),
        properties: z.record(z.string(), z.unknown()).optional(),
      })
      .parse(components.schemas[name])
    assert.deepEqual(
      required.filter((member) => !(member in body)),
      [],
      name,
    )
    assert.deepEqual(
      Object.keys(body).filter((member) => !(member in properties)),
      [],
      name,
    )
  }
  complete((await ask(path)).body, 'Consent')
  complete((await ask(`${path}/usage`)).body, 'Usage')
  complete((await ask(`${path}/revocation`, { method: 'POST' })).body, 'Consent')
})

test('RFC 9396 §10: the types are published with their JSON Schemas, closed to what they do not name', async () => {
  const answer = await fetch(`${house.issuer}/consents/v1/types`, { dispatcher: agentFor(house) })
  const { data } = z
    .object({ data: z.array(z.object({ type: z.string(), schema: z.looseObject({}) })) })
    .parse(await answer.json())
  assert.deepEqual(
    data.map((d) => [d.type, d.schema['type'], d.schema['additionalProperties']]),
    [
      'accounts',
      'funds-confirmation',
      'ownership-verification',
      'payment',
      'mandate',
      'card-issue',
      'lending-read',
      'lending-apply',
      'kyc-claims',
      'fx-convert',
    ].map((noun) => [`urn:bank:${noun}:v1`, 'object', false]),
  )
})
