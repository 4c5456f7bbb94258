import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { approve, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import {
  accountsDetail,
  agentFor,
  type Application,
  hangUp,
  newApplication,
  paymentDetail,
} from '#test/authorization/partner.ts'
import {
  type Answered,
  assertion,
  ASSERTION_TYPE,
  authenticated,
  authorizationRequest,
  newKeys,
  post,
  proof,
  seconds,
} from '#test/authorization/wire.ts'

const house = await openHouse()
const elsewhere = await openHouse('production')
after(hangUp)

const app = await newApplication(house)
const other = await newApplication(house)
const keys = await newKeys()
const token = `${house.issuer}/token`
const par = `${house.issuer}/request`

/** A token request by client credentials whose assertion was spoiled. */
const withAssertion = async (given: string): Promise<Answered> =>
  post(
    app.via(false),
    token,
    { grant_type: 'client_credentials', ...(await authenticated(house, app, given)) },
    { dpop: await proof(keys, token) },
  )

/** A pushed request with members changed; `undefined` leaves one out. */
const pushed = async (
  changes: Record<string, string | undefined>,
  options: {
    by?: Application
    detail?: object
    scope?: string
    headers?: Record<string, string>
  } = {},
): Promise<Answered> => {
  const { by = app, detail = accountsDetail, scope = 'accounts' } = options
  const { form } = authorizationRequest(by, detail, scope)
  const members = { ...form, ...(await authenticated(house, by)), ...changes }
  const kept = Object.entries(members).filter(
    (member): member is [string, string] => member[1] !== undefined,
  )
  return post(by.via(false), par, Object.fromEntries(kept), {
    dpop: await proof(keys, par),
    ...options.headers,
  })
}

const refused = (answer: Answered, error: string, status = 400) => {
  assert.equal(answer.body.error, error, JSON.stringify(answer.body))
  assert.equal(answer.status, status)
  assert.equal(answer.body.access_token, undefined)
  assert.equal(answer.body.request_uri, undefined)
}

/** After each group a correct request still works. */
const worksStill = (): void => {
  test('and a correct request still works', async () => {
    assert.equal((await withAssertion(await assertion(house, app))).status, 200)
    assert.equal((await pushed({})).status, 201)
  })
}

describe('client authentication', () => {
  test('RFC 6749 §2.3: no assertion', async () => {
    const form = { grant_type: 'client_credentials', client_id: app.id }
    refused(await post(app.via(false), token, form), 'invalid_client', 401)
  })

  test('RFC 7523 §3: an assertion of one application does not speak for another', async () => {
    const form = {
      grant_type: 'client_credentials',
      client_id: other.id,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(house, app),
    }
    refused(await post(app.via(false), token, form), 'invalid_request')
    const signedByOther = await assertion(house, app, {}, { kid: other.kid })
    refused(await withAssertion(signedByOther), 'invalid_client', 401)
  })

  const audiences: Record<string, unknown> = {
    'another server': 'https://other.example',
    'the token endpoint': token,
    'the pushed request endpoint': par,
    'an array': [house.issuer],
    'the other cell': elsewhere.issuer,
  }
  for (const [name, aud] of Object.entries(audiences))
    test(`FAPI 2.0 §5.3.2.1: the audience is the issuer alone, not ${name}`, async () => {
      refused(await withAssertion(await assertion(house, app, { aud })), 'invalid_client', 401)
    })

  for (const missing of ['sub', 'jti', 'exp', 'iss', 'aud'])
    test(`RFC 7523 §3: an assertion without ${missing}`, async () => {
      const given = await assertion(house, app, { [missing]: undefined })
      refused(await withAssertion(given), 'invalid_client', 401)
    })

  const times: Record<string, Record<string, number>> = {
    'that expired five minutes ago': { exp: seconds() - 300 },
    'that lives ten years': { exp: seconds() + 315_360_000 },
    'that is not valid yet for two minutes': { nbf: seconds() + 120 },
    'that was made in two minutes': { iat: seconds() + 120, exp: seconds() + 180 },
  }
  for (const [name, claims] of Object.entries(times))
    test(`FAPI 2.0 §5.3.2.1: an assertion ${name}`, async () => {
      refused(await withAssertion(await assertion(house, app, claims)), 'invalid_client', 401)
    })

  test('FAPI 2.0 §5.3.2.1: an assertion dated eight seconds ahead passes', async () => {
    const claims = { nbf: seconds() + 8, iat: seconds() + 8 }
    assert.equal((await withAssertion(await assertion(house, app, claims))).status, 200)
  })

  for (const alg of ['RS256', 'none', 'HS256'])
    test(`FAPI 2.0 §5.4: an assertion by ${alg}`, async () => {
      refused(await withAssertion(await assertion(house, app, {}, { alg })), 'invalid_client', 401)
    })

  test('RFC 8705 §2: a certificate of another application is not a proof', async () => {
    const certified = await newApplication(house, { authentication: 'tls_client_auth' })
    const form = { grant_type: 'client_credentials', client_id: certified.id }
    const mtls = `${house.issuerMtls}/token`
    const headers = async () => ({ dpop: await proof(keys, mtls) })

    const own = await post(certified.via(true), mtls, form, await headers())
    assert.equal(own.status, 200)
    refused(await post(other.via(true), mtls, form, await headers()), 'invalid_client', 401)
    house.revoke('certificate', certified.certificate.sha256)
    await new Promise((resolve) => setTimeout(resolve, 200))
    refused(await post(certified.via(true), mtls, form, await headers()), 'invalid_client', 401)
  })

  test('RFC 8705: without a certificate, or with one of the other cell, nobody gets in at all', async () => {
    const stranger = await newApplication(elsewhere)
    const form = { grant_type: 'client_credentials', client_id: app.id }
    const foreign = agentFor(house, stranger.certificate)
    for (const agent of [agentFor(house), foreign])
      await assert.rejects(post(agent, `${house.issuerMtls}/token`, form))
  })

  test('RFC 8705 §3: a bound token is bound to a certificate of the application alone', async () => {
    const bound = await newApplication(house, { senderConstraint: 'mtls' })
    const mtls = `${house.issuerMtls}/token`
    const form = async () => ({
      grant_type: 'client_credentials',
      ...(await authenticated(house, bound)),
    })
    assert.equal((await post(bound.via(true), mtls, await form())).status, 200)
    refused(await post(other.via(true), mtls, await form()), 'invalid_client', 401)
    refused(await post(bound.via(false), token, await form()), 'invalid_client', 401)
  })

  worksStill()
})

describe('pushed requests', () => {
  const spoiled: Record<string, Record<string, string | undefined>> = {
    'RFC 7636: no code challenge': { code_challenge: undefined },
    'RFC 7636 §4.2: plain': { code_challenge_method: 'plain' },
    'RFC 7636 §4.2: a short challenge': { code_challenge: 'short' },
    'FAPI 2.0 §5.3.2.2: no redirect_uri': { redirect_uri: undefined },
    'FAPI 2.0 §5.3.2.2: an unregistered redirect_uri': { redirect_uri: 'https://evil.example/' },
    'FAPI 2.0 §5.3.2.2: a redirect_uri that only begins alike': {
      redirect_uri: `${app.redirectUri}/more`,
    },
    'FAPI 2.0 §5.3.2.2: http': { redirect_uri: app.redirectUri.replace('https', 'http') },
    'RFC 9126 §2.1: request_uri': { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
    'OAuth 2.0: response_type token': { response_type: 'token' },
    'OAuth 2.0: response_type code id_token': { response_type: 'code id_token' },
    'FAPI 2.0 §5.3.2.2: response_mode fragment': { response_mode: 'fragment' },
    'RFC 8707: another resource': { resource: elsewhere.audience },
    'RFC 9396: no authorization_details': { authorization_details: undefined },
    'RFC 9396: two consents in one request': {
      authorization_details: JSON.stringify([accountsDetail, paymentDetail]),
    },
  }
  for (const [name, changes] of Object.entries(spoiled))
    test(`${name} is refused`, async () => {
      const answer = await pushed(changes)
      assert.ok(answer.status === 400 || answer.status === 401, String(answer.status))
      assert.ok(answer.body.error)
      assert.equal(answer.body.request_uri, undefined)
    })

  test('RFC 9101: an unsigned request object is not taken', async () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const request = `${encode({ alg: 'none' })}.${encode({ iss: app.id })}.`
    refused(await pushed({ request }), 'request_not_supported')
  })

  const details: Record<string, object> = {
    'an unknown type': { type: 'urn:bank:everything:v1' },
    'an unknown permission': { ...accountsDetail, permissions: ['ReadEverything'] },
    'no account permission': { ...accountsDetail, permissions: ['ReadBalances'] },
    'an unknown member': { ...accountsDetail, accounts: ['acc_of_somebody'] },
    'a consent id of its own': { ...accountsDetail, consentId: 'consent_1' },
    'an end in the past': { ...accountsDetail, expirationDateTime: '2020-01-01T00:00:00Z' },
    'an end in ten years': { ...accountsDetail, expirationDateTime: '2036-01-01T00:00:00Z' },
  }
  for (const [name, detail] of Object.entries(details))
    test(`RFC 9396 §5: ${name} is refused`, async () => {
      refused(await pushed({}, { detail }), 'invalid_authorization_details')
    })

  test('where nobody is real, a consent about an account that could be somebody’s is not asked for', async () => {
    const { creditorAccount } = paymentDetail
    for (const real of [{ identification: '20208000900000001001' }, { bankCode: '00014' }]) {
      const detail = { ...paymentDetail, creditorAccount: { ...creditorAccount, ...real } }
      const answer = await pushed({}, { detail, scope: 'payments' })
      refused(answer, 'invalid_authorization_details')
      assert.match(answer.body.error_description ?? '', /creditorAccount.* validates as a real/)
    }
  })

  const amounts = ['0.00', '-5.00', '1.001', '1e3', '', '1 000.00']
  for (const amount of amounts)
    test(`RFC 9396 §5: ${JSON.stringify(amount)} so‘m is no amount to pay`, async () => {
      const detail = { ...paymentDetail, instructedAmount: { amount, currency: 'UZS' } }
      refused(await pushed({}, { detail, scope: 'payments' }), 'invalid_authorization_details')
    })

  test('a scope that the asked consent does not show to the customer is refused', async () => {
    refused(await pushed({}, { scope: 'accounts payments' }), 'invalid_scope')
    refused(await pushed({}, { scope: 'accounts:verify' }), 'invalid_scope')
  })

  test('a scope or a type beyond the licence is refused', async () => {
    const narrow = await newApplication(house, {
      scopes: ['accounts:verify'],
      authorizationDetailsTypes: [],
    })
    refused(await pushed({}, { by: narrow }), 'invalid_scope')
    const bare = await pushed({ scope: undefined }, { by: narrow })
    refused(bare, 'invalid_authorization_details')
    const own = await post(
      narrow.via(false),
      token,
      {
        grant_type: 'client_credentials',
        scope: 'payments',
        ...(await authenticated(house, narrow)),
      },
      { dpop: await proof(keys, token) },
    )
    refused(own, 'invalid_scope')
  })

  test('an application without the code flow pushes nothing', async () => {
    const machine = await newApplication(house, {
      grantTypes: ['client_credentials'],
      redirectUris: [],
    })
    const answer = await pushed(
      { redirect_uri: 'https://partner.example/callback' },
      { by: machine },
    )
    assert.equal(answer.status, 400)
    assert.equal(answer.body.request_uri, undefined)
  })

  test('OpenID Connect Core §5.5.1.1: an essential acr that we do not have is denied at once', async () => {
    const claims = (value: string) =>
      JSON.stringify({ id_token: { acr: { essential: true, value } } })
    refused(
      await pushed({ claims: claims('urn:other'), scope: 'openid accounts' }),
      'access_denied',
    )
    const ours = await pushed({ claims: claims('urn:bank:sca'), scope: 'openid accounts' })
    assert.equal(ours.status, 201)
  })

  test('RFC 9449 §10: a dpop_jkt that is not the proof’s is refused', async () => {
    refused(await pushed({ dpop_jkt: 'A'.repeat(43) }), 'invalid_request')
  })

  worksStill()
})

describe('proofs of possession', () => {
  const cc = async (dpop: string | undefined) =>
    post(
      app.via(false),
      token,
      { grant_type: 'client_credentials', ...(await authenticated(house, app)) },
      dpop === undefined ? {} : { dpop },
    )

  test('FAPI 2.0 §5.3.2.1: without a proof there is no token', async () => {
    refused(await cc(undefined), 'invalid_grant')
  })

  test('RFC 9449 §4.3: a proof for another address, method or host is refused', async () => {
    refused(await cc(await proof(keys, par)), 'invalid_dpop_proof')
    refused(await cc(await proof(keys, token, { htm: 'GET' })), 'invalid_dpop_proof')
    refused(await cc(await proof(keys, `${elsewhere.issuer}/token`)), 'invalid_dpop_proof')
  })

  test('RFC 9449 §8: a proof whose clock is off by more than a minute needs our nonce, and with it passes', async () => {
    const iat = seconds() + 120
    const answer = await cc(await proof(keys, token, { iat }))
    refused(answer, 'use_dpop_nonce')
    const nonce = answer.headers.get('dpop-nonce') ?? ''
    assert.equal((await cc(await proof(keys, token, { iat, nonce }))).status, 200)
    refused(await cc(await proof(keys, token, { nonce: 'made-up' })), 'use_dpop_nonce')
  })

  test('ten seconds either way pass, unknown claims too', async () => {
    for (const iat of [seconds() - 10, seconds() + 10])
      assert.equal((await cc(await proof(keys, token, { iat, unknown: true }))).status, 200)
  })

  test('client credentials carry no authorization_details: nobody consented', async () => {
    const answer = await post(
      app.via(false),
      token,
      {
        grant_type: 'client_credentials',
        authorization_details: JSON.stringify([accountsDetail]),
        ...(await authenticated(house, app)),
      },
      { dpop: await proof(keys, token) },
    )
    refused(answer, 'invalid_authorization_details')
  })
})

describe('codes', () => {
  /** A code bound to the keys of the pushed request. */
  const codeOf = async () => {
    const { form, verifier } = authorizationRequest(app, accountsDetail)
    const members = { ...form, ...(await authenticated(house, app)) }
    const answer = await post(app.via(false), par, members, { dpop: await proof(keys, par) })
    const url = new URL(`${house.issuer}/auth`)
    url.searchParams.set('client_id', app.id)
    url.searchParams.set('request_uri', answer.body.request_uri ?? '')
    const back = await approve(await toDecision(house, { url }))
    return { code: back.searchParams.get('code') ?? '', verifier }
  }
  const redeemed = async (
    changes: Record<string, string>,
    by = app,
    proving: CryptoKeyPair = keys,
  ): Promise<Answered> => {
    const { code, verifier } = await codeOf()
    return post(
      by.via(false),
      token,
      {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: app.redirectUri,
        ...(await authenticated(house, by)),
        ...changes,
      },
      { dpop: await proof(proving, token) },
    )
  }

  test('RFC 6749 §4.1.3: a code of one application is nothing to another', async () => {
    refused(await redeemed({}, other), 'invalid_grant')
  })
  test('RFC 7636 §4.6: a wrong verifier', async () => {
    refused(await redeemed({ code_verifier: randomUUID() + randomUUID() }), 'invalid_grant')
  })
  test('RFC 6749 §4.1.3: another redirect address', async () => {
    refused(await redeemed({ redirect_uri: 'https://evil.example/' }), 'invalid_grant')
  })
  test('RFC 9449 §10: another key than at the pushed request', async () => {
    refused(await redeemed({}, app, await newKeys()), 'invalid_grant')
  })
  test('and the right one works', async () => {
    assert.equal((await redeemed({})).status, 200)
  })
})
