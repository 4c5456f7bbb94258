import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { PartnerId } from './partner.ts'

export const PersonId = idOf('person')
export type PersonId = z.output<typeof PersonId>

/** What a person may do for their organisation. An auditor reads and changes nothing. */
export const PersonRole = z.enum([
  'owner',
  'admin',
  'security-admin',
  'developer',
  'finance',
  'signatory',
  'auditor',
])
export type PersonRole = z.output<typeof PersonRole>

export const Person = z.object({
  id: PersonId,
  partnerId: PartnerId,
  name: z.string(),
  email: z.string(),
  roles: z.array(PersonRole).min(1),
  status: z.enum(['active', 'left']),
  /** They have read a mail at their address. */
  emailProven: z.boolean(),
})
export type Person = z.output<typeof Person>

/** A name for whoever has not said what for: enough to tell one from another, not to know them. */
export const maskedName = (name: string): string => name.replace(/(\p{L})[^\s]*/gu, '$1…')

/** A person as they are seen by whoever has not said what for. */
export const masked = (person: Person): Person => ({
  ...person,
  name: maskedName(person.name),
  email: person.email.replace(/^(.)[^@]*/u, '$1…'),
})

/** Who registers an organisation acts for all of it, until they share the work. */
export const foundingRoles: readonly PersonRole[] = PersonRole.exclude(['auditor']).options

export const personNotFound = problem('partners/person-not-found', 404, 'No such person')
export const personRoleMissing = problem(
  'partners/role-missing',
  403,
  'Your roles in the organisation do not allow this',
)
export const emailTaken = problem('partners/email-taken', 409, 'The e-mail address is in use')
export const lastOwner = problem('partners/last-owner', 409, 'An organisation keeps an owner')

/** An admin brings people in, but makes nobody owner or signatory: that is the owner's to give. */
export const mayGive = (held: readonly PersonRole[], given: readonly PersonRole[]): void => {
  if (held.includes('owner')) return
  const beyond = given.filter((role) => role === 'owner' || role === 'signatory')
  if (beyond.length > 0)
    throw personRoleMissing(`only an owner gives the role ${beyond.join(', ')}`)
}
