import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { AskedKey } from './admission.ts'
import { Application, type ApplicationId } from './application.ts'
import { Certificate } from './certificate.ts'
import { Partner, type PartnerId } from './partner.ts'
import { Person, PersonId } from './person.ts'

const partnerColumns = sql`
  id, organisation, legal_name as "legalName", country, declared_statuses as "declaredStatuses", status,
  registered_at as "registeredAt"
`

export const findPartner = (db: Db, id: PartnerId) =>
  db.maybe(Partner)`select ${partnerColumns} from partners.partner where id = ${id}`

/** Holds the organisation: what is decided about it waits its turn. */
export const lockPartner = (db: Db, id: PartnerId) =>
  db.maybe(Partner)`select ${partnerColumns} from partners.partner where id = ${id} for update`

/** Every organisation, for those who compile. Pages of the console ask for `after`. */
export const listPartners = (db: Db, after = '', limit = 10_000) =>
  db.many(Partner)`
    select ${partnerColumns}
      from partners.partner
     where id > ${after}
     order by id
     limit ${limit}
  `

export const insertPartner = (db: Db, p: Partner) => db.run`
  insert into partners.partner (id, organisation, legal_name, country, declared_statuses, status, registered_at)
  values (${p.id}, ${p.organisation}, ${p.legalName}, ${p.country}, ${p.declaredStatuses}, ${p.status},
          ${p.registeredAt})
`

export const suspend = async (
  db: Db,
  s: { partnerId: PartnerId; reason: string; by: string; at: Temporal.Instant },
) => {
  await db.run`update partners.partner set status = 'suspended' where id = ${s.partnerId}`
  await db.run`
    insert into partners.suspension (partner_id, reason, suspended_by, suspended_at)
    values (${s.partnerId}, ${s.reason}, ${s.by}, ${s.at})
  `
}

export const reinstate = async (db: Db, id: PartnerId, at: Temporal.Instant) => {
  await db.run`update partners.partner set status = 'active' where id = ${id}`
  await db.run`update partners.suspension set ended_at = ${at} where partner_id = ${id} and ended_at is null`
}

export const Suspension = z.object({
  reason: z.string(),
  suspendedBy: z.string(),
  suspendedAt: z.instanceof(Temporal.Instant),
  endedAt: z.instanceof(Temporal.Instant).nullable(),
})

export const listSuspensions = (db: Db, id: PartnerId) =>
  db.many(Suspension)`
    select reason, suspended_by as "suspendedBy", suspended_at as "suspendedAt", ended_at as "endedAt"
      from partners.suspension s
     where s.partner_id = ${id}
     order by s.id desc
     limit 50
  `

const personColumns = sql`
  id, partner_id as "partnerId", name, email, roles, status, email_verified_at is not null as "emailProven"
`
const Login = Person.extend({ passwordHash: z.string() })

export const findPerson = (db: Db, id: PersonId) =>
  db.maybe(Person)`select ${personColumns} from partners.person where id = ${id}`

/** Whose address it is: the one who has proven it, or else the one who claimed it last. */
export const findLogin = (db: Db, email: string) =>
  db.maybe(Login)`
    select ${personColumns}, password_hash as "passwordHash"
      from partners.person
     where email = ${email}
       and status = 'active'
     order by email_verified_at is null, created_at desc, id desc
     limit 1
  `

/** Whether somebody else has proven this address. */
export const isProvenByAnother = async (db: Db, { id, email }: Person): Promise<boolean> =>
  (
    await db.many(Person)`
    select ${personColumns}
      from partners.person
     where email = ${email} and id <> ${id} and status = 'active' and email_verified_at is not null
     limit 1
  `
  ).length > 0

/** The address is theirs. Whoever else had claimed it, without proof, is gone. */
export const proveEmail = async (db: Db, { id, email }: Person, now: Temporal.Instant) => {
  const Gone = z.object({ id: PersonId })
  const gone = await db.many(Gone)`
    update partners.person set status = 'left'
     where email = ${email} and id <> ${id} and status = 'active' and email_verified_at is null
    returning id
  `
  await db.run`update partners.person set email_verified_at = ${now} where id = ${id}`
  return gone.map((person) => person.id)
}

export const listPeople = (db: Db, partnerId: PartnerId) =>
  db.many(Person)`
    select ${personColumns}
      from partners.person
     where partner_id = ${partnerId}
     order by id
     limit 500
  `

export const insertPerson = (
  db: Db,
  p: Person,
  passwordHash: string,
  now: Temporal.Instant,
) => db.run`
  insert into partners.person
    (id, partner_id, name, email, password_hash, roles, status, created_at, email_verified_at)
  values (${p.id}, ${p.partnerId}, ${p.name}, ${p.email}, ${passwordHash}, ${p.roles}, ${p.status}, ${now},
          ${p.emailProven ? now : null})
`

export const savePerson = (db: Db, p: Person) => db.run`
  update partners.person set roles = ${p.roles}, status = ${p.status} where id = ${p.id}
`

export const savePassword = (db: Db, id: PersonId, passwordHash: string) => db.run`
  update partners.person set password_hash = ${passwordHash} where id = ${id}
`

const applicationColumns = sql`
  id, partner_id as "partnerId", cell, name, authentication, sender_constraint as "senderConstraint", jwks,
  reveal_key as "revealKey", redirect_uris as "redirectUris", grant_types as "grantTypes", products, scopes,
  authorization_details_types as "authorizationDetailsTypes", rehearsal, status, requested_at as "requestedAt"
`

export const findApplication = (db: Db, id: ApplicationId) =>
  db.maybe(Application)`select ${applicationColumns} from partners.application where id = ${id}`

