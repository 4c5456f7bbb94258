import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { fetch } from 'undici'
import { setTimeout as sleep } from 'node:timers/promises'
import { rpcClient } from '#platform/rpc.ts'
import { importVerifyKey, type JWK, unprovenJws, verifyJws } from '#platform/jose.ts'
import { accountIdOf } from '#test/authorization/bank.ts'
import { approve, authorise, push, redeem, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import {
  agentFor,
  type Application,
  cardDetail,
  clientOf,
  dpopKeys,
  hangUp,
  newApplication,
  paymentDetail,
} from '#test/authorization/partner.ts'
import { authenticated, newKeys, post, proof } from '#test/authorization/wire.ts'
import { doing } from '#test/world.ts'
import { findConsent } from './consents/index.ts'
import { authorizationContract } from './contract.ts'

const house = await openHouse()
after(hangUp)

const jwks = async (): Promise<JWK[]> => {
  const answer = await fetch(`${house.issuer}/jwks`, { dispatcher: agentFor(house) })
  return ((await answer.json()) as { keys: JWK[] }).keys
}

/** Claims of a token whose signature holds with a key that the issuer publishes. */
const claimsOf = async (token: string): Promise<Record<string, unknown>> => {
  const header = unprovenJws(token)?.header
  const key = (await jwks()).find((k) => k.kid === header?.kid)
  assert.ok(key)
  assert.equal(header?.typ, 'at+jwt')
  assert.equal(header?.alg, 'PS256')
  const claims = await verifyJws(token, await importVerifyKey(key, 'PS256'))
  assert.ok(claims)
  return claims
}

const boundTo = (app: Application, cnf: unknown): boolean =>
  app.row.senderConstraint === 'mtls'
    ? (cnf as Record<string, unknown>)['x5t#S256'] === app.certificate.sha256
    : typeof (cnf as Record<string, unknown>)['jkt'] === 'string'

for (const authentication of ['private_key_jwt', 'tls_client_auth'] as const)
  for (const senderConstraint of ['dpop', 'mtls'] as const) {
    const profile = `${authentication} and ${senderConstraint}`

    test(`FAPI 2.0: openid-client walks the code flow with ${profile}`, async () => {
      const app = await newApplication(house, { authentication, senderConstraint })
      const { tokens, config, DPoP, back } = await authorise(house, app)

      const claims = await claimsOf(tokens.access_token)
      const account = accountIdOf('dilnoza', app.partnerId, '4417')
      const [detail] = claims['authorization_details'] as Record<string, unknown>[]
      assert.equal(claims['iss'], house.issuer)
      assert.equal(claims['aud'], house.audience)
      assert.equal(claims['client_id'], app.id)
      assert.equal(claims['partner_id'], app.partnerId)
      assert.equal(claims['env'], 'sandbox')
      assert.equal(claims['scope'], 'accounts')
      assert.equal(Number(claims['exp']) - Number(claims['iat']), 300)
      assert.match(String(claims['sub']), /^sub_[0-9a-f]{32}$/)
      assert.match(String(claims['consent_id']), /^consent_[0-9a-f]{32}$/)
      assert.deepEqual(detail?.['accounts'], [account])
      assert.equal(detail?.['consentId'], claims['consent_id'])
      assert.ok(boundTo(app, claims['cnf']))
      assert.equal(back.searchParams.get('iss'), house.issuer, 'RFC 9207')
      assert.deepEqual(tokens['authorization_details'], [detail], 'RFC 9396 §7')

      const refreshed = await oidc.refreshTokenGrant(
        config,
        tokens.refresh_token ?? '',
        undefined,
        DPoP ? { DPoP } : {},
      )
      assert.equal((await claimsOf(refreshed.access_token))['consent_id'], claims['consent_id'])
      assert.equal(refreshed.refresh_token ?? tokens.refresh_token, tokens.refresh_token)
    })

    test(`RFC 6749 §4.4: client credentials with ${profile}`, async () => {
      const app = await newApplication(house, { authentication, senderConstraint })
      const config = await clientOf(house, app)
      const options =
        senderConstraint === 'dpop' ? { DPoP: oidc.getDPoPHandle(config, await dpopKeys()) } : {}

      const tokens = await oidc.clientCredentialsGrant(
        config,
        { scope: 'accounts:verify' },
        options,
      )

      const claims = await claimsOf(tokens.access_token)
      assert.equal(claims['sub'], app.id)
      assert.equal(claims['scope'], 'accounts:verify')
      assert.equal(claims['consent_id'], undefined)
      assert.equal(claims['authorization_details'], undefined)
      assert.ok(boundTo(app, claims['cnf']))
      assert.equal(tokens.refresh_token, undefined)
    })
  }

test('oauth4webapi finds the metadata at both addresses and no more in it than is served', async () => {
  const agent = agentFor(house)
  const [openid, plain] = await Promise.all(
    ['openid-configuration', 'oauth-authorization-server'].map(async (name) =>
      (await fetch(`${house.issuer}/.well-known/${name}`, { dispatcher: agent })).json(),
    ),
  )
  assert.deepEqual(openid, plain)
  const server = await oauth.processDiscoveryResponse(
    new URL(house.issuer),
    new Response(JSON.stringify(openid), { headers: { 'content-type': 'application/json' } }),
  )
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(server)
        .filter(([name]) => !name.startsWith('claim'))
        .map(([name, value]) => [
          name,
          JSON.parse(
            JSON.stringify(value)
              .replaceAll(house.issuerMtls, '<mtls>')
              .replaceAll(house.issuer, '<issuer>')
              .replaceAll(house.audience, '<audience>'),
          ),
        ]),
    ),
    {
      acr_values_supported: ['urn:bank:sca'],
      authorization_details_types_supported: [
        'urn:bank:accounts:v1',
        'urn:bank:funds-confirmation:v1',
        'urn:bank:ownership-verification:v1',
        'urn:bank:payment:v1',
        'urn:bank:mandate:v1',
        'urn:bank:card-issue:v1',
        'urn:bank:lending-read:v1',
        'urn:bank:lending-apply:v1',
        'urn:bank:kyc-claims:v1',
        'urn:bank:fx-convert:v1',
      ],
      authorization_endpoint: '<issuer>/auth',
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_signing_alg_values_supported: ['PS256'],
      issuer: '<issuer>',
      jwks_uri: '<issuer>/jwks',
      mtls_endpoint_aliases: {
        token_endpoint: '<mtls>/token',
        pushed_authorization_request_endpoint: '<mtls>/request',
        revocation_endpoint: '<mtls>/token/revocation',
      },
      pushed_authorization_request_endpoint: '<issuer>/request',
      registration_endpoint: '<issuer>/registration',
      request_uri_parameter_supported: false,
      require_pushed_authorization_requests: true,
      resource: '<audience>',
      response_modes_supported: ['query'],
      response_types_supported: ['code'],
      revocation_endpoint: '<issuer>/token/revocation',
      scopes_supported: [
        'openid',
        'accounts:verify',
        'fx:rates',
        'fx:quotes',
        'accounts',
        'fundsconfirmations',
        'payments',
        'payments:split',
        'cards:read',
        'cards:issue',
        'cards:controls',
        'cards:authz',
        'cards:reveal',
        'lending:products',
        'lending:read',
        'lending:servicing',
        'lending:apply',
        'kyc:predicates',
        'kyc:attributes',
        'fx:convert',
      ],
      subject_types_supported: ['pairwise'],
      tls_client_certificate_bound_access_tokens: true,
      token_endpoint: '<issuer>/token',
      token_endpoint_auth_methods_supported: [
        'private_key_jwt',
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ],
      token_endpoint_auth_signing_alg_values_supported: ['PS256', 'ES256', 'EdDSA', 'Ed25519'],
      ui_locales_supported: ['en', 'ru', 'uz'],
    },
  )
})

