import 'reflect-metadata'
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect } from 'node:tls'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as x509 from '@peculiar/x509'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { type Agent, fetch } from 'undici'
import { z } from 'zod'
import { work } from '#journal/index.ts'
import { unprovenJws } from '#platform/jose.ts'
import { makeServerCertificate, newClientRequest, readAuthority } from '#platform/certificates.ts'
import {
  activateKey,
  listSigningKeys,
  publishKey,
  removeKey,
  replaceKeys,
  tellKeys,
} from '#authorization/keys/index.ts'
import { privateJwk, rsaJwk } from '../partner-keys.ts'
import { Browser, signIn } from './browser.ts'
import { openWhole } from './whole.ts'
import { jws } from './wire.ts'

const whole = await openWhole()
const { issuer, issuerMtls, registration, initialAccessToken } = whole
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const redirectUri = 'https://partner.example/callback'

const newPair = async () => {
  const pair = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return { ...pair, kid: randomUUID(), jwk: { kty, crv, x, y } }
}

/** A certificate that its own key signs, as `openssl req -x509` makes it. */
const selfSigned = async (days = 30) => {
  const keys = await newPair()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=partner',
    notBefore: new Date(Date.now() - 2 * 86_400_000),
    notAfter: new Date(Date.now() + days * 86_400_000),
    keys,
    signingAlgorithm: ecdsa,
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    jwk: { ...keys.jwk, kid: keys.kid, x5c: [Buffer.from(certificate.rawData).toString('base64')] },
    identity: {
      cert: certificate.toString('pem'),
      key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    },
  }
}

/** Asks until the caller is refused or has no connection any more. */
const isRefused = async (ask: () => Promise<{ status: number }>) => {
  const until = performance.now() + 60_000
  for (;;) {
    const { status } = await ask().catch(() => ({ status: 401 }))
    if (status === 401) return
    assert.ok(performance.now() < until, 'it is still taken')
    await sleep(10)
  }
}

const asking = async (more: object = {}) => ({
  client_name: 'Anor programme',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  scope: 'openid accounts',
  authorization_details_types: ['urn:bank:accounts:v1'],
  jwks: { keys: [(await newPair()).jwk] },
  ...more,
})

const over =
  (agent: Agent): oidc.CustomFetch =>
  async (url, { body, method, headers }) => {
    const sent = body instanceof URLSearchParams ? body.toString() : body
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      dispatcher: agent,
      ...(typeof sent === 'string' && { body: sent }),
    })
    const text = await answer.text()
    return new Response([204, 303].includes(answer.status) ? null : text, {
      status: answer.status,
      headers: [...answer.headers],
    })
  }

test('RFC 7591, 7592: openid-client registers, is consented to, updates and leaves; every step takes effect at once', async () => {
  const keys = await newPair()
  const config = await oidc.dynamicClientRegistration(
    new URL(issuer),
    await asking({ jwks: { keys: [{ ...keys.jwk, kid: keys.kid }] } }),
    oidc.PrivateKeyJwt({ key: keys.privateKey, kid: keys.kid }),
    { initialAccessToken: await initialAccessToken(), [oidc.customFetch]: over(whole.plain) },
  )
  const registered = config.clientMetadata()
  assert.equal(registered['dpop_bound_access_tokens'], true)
  assert.equal(registered['require_pushed_authorization_requests'], true)
  assert.deepEqual(registered['response_types'], ['code'])
  assert.equal(registered['scope'], 'openid accounts')

  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const url = await oidc.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: redirectUri,
      scope: 'accounts',
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([
        {
          type: 'urn:bank:accounts:v1',
          permissions: ['ReadAccountsBasic'],
          purpose: { code: 'PFM', text: 'Tarif' },
        },
      ]),
    },
    { DPoP },
  )
  const browser = new Browser(whole.plain)
  await browser.open(url)
  await signIn(browser)
  const back = await browser.press('approve', { account: browser.accounts()[0] ?? '' })
  const tokens = await oidc.authorizationCodeGrant(
    config,
    new URL(back.url),
    { pkceCodeVerifier: verifier, expectedState: state },
    undefined,
    { DPoP },
  )
  assert.ok(tokens.access_token && tokens.refresh_token)

  const place = z.string().parse(registered['registration_client_uri'])
  const token = z.string().parse(registered['registration_access_token'])
  const read = await registration('GET', token, undefined, place)
  assert.deepEqual([read.status, read.body['redirect_uris']], [200, [redirectUri]])
  const {
    client_id_issued_at: _,
    registration_access_token: __,
    registration_client_uri: ___,
    ...same
  } = read.body
  const moved = { ...same, redirect_uris: ['https://partner.example/new'] }
  const updated = await registration('PUT', token, moved, place)
  assert.deepEqual([updated.status, updated.body['redirect_uris']], [200, moved.redirect_uris])
  const next = updated.body.registration_access_token ?? ''
  assert.notEqual(next, token)
  assert.equal((await registration('GET', token, undefined, place)).status, 401)

  assert.equal((await registration('DELETE', next, undefined, place)).status, 204)
  assert.equal((await registration('GET', next, undefined, place)).body.error, 'invalid_token')
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }), {
    name: 'ResponseBodyError',
  })
})

