/**
 * The sandbox as a partner's program meets it: tokens, a customer's consent, calls. It knows the addresses of the sandbox
 * cell and no other, and takes no address from anybody; so what is tried here can never reach production.
 */
import { existsSync, readFileSync } from 'node:fs'
import * as oidc from 'openid-client'
import { Agent, fetch } from 'undici'
import { z } from 'zod'
import { addressesOf } from '#platform/config.ts'
import { importSigningKey } from '#platform/jose.ts'
import { assert } from '#kernel/assert.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { REDIRECT_URI, type TryItClient } from './client.ts'

const TIMEOUT_SECONDS = 20
const ANSWER_CHARS_MAX = 1_000_000

export interface Sandbox {
  readonly gateway: string
  /** Types of consent that customers can be asked for. */
  types(): Promise<readonly ConsentType[]>
  /** The program of one application, with a key for its proofs that lives as long as it. */
  program(client: TryItClient): Promise<Program>
  close(): Promise<void>
}

const ConsentType = z.object({
  type: z.string(),
  scopes: z.array(z.string()),
  schema: z.looseObject({
    properties: z.record(z.string(), z.looseObject({})).default({}),
    required: z.array(z.string()).default([]),
  }),
})
export type ConsentType = z.output<typeof ConsentType>
const ConsentTypes = z.object({ data: z.array(ConsentType) })

export interface Token {
  readonly accessToken: string
  readonly endsAtMs: number
  readonly consentId: string | null
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

export interface Program {
  /** Of the application itself (client credentials). */
  token(scope: string): Promise<Token>
  /** Asks a customer by a pushed request; answers what redeems the address that they are sent back to. */
  ask(scope: string, detail: Readonly<Record<string, unknown>>): Promise<Asked>
  call(token: Token, call: Call): Promise<Answer>
}

export interface Asked {
  readonly requestUri: string
  readonly redeem: (sentBackTo: string) => Promise<Token>
}

const Details = z.array(z.looseObject({ consentId: z.string().optional() })).default([])

const tokenOf = (answer: oidc.TokenEndpointResponse, nowMs: number): Token => ({
  accessToken: answer.access_token,
  // A token is not used in its last half minute: it may be over when it arrives.
  endsAtMs: nowMs + ((answer.expires_in ?? 60) - 30) * 1_000,
  consentId: Details.parse(answer.authorization_details)[0]?.consentId ?? null,
})

export const openSandbox = (world: ProcessWorld): Sandbox => {
  const { issuer, gateway } = addressesOf(world.ports, 'sandbox')
  const { certificate } = world.layout.serverCa
  const dispatcher = new Agent({
    connections: 8,
    ...(existsSync(certificate) && { connect: { ca: readFileSync(certificate) } }),
  })
  const ask: oidc.CustomFetch = async (url, { body, method, headers, signal }) => {
    const answer = await fetch(url, {
      method,
      headers,
      dispatcher,
      redirect: 'manual',
      ...(body !== undefined &&
        body !== null && { body: body instanceof URLSearchParams ? body.toString() : body }),
      ...(signal && { signal }),
    })
    const bare = answer.status === 204 || answer.status === 304
    return new Response(bare ? null : await answer.text(), {
      status: answer.status,
      headers: [...answer.headers],
    })
  }
  const nowMs = () => world.now().epochMilliseconds

  const program = async ({ id, key }: TryItClient): Promise<Program> => {
    const { key: signing, kid } = await importSigningKey(key)
    assert(signing instanceof CryptoKey, 'a key of try-it signs')
    const config = await oidc.discovery(
      new URL(issuer),
      id,
      {},
      oidc.PrivateKeyJwt({ key: signing, kid }),
      { [oidc.customFetch]: ask, timeout: TIMEOUT_SECONDS },
    )
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
    const options = { DPoP }

    return {
      token: async (scope) =>
        tokenOf(await oidc.clientCredentialsGrant(config, { scope }, options), nowMs()),
      ask: async (scope, detail) => {
        const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
        const expectedState = oidc.randomState()
        const url = await oidc.buildAuthorizationUrlWithPAR(
          config,
          {
            redirect_uri: REDIRECT_URI,
            scope,
            state: expectedState,
            code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
            code_challenge_method: 'S256',
            authorization_details: JSON.stringify([detail]),
          },
          options,
        )
        return {
          requestUri: url.searchParams.get('request_uri') ?? '',
          redeem: async (sentBackTo) =>
            tokenOf(
              await oidc.authorizationCodeGrant(
                config,
                new URL(sentBackTo),
                { pkceCodeVerifier, expectedState },
                {},
                options,
              ),
              nowMs(),
            ),
        }
      },
      call: (token, call) => answered(() => proven(config, DPoP, gateway, token, call)),
    }
  }

  return {
    gateway,
    types: async () => {
      const answer = await fetch(`${issuer}/consents/v1/types`, { dispatcher })
      return ConsentTypes.parse(await answer.json()).data
    },
    program,
    close: () => dispatcher.close(),
  }
}

const proven = (
  config: oidc.Configuration,
  DPoP: oidc.DPoPHandle,
  gateway: string,
  { accessToken }: Token,
  { method, path, headers, body }: Call,
): Promise<Response> =>
  oidc.fetchProtectedResource(
    config,
    accessToken,
    new URL(`${gateway}${path}`),
    method,
    body ?? null,
    new Headers(headers),
    { DPoP },
  )

/** An answer whatever it says; RFC 9449 §8: once more where the server wants its own nonce in the proof. */
const answered = async (ask: () => Promise<Response>): Promise<Answer> => {
  const asked = async (mayAskAgain: boolean): Promise<Response> => {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof oidc.WWWAuthenticateChallengeError)) throw error
      const wantsNonce = error.cause.some((c) => c.parameters.error === 'use_dpop_nonce')
      return wantsNonce && mayAskAgain ? asked(false) : error.response
    }
  }
  const response = await asked(true)
  return {
    status: response.status,
    headers: [...response.headers],
    body: (await response.text()).slice(0, ANSWER_CHARS_MAX),
  }
}
