/** RFC 7591 §2 as this server takes it: what it does not know it refuses, what only one value is right for it sets. */
import { z } from 'zod'
import { pointerOf } from '#platform/http.ts'
import { metadataOf, type Served } from '../clients/index.ts'
import type { RegistrationAnswer, RegistrationAsk } from '../desk.ts'
import type { RegistryClient } from '../registry.ts'
import { metadataInvalid } from './refusal.ts'

const uris = z.array(z.string().max(2_000)).max(20)

/** Members that a partner may choose. */
const chosen = {
  client_name: z.string().max(240),
  token_endpoint_auth_method: z
    .enum(['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'])
    .default('private_key_jwt'),
  grant_types: z
    .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials']))
    .min(1)
    .default(['authorization_code']),
  redirect_uris: uris.default([]),
  scope: z.string().max(1_000).exactOptional(),
  authorization_details_types: z.array(z.string().max(128)).max(50).exactOptional(),
  jwks: z
    .strictObject({
      keys: z
        .array(z.looseObject({ kty: z.string() }))
        .min(1)
        .max(5),
    })
    .exactOptional(),
  dpop_bound_access_tokens: z.boolean().exactOptional(),
  tls_client_certificate_bound_access_tokens: z.boolean().exactOptional(),
  /** Ours: a PKCS #10 request (PEM), answered by a certificate of the cell's authority. */
  certificate_request: z.string().max(16_384).exactOptional(),
}

/** Members with one right value: it may be said, and is set where it is not. */
const fixed = {
  require_pushed_authorization_requests: z.literal(true).exactOptional(),
  response_types: z
    .tuple([z.literal('code')])
    .or(z.tuple([]))
    .exactOptional(),
  response_modes: z.tuple([z.literal('query')]).exactOptional(),
  subject_type: z.literal('pairwise').exactOptional(),
  id_token_signed_response_alg: z.literal('PS256').exactOptional(),
  application_type: z.literal('web').exactOptional(),
}

/** Members that we made and the client repeats when it updates (RFC 7592 §2.2). */
const ours = {
  client_id: z.string().exactOptional(),
  sector_identifier_uri: z.string().exactOptional(),
  tls_client_auth_san_uri: z.string().exactOptional(),
}

/** Refused with its reason, not as a word that nobody knows. */
const JWKS_URI =
  'keys come by value, as jwks: a set that is fetched would change who may sign without anybody’s approval'

export const ClientMetadata = z.strictObject({ ...chosen, ...fixed, ...ours })
export type ClientMetadata = z.output<typeof ClientMetadata>

/** Reads what was sent; names the first member that is wrong. */
export const readMetadata = (sent: Readonly<Record<string, unknown>>): ClientMetadata => {
  if ('jwks_uri' in sent) throw metadataInvalid(JWKS_URI, '/jwks_uri')
  const parsed = ClientMetadata.safeParse(sent)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (issue?.code === 'unrecognized_keys')
    throw metadataInvalid(
      'it is not registered here; leave it out',
      pointerOf([...issue.path, issue.keys[0] ?? '']),
    )
  throw metadataInvalid(issue?.message ?? 'it is wrong', pointerOf(issue?.path ?? []))
}

/** FAPI 2.0 §5.3.2.1: exactly one; the policy chooses where the client does not. */
const constraintOf = (metadata: ClientMetadata): RegistryClient['senderConstraint'] => {
  const { dpop_bound_access_tokens: dpop, tls_client_certificate_bound_access_tokens: tls } =
    metadata
  if (dpop && tls)
    throw metadataInvalid(
      'tokens are bound to a certificate or by DPoP, not both',
      '/dpop_bound_access_tokens',
    )
  if (dpop === false && tls === false)
    throw metadataInvalid('every token is bound to its sender', '/dpop_bound_access_tokens')
  if (dpop || tls) return tls ? 'mtls' : 'dpop'
  const byKey = metadata.token_endpoint_auth_method === 'private_key_jwt'
  return (byKey || tls === false) && dpop !== false ? 'dpop' : 'mtls'
}

/** What control is asked. */
export const askOf = (metadata: ClientMetadata): RegistrationAsk => {
  const { scope, jwks, certificate_request: csr, authorization_details_types: types } = metadata
  const words = scope?.split(' ').filter((word) => word !== '' && word !== 'openid')
  return {
    name: metadata.client_name,
    authentication: metadata.token_endpoint_auth_method,
    senderConstraint: constraintOf(metadata),
    redirectUris: metadata.redirect_uris,
    grantTypes: metadata.grant_types,
    ...(jwks && { jwks }),
    ...(csr !== undefined && { csr }),
    ...(words && { scopes: words }),
    ...(types && { authorizationDetailsTypes: types }),
  }
}

/** The library's own view of what is asked, before it is kept anywhere. */
export const provisional = (ask: RegistrationAsk, served: Served) =>
  metadataOf(
    {
      applicationId: 'application_asked',
      partnerId: 'partner_asked',
      partnerName: ask.name,
      partnerStatus: 'active',
      applicationName: ask.name,
      authentication: ask.authentication,
      senderConstraint: ask.senderConstraint,
      jwks: ask.jwks?.keys ?? [],
      sanUri: 'urn:bank:asked',
      certificates: [],
      redirectUris: ask.redirectUris,
      grantTypes: ask.grantTypes,
      scopes: ask.scopes ?? [],
      authorizationDetailsTypes: ask.authorizationDetailsTypes ?? [],
    },
    served,
  )

/** RFC 7591 §3.2.1, RFC 7592 §3: all that is registered, as it is in force. */
export const effective = (
  { client, registeredAt, certificate, managementToken }: RegistrationAnswer,
  served: Served,
  shownToken: string,
): object => {
  const {
    partner_id: _,
    environment: __,
    product_scopes: ___,
    ...metadata
  } = metadataOf(client, served)
  return {
    ...metadata,
    client_name: client.applicationName,
    client_id_issued_at: Math.floor(Temporal.Instant.from(registeredAt).epochMilliseconds / 1000),
    id_token_signed_response_alg: 'PS256',
    ...(certificate !== null && { certificate }),
    registration_access_token: managementToken ?? shownToken,
    registration_client_uri: `${served.issuer}/registration/${client.applicationId}`,
  }
}
