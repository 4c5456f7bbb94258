/**
 * Values by which a person could be known, as a line may hold them: a digest under a salt of their subject's own, kept apart
 * from the lines. When the salt is forgotten nobody can tell what was meant, and every line verifies as before.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { Work } from './index.ts'

const SALT_BYTES = 32
const Salt = z.object({ salt: z.instanceof(Uint8Array) })

const digest = (salt: Uint8Array, value: string): string =>
  `ref_${createHmac('sha256', salt).update(value.normalize('NFC')).digest('hex')}`

/** What stands for this value of this subject in a line: the same each time, until the subject is forgotten. */
export const reference = async (work: Work, subject: string, value: string): Promise<string> => {
  await work.run`
    insert into journal.salt (subject, salt)
    values (${subject}, ${randomBytes(SALT_BYTES)})
    on conflict (subject) do nothing
  `
  const { salt } = await work.one(Salt)`select salt from journal.salt where subject = ${subject}`
  return digest(salt, value)
}

/** Whether a reference is of this value; `undefined` where its subject was forgotten, and nobody can know. */
export const refersTo = async (
  db: Db,
  asked: { reference: string; subject: string; value: string },
): Promise<boolean | undefined> => {
  const known = await db.maybe(Salt)`select salt from journal.salt where subject = ${asked.subject}`
  return known && digest(known.salt, asked.value) === asked.reference
}

const Forgotten = z.object({ forgotten: z.boolean() })

/** Forgets what every reference of a subject meant; a line says that it was done. Answers whether there was anything. */
export const forget = async (work: Work, subject: string): Promise<boolean> => {
  const { forgotten } = await work.one(Forgotten)`select journal.forget(${subject}) as forgotten`
  if (forgotten) await work.record('journal.erased', subject, {})
  return forgotten
}
