/** Webhooks that come twice: what was wished for is kept until the courier can be told, whoever dies meanwhile. */
import { z } from 'zod'
import { work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'

/** By then the events of a payment have been delivered once. In real time, as everything of the courier. */
const DELIVERED_SECONDS = 3

/** That the webhook of an order comes twice; the same order wishes once. */
export const wishTwice = async (
  db: Db,
  { reference, partnerId, now }: { reference: string; partnerId: string; now: Temporal.Instant },
): Promise<void> => {
  const dueAt = now.add({ seconds: DELIVERED_SECONDS })
  await db.run`
    insert into worlds.wish (reference, partner_id, due_at) values (${reference}, ${partnerId}, ${dueAt})
    on conflict do nothing
  `
}

/** As long as worlds are kept: by then nobody sends an order again. */
const KEPT_HOURS = 90 * 24
const SWEPT_AT_ONCE = 1_000

/** Forgets what was said long ago, some at a time. */
export const sweepWishes = (db: Db, now: Temporal.Instant): Promise<number> => db.run`
  delete from worlds.wish
   where reference = any (array(
     select reference from worlds.wish
      where said_at < ${now.subtract({ hours: KEPT_HOURS })}
      order by said_at
      limit ${SWEPT_AT_ONCE}))
`

const Wish = z.object({ reference: z.string(), partnerId: z.string() })
const BATCH = 100

/** Says in the journal, where the courier reads it, what was wished and is due: each once. Answers how many. */
export const sayWishes = (db: Postgres, now: Temporal.Instant): Promise<number> =>
  work(db, 'system', now, async (w) => {
    const due = await w.many(Wish)`
      select reference, partner_id as "partnerId"
        from worlds.wish
       where said_at is null and due_at <= ${now}
       order by due_at, reference
       limit ${BATCH}
         for update skip locked
    `
    for (const { reference, partnerId } of due) {
      await w.run`update worlds.wish set said_at = ${now} where reference = ${reference}`
      const wish = { partnerId, kind: 'duplicate', count: 1 }
      await w.record('sandbox.webhooks-simulated', partnerId, wish)
    }
    return due.length
  })
