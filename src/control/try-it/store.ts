import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { Work } from '#journal/index.ts'
import { sql } from '#platform/sql.ts'
import { ApplicationId, PartnerId } from '#control/partners/index.ts'

const Held = z.object({
  partnerId: PartnerId,
  applicationId: ApplicationId,
  sealedKey: z.instanceof(Uint8Array),
})
export type Held = z.output<typeof Held>

const columns = sql`
  partner_id as "partnerId", application_id as "applicationId", sealed_key as "sealedKey"
`

export const find = (db: Db, partnerId: PartnerId) =>
  db.maybe(Held)`select ${columns} from try_it.client where partner_id = ${partnerId}`

/** What is there, with this organisation's turn taken also where nothing is. */
export const lock = async (work: Work, partnerId: PartnerId) => {
  await work.run`select pg_advisory_xact_lock(hashtextextended(${`try-it ${partnerId}`}, 0))`
  return find(work, partnerId)
}

export const save = (work: Work, { partnerId, applicationId, sealedKey }: Held) => work.run`
  insert into try_it.client (partner_id, application_id, sealed_key, made_at)
  values (${partnerId}, ${applicationId}, ${sealedKey}, ${work.now})
  on conflict (partner_id) do update
    set application_id = excluded.application_id, sealed_key = excluded.sealed_key, made_at = excluded.made_at
`
