import { createHash, randomBytes } from 'node:crypto'
import type { Cell } from '#kernel/cell.ts'
import type { Work } from '#journal/index.ts'
import { baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import type { ApplicationRequest } from './admission.ts'
import { type Application, applicationEnded, type ApplicationId } from './application.ts'
import { type ApplicationUpdate, updateApplication } from './application-update.ts'
import {
  activate,
  type Authorities,
  deciders,
  lockActivePartner,
  lockOwn,
  newApplication,
  type Outcome,
  revokeApplication,
} from './applications.ts'
import type { PartnerId } from './partner.ts'
import {
  askedOf,
  assertWithin,
  changedInPortal,
  type Registration,
  REGISTRATION_CHANGE,
  RegistrationId,
  type RegistrationLimits,
  registrationNotFound,
  registrationNotGranted,
  registrationTokenInvalid,
  TOKEN_LIFE,
} from './registration.ts'
import * as store from './registration-store.ts'

const newToken = (): string => randomBytes(32).toString('base64url')
const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest()

export interface RegistrationOutcome {
  readonly registration: Registration
  /** Shown once; kept nowhere. */
  readonly token?: string
  readonly change?: ChangeSet
}

/** Asks for the right to register one application: in the sandbox it comes at once, in production from two people. */
export const requestRegistration = async (
  work: Work,
  partnerId: PartnerId,
  ask: { cell: Cell; limits: RegistrationLimits | null },
): Promise<RegistrationOutcome> => {
  await lockActivePartner(work, partnerId)
  const { cell, limits } = ask
  const id = RegistrationId.next()
  const registration: Registration = {
    id,
    partnerId,
    cell,
    limits,
    status: 'requested',
    requestedAt: work.now,
    expiresAt: null,
  }
  await store.insert(work, registration)
  await work.record('partners.registration-requested', id, { partnerId, cell })
  if (cell === 'sandbox') return issue(work, registration)
  const change = await proposeChange(work, {
    kind: REGISTRATION_CHANGE,
    subject: id,
    before: null,
    after: askedOf(registration),
    base: baseOf(askedOf(registration)),
    reason: 'the partner wants to register a production application by itself',
    roles: deciders,
  })
  return { registration, change }
}

/** Draws the token of a registration that was granted. A second drawing finds none. */
export const drawRegistrationToken = async (
  work: Work,
  partnerId: PartnerId,
  id: RegistrationId,
): Promise<RegistrationOutcome> => {
  await lockActivePartner(work, partnerId)
  const registration = await store.lock(work, id)
  if (registration?.partnerId !== partnerId)
    throw registrationNotFound('there is no registration with this id')
  if (registration.status !== 'granted')
    throw registrationNotGranted(`it is ${registration.status}`)
  return issue(work, registration)
}

const issue = async (work: Work, registration: Registration): Promise<RegistrationOutcome> => {
  const { id, partnerId, cell } = registration
  const token = newToken()
  const expiresAt = work.now.add(TOKEN_LIFE)
  await store.issue(work, id, digestOf(token), expiresAt)
  await work.record('partners.registration-token-issued', id, { partnerId, cell })
  return { registration: { ...registration, status: 'issued', expiresAt }, token }
}

export interface Registered extends Outcome {
  /** RFC 7592 §3: manages the application from now on. Undefined where the one that was shown stays. */
  readonly managementToken?: string
}

/**
 * Registers an application with an initial access token, which it uses up: in this transaction, so that a registration
 * that is refused leaves the token as it was.
 */
export const registerApplication = async (
  work: Work,
  authorities: Authorities,
  given: { cell: Cell; token: string },
  ask: ApplicationRequest,
  offeredProducts: readonly string[],
): Promise<Registered> => {
  const digest = digestOf(given.token)
  const registration = await store.consume(work, { digest, cell: given.cell, now: work.now })
  if (!registration)
    throw registrationTokenInvalid('it is unknown here, has expired or was used before')
  const { id, partnerId, limits } = registration
  assertWithin(limits, ask)
  const application = await newApplication(work, partnerId, ask, {
    offeredProducts,
    status: 'active',
  })
  await work.record('partners.registration-used', id, { partnerId, applicationId: application.id })
  const outcome = await activate(work, authorities, application, ask.csr)
  return { ...outcome, managementToken: await giveManagementToken(work, application.id) }
}

const giveManagementToken = async (work: Work, applicationId: ApplicationId): Promise<string> => {
  const token = newToken()
  await store.saveToken(work, { applicationId, digest: digestOf(token), now: work.now })
  return token
}

/** The active application that the token manages in this cell; else the one answer for every reason (RFC 7592 §2). */
export const managedApplication = async (
  work: Work,
  given: { cell: Cell; id: string; token: string },
): Promise<Application> => {
  const refused = () => registrationTokenInvalid('it manages no application with this id')
  const managed = await store.lockManaged(work, given.id, digestOf(given.token))
  if (!managed) throw refused()
  const application = await lockOwn(work, managed)
  if (application.status !== 'active' || application.cell !== given.cell) throw refused()
  return application
}

/** RFC 7592 §2.2, in the sandbox. The token is replaced. */
export const updateRegistered = async (
  work: Work,
  before: Application,
  ask: ApplicationUpdate,
  offeredProducts: readonly string[],
): Promise<Registered> => {
  const { id: applicationId, partnerId, cell } = before
  if (cell === 'production')
    throw changedInPortal('ask for the change in the portal: two people of the bank approve it')
  const outcome = await updateApplication(work, { partnerId, applicationId }, ask, offeredProducts)
  return { ...outcome, managementToken: await giveManagementToken(work, applicationId) }
}

/** RFC 7592 §2.3: stops it for good, at once. */
export const deleteRegistered = async (work: Work, application: Application): Promise<void> => {
  if (application.status !== 'active') throw applicationEnded(`it is ${application.status}`)
  await store.forget(work, application.id)
  await revokeApplication(work, { applicationId: application.id })
}