test('a payment consent is given for one account and carries it as debtor; a card consent as holder', async () => {
  const app = await newApplication(house)
  const debtor = accountIdOf('dilnoza', app.partnerId, '4417')

  const payment = await authorise(house, app, { detail: paymentDetail, scope: 'payments' })
  const card = await authorise(house, app, { detail: cardDetail, scope: 'cards:issue cards:read' })

  const of = async (token: string) =>
    ((await claimsOf(token))['authorization_details'] as Record<string, unknown>[])[0]
  const paid = await of(payment.tokens.access_token)
  assert.deepEqual(paid?.['accounts'], [debtor])
  assert.equal(paid?.['debtorAccount'], debtor)
  assert.deepEqual(paid?.['instructedAmount'], paymentDetail.instructedAmount)
  assert.equal((await of(card.tokens.access_token))?.['holderAccount'], debtor)
})

test('an account in another currency is not offered for a payment, and a foreign one is not taken', async () => {
  const app = await newApplication(house)
  const request = await push(house, app, { detail: paymentDetail, scope: 'payments' })
  const browser = await toDecision(house, request)
  assert.equal(browser.accounts().length, 2)

  const dollars = accountIdOf('dilnoza', app.partnerId, '7731')
  const refused = await browser.press('approve', { account: dollars })
  assert.equal(refused.status, 422)
  assert.equal(browser.text('problem'), 'Choose an account first.')
  const both = await browser.press('approve', { account: browser.accounts() })
  assert.equal(both.status, 422)
  const botirs = accountIdOf('botir', app.partnerId, '1001')
  assert.equal((await browser.press('approve', { account: botirs })).status, 422)

  const back = await approve(browser)
  assert.ok((await redeem(request, back)).access_token)
})

