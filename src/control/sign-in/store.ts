import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'

const Totp = z.object({
  sealed: z.instanceof(Uint8Array),
  confirmed: z.boolean(),
  lastStep: z.bigint().nullable(),
})

/** Holds the app's row until the transaction ends: of two who show one code at once, one is second. */
export const lockTotp = (db: Db, holder: string) =>
  db.maybe(Totp)`
    select sealed, confirmed_at is not null as confirmed, last_step as "lastStep"
      from sign_in.totp
     where holder = ${holder}
       for update
  `

/** A new app, to be confirmed by a code; one that was begun and never confirmed gives way. */
export const insertTotp = async (db: Db, holder: string, sealed: Uint8Array): Promise<boolean> =>
  (await db.run`
    insert into sign_in.totp (holder, sealed) values (${holder}, ${sealed})
    on conflict (holder) do update set sealed = excluded.sealed where totp.confirmed_at is null
  `) === 1

export const saveStep = (db: Db, holder: string, step: bigint, now: Temporal.Instant) => db.run`
  update sign_in.totp
     set last_step = ${step}, confirmed_at = coalesce(confirmed_at, ${now})
   where holder = ${holder}
`

export const confirmTotp = (db: Db, holder: string, now: Temporal.Instant) =>
  db.run`update sign_in.totp set confirmed_at = ${now} where holder = ${holder}`

export const deleteTotp = async (db: Db, holder: string): Promise<boolean> =>
  (await db.run`delete from sign_in.totp where holder = ${holder}`) === 1

export const replaceRecoveryCodes = async (db: Db, holder: string, digests: readonly Buffer[]) => {
  await db.run`delete from sign_in.recovery_code where holder = ${holder}`
  for (const digest of digests)
    await db.run`insert into sign_in.recovery_code (holder, digest) values (${holder}, ${digest})`
}

/** Uses a code up; answers whether it was there to be used. */
export const useRecoveryCode = async (
  db: Db,
  holder: string,
  digest: Buffer,
  now: Temporal.Instant,
): Promise<boolean> =>
  (await db.run`
    update sign_in.recovery_code set used_at = ${now}
     where holder = ${holder} and digest = ${digest} and used_at is null
  `) === 1

const Held = z.object({ totp: z.boolean(), recoveryCodes: z.number() })

export const heldBy = (db: Db, holder: string) =>
  db.one(Held)`
    select exists (select from sign_in.totp where holder = ${holder} and confirmed_at is not null) as totp,
           (select count(*)::int from sign_in.recovery_code where holder = ${holder} and used_at is null)
             as "recoveryCodes"
  `

const Any = z.object({ any: z.boolean() })

/** Whether the holder has a second factor at all. */
export const holdsAny = async (db: Db, holder: string): Promise<boolean> =>
  (
    await db.one(Any)`
      select exists (select from sign_in.totp where holder = ${holder} and confirmed_at is not null)
          or exists (select from sign_in.passkey where holder = ${holder}) as any
    `
  ).any

