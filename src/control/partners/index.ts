/** Who calls: organisations, their people, their applications and the certificates of these. */
export { Partner, PartnerId, partnerNotFound } from './partner.ts'
export { Person, PersonId, PersonRole } from './person.ts'