test('oauth4webapi registers a tls_client_auth client with a certificate request, and gets bound tokens', async () => {
  const { csr, key } = await newClientRequest('partner')
  const as = await oauth.processDiscoveryResponse(
    new URL(issuer),
    await oauth.discoveryRequest(new URL(issuer), { [oauth.customFetch]: over(whole.plain) }),
  )
  const answer = await oauth.dynamicClientRegistrationRequest(
    as,
    {
      client_name: 'Anor by certificate',
      token_endpoint_auth_method: 'tls_client_auth',
      grant_types: ['client_credentials'],
      scope: 'accounts',
      certificate_request: csr,
    },
    { initialAccessToken: await initialAccessToken(), [oauth.customFetch]: over(whole.plain) },
  )
  const client = await oauth.processDynamicClientRegistrationResponse(answer)
  assert.equal(client['tls_client_certificate_bound_access_tokens'], true)

  const agent = whole.via({ cert: z.string().parse(client['certificate']), key })
  const granted = await oauth.clientCredentialsGrantRequest(
    as,
    { ...client, use_mtls_endpoint_aliases: true },
    oauth.TlsClientAuth(),
    { scope: 'accounts' },
    { [oauth.customFetch]: over(agent) },
  )
  const { access_token } = await oauth.processClientCredentialsResponse(as, client, granted)
  const call = await whole.call(
    { authorization: `Bearer ${access_token}` },
    agent,
    whole.gatewayMtls,
  )
  assert.notEqual(call.status, 401)
})

/** Tried again for a few seconds while the connection is refused. */
const soon = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++)
    try {
      return await attempt()
    } catch (error) {
      if (tries === 50) throw error
      await sleep(100)
    }
}

test('RFC 8705 §2.2: a registered self-signed certificate authenticates here and at the gateway; a stranger’s opens nothing', async () => {
  const mine = await selfSigned()
  const { status, body } = await registration(
    'POST',
    await initialAccessToken(),
    await asking({
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      redirect_uris: [],
      grant_types: ['client_credentials'],
      jwks: { keys: [mine.jwk] },
    }),
  )
  assert.equal(status, 201, JSON.stringify(body))
  const agent = whole.via(mine.identity)
  const ask = (by: Agent) =>
    fetch(`${issuerMtls}/token`, {
      method: 'POST',
      dispatcher: by,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'accounts',
        client_id: body.client_id ?? '',
      }).toString(),
    })
  const granted = await ask(agent)
  const tokens = (await granted.json()) as { access_token: string }
  assert.equal(granted.status, 200, JSON.stringify(tokens))
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  // No authority vouches for it, so the gateway ends the handshake until its next snapshot names it.
  const call = await soon(() => whole.call(headers, agent, whole.gatewayMtls))
  assert.notEqual(call.status, 401, JSON.stringify(call.body))

  const stranger = whole.via((await selfSigned()).identity)
  await assert.rejects(ask(stranger))
  await assert.rejects(whole.call(headers, stranger, whole.gatewayMtls))
  await assert.rejects(ask(whole.plain))

  const place = body.registration_client_uri
  const gone = await registration('DELETE', body.registration_access_token ?? '', undefined, place)
  assert.equal(gone.status, 204)
  await isRefused(() => whole.call(headers, agent, whole.gatewayMtls))
})