test('two partners know one customer by two subjects', async () => {
  const one = await authorise(house, await newApplication(house))
  const two = await authorise(house, await newApplication(house))

  const subjects = await Promise.all(
    [one, two].map(async ({ tokens }) => (await claimsOf(tokens.access_token))['sub']),
  )
  assert.notEqual(subjects[0], subjects[1])
})

test('a second consent leaves the first one’s refresh token alive', async () => {
  const app = await newApplication(house)
  const first = await authorise(house, app)
  await authorise(house, app)

  const { config, tokens, DPoP } = first
  const again = await oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )
  assert.ok(again.access_token)
})

test('everything is there after a restart: codes, interactions, refresh tokens', async () => {
  const app = await newApplication(house)
  const whole = await authorise(house, app)
  const request = await push(house, app)
  const browser = await toDecision(house, request)
  await house.restart()

  const back = await approve(browser)
  assert.ok((await redeem(request, back)).access_token)
  const { config, tokens, DPoP } = whole
  const refreshed = await oidc.refreshTokenGrant(
    config,
    tokens.refresh_token ?? '',
    undefined,
    DPoP ? { DPoP } : {},
  )
  assert.ok(refreshed.access_token)
})

test('what control revokes gets no token from that moment', async () => {
  const keys = await newKeys()
  const ask = async (app: Application) =>
    post(
      app.via(false),
      `${house.issuer}/token`,
      { grant_type: 'client_credentials', ...(await authenticated(house, app)) },
      { dpop: await proof(keys, `${house.issuer}/token`) },
    )
  const [one, two] = [await newApplication(house), await newApplication(house)]
  assert.equal((await ask(one)).status, 200)
  assert.equal((await ask(two)).status, 200)

  house.revoke('client', one.id)
  house.revoke('partner', two.partnerId)
  await new Promise((resolve) => setTimeout(resolve, 200))

  assert.equal((await ask(one)).body.error, 'invalid_client')
  assert.equal((await ask(two)).body.error, 'invalid_client')
})

test('a one-time consent that the bank has used gives no further token', async () => {
  const app = await newApplication(house)
  const paid = await authorise(house, app, { detail: paymentDetail, scope: 'payments' })
  const { consent_id: consentId } = await claimsOf(paid.tokens.access_token)
  const id = String(consentId)

  await doing(house.database.as('bank'))((w) =>
    w.record('payments.created', 'payment_1', { consentId: id }),
  )
  while ((await findConsent(house.database.owner, id))?.status === 'AUTHORISED') await sleep(20)

  assert.equal((await findConsent(house.database.owner, id))?.status, 'CONSUMED')
  await assert.rejects(
    oidc.refreshTokenGrant(
      paid.config,
      paid.tokens.refresh_token ?? '',
      undefined,
      paid.DPoP ? { DPoP: paid.DPoP } : {},
    ),
    { error: 'invalid_grant' },
  )
})

test('the bank’s own staff hold a consent, let it go on and end it; a refresh says why it is refused', async () => {
  const app = await newApplication(house)
  const { tokens, config, DPoP } = await authorise(house, app)
  const { consent_id: id } = await claimsOf(tokens.access_token)
  const { layout, cell } = house.world
  const inside = rpcClient(authorizationContract, layout.cell(cell).socket('authorization'))
  after(() => inside.close())
  const act = {
    consentId: String(id),
    staffId: `staff_${'0'.repeat(32)}`,
    reason: 'a complaint is looked into',
  }
  const refresh = () =>
    oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, DPoP ? { DPoP } : {})

  assert.deepEqual(await inside.suspendConsent(act), { status: 'SUSPENDED' })
  await assert.rejects(refresh, {
    error: 'invalid_grant',
    error_description: 'consents/suspended: the bank holds this consent',
  })
  assert.deepEqual(await inside.resumeConsent(act), { status: 'AUTHORISED' })
  assert.ok((await refresh()).access_token)
  assert.deepEqual(await inside.revokeConsent(act), { status: 'REVOKED' })
  await assert.rejects(refresh, { error: 'invalid_grant' })
  await assert.rejects(inside.resumeConsent(act), { code: 'consents/closed' })
})
