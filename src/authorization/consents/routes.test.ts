import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import * as oidc from 'openid-client'
import { type Agent, fetch } from 'undici'
import { z } from 'zod'
import { authorise } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { agentFor, type Application, hangUp, newApplication } from '#test/authorization/partner.ts'
import { authenticated, newKeys, post, proof } from '#test/authorization/wire.ts'

const house = await openHouse()
after(hangUp)

const Body = z.looseObject({
  consentId: z.string().optional(),
  status: z.unknown().optional(),
  code: z.string().optional(),
})

const call = async (
  agent: Agent,
  url: string,
  headers: Record<string, string>,
  method: 'GET' | 'POST' = 'GET',
) => {
  const answer = await fetch(url, { dispatcher: agent, method, headers })
  return { status: answer.status, body: Body.parse(await answer.json()), headers: answer.headers }
}

const ath = (token: string) => createHash('sha256').update(token).digest('base64url')

/** An application with its own DPoP-bound token. */
const withToken = async (app: Application) => {
  const keys = await newKeys()
  const url = `${house.issuer}/token`
  const answer = await post(
    app.via(false),
    url,
    { grant_type: 'client_credentials', ...(await authenticated(house, app)) },
    { dpop: await proof(keys, url) },
  )
  const token = answer.body.access_token ?? ''
  const headersFor = async (htu: string, htm: string, claims: Record<string, unknown> = {}) => ({
    authorization: `DPoP ${token}`,
    dpop: await proof(keys, htu, { htm, ath: ath(token), ...claims }),
  })
  return { token, headersFor }
}

const given = async () => {
  const app = await newApplication(house)
  const { tokens, config, DPoP } = await authorise(house, app)
  const [detail] = z
    .array(z.object({ consentId: z.string() }))
    .parse(tokens['authorization_details'])
  const url = `${house.issuer}/consents/v1/consents/${detail?.consentId}`
  return { app, tokens, config, DPoP, url, consentId: detail?.consentId }
}

test('a partner reads its consent and ends it; the refresh token dies with it', async () => {
  const { app, tokens, config, DPoP, url, consentId } = await given()
  const { headersFor } = await withToken(app)

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
  const { url } = await given()
  const other = await newApplication(house)
  const { headersFor } = await withToken(other)
  const missing = `${house.issuer}/consents/v1/consents/consent_${'0'.repeat(32)}`

  const foreign = await call(other.via(false), url, await headersFor(url, 'GET'))
  const nothing = await call(other.via(false), missing, await headersFor(missing, 'GET'))

  assert.equal(foreign.status, 404)
  assert.equal(foreign.body.code, 'consents/not-found')
  assert.deepEqual({ ...foreign.body, instance: '' }, { ...nothing.body, instance: '' })
})

test('RFC 9449 §4.3, §7: what is not exactly this proof of this token for this request is refused', async () => {
  const { app, url } = await given()
  const { token, headersFor } = await withToken(app)
  const agent = app.via(false)
  const good = await headersFor(url, 'GET')
  const others = await withToken(app)
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

test('RFC 9396 §10: the types are published with their JSON Schemas', async () => {
  const answer = await fetch(`${house.issuer}/consents/v1/types`, { dispatcher: agentFor(house) })
  const { data } = z
    .object({ data: z.array(z.object({ type: z.string(), schema: z.looseObject({}) })) })
    .parse(await answer.json())
  assert.deepEqual(
    data.map((d) => [d.type, d.schema['type'], d.schema['additionalProperties']]),
    [
      ['urn:bank:accounts:v1', 'object', false],
      ['urn:bank:payment:v1', 'object', false],
      ['urn:bank:card-issue:v1', 'object', false],
    ],
  )
})
