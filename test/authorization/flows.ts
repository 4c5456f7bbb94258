/** Whole walks of a partner and a customer, for tests that begin where one has ended. */
import * as oidc from 'openid-client'
import { Browser, signIn } from './browser.ts'
import type { House } from './house.ts'
import { accountsDetail, agentFor, type Application, clientOf, dpopKeys } from './partner.ts'

export interface Asked {
  readonly detail?: object
  readonly scope?: string
  readonly extra?: Readonly<Record<string, string>>
}

export interface Request {
  readonly config: oidc.Configuration
  readonly url: URL
  readonly verifier: string
  readonly state: string
  readonly DPoP: oidc.DPoPHandle | undefined
}

/** Pushes an authorization request with PKCE, as a careful partner does. */
export const push = async (house: House, app: Application, asked: Asked = {}): Promise<Request> => {
  const config = await clientOf(house, app)
  const DPoP =
    app.row.senderConstraint === 'dpop' ? oidc.getDPoPHandle(config, await dpopKeys()) : undefined
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const url = await oidc.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: app.redirectUri,
      scope: asked.scope ?? 'accounts',
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      authorization_details: JSON.stringify([asked.detail ?? accountsDetail]),
      ...asked.extra,
    },
    DPoP ? { DPoP } : {},
  )
  return { config, url, verifier, state, DPoP }
}

/** The customer signs in and stands before the decision. */
export const toDecision = async (
  house: House,
  { url }: Pick<Request, 'url'>,
  login = 'dilnoza',
  headers: Record<string, string> = {},
): Promise<Browser> => {
  const browser = new Browser(agentFor(house), headers)
  await browser.open(url)
  await signIn(browser, login)
  return browser
}

/** The customer says yes to the first account; answers the address that the partner gets. */
export const approve = async (browser: Browser): Promise<URL> => {
  const [account = ''] = browser.accounts()
  const back = await browser.press('approve', { account })
  return new URL(back.url)
}

/** From the pushed request to tokens. */
export const authorise = async (house: House, app: Application, asked: Asked = {}) => {
  const request = await push(house, app, asked)
  const browser = await toDecision(house, request)
  const back = await approve(browser)
  const tokens = await redeem(request, back)
  return { ...request, browser, back, tokens }
}

export const redeem = ({ config, verifier, state, DPoP }: Request, back: URL) =>
  oidc.authorizationCodeGrant(
    config,
    back,
    { pkceCodeVerifier: verifier, expectedState: state },
    undefined,
    DPoP ? { DPoP } : {},
  )
