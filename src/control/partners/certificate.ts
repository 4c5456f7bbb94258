import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { ApplicationId } from './application.ts'

/** A client certificate that we signed, or that a partner signed itself and we registered. */
export const Certificate = z.object({
  /** base64url SHA-256 of the DER: `x5t#S256` of RFC 8705. */
  sha256: z.string(),
  applicationId: ApplicationId,
  /** RFC 7638 thumbprint (hex) of its key. */
  keySha256: z.string(),
  serialNumber: z.string(),
  pem: z.string(),
  selfSigned: z.boolean(),
  issuedAt: z.instanceof(Temporal.Instant),
  notAfter: z.instanceof(Temporal.Instant),
  revokedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Certificate = z.output<typeof Certificate>

export const certificateNotFound = problem(
  'partners/certificate-not-found',
  404,
  'No such certificate',
)
export const certificateEnded = problem(
  'partners/certificate-ended',
  409,
  'The certificate is no longer in force',
)
export const certificatesMany = problem(
  'partners/too-many-certificates',
  409,
  'The application has as many certificates as it may',
)

/** One in use and its successor. */
export const CERTIFICATES_MAX = 2
/** CA/Browser Forum's ceiling of 398 days, kept for production; the sandbox makes rotation a habit. */
export const lifeDays: Readonly<Record<Cell, number>> = { sandbox: 90, production: 397 }
const RENEWAL_DAYS = 30

export const isLive = (certificate: Certificate, now: Temporal.Instant): boolean =>
  certificate.revokedAt === null && isBefore(now, certificate.notAfter)

/** A successor in the last thirty days is a matter of routine: the application was admitted, and only its key turns. */
export const isRenewal = (held: readonly Certificate[], now: Temporal.Instant): boolean =>
  held.some(
    (c) => isLive(c, now) && !isBefore(now, c.notAfter.subtract({ hours: 24 * RENEWAL_DAYS })),
  )
