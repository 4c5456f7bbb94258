import type { Cell } from '#kernel/cell.ts'
import type { Work } from '#journal/index.ts'
import { type Authority, issueClientCertificate, readSelfSigned } from '#platform/certificates.ts'
import { baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import type { StaffRole } from '#control/staff/index.ts'
import {
  admit,
  type ApplicationRequest,
  applicationRefused,
  type AskedKey,
  keyOfRequest,
  keySha256,
} from './admission.ts'
import {
  type Application,
  applicationEnded,
  ApplicationId,
  applicationNotFound,
  APPLICATIONS_MAX,
  applicationsMany,
  revoked,
  stateOf,
} from './application.ts'
import {
  type Certificate,
  certificateEnded,
  certificateNotFound,
  CERTIFICATES_MAX,
  certificatesMany,
  isLive,
  isRenewal,
  lifeDays,
} from './certificate.ts'
import { type Partner, type PartnerId, partnerNotFound, partnerSuspended } from './partner.ts'
import * as store from './store.ts'

/** The authority of each cell's client certificates: one cell's never vouches for the other's. */
export type Authorities = Readonly<Record<Cell, Authority>>

export const APPLICATION_CHANGE = 'partners.application'
export const CERTIFICATE_CHANGE = 'partners.certificate'
/** Who may say yes to production credentials. The asker is of the partner, so two of them are needed. */
export const deciders: StaffRole[] = [
  'partner-success',
  'compliance',
  'developer-relations',
  'api-engineering',
  'head-of-platform',
]

export interface Outcome {
  readonly application: Application
  readonly certificate?: Certificate
  /** What has to be approved before any of it works. */
  readonly change?: ChangeSet
}

/** Asks for an application. In the sandbox it works at once; in production it waits for two people of the bank. */
export const requestApplication = async (
  work: Work,
  authorities: Authorities,
  partnerId: PartnerId,
  ask: ApplicationRequest,
  offeredProducts: readonly string[],
): Promise<Outcome> => {
  const application = await newApplication(work, partnerId, ask, {
    offeredProducts,
    status: ask.cell === 'production' ? 'requested' : 'active',
  })
  if (application.status === 'active') return activate(work, authorities, application, ask.csr)
  const change = await proposeChange(work, {
    kind: APPLICATION_CHANGE,
    subject: application.id,
    before: null,
    after: { ...stateOf(application), csr: ask.csr ?? null },
    base: baseOf(stateOf(application)),
    reason: 'the partner asks for production credentials',
    roles: deciders,
  })
  return { application, change }
}

/** An application of an active partner, admitted and kept, its keys claimed. */
export const newApplication = async (
  work: Work,
  partnerId: PartnerId,
  ask: ApplicationRequest,
  options: { offeredProducts: readonly string[]; status: 'requested' | 'active' },
): Promise<Application> => {
  await lockActivePartner(work, partnerId)
  const { application: asked, keys } = await admit(ask, options.offeredProducts, work.now)
  const held = await store.listApplications(work, { partnerId, cell: asked.cell })
  const living = held.filter((a) => a.status === 'active' || a.status === 'requested')
  if (living.length >= APPLICATIONS_MAX)
    throw applicationsMany(`${living.length} live in the ${asked.cell} cell; revoke one first`)
  await claimKeys(work, partnerId, asked.cell, keys)
  const { status } = options
  const id = ApplicationId.next()
  const application: Application = { ...asked, id, partnerId, status, requestedAt: work.now }
  const { cell } = application
  await store.insertApplication(work, application)
  await work.record('partners.application-requested', id, { partnerId, cell })
  return application
}

/** Lets an active application work: its certificates are registered, and one is signed where a CSR asks for it. */
export const activate = async (
  work: Work,
  authorities: Authorities,
  application: Application,
  csr: string | undefined,
): Promise<Outcome> => {
  const { id, partnerId, cell } = application
  await work.record('partners.application-activated', id, { partnerId, cell })
  await registerCertificates(work, application)
  if (csr === undefined) return { application }
  return { application, certificate: await certify(work, authorities, application, csr) }
}

/**
 * A certificate for a CSR: at once in the sandbox and for a renewal in the last thirty days of one in force, after two
 * people of the bank for any other in production.
 */
export const requestCertificate = async (
  work: Work,
  authorities: Authorities,
  own: { partnerId: PartnerId; applicationId: ApplicationId },
  csr: string,
): Promise<Outcome> => {
  await lockActivePartner(work, own.partnerId)
  const application = await lockOwn(work, own)
  if (application.status !== 'active') throw applicationEnded(`it is ${application.status}`)
  const key = await keyOfRequest(csr)
  await claimKeys(work, own.partnerId, application.cell, [key])
  const held = await store.listCertificates(work, [application.id])
  roomForAnother(held, work.now)
  if (application.cell === 'sandbox' || isRenewal(held, work.now))
    return { application, certificate: await certify(work, authorities, application, csr) }
  const change = await proposeChange(work, {
    kind: CERTIFICATE_CHANGE,
    subject: application.id,
    before: inForce(held, work.now),
    after: { csr, keySha256: key.sha256 },
    base: certificateBase(application, held, work.now),
    reason: 'the partner asks for a production certificate',
    roles: deciders,
  })
  return { application, change }
}

/** Those that came with its keys, signed by the partner itself (RFC 8705 §2.2); the ones that are known stay as they are. */
export const registerCertificates = async (
  work: Work,
  { id, partnerId, cell, jwks }: Application,
): Promise<void> => {
  for (const key of jwks) {
    const certificate = key.x5c?.[0] === undefined ? undefined : readSelfSigned(key.x5c[0])
    if (!certificate || (await store.findCertificate(work, certificate.sha256))) continue
    const { sha256, serialNumber, notAfter, pem } = certificate
    await store.insertCertificate(work, {
      sha256,
      serialNumber,
      notAfter,
      pem,
      applicationId: id,
      keySha256: keySha256(key),
      selfSigned: true,
      issuedAt: work.now,
      revokedAt: null,
    })
    const facts = { partnerId, cell, sha256, notAfter: notAfter.toString() }
    await work.record('partners.certificate-registered', id, facts)
  }
}

const inForce = (held: readonly Certificate[], now: Temporal.Instant) =>
  held.filter((c) => isLive(c, now)).map((c) => c.sha256)

export const certificateBase = (
  application: Application,
  held: readonly Certificate[],
  now: Temporal.Instant,
): string => baseOf({ application: stateOf(application), inForce: inForce(held, now) })

const roomForAnother = (held: readonly Certificate[], now: Temporal.Instant) => {
  if (inForce(held, now).length >= CERTIFICATES_MAX)
    throw certificatesMany(`${CERTIFICATES_MAX} are in force; revoke one first`)
}

/** Signs the CSR of a locked, active application. Its key must have been claimed. */
export const certify = async (
  work: Work,
  authorities: Authorities,
  application: Application,
  csr: string,
): Promise<Certificate> => {
  const { id, partnerId, cell } = application
  roomForAnother(await store.listCertificates(work, [id]), work.now)
  const { sha256: keyName } = await keyOfRequest(csr)
  const holder = { cell, partnerId, applicationId: id, days: lifeDays[cell] }
  const issued = await issueClientCertificate(authorities[cell], csr, holder)
  const { sha256, serialNumber, notAfter } = issued
  const certificate: Certificate = {
    sha256,
    serialNumber,
    notAfter,
    pem: issued.pem,
    applicationId: id,
    keySha256: keyName,
    selfSigned: false,
    issuedAt: work.now,
    revokedAt: null,
  }
  await store.insertCertificate(work, certificate)
  const facts = { partnerId, cell, sha256, serialNumber, notAfter: notAfter.toString() }
  await work.record('partners.certificate-issued', id, facts)
  return certificate
}

/** Stops an application for good, at once: by its partner, or by one person of the bank. Its keys never come back. */
export const revokeApplication = async (
  work: Work,
  own: { partnerId?: PartnerId; applicationId: ApplicationId },
): Promise<Application> => {
  const after = revoked(await lockOwn(work, own))
  const { id, partnerId, cell } = after
  const certificates = await store.listCertificates(work, [id])
  await store.saveStatus(work, after, work.now)
  await store.revokeCertificates(
    work,
    certificates.map((c) => c.sha256),
    work.now,
  )
  await store.retireKeys(
    work,
    [...after.jwks.map(keySha256), ...certificates.map((c) => c.keySha256)],
    work.now,
  )
  await work.record('partners.application-revoked', id, { partnerId, cell })
  return after
}

/** Ends one certificate at once; the application lives on with another. Its key never comes back. */
export const revokeCertificate = async (
  work: Work,
  own: { partnerId?: PartnerId; applicationId: ApplicationId },
  sha256: string,
): Promise<Certificate> => {
  const { id, partnerId, cell } = await lockOwn(work, own)
  const certificate = await store.findCertificate(work, sha256)
  if (certificate?.applicationId !== id)
    throw certificateNotFound('this application has no such certificate')
  if (!isLive(certificate, work.now)) throw certificateEnded('it has ended already')
  await store.revokeCertificates(work, [sha256], work.now)
  await store.retireKeys(work, [certificate.keySha256], work.now)
  await work.record('partners.certificate-revoked', id, { partnerId, cell, sha256 })
  return { ...certificate, revokedAt: work.now }
}

/** The application, held; one of another organisation is as if it were not there. */
export const lockOwn = async (
  work: Work,
  own: { partnerId?: PartnerId; applicationId: ApplicationId },
): Promise<Application> => {
  const application = await store.lockApplication(work, own.applicationId)
  const isTheirs = own.partnerId === undefined || application?.partnerId === own.partnerId
  if (!application || !isTheirs) throw applicationNotFound('there is no application with this id')
  return application
}

/** The organisation, held: what it may have is counted by one at a time. */
export const lockActivePartner = async (work: Work, id: PartnerId): Promise<Partner> => {
  const partner = await store.lockPartner(work, id)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  if (partner.status !== 'active') throw partnerSuspended('the bank has suspended the partner')
  return partner
}

/** Every key is this organisation's in this cell, for this purpose, and nobody else's ever. */
export const claimKeys = async (
  work: Work,
  partnerId: PartnerId,
  cell: Cell,
  keys: readonly AskedKey[],
): Promise<void> => {
  // In one order everywhere, so that two requests with the same keys wait for each other and never in a circle.
  for (const key of keys.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) {
    const held = await store.claimKey(work, key, { partnerId, cell }, work.now)
    const isOurs = held.partnerId === partnerId && held.cell === cell
    // Whose it is or where it was seen is nobody's business: the answer is one.
    if (isOurs && held.purpose === key.purpose && !held.retired) continue
    const detail = 'the key cannot be used here: it was seen elsewhere before. Make a new one'
    throw applicationRefused('a key is not fresh', {
      errors: [{ pointer: key.pointer, code: 'key_seen', detail }],
    })
  }
}
