/** What a careful client may do otherwise than others, and must be served: the passing cases of the FAPI 2.0 plan. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { approve, toDecision } from '#test/authorization/flows.ts'
import { openHouse } from '#test/authorization/house.ts'
import { accountsDetail, hangUp, newApplication } from '#test/authorization/partner.ts'
import {
  authenticated,
  authorizationRequest,
  newKeys,
  post,
  proof,
} from '#test/authorization/wire.ts'

const house = await openHouse()
after(hangUp)

const Granted = z
  .looseObject({ scope: z.string(), id_token: z.string().optional() })
  .transform(({ scope, id_token }) => ({ scope, idToken: id_token ?? '' }))

const claimsOf = (jwt: string): Record<string, unknown> =>
  z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()))

/** Asks with these members more, and redeems what comes back: the address that the partner got, and the ID token's claims. */
const walk = async (
  more: Readonly<Record<string, string>>,
  { scope = 'accounts', redirectUri = 'https://partner.example/callback' } = {},
) => {
  const app = await newApplication(house, { redirectUris: [redirectUri] })
  const keys = await newKeys()
  const { verifier, form } = authorizationRequest(app, accountsDetail, scope)
  const send = async (path: string, body: Record<string, string>) =>
    post(
      app.via(false),
      `${house.issuer}/${path}`,
      { ...body, ...(await authenticated(house, app)) },
      { dpop: await proof(keys, `${house.issuer}/${path}`) },
    )
  const pushed = await send('request', { ...form, ...more })
  assert.equal(pushed.status, 201, JSON.stringify(pushed.body))
  const url = new URL(`${house.issuer}/auth`)
  url.searchParams.set('client_id', app.id)
  url.searchParams.set('request_uri', pushed.body.request_uri ?? '')
  const back = await approve(await toDecision(house, { url }))
  const answered = await send('token', {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    code_verifier: verifier,
    redirect_uri: redirectUri,
  })
  assert.equal(answered.status, 200)
  return { back, ...Granted.parse(answered.body) }
}

test('OpenID Connect Core §3.1.2.1: without state nothing is made up, and iss comes all the same (RFC 9207)', async () => {
  const { back } = await walk({})

  assert.equal(back.searchParams.has('state'), false)
  assert.equal(back.searchParams.get('iss'), house.issuer)
})

test('FAPI 2.0 §5.3.2.2: a nonce of 64 and of 384 characters and a state of 2,000 are taken, and the state comes back whole', async () => {
  const state = 's'.repeat(2_000)
  for (const nonce of ['n'.repeat(64), 'n'.repeat(384)]) {
    const { back, idToken } = await walk({ nonce, state }, { scope: 'openid accounts' })
    assert.equal(back.searchParams.get('state'), state)
    assert.equal(claimsOf(idToken)['nonce'], nonce)
  }
})

test('RFC 6749 §3.3: the order of scopes does not matter', async () => {
  const words = ['accounts', 'offline_access']
  const forward = await walk({}, { scope: words.join(' ') })
  const reversed = await walk({}, { scope: words.toReversed().join(' ') })

  assert.deepEqual(forward.scope.split(' ').toSorted(), reversed.scope.split(' ').toSorted())
})

test('RFC 6749 §3.1.2: the query of a redirect address is kept, and ours is added to it', async () => {
  const { back } = await walk(
    {},
    { redirectUri: 'https://partner.example/callback?tenant=7&x=a%20b' },
  )

  assert.equal(back.searchParams.get('tenant'), '7')
  assert.equal(back.searchParams.get('x'), 'a b')
  assert.ok(back.searchParams.get('code'))
})
