/** Who calls: organisations, their people, their applications and the certificates of these. */
export { ApplicationRequest, applicationRefused } from './admission.ts'
export { Application, ApplicationId, applicationNotFound } from './application.ts'
export {
  type Authorities,
  type Outcome,
  requestApplication,
  requestCertificate,
  revokeApplication,
  revokeCertificate,
} from './applications.ts'
export { keyNotFound, revokeKey } from './application-keys.ts'
export { type ApplicationUpdate, updateApplication } from './application-update.ts'
export { partnerAppliers } from './appliers.ts'
export { Certificate } from './certificate.ts'
export { Partner, PartnerId, partnerNotFound, partnerSuspended } from './partner.ts'
export {
  addPerson,
  changePassword,
  changeRoles,
  endPerson,
  forgetSignIns,
  openSession,
  personEntrance,
  personOfSession,
  proveEmail,
  registerPartner,
  signInPerson,
  signOutPerson,
} from './people.ts'
export { proposeErasure } from './people-erasure.ts'
export { maskedName, Person, PersonId, PersonRole, personRoleMissing } from './person.ts'
export {
  changedInPortal,
  Registration,
  RegistrationId,
  RegistrationLimits,
  registrationTokenInvalid,
} from './registration.ts'
export { list as listRegistrations } from './registration-store.ts'
export {
  deleteRegistered,
  drawRegistrationToken,
  managedApplication,
  type Registered,
  registerApplication,
  type RegistrationOutcome,
  requestRegistration,
  updateRegistered,
} from './registrations.ts'
export {
  certificatesOfCell,
  findApplication,
  findPartner,
  findPerson,
  listApplications,
  listCertificates,
  listPartners,
  listPeople,
  listSuspensions as listPartnerSuspensions,
} from './store.ts'
export { beginVisit, claimVisit, endVisits, findVisit, resumeVisit } from './visits.ts'
export { proposeReinstatement, suspendPartner } from './suspension.ts'
