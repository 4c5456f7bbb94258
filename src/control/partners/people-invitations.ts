import { createHash, randomBytes } from 'node:crypto'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { findPartner } from './store.ts'
import type { PartnerId } from './partner.ts'
import { addPerson } from './people.ts'
import {
  type Invitation,
  INVITATION_DAYS,
  InvitationId,
  invitationInvalid,
  invitationNotFound,
  isOpen,
} from './person-invitation.ts'
import type { Person, PersonId, PersonRole } from './person.ts'
import * as store from './people-store.ts'

const digestOf = (token: string) => createHash('sha256').update(token).digest()

/** Offers a place. The token is for the mail, and stands nowhere else. */
export const invitePerson = async (
  work: Work,
  by: { partnerId: PartnerId; personId: PersonId },
  { email, roles }: { email: string; roles: readonly PersonRole[] },
): Promise<{ invitation: Invitation; token: string }> => {
  const token = randomBytes(32).toString('base64url')
  const invitation: Invitation = {
    id: InvitationId.next(),
    partnerId: by.partnerId,
    email,
    roles: [...roles],
    invitedBy: by.personId,
    invitedAt: work.now,
    expiresAt: work.now.add({ hours: INVITATION_DAYS * 24 }),
    acceptedAt: null,
    withdrawnAt: null,
  }
  await store.insertInvitation(work, invitation, digestOf(token))
  const { id, partnerId } = invitation
  await work.record('partners.person-invited', id, { partnerId, roles })
  return { invitation, token }
}

/** The open invitation of a token, and whose it is. */
export const readInvitation = async (db: Db, token: string, now: Temporal.Instant) => {
  const invitation = await store.findInvitation(db, digestOf(token))
  const partner = invitation && (await findPartner(db, invitation.partnerId))
  if (!invitation || !partner || !isOpen(invitation, now))
    throw invitationInvalid('ask who invited you for another')
  return { invitation, partner }
}

/** Takes the place. Who holds the token has read the mail, so the address is theirs. */
export const acceptInvitation = async (
  work: Work,
  token: string,
  { name, password }: { name: string; password: string },
): Promise<Person> => {
  const { invitation } = await readInvitation(work, token, work.now)
  const { id, partnerId, email, roles } = invitation
  if (!(await store.acceptInvitation(work, id, work.now)))
    throw invitationInvalid('it was used just now')
  const person = { name, email, password, roles, emailProven: true }
  return addPerson(work, partnerId, person)
}

export const withdrawInvitation = async (
  work: Work,
  own: { partnerId: PartnerId; id: InvitationId },
): Promise<void> => {
  if (!(await store.withdrawInvitation(work, own, work.now)))
    throw invitationNotFound('your organisation has no such open invitation')
  await work.record('partners.invitation-withdrawn', own.id, { partnerId: own.partnerId })
}

export { listInvitations } from './people-store.ts'
