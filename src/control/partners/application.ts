import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { PartnerId } from './partner.ts'

/** Also the OAuth client_id. */
export const ApplicationId = idOf('application')
export type ApplicationId = z.output<typeof ApplicationId>

/** A public key as it is kept: only the members of its type, with `kid`, `alg` and `use`. */
export const PublicJwk = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  crv: z.string().exactOptional(),
  x: z.string().exactOptional(),
  y: z.string().exactOptional(),
  n: z.string().exactOptional(),
  e: z.string().exactOptional(),
  kid: z.string(),
  alg: z.string(),
  use: z.enum(['sig', 'enc']),
  /** The certificate that the partner signed itself with this key (RFC 8705 §2.2.2). */
  x5c: z.array(z.string()).exactOptional(),
})
export type PublicJwk = z.output<typeof PublicJwk>

export const Authentication = z.enum([
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
])
export const SenderConstraint = z.enum(['mtls', 'dpop'])
export const GrantType = z.enum(['client_credentials', 'authorization_code', 'refresh_token'])

/** A program of a partner in one cell. In the other cell it is another application, with other keys. */
export const Application = z.object({
  id: ApplicationId,
  partnerId: PartnerId,
  cell: Cell,
  name: z.string(),
  authentication: Authentication,
  senderConstraint: SenderConstraint,
  /** Public keys of private_key_jwt, and those of certificates that the partner signs itself. */
  jwks: z.array(PublicJwk),
  /** Where card data may be encrypted to. */
  revealKey: PublicJwk.nullable(),
  redirectUris: z.array(z.string()),
  grantTypes: z.array(GrantType).min(1),
  products: z.array(z.string()).min(1),
  /** In the sandbox only: what it may do is computed as production would. */
  /** Where set, it may ask for these alone, as far as its licence grants them. */
  scopes: z.array(z.string()).nullable(),
  authorizationDetailsTypes: z.array(z.string()).nullable(),
  rehearsal: z.boolean(),
  status: z.enum(['requested', 'active', 'declined', 'revoked']),
  requestedAt: z.instanceof(Temporal.Instant),
})
export type Application = z.output<typeof Application>

export const applicationNotFound = problem(
  'partners/application-not-found',
  404,
  'No such application',
)
export const applicationEnded = problem(
  'partners/application-ended',
  409,
  'The application can no longer change',
)
export const applicationsMany = problem(
  'partners/too-many-applications',
  409,
  'The organisation has as many applications as it may',
)

export const APPLICATIONS_MAX = 25

/** Stops it for good: a new one has new keys. */
export const revoked = (application: Application): Application => {
  if (application.status !== 'active' && application.status !== 'requested')
    throw applicationEnded(`it is ${application.status}`)
  return { ...application, status: 'revoked' }
}

/** What four eyes look at: all of it that says what it may do. */
export const stateOf = (application: Application) => {
  const { requestedAt: _, ...state } = application
  return state
}
