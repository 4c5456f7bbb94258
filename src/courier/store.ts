import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import type { Event } from './event.ts'

const Cursor = z.object({ seq: z.bigint() })

/** The last place of the journal that was taken over. */
export const cursor = async (db: Db): Promise<bigint> =>
  (await db.one(Cursor)`select seq from courier.cursor`).seq

/** Holds the cursor until the transaction ends: of two couriers at once, one waits and then finds the work done. */
export const lockCursor = async (db: Db): Promise<bigint> =>
  (await db.one(Cursor)`select seq from courier.cursor for update`).seq

export const moveCursor = (db: Db, seq: bigint) => db.run`update courier.cursor set seq = ${seq}`

export const add = (db: Db, event: Event) => db.run`
  insert into courier.event (id, seq, type, subject, partner_id, application_id, happened_at)
  values (${event.id}, ${event.seq}, ${event.type}, ${event.subject}, ${event.partnerId}, ${event.applicationId},
          ${event.happenedAt})
`
