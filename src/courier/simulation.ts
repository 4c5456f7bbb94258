/** What a partner wished of its sandbox: storms, duplicates, and events in the wrong order. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Entry } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { catalogue } from './catalogue.ts'
import * as deliveries from './delivery-store.ts'
import type { NewEvent } from './event.ts'
import * as store from './store.ts'

const WISH = 'sandbox.webhooks-simulated'

const Wish = z.object({
  partnerId: z.string(),
  applicationId: z.string().nullish(),
  kind: z.enum(['storm', 'duplicate', 'reorder']),
  count: z.int().min(1).max(1_000),
  type: z
    .string()
    .refine((type) => catalogue.has(type))
    .default('sandbox.simulated'),
})

export const isWish = (entry: Entry): boolean => entry.event === WISH

/** Carries a wish out, in the transaction that takes its line over. Hold the lanes. */
export const simulate = async (tx: Db, entry: Entry, now: Temporal.Instant): Promise<void> => {
  const parsed = Wish.safeParse(entry.data)
  if (!parsed.success) return
  const { kind, count, partnerId, type } = parsed.data
  const applicationId = parsed.data.applicationId ?? null
  if (kind === 'duplicate') {
    await deliveries.duplicate(tx, { partnerId, applicationId, count }, now)
    return
  }
  const events = Array.from({ length: count }, (_, n): NewEvent => {
    const id = digest(`${entry.seq} ${n}`, entry.hash)
    const subject = `simulated_${kind === 'storm' ? id : digest('subject', entry.hash)}`
    return {
      id: `event_${id}`,
      seq: undefined,
      source: 'simulated',
      type,
      subject,
      partnerId,
      applicationId: applicationId ?? undefined,
      happenedAt: Temporal.Instant.from(entry.at),
      facts: {},
    }
  })
  const ids = await store.add(tx, events)
  await deliveries.owe(tx, ids, now)
  if (kind === 'reorder')
    await deliveries.reverse(
      tx,
      events.map(({ id }) => id),
      now,
    )
}

const digest = (what: string, hash: Uint8Array): string =>
  createHash('sha256').update(hash).update(what).digest('hex').slice(0, 32)
