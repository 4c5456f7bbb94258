import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import type { PartnerId } from './partner.ts'
import type { Person, PersonId } from './person.ts'
import { Invitation, type InvitationId } from './person-invitation.ts'

const columns = sql`
  id, partner_id as "partnerId", email, roles, invited_by as "invitedBy", invited_at as "invitedAt",
  expires_at as "expiresAt", accepted_at as "acceptedAt", withdrawn_at as "withdrawnAt"
`

export const insertInvitation = (db: Db, i: Invitation, token: Buffer) => db.run`
  insert into partners.invitation (id, partner_id, email, roles, token, invited_by, invited_at, expires_at)
  values (${i.id}, ${i.partnerId}, ${i.email}, ${i.roles}, ${token}, ${i.invitedBy}, ${i.invitedAt}, ${i.expiresAt})
`

export const findInvitation = (db: Db, token: Buffer) =>
  db.maybe(Invitation)`select ${columns} from partners.invitation where token = ${token}`

/** Those that are open, latest first. */
export const listInvitations = (db: Db, partnerId: PartnerId, now: Temporal.Instant) =>
  db.many(Invitation)`
    select ${columns}
      from partners.invitation
     where partner_id = ${partnerId}
       and accepted_at is null
       and withdrawn_at is null
       and expires_at > ${now}
     order by id desc
     limit 200
  `

/** Uses an invitation up; answers whether it was there to be used. */
export const acceptInvitation = async (
  db: Db,
  id: InvitationId,
  now: Temporal.Instant,
): Promise<boolean> =>
  (await db.run`
    update partners.invitation set accepted_at = ${now}
     where id = ${id} and accepted_at is null and withdrawn_at is null and expires_at > ${now}
  `) === 1

export const withdrawInvitation = async (
  db: Db,
  { partnerId, id }: { partnerId: PartnerId; id: InvitationId },
  now: Temporal.Instant,
): Promise<boolean> =>
  (await db.run`
    update partners.invitation set withdrawn_at = ${now}
     where id = ${id} and partner_id = ${partnerId} and accepted_at is null and withdrawn_at is null
  `) === 1

const Erased = z.object({ erased: z.boolean() })

export const isErased = async (db: Db, id: PersonId): Promise<boolean> =>
  (
    await db.one(Erased)`
    select erased_at is not null as erased from partners.person where id = ${id}
  `
  ).erased

/** Overwrites whatever names a person here. No password has this hash, and no mail goes to this address (RFC 2606). */
export const erasePerson = async (
  db: Db,
  { id, partnerId, email }: Person,
  now: Temporal.Instant,
) => {
  const nowhere = `${id}@erased.invalid`
  await db.run`
    update partners.person
       set name = '—', email = ${nowhere}, password_hash = '', email_verified_at = null, erased_at = ${now}
     where id = ${id}
  `
  await db.run`
    update partners.invitation set email = ${nowhere}
     where partner_id = ${partnerId} and email = ${email}
  `
}
