import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeSet, isExpired, stillNeeded } from './change-set.ts'

/** A change as staff read it. `status` is `expired` from the moment that its time is over. */
export const ChangeView = ChangeSet.extend({
  proposedAt: Instant,
  expiresAt: Instant,
  decidedAt: Instant.nullable(),
  /** How many more people have to approve. */
  stillNeeded: z.number().int(),
})
export type ChangeView = z.output<typeof ChangeView>

export const viewOfChange = (change: ChangeSet, now: Temporal.Instant): ChangeView => ({
  ...change,
  status: isExpired(change, now) ? 'expired' : change.status,
  stillNeeded: change.status === 'proposed' ? stillNeeded(change) : 0,
})

/** A change as the partner who asked for it reads it: that it waits, and on how many; not on whom. */
export const AskedChangeView = ChangeView.pick({
  id: true,
  kind: true,
  subject: true,
  hash: true,
  status: true,
  proposedAt: true,
  expiresAt: true,
  stillNeeded: true,
})
