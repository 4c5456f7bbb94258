/** What the room needs to know of an office to let its people prove themselves: whose sessions, and who they are. */
import type { Db } from '#platform/db.ts'
import type { Actor } from '#journal/index.ts'
import type { Standing } from './freshness.ts'
import type { Session, SignIns } from './sessions.ts'
import { holdsAny } from './store.ts'

export interface Holder {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly emailProven: boolean
}

export interface Entrance {
  readonly signIns: SignIns
  readonly actor: (holder: string) => Actor
  /** The one of this id, while they belong here. */
  readonly find: (db: Db, holder: string) => Promise<Holder | undefined>
}

/** What a session has proven. That a holder has a second factor is looked up only where none was proven yet. */
export const standingOf = async (
  db: Db,
  { holder, factorAt }: Pick<Session, 'holder' | 'factorAt'>,
  emailProven: boolean,
): Promise<Standing> => ({
  factor: factorAt ? 'proven' : (await holdsAny(db, holder)) ? 'asked' : 'missing',
  factorAt,
  emailProven,
})
