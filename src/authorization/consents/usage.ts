/** How much of the unattended budget is left (RTS Art. 36(5)(b), O57), and when the consent was last used. */
import type { Db } from '#platform/db.ts'
import type { Consent } from './consent.ts'
import * as store from './store.ts'

export interface Usage {
  readonly lastAccess: store.LastAccess | undefined
  /** Of each account and family that was read in the last 24 hours; of the others nothing is used. */
  readonly budgets: readonly {
    readonly account: string | null
    readonly family: string
    readonly allowed: number
    readonly used: number
    readonly remaining: number
    /** When one more is left again. */
    readonly resetAt: Temporal.Instant
  }[]
}

const WINDOW = { hours: 24 }

export const usageOf = async (db: Db, consent: Consent, now: Temporal.Instant): Promise<Usage> => {
  const { id, frequencyPerDay: allowed } = consent
  const rows = await store.accessesSince(db, id, now.subtract(WINDOW))
  const [lastAccess] = await store.lastAccesses(db, [id])
  return {
    lastAccess,
    budgets: rows.map(({ account, family, used, firstAt }) => ({
      account: account === '' ? null : account,
      family,
      allowed,
      used,
      remaining: Math.max(0, allowed - used),
      resetAt: firstAt.add(WINDOW),
    })),
  }
}
