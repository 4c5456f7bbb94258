/** The registry that the authorization server wants: its clients, as control published them for this cell. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'

export const RegistryClient = z.strictObject({
  /** Also the OAuth client_id. */
  applicationId: z.string(),
  partnerId: z.string(),
  /** As the customer reads it on the consent page. */
  partnerName: z.string(),
  partnerStatus: z.string(),
  applicationName: z.string(),
  authentication: z.enum(['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth']),
  /** mtls: certificate-bound access tokens; dpop: DPoP-bound. Exactly one (FAPI 2.0 §5.3.2.1). */
  senderConstraint: z.enum(['mtls', 'dpop']),
  /** Public keys for private_key_jwt; for self_signed_tls_client_auth each with its certificate (`x5c`). */
  jwks: z.array(z.looseObject({ kty: z.string() })),
  /** SAN URI of the client certificate, for tls_client_auth (RFC 8705 §2.1.2). */
  sanUri: z.string(),
  /** base64url SHA-256 of each live client certificate. */
  certificates: z.array(z.string()),
  redirectUris: z.array(z.string()),
  grantTypes: z.array(z.enum(['client_credentials', 'authorization_code', 'refresh_token'])),
  /** What it may ask: compiled from the licence matrix; always present. */
  scopes: z.array(z.string()),
  authorizationDetailsTypes: z.array(z.string()),
  /**
   * Instants from which the licence lets no new consent of a type begin, by type: evidence has lapsed, or the bank lets no
   * customer come to this partner. Consents that were given stay.
   */
  newConsentsUntil: z.record(z.string(), z.string()).exactOptional(),
  /** The contract in force, where one is: kept with every consent that is asked under it. */
  contract: z.string().exactOptional(),
})
export type RegistryClient = z.output<typeof RegistryClient>

export const Registry = z.strictObject({
  cell: Cell,
  matrix: z.string(),
  /** `kid` of every signing key that the gateways were told of: with another one nothing is signed. */
  issuerKeys: z.array(z.string()).exactOptional(),
  clients: z.array(RegistryClient),
})
export type Registry = z.output<typeof Registry>

/** A published registry by its number and digest, as they stand in control's journal under `publication.published`. */
export const RegistryDocument = z.object({
  epoch: z.number().int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type RegistryDocument = z.output<typeof RegistryDocument>
