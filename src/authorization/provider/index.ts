/** The cell's issuer: FAPI 2.0 Security Profile on oidc-provider, without an easier mode. */
import {
  type Client,
  type JWKS,
  type KoaContextWithOIDC,
  interactionPolicy,
  Provider,
  errors,
} from 'oidc-provider'
import type { Cell } from '#kernel/cell.ts'
import type { Log } from '#platform/log.ts'
import type { JWK } from '#platform/jose.ts'
import { claimFirstUse } from '../oauth/index.ts'
import { type AnybodyIsReal, consentTypes, scopes } from '../consents/index.ts'
import { adapterFor, type Storage } from './adapter.ts'
import { certificateQuestions } from './certificates.ts'
import {
  asksForOneConsent,
  assertAcr,
  assertAssertion,
  authenticationClaims,
  detailTypes,
  refreshSeconds,
  SCA,
} from './details.ts'
import { exactAnswers, listen } from './answers.ts'
import { nonceWantedFor } from './proofs.ts'
import { spends } from './spending.ts'
import { revokesAccessTokens } from './token-revocation.ts'

export { SCA } from './details.ts'
export { hasNonceOf } from './proofs.ts'
export { isWelcome, peerCertificateOf } from './certificates.ts'

/** What differs from cell to cell. */
export interface Issuer extends Storage {
  readonly cell: Cell
  readonly issuer: string
  readonly issuerMtls: string
  /** Private keys of the issuer; the first one signs. */
  readonly keys: JWKS
  readonly publicKeys: readonly JWK[]
  readonly cookieKeys: readonly string[]
  /** 32 bytes, the same for every instance of the cell. */
  readonly nonceSecret: Buffer
  readonly log: Log
  readonly anybodyIsReal: AnybodyIsReal
  /** Answers a browser with a page (never a partner's code). */
  readonly renderError: (
    ctx: KoaContextWithOIDC,
    error: { error: string; description: string },
  ) => void
}

/** FAPI 2.0 §5.4. */
const strong = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const

const TOKEN_SECONDS = 300
const DAY = 86_400

/** Names of cookies carry the cell: two servers of one host do not read each other's. */
export const cookieNames = (cell: Cell) => ({
  session: `__Secure-portico_${cell}_session`,
  interaction: `__Secure-portico_${cell}_interaction`,
  resume: `__Secure-portico_${cell}_resume`,
})

/** One sign-in and one consent for each authorisation: nothing that went before answers for the customer. */
const everyTime = () => {
  const policy = interactionPolicy.base()
  for (const step of ['login', 'consent'] as const)
    policy
      .get(step)
      ?.checks.add(
        new interactionPolicy.Check(
          `fresh_${step}`,
          `every authorisation has its own ${step}`,
          (ctx) => ctx.oidc.result?.[step] === undefined,
        ),
      )
  return policy
}

/** A token does not outlive the consent that it rests on. */
const tokenSeconds = (ctx: KoaContextWithOIDC): number => {
  const left = ctx.oidc.grant?.remainingTTL
  return left === undefined ? TOKEN_SECONDS : Math.max(1, Math.min(TOKEN_SECONDS, left))
}

const grantSeconds = (ctx: KoaContextWithOIDC): number =>
  Math.max(1, ctx.oidc.grant?.remainingTTL ?? DAY)

const productScopesOf = (client: Client): string[] => {
  const held: unknown = client['product_scopes']
  return typeof held === 'string' && held !== '' ? held.split(' ') : []
}

