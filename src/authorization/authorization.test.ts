import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as oidc from 'openid-client'
import { openHouse } from '#test/authorization/house.ts'
import {
  accountsDetail,
  agentFor,
  clientOf,
  dpopKeys,
  hangUp,
  newApplication,
} from '#test/authorization/partner.ts'
import { Browser, signIn } from '#test/authorization/browser.ts'
import { unprovenJws } from '#platform/jose.ts'

const house = await openHouse()
after(hangUp)

test('whole', async () => {
  const app = await newApplication(house)
  const config = await clientOf(house, app)
  const DPoP = oidc.getDPoPHandle(config, await dpopKeys())
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const url = await oidc.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: app.redirectUri,
      scope: 'openid accounts',
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([accountsDetail]),
    },
    { DPoP },
  )
  const browser = new Browser(agentFor(house))
  await browser.open(url)
  console.log(browser.page.status, browser.page.url)
  await signIn(browser)
  console.log(browser.page.status, browser.page.url, browser.accounts())
  const back = await browser.press('approve', { account: browser.accounts().slice(0, 2) })
  console.log(back.status, back.url)
  const tokens = await oidc.authorizationCodeGrant(
    config,
    new URL(back.url),
    { pkceCodeVerifier: verifier, expectedState: state },
    undefined,
    { DPoP },
  )
  console.log(tokens, unprovenJws(tokens.access_token))
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP })
  assert.ok(again.access_token)
})
