import type { ClientMetadata } from 'oidc-provider'
import type { Cell } from '#kernel/cell.ts'
import { weakness } from '#platform/jose.ts'
import type { RegistryClient } from '../registry.ts'

/** What this server knows: a licence may grant more than it serves yet. */
export interface Served {
  readonly cell: Cell
  readonly issuer: string
  readonly scopes: readonly string[]
  readonly consentTypes: readonly string[]
}

/** Four octets, or anything in brackets: an address where a name belongs. */
const IP_LITERAL = /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/

/** FAPI 2.0 §5.3.2.2: what is wrong with a redirect address. */
const redirectUnfit = (uri: string): string | undefined => {
  const url = URL.parse(uri)
  if (!url || url.protocol !== 'https:') return 'a redirect address is not https'
  if (url.username || url.password) return 'a redirect address names a user'
  if (uri.includes('#')) return 'a redirect address has a fragment'
  if (uri.includes('*')) return 'a redirect address has a wildcard'
  return IP_LITERAL.test(url.hostname) ? 'a redirect address is an IP address' : undefined
}

/**
 * Why a client cannot be served, in one sentence. Control admits clients before it publishes them; a row that is wrong
 * all the same must not weaken the profile (FAPI 2.0 §5.3.2.1, §5.4).
 */
export const unfitness = (client: RegistryClient): string | undefined => {
  const kids = client.jwks.map((key) => key['kid'])
  if (client.authentication !== 'tls_client_auth') {
    if (client.jwks.length === 0) return 'it has no key'
    if (new Set(kids).size !== kids.length) return 'two of its keys have one kid'
    for (const key of client.jwks) {
      const weak = weakness(key)
      if (weak) return `a key is too weak: ${weak}`
    }
  }
  if (client.senderConstraint === 'mtls' || client.authentication !== 'private_key_jwt')
    if (client.certificates.length === 0) return 'it has no certificate'
  if (client.grantTypes.includes('authorization_code') && client.redirectUris.length === 0)
    return 'it has no redirect address'
  return client.redirectUris.map(redirectUnfit).find((why) => why !== undefined)
}

/** RFC 7591 metadata, as the library reads it. Every member that widens something is set, never left to a default. */
export const metadataOf = (client: RegistryClient, served: Served): ClientMetadata => {
  const redirects = client.grantTypes.includes('authorization_code')
  const byName = client.authentication === 'tls_client_auth'
  return {
    client_id: client.applicationId,
    client_name: client.partnerName,
    token_endpoint_auth_method: client.authentication,
    ...(byName ? { tls_client_auth_san_uri: client.sanUri } : { jwks: { keys: client.jwks } }),
    tls_client_certificate_bound_access_tokens: client.senderConstraint === 'mtls',
    dpop_bound_access_tokens: client.senderConstraint === 'dpop',
    require_pushed_authorization_requests: true,
    grant_types: client.grantTypes,
    redirect_uris: redirects ? client.redirectUris : [],
    response_types: redirects ? ['code'] : [],
    response_modes: ['query'],
    // Without a scope or a list of types the library would allow all of them.
    scope: ['openid', ...client.scopes.filter((s) => served.scopes.includes(s))].join(' '),
    authorization_details_types: client.authorizationDetailsTypes.filter((t) =>
      served.consentTypes.includes(t),
    ),
    subject_type: 'pairwise',
    // OpenID Connect Core §8.1: the sector is the partner, whatever hosts its redirect addresses have.
    ...(redirects && { sector_identifier_uri: `${served.issuer}/sectors/${client.partnerId}` }),
    // Products that the bank brought itself have scopes that this server knows only from here.
    product_scopes: client.scopes.filter((s) => !served.scopes.includes(s)).join(' '),
    partner_id: client.partnerId,
    environment: served.cell,
  }
}
