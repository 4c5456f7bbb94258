/** Qualified certificates as evidence: what they say is read from them, never typed, and held against the licence. */
import { problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import {
  type PaymentRole,
  type QualifiedCertificate,
  readQualifiedCertificate,
} from '#platform/qualified-certificate.ts'
import { findPartner, type PartnerId } from '#control/partners/index.ts'
import type { RegisterEntry } from './registers/register.ts'
import { entryOf } from './registers/store.ts'
import * as store from './store.ts'
import { type EvidenceInput, submitEvidence } from './verification.ts'
import type { Evidence } from './evidence.ts'

export const certificateUnreadable = problem(
  'licences/certificate-unreadable',
  422,
  'This is no qualified certificate of a payment service provider',
)
export const certificateExceeds = problem(
  'licences/certificate-exceeds',
  422,
  'The certificate has roles that the licence does not give',
)

/** Whether somebody typed what only the certificate itself can say. */
export const saysRoles = ({ shows, identifiers }: Pick<EvidenceInput, 'shows' | 'identifiers'>) =>
  shows.length > 0 ||
  ['organisationIdentifier', 'authority'].some((name) => Object.hasOwn(identifiers, name))

/** Directive (EU) 2015/2366: what each status is authorised for, in the words of ETSI TS 119 495 §5.1. */
const rolesOfStatus: Readonly<Record<string, readonly PaymentRole[]>> = {
  aisp: ['PSP_AI'],
  pisp: ['PSP_PI'],
  cbpii: ['PSP_IC'],
  emi: ['PSP_AS', 'PSP_AI', 'PSP_PI', 'PSP_IC'],
}

/** Roles of the certificate that none of these statuses gives. */
export const exceeding = (
  { roles, unknownRoles }: Pick<QualifiedCertificate, 'roles' | 'unknownRoles'>,
  statuses: readonly string[],
): readonly string[] => {
  const given = new Set<string>(statuses.flatMap((status) => rolesOfStatus[status] ?? []))
  return [...roles.filter((role) => !given.has(role)), ...unknownRoles]
}

/**
 * A partner hands in its certificate itself. Its number, its roles and its time are the certificate's. Roles beyond what
 * the supervisor's register gives this number are refused; beyond what the partner is held as, applied for or declares,
 * where no imported register knows the number. The chain to a trust-service provider is for the two who verify it.
 */
export const submitCertificate = async (
  work: Work,
  partnerId: PartnerId,
  { type, issuer, pem }: { type: string; issuer: string; pem: string },
): Promise<Evidence> => {
  const read = readQualifiedCertificate(pem)
  if (!read) throw certificateUnreadable('it has no statement of ETSI TS 119 495')
  if (read.use !== null && read.use !== type)
    throw certificateUnreadable(`it is a ${read.use}, not a ${type}`)
  const entry = await entryOf(work, read.organisationIdentifier)
  const beyond = exceeding(read, entry ? servicesOf(entry) : await claimed(work, partnerId))
  if (beyond.length > 0)
    throw certificateExceeds(
      `${beyond.join(', ')}: ${entry ? 'the register gives it no such service' : 'no status of the partner does'}`,
      { errors: [{ pointer: '/certificate', code: 'roles', detail: beyond.join(', ') }] },
    )
  const { organisationIdentifier, authority, roles, notBefore, notAfter, sha256 } = read
  const input: EvidenceInput = {
    type,
    issuer,
    identifiers: { organisationIdentifier, authority: authority.id },
    validFrom: notBefore,
    validTo: notAfter,
    documentSha256: sha256,
    shows: [...roles],
  }
  return submitEvidence(work, partnerId, input)
}

/** Who was withdrawn has none left. */
const servicesOf = ({ authorised, services }: RegisterEntry) => (authorised ? services : [])

const claimed = async (work: Work, partnerId: PartnerId): Promise<string[]> => {
  const partner = await findPartner(work, partnerId)
  const held = await store.holdings(work, partnerId)
  const applied = await store.applications(work, partnerId)
  return [
    ...(partner?.declaredStatuses ?? []),
    ...held.map((h) => h.status),
    ...applied.filter((a) => a.status === 'open').flatMap((a) => a.statuses),
  ]
}