test('A46: of 40 registrations with one initial access token at once, one succeeds', async () => {
  const token = await initialAccessToken()
  const asks = await Promise.all(Array.from({ length: 40 }, () => asking()))
  const desk = await Promise.all(asks.map((ask) => registration('POST', token, ask)))
  const statuses = Map.groupBy(desk, (a) => a.status)
  assert.equal(statuses.get(201)?.length, 1)
  assert.equal((statuses.get(401)?.length ?? 0) + (statuses.get(429)?.length ?? 0), 39)
})

test('RFC 7591 §3.2.2: what cannot be registered is refused in the words of the RFC, with the place, and spends no token', async () => {
  const token = await initialAccessToken()
  const statement = await jws(
    { alg: 'ES256' },
    { iss: 'https://nobody.example' },
    (await newPair()).privateKey,
  )
  const refusals: [more: object, error: string, pointer: RegExp][] = [
    [{ redirect_uris: ['http://partner.example/'] }, 'invalid_redirect_uri', /^\/redirect_uris/],
    [{ redirect_uris: ['https://*.partner.example/'] }, 'invalid_redirect_uri', /^\/redirect_uris/],
    [{ logo_uri: 'https://partner.example/logo' }, 'invalid_client_metadata', /^\/logo_uri$/],
    [{ jwks_uri: 'https://partner.example/jwks' }, 'invalid_client_metadata', /^\/jwks_uri$/],
    [{ jwks: { keys: [rsaJwk(1024)] } }, 'invalid_client_metadata', /^(\/jwks\/keys\/0|)$/],
    [{ jwks: { keys: [privateJwk()] } }, 'invalid_client_metadata', /^(\/jwks\/keys\/0|)$/],
    [{ scope: 'everything' }, 'invalid_client_metadata', /^\/scope$/],
    [
      { token_endpoint_auth_method: 'client_secret_basic' },
      'invalid_client_metadata',
      /^\/token_endpoint_auth_method$/,
    ],
    [{ response_types: ['code id_token'] }, 'invalid_client_metadata', /^\/response_types/],
    [{ client_id: 'mine' }, 'invalid_client_metadata', /^\/client_id$/],
    [
      { dpop_bound_access_tokens: true, tls_client_certificate_bound_access_tokens: true },
      'invalid_client_metadata',
      /bound_access_tokens$/,
    ],
    [
      { software_statement: 'not a statement' },
      'invalid_software_statement',
      /^\/software_statement$/,
    ],
    [{ software_statement: statement }, 'unapproved_software_statement', /^\/software_statement$/],
  ]
  // The test is of words; how often one address may ask is tested beside the budgets.
  for (const [more, error, pointer] of refusals) {
    const { status, body } = await patient(async () =>
      registration('POST', token, await asking(more)),
    )
    assert.deepEqual([status, body.error], [400, error], JSON.stringify([more, body]))
    assert.match(body.pointer ?? 'none', pointer, JSON.stringify([more, body]))
  }
  // What the licence matrix denies this status is named, and not silently left out.
  const authority = await whole.control.register(['public-authority'])
  const itsToken = await initialAccessToken(authority)
  const beyond = await patient(async () =>
    registration('POST', itsToken, await asking({ scope: 'accounts:verify payments' })),
  )
  assert.deepEqual([beyond.body.error, beyond.body.pointer], ['invalid_client_metadata', '/scope'])
  assert.match(z.string().parse(beyond.body['error_description']), /payments is not granted/)
  for (const none of ['', 'unknown'])
    assert.equal(
      (await patient(async () => registration('POST', none, await asking()))).status,
      401,
    )
  const foreign = await initialAccessToken()
  await whole.control.database.owner.run`
    update partners.initial_access_token
       set cell = 'production', limits = '{}'
     where id = (select max(id) from partners.initial_access_token)
  `
  assert.equal(
    (await patient(async () => registration('POST', foreign, await asking()))).status,
    401,
  )
  assert.equal((await patient(async () => registration('POST', token, await asking()))).status, 201)
})

