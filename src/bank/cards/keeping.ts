/** How a partner's things of the room are kept: made once for their key, and changed one by one under a lock. */
import { type Actor, type Work, work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { keyReused, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'

interface Kept {
  readonly id: string
  readonly partnerId: string
}
interface Made extends Kept {
  readonly applicationId: string | null
  readonly idempotencyKey: string
  readonly bodySha256: string
}

/** What is made, or what was made before by the same request. */
export const madeOnce = async <T extends Made>(
  w: Work,
  made: T,
  {
    store,
    event,
    noun,
  }: {
    store: {
      add(db: Db, made: T): Promise<boolean>
      findByKey(db: Db, partnerId: string, key: string): Promise<T | undefined>
    }
    event: string
    /** As the partner calls it. */
    noun: string
  },
): Promise<T> => {
  const { id, partnerId, applicationId, idempotencyKey, bodySha256 } = made
  if (await store.add(w, made)) {
    await w.record(event, id, { partnerId, applicationId })
    return made
  }
  const held = await store.findByKey(w, partnerId, idempotencyKey)
  if (held?.bodySha256 !== bodySha256) throw keyReused(`choose a new key for a new ${noun}`)
  return held
}

/** In effect before it is answered. What the change leaves as it was is neither saved nor told. */
export const changed = <T extends Kept>(
  { db, now }: Pick<BankWorld, 'db' | 'now'>,
  actor: Actor,
  {
    store,
    id,
    partnerId,
    event,
  }: {
    store: {
      lock(db: Db, id: string, partnerId?: string): Promise<T | undefined>
      save(db: Db, after: T): Promise<unknown>
    }
    id: T['id']
    /** Whose it must be; anybody's where the bank itself changes it. */
    partnerId?: string | undefined
    event: string
  },
  change: (before: T, at: Temporal.Instant) => T,
): Promise<T> =>
  work(db, actor, now(), async (w) => {
    const before = await store.lock(w, id, partnerId)
    if (!before) throw notFound()
    const after = change(before, w.now)
    if (after === before) return before
    await store.save(w, after)
    await w.record(event, after.id, { partnerId: after.partnerId })
    return after
  })
