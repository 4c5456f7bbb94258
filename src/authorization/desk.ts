/** What the authorization server asks control about registration (RFC 7591, 7592): applications live there, and only there. */
import { z } from 'zod'
import { RegistryClient } from './registry.ts'

/** The token that was shown: an initial access token to register, a registration access token for all else. */
export const REGISTRATION_TOKEN_HEADER = 'portico-registration-token'

/**
 * `POST   /link/{cell}/registrations`        RegistrationAsk → RegistrationAnswer
 * `GET    /link/{cell}/registrations/{id}`   → RegistrationAnswer
 * `PUT    /link/{cell}/registrations/{id}`   RegistrationAsk → RegistrationAnswer
 * `DELETE /link/{cell}/registrations/{id}`   → 204
 * Refuses with `partners/registration-token-invalid`, `partners/application-refused`, `partners/changed-in-portal` and
 * whatever else the portal would be refused with.
 */
export const RegistrationAsk = z.strictObject({
  name: z.string(),
  authentication: RegistryClient.shape.authentication,
  senderConstraint: RegistryClient.shape.senderConstraint,
  jwks: z.strictObject({ keys: z.array(z.looseObject({ kty: z.string() })) }).exactOptional(),
  /** PKCS #10: the certificate comes with the answer. Taken at the first registration alone. */
  csr: z.string().exactOptional(),
  redirectUris: z.array(z.string()),
  grantTypes: RegistryClient.shape.grantTypes,
  /** Absent: all that the licence grants. */
  scopes: z.array(z.string()).exactOptional(),
  authorizationDetailsTypes: z.array(z.string()).exactOptional(),
})
export type RegistrationAsk = z.output<typeof RegistrationAsk>

export const RegistrationAnswer = z.strictObject({
  client: RegistryClient,
  registeredAt: z.string(),
  /** PEM of what a CSR asked for. */
  certificate: z.string().nullable(),
  /** Manages the client from now on; null: the one that was shown still does. */
  managementToken: z.string().nullable(),
})
export type RegistrationAnswer = z.output<typeof RegistrationAnswer>