/** Waits where the address asked too often. */
const patient = async <T extends { status: number }>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    const answer = await ask()
    if (answer.status !== 429) return answer
    await sleep(500)
  }
}

const shownKids = async () => {
  const answer = await fetch(`${issuer}/jwks`, { dispatcher: whole.plain })
  const { keys } = (await answer.json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}
const db = whole.database.as('authorization')
const turning = async <T>(body: Parameters<typeof work<T>>[3]): Promise<T> => {
  const result = await work(db, 'system', Temporal.Now.instant(), body)
  await tellKeys(db, whole.files)
  return result
}

test('A58: a key is published before it signs, and in an emergency the lost ones are refused within a second', async () => {
  const mine = await selfSigned()
  const client = await patient(async () =>
    registration(
      'POST',
      await initialAccessToken(),
      await asking({
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        redirect_uris: [],
        grant_types: ['client_credentials'],
        jwks: { keys: [mine.jwk] },
      }),
    ),
  )
  const agent = whole.via(mine.identity)
  const newToken = async (): Promise<string | undefined> => {
    const form = {
      grant_type: 'client_credentials',
      scope: 'accounts',
      client_id: client.body.client_id ?? '',
    }
    const answer = await fetch(`${issuerMtls}/token`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    })
    const body = (await answer.json()) as { access_token?: string }
    return body.access_token
  }
  const kidOf = (token: string | undefined) => unprovenJws(token ?? '')?.header.kid
  const call = (token: string | undefined) =>
    whole.call({ authorization: `Bearer ${token}` }, agent, whole.gatewayMtls)
  const before = await newToken()
  const [old = ''] = await shownKids()
  assert.equal(kidOf(before), old)

  const next = await turning((w) => publishKey(w, whole.files))
  while ((await shownKids()).length < 2) await sleep(50)
  assert.equal(kidOf(await newToken()), old)
  await assert.rejects(
    turning((w) => activateKey(w, next.kid)),
    {
      code: 'authorization/signing-key-not-ready',
    },
  )
  await turning((w) => activateKey(w, next.kid, { notice: false }))
  let after = await newToken()
  while (kidOf(after) !== next.kid) {
    await sleep(20)
    after = await newToken()
  }
  // Signed from the moment that control has told the gateways: each takes it at once, and the one before as well.
  assert.notEqual((await call(after)).status, 401)
  assert.notEqual((await call(before)).status, 401)
  await assert.rejects(turning((w) => removeKey(w, old)))

  const fresh = await turning((w) => replaceKeys(w, whole.files))
  await isRefused(() => call(after))
  await isRefused(() => call(before))
  let last = await newToken()
  for (const until = performance.now() + 60_000; kidOf(last) !== fresh.kid;) {
    assert.ok(performance.now() < until, 'the new key signs')
    await sleep(20)
    last = await newToken()
  }
  assert.notEqual((await call(last)).status, 401)
  assert.deepEqual(await shownKids(), [fresh.kid])
  const states = (await listSigningKeys(db)).map(({ kid, state, denied }) => [
    kid,
    `${state}${denied ? ', denied' : ''}`,
  ])
  assert.deepEqual(Object.fromEntries(states), {
    [fresh.kid]: 'active',
    [next.kid]: 'removed, denied',
    [old]: 'removed, denied',
  })
})

test('the server’s certificate is taken from its files while it runs', async () => {
  const serial = async () => {
    let seen = ''
    await new Promise<void>((resolve, reject) => {
      const socket = connect(
        { host: 'localhost', port: Number(new URL(issuer).port), rejectUnauthorized: false },
        () => {
          seen = socket.getPeerCertificate().serialNumber
          socket.destroy()
          resolve()
        },
      )
      socket.once('error', reject)
    })
    return seen
  }
  const before = await serial()
  const authority = await readAuthority(whole.world.layout.serverCa)
  const tls = whole.files.tls('authorization')
  rmSync(tls.certificate)
  await makeServerCertificate(authority, tls, 'sandbox authorization')
  for (let tries = 0; (await serial()) === before; tries++) {
    assert.ok(tries < 50, 'the new certificate is served')
    await sleep(100)
  }
})