export const Passkey = z.object({
  /** Base64url, as authenticators name it. */
  id: z.string(),
  holder: z.string(),
  publicKey: z.instanceof(Uint8Array),
  counter: z.bigint(),
  transports: z.array(z.string()),
  name: z.string(),
  /** Kept by its maker's cloud and on several devices. */
  synced: z.boolean(),
  addedAt: z.instanceof(Temporal.Instant),
  lastUsedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Passkey = z.output<typeof Passkey>

const columns = sql`
  id, holder, public_key as "publicKey", counter, transports, name, synced, added_at as "addedAt",
  last_used_at as "lastUsedAt"
`

export const findPasskey = (db: Db, id: string) =>
  db.maybe(Passkey)`select ${columns} from sign_in.passkey where id = ${id}`

export const listPasskeys = (db: Db, holder: string) =>
  db.many(Passkey)`
    select ${columns} from sign_in.passkey where holder = ${holder} order by added_at, id limit 50
  `

export const insertPasskey = async (db: Db, p: Passkey): Promise<boolean> =>
  (await db.run`
    insert into sign_in.passkey (id, holder, public_key, counter, transports, name, synced, added_at)
    values (${p.id}, ${p.holder}, ${p.publicKey}, ${p.counter}, ${p.transports}, ${p.name}, ${p.synced}, ${p.addedAt})
    on conflict (id) do nothing
  `) === 1

/** Keeps the counter; answers false where another use has counted as far already: two devices hold one key. */
export const countPasskey = async (
  db: Db,
  id: string,
  counter: number,
  now: Temporal.Instant,
): Promise<boolean> =>
  (await db.run`
    update sign_in.passkey set counter = ${counter}, last_used_at = ${now}
     where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter} = 0))
  `) === 1

export const savePasskeyName = async (
  db: Db,
  holder: string,
  id: string,
  name: string,
): Promise<boolean> =>
  (await db.run`update sign_in.passkey set name = ${name} where holder = ${holder} and id = ${id}`) ===
  1

export const deletePasskey = async (db: Db, holder: string, id: string): Promise<boolean> =>
  (await db.run`delete from sign_in.passkey where holder = ${holder} and id = ${id}`) === 1

export const deleteAll = async (db: Db, holder: string) => {
  await db.run`delete from sign_in.totp where holder = ${holder}`
  await db.run`delete from sign_in.recovery_code where holder = ${holder}`
  await db.run`delete from sign_in.passkey where holder = ${holder}`
}

export const Challenge = z.object({
  purpose: z.enum(['sign-in', 'factor', 'registration', 'signature']),
  office: z.enum(['portal', 'console']),
  holder: z.string().nullable(),
  about: z.string().nullable(),
  nonce: z.string().nullable(),
  expiresAt: z.instanceof(Temporal.Instant),
})
export type Challenge = z.output<typeof Challenge>

export const insertChallenge = (db: Db, digest: Buffer, c: Challenge) => db.run`
  insert into sign_in.challenge (digest, purpose, office, holder, about, nonce, expires_at)
  values (${digest}, ${c.purpose}, ${c.office}, ${c.holder}, ${c.about}, ${c.nonce}, ${c.expiresAt})
`

/** Takes a challenge: it is answered once, well or badly. */
export const takeChallenge = async (db: Db, digest: Buffer): Promise<Challenge | undefined> => {
  const [taken] = await db.many(Challenge)`
    delete from sign_in.challenge
     where digest = ${digest}
    returning purpose, office, holder, about, nonce, expires_at as "expiresAt"
  `
  return taken
}

export const MailCode = z.object({
  digest: z.instanceof(Uint8Array).nullable(),
  sentAt: z.instanceof(Temporal.Instant),
  expiresAt: z.instanceof(Temporal.Instant),
  triesLeft: z.number(),
})

export const lockMailCode = (db: Db, holder: string) =>
  db.maybe(MailCode)`
    select digest, sent_at as "sentAt", expires_at as "expiresAt", tries_left as "triesLeft"
      from sign_in.mail_code
     where holder = ${holder}
       for update
  `

export const saveMailCode = (db: Db, holder: string, c: z.output<typeof MailCode>) => db.run`
  insert into sign_in.mail_code (holder, digest, sent_at, expires_at, tries_left)
  values (${holder}, ${c.digest}, ${c.sentAt}, ${c.expiresAt}, ${c.triesLeft})
  on conflict (holder) do update
     set digest = excluded.digest, sent_at = excluded.sent_at, expires_at = excluded.expires_at,
         tries_left = excluded.tries_left
`

export const countMailTry = (db: Db, holder: string) =>
  db.run`update sign_in.mail_code set tries_left = tries_left - 1 where holder = ${holder}`

export const deleteMailCode = (db: Db, holder: string) =>
  db.run`delete from sign_in.mail_code where holder = ${holder}`

/** What is over is not kept. */
export const forget = async (db: Db, now: Temporal.Instant) => {
  await db.run`delete from sign_in.challenge where expires_at < ${now}`
  await db.run`delete from sign_in.attempt where last_at < ${now.subtract({ hours: 24 })}`
  await db.run`delete from sign_in.mail_code where expires_at < ${now.subtract({ hours: 24 })}`
}
