/** A partner's program as a stranger writes it: `openid-client` for tokens, plain fetch for calls, its own keys. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import * as oauth from 'openid-client'
import { uuidv7 } from '#kernel/id.ts'
import { type Customer, type Decision, walkThroughPages } from './customer.ts'
import type { Answer } from './walker.ts'
import {
  type ClientIdentity,
  patience,
  patiently,
  readAnswer,
  secureFetch,
  type WellKnown,
} from './web.ts'

export type CellName = 'sandbox' | 'production'
export type Constraint = 'mtls' | 'dpop'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A key of the partner's with what the portal wants to see of it. */
export const newClientKey = async () => {
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=app',
    keys,
    signingAlgorithm: ecdsa,
  })
  const jwk = await crypto.subtle.exportKey('jwk', keys.publicKey)
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }))
    .digest('base64url')
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    privateKey: keys.privateKey,
    privateKeyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    csr: csr.toString('pem'),
    publicJwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, kid, alg: 'ES256', use: 'sig' },
    kid,
  }
}
export type ClientKey = Awaited<ReturnType<typeof newClientKey>>

/** A token and the key that it is bound to. */
export interface Held {
  readonly accessToken: string
  readonly details: readonly Record<string, unknown>[]
  readonly refreshToken?: string
}

export interface Application {
  readonly id: string
  readonly cell: CellName
  /** The certificate that it shows, where it has one. */
  readonly identity: ClientIdentity | undefined
  /** Client credentials. */
  token(scope: string): Promise<Held>
  /** Authorization code by PAR, with the customer's part of it. */
  askCustomer(ask: {
    scope: string
    details: Record<string, unknown>[]
    customer: Customer
    decide: (pageText: string) => Decision
  }): Promise<Held>
  /** Ends the consent behind a token (RFC 7009). */
  endConsent(held: Held): Promise<void>
  call(
    held: Held,
    method: 'GET' | 'POST',
    path: string,
    options?: { body?: unknown; idempotencyKey?: string; at?: CellName },
  ): Promise<Answer>
  close(): Promise<void>
}

const redirectUri = 'https://partner.example/back'
export { redirectUri }

/** The program of a registered application. */
export const openApplication = async (given: {
  wellKnown: WellKnown
  cell: CellName
  id: string
  key: ClientKey
  constraint: Constraint
  authentication: 'private_key_jwt' | 'tls_client_auth'
  certificate?: string
}): Promise<Application> => {
  const { wellKnown, cell, id, key, constraint } = given
  const identity: ClientIdentity | undefined = given.certificate
    ? { key: key.privateKeyPem, certificate: given.certificate }
    : undefined
  const fetch = secureFetch(wellKnown.ca, identity)
  const browser = secureFetch(wellKnown.ca)
  const withinMs = patience.ms
  const authentication =
    given.authentication === 'private_key_jwt'
      ? oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid })
      : oauth.TlsClientAuth()
  const config = await oauth.discovery(
    new URL(wellKnown.cells[cell].issuer),
    id,
    { use_mtls_endpoint_aliases: identity !== undefined },
    authentication,
    { [oauth.customFetch]: (url, init) => fetch(url, init as never) },
  )
  const dpopKeys = constraint === 'dpop' ? await oauth.randomDPoPKeyPair('ES256') : undefined
  const DPoP = dpopKeys && oauth.getDPoPHandle(config, dpopKeys)
  const options = DPoP ? { DPoP } : {}

  const held = (tokens: oauth.TokenEndpointResponse): Held => ({
    accessToken: tokens.access_token,
    details: (tokens.authorization_details ?? []) as unknown as Record<string, unknown>[],
    ...(tokens.refresh_token && { refreshToken: tokens.refresh_token }),
  })

  return {
    id,
    cell,
    identity,
    token: async (scope) => held(await oauth.clientCredentialsGrant(config, { scope }, options)),
    askCustomer: async ({ scope, details, customer, decide }) => {
      const verifier = oauth.randomPKCECodeVerifier()
      const state = oauth.randomState()
      const url = await oauth.buildAuthorizationUrlWithPAR(
        config,
        {
          redirect_uri: redirectUri,
          scope,
          state,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          authorization_details: JSON.stringify(details),
        },
        options,
      )
      const back = await walkThroughPages(browser, url.href, redirectUri, customer, decide)
      return held(
        await oauth.authorizationCodeGrant(
          config,
          back,
          { pkceCodeVerifier: verifier, expectedState: state },
          {},
          options,
        ),
      )
    },
    endConsent: async ({ refreshToken }) => {
      assert.ok(refreshToken, 'this token came without a refresh token')
      await oauth.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' })
    },
    call: async (token, method, path, { body, idempotencyKey, at = cell } = {}) => {
      const { gateway, gatewayMtls } = wellKnown.cells[at]
      const url = new URL(path, constraint === 'mtls' ? gatewayMtls : gateway)
      const headers = new Headers({ accept: 'application/json' })
      if (body !== undefined) headers.set('content-type', 'application/json')
      if (method === 'POST') headers.set('idempotency-key', idempotencyKey ?? uuidv7())
      const text = body === undefined ? undefined : JSON.stringify(body)
      if (!DPoP) {
        headers.set('authorization', `Bearer ${token.accessToken}`)
        return readAnswer(
          await fetch(url, {
            method,
            headers: Object.fromEntries(headers),
            ...(text !== undefined && { body: text }),
          }),
        )
      }
      return readAnswer(
        await patiently({ harmless: true, withinMs }, () =>
          callWithProof(config, DPoP, token.accessToken, url, method, text, headers),
        ),
      )
    },
    close: async () => {
      await Promise.all([fetch.close(), browser.close()])
    },
  }
}

/** RFC 9449 §8: a call with a proof, once more where the server wants its own nonce in it. Refusals are answers. */
const callWithProof = async (
  config: oauth.Configuration,
  DPoP: oauth.DPoPHandle,
  accessToken: string,
  url: URL,
  method: string,
  body: string | undefined,
  headers: Headers,
): Promise<Response> => {
  const ask = () =>
    oauth.fetchProtectedResource(config, accessToken, url, method, body ?? null, headers, { DPoP })
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error
    const challenge = error.cause.some((c) => c.parameters.error === 'use_dpop_nonce')
    if (!challenge) return error.response
    try {
      return await ask()
    } catch (again) {
      if (again instanceof oauth.WWWAuthenticateChallengeError) return again.response
      throw again
    }
  }
}