/** Holds the application, and its certificates with it. */
export const lockApplication = (db: Db, id: ApplicationId) =>
  db.maybe(Application)`
    select ${applicationColumns} from partners.application where id = ${id} for update
  `

export interface ApplicationFilter {
  readonly partnerId?: PartnerId | undefined
  readonly cell?: Cell | undefined
  readonly status?: Application['status'] | undefined
}

export const listApplications = (db: Db, filter: ApplicationFilter, limit = 10_000) => {
  const where = []
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.cell) where.push(sql`cell = ${filter.cell}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  return db.many(Application)`
    select ${applicationColumns}
      from partners.application
     where ${all(where)}
     order by id
     limit ${limit}
  `
}

const json = (value: unknown) => sql`${JSON.stringify(value)}::text::jsonb`

export const insertApplication = (db: Db, a: Application) => db.run`
  insert into partners.application
    (id, partner_id, cell, name, authentication, sender_constraint, jwks, reveal_key, redirect_uris, grant_types,
     products, scopes, authorization_details_types, rehearsal, status, requested_at, activated_at)
  values
    (${a.id}, ${a.partnerId}, ${a.cell}, ${a.name}, ${a.authentication}, ${a.senderConstraint}, ${json(a.jwks)},
     ${a.revealKey && json(a.revealKey)}, ${a.redirectUris}, ${a.grantTypes}, ${a.products}, ${a.scopes},
     ${a.authorizationDetailsTypes}, ${a.rehearsal}, ${a.status}, ${a.requestedAt}, ${a.status === 'active' ? a.requestedAt : null})
`

export const saveStatus = (
  db: Db,
  a: Pick<Application, 'id' | 'status'>,
  now: Temporal.Instant,
) => db.run`
  update partners.application
     set status = ${a.status},
         activated_at = case when ${a.status} = 'active' then ${now} else activated_at end,
         ended_at = case when ${a.status} in ('declined', 'revoked') then ${now}::timestamptz end
   where id = ${a.id}
`

/** All that an update may change. */
export const saveApplication = (db: Db, a: Application) => db.run`
  update partners.application
     set name = ${a.name}, authentication = ${a.authentication}, sender_constraint = ${a.senderConstraint},
         jwks = ${json(a.jwks)}, reveal_key = ${a.revealKey && json(a.revealKey)}, redirect_uris = ${a.redirectUris},
         grant_types = ${a.grantTypes}, products = ${a.products}, scopes = ${a.scopes},
         authorization_details_types = ${a.authorizationDetailsTypes}
   where id = ${a.id}
`

const KeyRow = z.object({
  sha256: z.string(),
  partnerId: z.string(),
  cell: z.string(),
  purpose: z.string(),
  retired: z.boolean(),
})

/** Takes the key for (partner, cell), or answers who has had it since before. The first of two at once wins. */
export const claimKey = async (
  db: Db,
  key: AskedKey,
  owner: { partnerId: PartnerId; cell: Cell },
  now: Temporal.Instant,
) => {
  await db.run`
    insert into partners.key (sha256, partner_id, cell, purpose, first_seen_at)
    values (${key.sha256}, ${owner.partnerId}, ${owner.cell}, ${key.purpose}, ${now})
    on conflict (sha256) do nothing
  `
  return db.one(KeyRow)`
    select sha256, partner_id as "partnerId", cell, purpose, retired_at is not null as retired
      from partners.key
     where sha256 = ${key.sha256}
  `
}

export const retireKeys = (db: Db, keys: readonly string[], now: Temporal.Instant) => db.run`
  update partners.key set retired_at = ${now} where sha256 = any(${keys}) and retired_at is null
`

const certificateColumns = sql`
  c.sha256, c.application_id as "applicationId", c.key_sha256 as "keySha256", c.serial_number as "serialNumber", c.pem,
  c.self_signed as "selfSigned", c.issued_at as "issuedAt", c.not_after as "notAfter", c.revoked_at as "revokedAt"
`

export const findCertificate = (db: Db, sha256: string) =>
  db.maybe(
    Certificate,
  )`select ${certificateColumns} from partners.certificate c where sha256 = ${sha256}`

/** Certificates of an application, newest first: those in force and those that ended. */
export const listCertificates = (db: Db, applicationIds: readonly ApplicationId[]) =>
  db.many(Certificate)`
    select ${certificateColumns}
      from partners.certificate c
     where c.application_id = any(${applicationIds})
     order by c.issued_at desc, c.sha256
     limit 10000
  `

/** All that are in force in a cell at a moment, for those who compile. */
export const certificatesOfCell = (db: Db, cell: Cell, now: Temporal.Instant) =>
  db.many(Certificate)`
    select ${certificateColumns}
      from partners.certificate c
      join partners.application a on a.id = c.application_id
     where a.cell = ${cell}
       and a.status = 'active'
       and c.revoked_at is null
       and c.not_after > ${now}
     order by c.sha256
     limit 50000
  `

export const insertCertificate = (db: Db, c: Certificate) => db.run`
  insert into partners.certificate (sha256, application_id, key_sha256, serial_number, pem, self_signed, issued_at, not_after)
  values (${c.sha256}, ${c.applicationId}, ${c.keySha256}, ${c.serialNumber}, ${c.pem}, ${c.selfSigned}, ${c.issuedAt},
          ${c.notAfter})
`

export const revokeCertificates = (
  db: Db,
  sha256s: readonly string[],
  now: Temporal.Instant,
) => db.run`
  update partners.certificate set revoked_at = ${now} where sha256 = any(${sha256s}) and revoked_at is null
`
