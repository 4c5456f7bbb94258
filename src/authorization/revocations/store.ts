import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { RevokedKind } from './revocation.ts'

/** Twice at one instant is as once: held, then ended. */
export const insert = (
  db: Db,
  row: { kind: RevokedKind; id: string; at: Temporal.Instant; expiresAt: Temporal.Instant },
) => db.run`
  insert into revocations.revocation (kind, id, at, expires_at)
  values (${row.kind}, ${row.id}, ${row.at}, ${row.expiresAt})
  on conflict (kind, id, at) do nothing
`

const Denied = z.object({ denied: z.boolean() })

export const find = (db: Db, kind: RevokedKind, id: string) => db.maybe(Denied)`
  select true as denied from revocations.revocation
   where kind = ${kind} and id = ${id} and expires_at > now()
   limit 1
`
