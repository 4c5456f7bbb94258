/** The bank's own OpenID provider, as we see it: a client with a key, which believes nothing that it has not checked. */
import { readFileSync } from 'node:fs'
import * as oidc from 'openid-client'
import { Agent, fetch } from 'undici'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { importSigningKey } from '#platform/jose.ts'
import { keyUnreadable, readJwk } from '#platform/keys.ts'

export interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  readonly keyFile: string
  /** Authority of the provider's certificate; undefined where it is a public one. */
  readonly caFile: string | undefined
  /** Address of ours that it sends customers back to. */
  readonly redirectUri: string
  /** What it calls strong customer authentication. */
  readonly acr: string
  /** Claim that holds the core's name of the customer. */
  readonly claim: string
}

/** What binds an answer to the question: derived from `state`, never kept. */
export interface Binding {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly askedAt: Temporal.Instant
}

export const signInUnproven = problem(
  'authorization/sign-in-unproven',
  502,
  'The bank’s OpenID provider does not prove who signed in',
)

export interface Proof {
  readonly reference: string
  readonly authenticatedAt: string
  readonly amr: string[]
}

export interface BankProvider {
  /** Where the customer goes; throws when the provider does not answer. */
  departure(binding: Binding): Promise<URL>
  /** Origins of its addresses that a browser meets. */
  origins(): Promise<readonly string[]>
  /** Whom the answer proves; throws for one that does not hold. */
  proven(query: URLSearchParams, binding: Binding, answeredAt: Temporal.Instant): Promise<Proof>
}

const TIMEOUT_SECONDS = 10
/** Endpoints and keys of the provider are read anew after this long. */
const METADATA_MS = 3_600_000
const CLOCK_TOLERANCE_SECONDS = 10

/** Only its own authority is trusted, and an endpoint that redirects is not followed. */
const fetchWith = (caFile: string | undefined): oidc.CustomFetch => {
  const dispatcher = new Agent({
    connections: 16,
    ...(caFile !== undefined && { connect: { ca: readFileSync(caFile) } }),
  })
  return async (url, { body, method, headers, signal }) => {
    const answer = await fetch(url, {
      method,
      headers,
      dispatcher,
      redirect: 'manual',
      ...(body instanceof URLSearchParams && { body: body.toString() }),
      ...(signal && { signal }),
    })
    return new Response(await answer.text(), {
      status: answer.status,
      headers: [...answer.headers],
    })
  }
}

const configure = async (settings: ProviderSettings, fetchOf: oidc.CustomFetch) => {
  const { key, kid } = await importSigningKey(readJwk(settings.keyFile))
  if (!(key instanceof CryptoKey))
    throw keyUnreadable(`${settings.keyFile} holds no private key of PS256, ES256 or EdDSA`)
  return oidc.discovery(
    new URL(settings.issuer),
    settings.clientId,
    {},
    oidc.PrivateKeyJwt({ key, kid }),
    // The signature of an ID token is checked even where TLS would do (OpenID Connect Core §3.1.3.7): it lasts longer.
    {
      [oidc.customFetch]: fetchOf,
      timeout: TIMEOUT_SECONDS,
      execute: [oidc.enableNonRepudiationChecks],
    },
  )
}

const Claims = z.looseObject({
  acr: z.string(),
  auth_time: z.number().int(),
  amr: z.array(z.string().max(40)).max(10).optional(),
})

/** The claims that a signature alone does not vouch for: strong, of now, and of somebody. */
const proofOf = (
  claims: z.output<typeof Claims>,
  settings: ProviderSettings,
  { askedAt, answeredAt }: { askedAt: Temporal.Instant; answeredAt: Temporal.Instant },
): Proof => {
  const { acr, auth_time: authTime, amr = [] } = claims
  if (acr !== settings.acr) throw signInUnproven(`acr is ${acr}`)
  const seconds = (at: Temporal.Instant) => at.epochMilliseconds / 1000
  // A session that the customer had there before does not answer for them now (OpenID Connect Core §3.1.2.1).
  if (authTime < Math.floor(seconds(askedAt)) - CLOCK_TOLERANCE_SECONDS)
    throw signInUnproven('auth_time is before we asked')
  if (authTime > seconds(answeredAt) + CLOCK_TOLERANCE_SECONDS)
    throw signInUnproven('auth_time is in the future')
  return {
    reference: z.string().min(1).max(128).parse(claims[settings.claim]),
    authenticatedAt: Temporal.Instant.fromEpochMilliseconds(authTime * 1000).toString(),
    amr,
  }
}

export const openBankProvider = (settings: ProviderSettings): BankProvider => {
  const fetchOf = fetchWith(settings.caFile)
  let known: { readonly config: Promise<oidc.Configuration>; readonly atMs: number } | undefined

  /** Read when it is first needed: the provider may start later than we do, and move its endpoints. */
  const configuration = (): Promise<oidc.Configuration> => {
    if (known && performance.now() - known.atMs < METADATA_MS) return known.config
    const config = configure(settings, fetchOf)
    const asked = { config, atMs: performance.now() }
    known = asked
    config.catch(() => {
      if (known === asked) known = undefined
    })
    return config
  }

  return {
    departure: async ({ state, nonce, verifier }) => {
      const config = await configuration()
      const parameters = {
        redirect_uri: settings.redirectUri,
        scope: 'openid',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        acr_values: settings.acr,
        claims: JSON.stringify({
          id_token: {
            acr: { essential: true, value: settings.acr },
            auth_time: { essential: true },
            ...(settings.claim !== 'sub' && { [settings.claim]: { essential: true } }),
          },
        }),
        prompt: 'login',
        max_age: '0',
      }
      const pushes = config.serverMetadata().pushed_authorization_request_endpoint !== undefined
      return pushes
        ? oidc.buildAuthorizationUrlWithPAR(config, parameters)
        : oidc.buildAuthorizationUrl(config, parameters)
    },
    origins: async () => {
      const issuer = new URL(settings.issuer).origin
      const there = await configuration().then(
        (config) => config.serverMetadata().authorization_endpoint,
        () => undefined,
      )
      return [...new Set([issuer, there === undefined ? issuer : new URL(there).origin])]
    },
    proven: async (query, { state, nonce, verifier, askedAt }, answeredAt) => {
      const config = await configuration()
      const here = new URL(settings.redirectUri)
      here.search = query.toString()
      const tokens = await oidc.authorizationCodeGrant(config, here, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      return proofOf(Claims.parse(tokens.claims()), settings, { askedAt, answeredAt })
    },
  }
}
