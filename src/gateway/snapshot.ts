/** The snapshot that the gateway wants: all that it needs to decide, in one document. Control's publication fulfils it. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { RegisteredUpstream } from '#platform/registered-upstream.ts'
import { Limits } from './limits/policy.ts'

export { Limits, type Limited, type LimitPolicy, mistakesIn, policiesOf } from './limits/policy.ts'

const Jwk = z.looseObject({ kty: z.string() })

/** Compiled by the licences room: what a partner may do, and until when; or which gate is missing and who can give it. */
export const PermissionVerdict = z.discriminatedUnion('granted', [
  z.strictObject({
    granted: z.literal(true),
    /** Instant at which the earliest piece of evidence ends; null: none ends. From then on it is `licences/expired`. */
    until: z.string().nullable(),
    /** The matrix's limit word, such as programme-customers. */
    limit: z.string().nullable(),
    /** From this instant on, where it comes before `until`: calls of risk `high` are refused as `licences/expired`. */
    writesUntil: z.string().exactOptional(),
    /** From this instant on, where it comes before `until`: the authorization server takes no new consents for it. */
    consentsUntil: z.string().exactOptional(),
  }),
  z.strictObject({
    granted: z.literal(false),
    /** licences/missing, licences/expired, licences/attestation-missing, contracts/inactive, partners/suspended … */
    code: z.string(),
    detail: z.string(),
    gate: z.enum(['partner', 'bank', 'customer']),
  }),
])
export type PermissionVerdict = z.output<typeof PermissionVerdict>

export const SnapshotPartner = z.strictObject({
  id: z.string(),
  status: z.enum(['active', 'suspended']),
  /** By permission id of the licence matrix. A permission that is not here is not granted. */
  permissions: z.record(z.string(), PermissionVerdict),
  contract: z
    .strictObject({
      id: z.string(),
      tier: z.string(),
      priceVersion: z.string(),
      products: z.array(z.string()),
      /** Whether its writes must be signed. They may always be. */
      signatures: z.literal('required').optional(),
    })
    .nullable(),
  limits: Limits,
  /**
   * What its contract leaves out of answers, by operation: pointers of leaves, as documents and rules name them. They are
   * dropped whatever else is granted, in the sandbox too, so that a partner tests what it will get.
   */
  withheld: z.record(z.string(), z.array(z.string()).min(1)).optional(),
  /** By version: the instant until which the bank still serves it to this partner, where that is later than for others. */
  extensions: z.record(z.iso.date(), z.iso.datetime()).optional(),
})
export type SnapshotPartner = z.output<typeof SnapshotPartner>

export const SnapshotApplication = z.strictObject({
  /** Also the OAuth client_id. */
  id: z.string(),
  partnerId: z.string(),
  status: z.enum(['active', 'revoked']),
  scopes: z.array(z.string()),
  /** Pinned Api-Version. */
  apiVersion: z.string(),
  /** Versions in trial that it asked for. */
  betas: z.array(z.iso.date()).optional(),
  senderConstraint: z.enum(['mtls', 'dpop']),
  /** Where card data may be encrypted to. */
  revealKey: Jwk.nullable(),
  /** Origins of its own pages, by its redirect addresses; none where it has none. */
  origins: z.array(z.string()).optional(),
  /** Public keys that it may sign requests with; none where it registered none. */
  signingKeys: z.array(Jwk).optional(),
  /** Where set, these verdicts replace the partner's: an application that rehearses production in the sandbox. */
  permissions: z.record(z.string(), PermissionVerdict).nullable(),
})
export type SnapshotApplication = z.output<typeof SnapshotApplication>

export const SnapshotCertificate = z.strictObject({
  /** base64url SHA-256 of the DER (x5t#S256). */
  sha256: z.string(),
  applicationId: z.string(),
  notAfter: z.string(),
})

export const SnapshotProduct = z.strictObject({
  /** The domain: accounts, payments, cards. First segment of its paths. */
  id: z.string(),
  /** Newest Api-Version date of the document. */
  version: z.string(),
  /** All Api-Version dates that are accepted for it. */
  versions: z.array(z.string()),
  /** OpenAPI 3.1 document with our extensions (docs/reference/openapi-extensions.md). */
  openapi: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
})

/** A version that ends. One of which nothing is said is alive. */
/** Whoever plans hours of refusal is held to it, so that a snapshot can be made of all of them. */
export const BROWNOUTS_MAX = 200

export const SnapshotLife = z.strictObject({
  deprecatedAt: z.iso.datetime(),
  /** Never before it was deprecated (RFC 9745 §4). */
  sunsetAt: z.iso.datetime(),
  retired: z.boolean(),
  /** Where people read about it. */
  page: z.url(),
  /** Hours in which it is refused on purpose; payments are not, but for the partners named. */
  brownouts: z
    .array(
      z.strictObject({
        from: z.iso.datetime(),
        to: z.iso.datetime(),
        paymentsOf: z.array(z.string()),
      }),
    )
    .max(BROWNOUTS_MAX),
})
export type SnapshotLife = z.output<typeof SnapshotLife>

export const Snapshot = z.strictObject({
  cell: Cell,
  /** Version of the licence matrix that the verdicts were compiled with. */
  matrix: z.string(),
  issuer: z.strictObject({ issuer: z.string(), audience: z.string(), keys: z.array(Jwk).min(1) }),
  products: z.array(SnapshotProduct),
  /** Systems of the bank that it put behind the gateway besides its own. */
  upstreams: z.array(RegisteredUpstream).optional(),
  /** What callers may ask to be played. Without it nothing is: whoever asks is refused. */
  scenarios: z.array(z.string()).optional(),
  /** Of the versions that end, by their days. */
  lives: z.record(z.iso.date(), SnapshotLife).optional(),
  /** Versions in trial: served to applications that asked for them, and to no other. */
  betas: z.array(z.iso.date()).optional(),
  partners: z.array(SnapshotPartner),
  applications: z.array(SnapshotApplication),
  certificates: z.array(SnapshotCertificate),
})
export type Snapshot = z.output<typeof Snapshot>
