import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { z } from 'zod'
import { Organisation } from './organisation.ts'
import { Challenge, type ChallengeId, Customer, type CustomerId, type Guesses } from './customer.ts'

const columns = sql`
  id, core_ref as "coreRef", display_name as "displayName", login, password, second_factor as "secondFactor",
  totp_secret as "totpSecret", totp_last_step as "totpLastStep"
`

export const find = (db: Db, id: CustomerId) =>
  db.maybe(Customer)`select ${columns} from customers.customer where id = ${id}`

export const findByLogin = (db: Db, login: string) =>
  db.maybe(Customer)`select ${columns} from customers.customer where login = ${login}`

export const findByRef = (db: Db, coreRef: string) =>
  db.maybe(Customer)`select ${columns} from customers.customer where core_ref = ${coreRef}`

/**
 * Holds the customer until the transaction ends, so that one code is not used twice. Not against rows that name the
 * customer: a sign-in that begins at the same moment holds its guesses and writes such a row, and each waited for the other.
 */
export const lock = (db: Db, id: CustomerId) =>
  db.one(Customer)`select ${columns} from customers.customer where id = ${id} for no key update`

export const add = (db: Db, c: Customer) => db.run`
  insert into customers.customer
    (id, core_ref, display_name, login, password, second_factor, totp_secret, totp_last_step)
  values
    (${c.id}, ${c.coreRef}, ${c.displayName}, ${c.login}, ${c.password}, ${c.secondFactor}, ${c.totpSecret},
     ${c.totpLastStep})
  on conflict do nothing
`

export const useStep = (db: Db, id: CustomerId, step: bigint) =>
  db.run`update customers.customer set totp_last_step = ${step} where id = ${id}`

const GuessRow = z.object({ failures: z.number(), notBefore: z.instanceof(Temporal.Instant) })

/** The guesses of a login, held until the transaction ends: tries at the same moment are counted one by one. */
export const lockGuesses = async (
  db: Db,
  login: Uint8Array,
  now: Temporal.Instant,
): Promise<Guesses> => {
  await db.run`
    insert into customers.guess (login_sha256, failures, not_before, touched_at)
    values (${login}, 0, ${now}, ${now})
    on conflict do nothing
  `
  return db.one(GuessRow)`
    select failures, not_before as "notBefore" from customers.guess where login_sha256 = ${login} for update
  `
}

export const saveGuesses = (db: Db, login: Uint8Array, guesses: Guesses, now: Temporal.Instant) =>
  db.run`
    update customers.guess
       set failures = ${guesses.failures}, not_before = ${guesses.notBefore}, touched_at = ${now}
     where login_sha256 = ${login}
  `

export const forgetGuesses = (db: Db, login: Uint8Array) =>
  db.run`delete from customers.guess where login_sha256 = ${login}`

const challengeColumns = sql`
  id, customer_id as "customerId", code_sha256 as "codeSha256", tries, expires_at as "expiresAt", used
`

export const addChallenge = (db: Db, c: Challenge) => db.run`
  insert into customers.challenge (id, customer_id, code_sha256, expires_at)
  values (${c.id}, ${c.customerId}, ${c.codeSha256}, ${c.expiresAt})
`

export const lockChallenge = (db: Db, id: ChallengeId) =>
  db.maybe(
    Challenge,
  )`select ${challengeColumns} from customers.challenge where id = ${id} for update`

export const saveChallenge = (db: Db, { id, tries, used }: Challenge) =>
  db.run`update customers.challenge set tries = ${tries}, used = ${used} where id = ${id}`

/** What nobody can use any more. */
export const sweep = async (db: Db, now: Temporal.Instant) => {
  await db.run`delete from customers.challenge where expires_at < ${now}`
  await db.run`delete from customers.guess where touched_at < ${now.subtract({ hours: 24 })}`
}

export const addAlias = (
  db: Db,
  alias: { subject: string; partnerId: string; customerRef: string },
) => db.run`
  insert into customers.alias (subject, partner_id, customer_ref)
  values (${alias.subject}, ${alias.partnerId}, ${alias.customerRef})
  on conflict do nothing
`

const AliasRow = z.object({ customerRef: z.string() })

export const customerRefOf = async (db: Db, partnerId: string, subject: string) =>
  (
    await db.maybe(AliasRow)`
      select customer_ref as "customerRef"
        from customers.alias
       where subject = ${subject} and partner_id = ${partnerId}
    `
  )?.customerRef

/** Companies that a customer signs for, each with all who do. */
export const organisationsOf = (db: Db, customerId: CustomerId) => db.many(Organisation)`
  select o.core_ref as "coreRef", o.display_name as "displayName", o.signatures,
         (select array_agg(s.customer_id order by s.customer_id)
            from customers.signatory s
           where s.core_ref = o.core_ref) as signatories
    from customers.organisation o
    join customers.signatory mine on mine.core_ref = o.core_ref
   where mine.customer_id = ${customerId}
   order by o.core_ref
   limit 50
`

export const addOrganisation = (
  db: Db,
  o: { coreRef: string; displayName: string; signatures: number },
) => db.run`
  insert into customers.organisation (core_ref, display_name, signatures)
  values (${o.coreRef}, ${o.displayName}, ${o.signatures})
  on conflict do nothing
`

export const addSignatory = (db: Db, coreRef: string, customerId: CustomerId) => db.run`
  insert into customers.signatory (core_ref, customer_id)
  values (${coreRef}, ${customerId})
  on conflict do nothing
`
