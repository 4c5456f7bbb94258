import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { PartnerId } from './partner.ts'
import { PersonId, PersonRole } from './person.ts'

export const InvitationId = idOf('invitation')
export type InvitationId = z.output<typeof InvitationId>

/** A place in an organisation, offered by mail. Its token works once, and for seven days. */
export const Invitation = z.object({
  id: InvitationId,
  partnerId: PartnerId,
  email: z.string(),
  roles: z.array(PersonRole).min(1),
  invitedBy: PersonId,
  invitedAt: z.instanceof(Temporal.Instant),
  expiresAt: z.instanceof(Temporal.Instant),
  acceptedAt: z.instanceof(Temporal.Instant).nullable(),
  withdrawnAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Invitation = z.output<typeof Invitation>

export const INVITATION_DAYS = 7

/** Used, withdrawn, too old and never made are one answer. */
export const invitationInvalid = problem(
  'partners/invitation-invalid',
  410,
  'The invitation no longer holds',
)
export const invitationNotFound = problem(
  'partners/invitation-not-found',
  404,
  'No such invitation',
)

export const isOpen = (invitation: Invitation, now: Temporal.Instant): boolean =>
  invitation.acceptedAt === null &&
  invitation.withdrawnAt === null &&
  isBefore(now, invitation.expiresAt)
