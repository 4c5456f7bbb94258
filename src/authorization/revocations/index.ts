/** What no gateway of the cell may accept any longer. The row is the record; the database's notification carries it. */
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import type { RevokedKind } from './revocation.ts'
import * as store from './store.ts'

export type { RevokedKind } from './revocation.ts'

/** The ceiling of a token's life and a minute for clocks that differ: after it nothing that is denied can live. */
const DENIED_FOR = Temporal.Duration.from({ minutes: 11 })

/** Denies in the transaction of its cause: both are committed, or neither. */
export const deny = async (
  work: Work,
  kind: RevokedKind,
  id: string,
  lasting: Temporal.Duration = DENIED_FOR,
): Promise<void> => {
  await store.insert(work, { kind, id, at: work.now, expiresAt: work.now.add(lasting) })
}

/** For what is asked here and not at a gateway. */
export const isDenied = async (db: Db, kind: RevokedKind, id: string): Promise<boolean> =>
  (await store.find(db, kind, id)) !== undefined