export const openIssuer = (world: Issuer): Provider => {
  const { issuer, issuerMtls, audience, now, clients, postgres, anybodyIsReal } = world
  const certificates = certificateQuestions(clients, now)
  const provider = new Provider(issuer, {
    adapter: adapterFor(world),
    jwks: world.keys,
    cookies: {
      keys: [...world.cookieKeys],
      names: cookieNames(world.cell),
      short: { httpOnly: true, sameSite: 'lax', secure: true, signed: true, overwrite: true },
      long: { httpOnly: true, sameSite: 'lax', secure: true, signed: true, overwrite: true },
    },
    responseTypes: ['code'],
    scopes: ['openid', ...scopes],
    // The bank makes the subject pairwise, by partner; the library has nothing to add.
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, subject) => subject,
    sectorIdentifierUriValidate: () => false,
    acrValues: [SCA],
    clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
    clientBasedCORS: () => false,
    extraClientMetadata: { properties: ['partner_id', 'environment', 'product_scopes'] },
    enabledJWA: {
      clientAuthSigningAlgValues: [...strong],
      dPoPSigningAlgValues: [...strong],
      idTokenSigningAlgValues: [...strong],
    },
    clientDefaults: { id_token_signed_response_alg: 'PS256' },
    assertJwtClientAuthClaimsAndHeader: assertAssertion(now, (ctx, client) =>
      certificates.isOwn(ctx, client.clientId),
    ),
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    clockTolerance: 10,
    rotateRefreshToken: false,
    expiresWithSession: () => false,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    ttl: {
      AuthorizationCode: 60,
      PushedAuthorizationRequest: 60,
      AccessToken: tokenSeconds,
      ClientCredentials: TOKEN_SECONDS,
      IdToken: TOKEN_SECONDS,
      Interaction: 600,
      Session: 600,
      Grant: grantSeconds,
      RefreshToken: (ctx) => refreshSeconds(ctx, grantSeconds(ctx)),
    },
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    loadExistingGrant: async (ctx) => {
      const id = ctx.oidc.result?.consent?.grantId
      return id === undefined ? undefined : ctx.oidc.provider.Grant.find(id)
    },
    extraTokenClaims: async (ctx, token) => ({
      ...('grantId' in token && { consent_id: token.grantId, ...authenticationClaims(ctx) }),
      partner_id: token.client?.['partner_id'],
      env: token.client?.['environment'],
    }),
    extraParams: { authorization_details: asksForOneConsent },
    interactions: {
      policy: everyTime(),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    renderError: (ctx, { error, error_description: description }) =>
      world.renderError(ctx, { error, description: description ?? '' }),
    discovery: {
      mtls_endpoint_aliases: {
        token_endpoint: `${issuerMtls}/token`,
        pushed_authorization_request_endpoint: `${issuerMtls}/request`,
        revocation_endpoint: `${issuerMtls}/token/revocation`,
      },
      registration_endpoint: `${issuer}/registration`,
      ui_locales_supported: ['en', 'ru', 'uz'],
      resource: audience,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      fapi: { enabled: true, profile: '2.0' },
      claimsParameter: { enabled: true, assertClaimsParameter: assertAcr },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: world.nonceSecret, requireNonce: nonceWantedFor(now) },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        tlsClientAuth: true,
        selfSignedTlsClientAuth: true,
        getCertificate: certificates.getCertificate,
        certificateAuthorized: certificates.certificateAuthorized,
        certificateSubjectMatches: certificates.certificateSubjectMatches,
      },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => client.clientId === token.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => audience,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_ctx, resource, client) => {
          if (resource !== audience) throw new errors.InvalidTarget()
          return {
            audience,
            // Those of the bank's own products are no scopes of the house: they are this client's, or nobody's.
            scope: [...scopes, ...productScopesOf(client)].join(' '),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'PS256', kid: world.keys.keys[0]?.kid } },
          }
        },
      },
      richAuthorizationRequests: {
        enabled: true,
        types: detailTypes({ postgres, now, clients, anybodyIsReal }),
        authorizationDetailsForGrantSource: (ctx) => ctx.oidc.grant?.rar,
        authorizationDetailsForAccessToken: (ctx, _token, source, grantType) => {
          // As the consent is now: renewed since, or with less history once the customer has left.
          if (grantType !== 'client_credentials') return ctx.oidc.grant?.rar ?? source?.rar
          if (ctx.oidc.params?.['authorization_details'] !== undefined)
            throw new errors.InvalidAuthorizationDetails('a customer must consent to these')
          return undefined
        },
        authorizationDetailsForIntrospection: (_ctx, token) => token.rar,
      },
    },
  })
  // The library looks, then writes: two proofs at once would both be the first.
  provider.ReplayDetection.unique = (owner, jti, exp) =>
    claimFirstUse(postgres, {
      issuer: owner,
      jti,
      expiresAt: Temporal.Instant.fromEpochMilliseconds(exp * 1000),
      now: now(),
    })
  provider.use(exactAnswers(provider))
  provider.use(spends(world.abuse))
  provider.use(revokesAccessTokens({ keys: world.publicKeys, postgres, now }))
  listen(provider, world.log)
  return provider
}

export const servedTypes: readonly string[] = Object.keys(consentTypes)
