import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { Work } from '#journal/index.ts'
import { sql } from '#platform/sql.ts'
import type { Partner, PartnerId } from './partner.ts'
import type { Person } from './person.ts'
import { Visit } from './visit.ts'

const columns = sql`partner_id as "partnerId", person_id as "personId", ends_at as "endsAt"`
const open = sql`claimed_at is null and ended_at is null`

export const insert = (db: Db, v: Visit, secretSha256: Uint8Array, now: Temporal.Instant) => db.run`
  insert into partners.visit (partner_id, person_id, secret_sha256, began_at, ends_at)
  values (${v.partnerId}, ${v.personId}, ${secretSha256}, ${now}, ${v.endsAt})
`

export const countOpen = async (db: Db): Promise<number> => {
  const { count } = await db.one(z.object({ count: z.bigint() }))`
    select count(*) as count from partners.visit where ${open}
  `
  return Number(count)
}

export const find = (db: Db, partnerId: PartnerId) =>
  db.maybe(Visit)`select ${columns} from partners.visit where partner_id = ${partnerId} and ${open}`

export const findOpen = (db: Db, secretSha256: Uint8Array, now: Temporal.Instant) =>
  db.maybe(Visit)`
    select ${columns}
      from partners.visit
     where secret_sha256 = ${secretSha256} and ends_at > ${now} and ${open}
  `

export const listOver = (db: Db, now: Temporal.Instant) =>
  db.many(Visit)`
    select ${columns}
      from partners.visit
     where ends_at <= ${now} and ${open}
     order by ends_at, partner_id
     limit 100
  `

/** Answers whether it was open until now: claimed and ended at once, one of them is first. */
export const close = async (
  work: Work,
  { partnerId }: Visit,
  how: 'claimed' | 'ended',
): Promise<boolean> => {
  const at = how === 'claimed' ? sql`claimed_at` : sql`ended_at`
  const closed = await work.run`
    update partners.visit set ${at} = ${work.now} where partner_id = ${partnerId} and ${open}
  `
  return closed === 1
}

/** Gives organisation and person their names. */
export const name = async (db: Db, partner: Partner, person: Person, passwordHash: string) => {
  await db.run`
    update partners.partner
       set organisation = ${partner.organisation}, legal_name = ${partner.legalName}, country = ${partner.country},
           declared_statuses = ${partner.declaredStatuses}
     where id = ${partner.id}
  `
  await db.run`
    update partners.person
       set name = ${person.name}, email = ${person.email}, roles = ${person.roles}, password_hash = ${passwordHash}
     where id = ${person.id}
  `
}
