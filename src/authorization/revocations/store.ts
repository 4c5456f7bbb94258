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
