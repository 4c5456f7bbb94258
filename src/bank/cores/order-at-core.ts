/** Orders that the bank gave its core, as the room that gave them knows them: what the core's own statements are compared with. */
import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { Db } from '#platform/db.ts'

const Instant = z.instanceof(Temporal.Instant)

export const OrderAtCore = z.object({
  reference: z.string(),
  /** `accepted`: the core took it and the money left the account; it is booked at the other bank later. */
  status: z.enum(['open', 'accepted', 'booked', 'rejected']),
  /** The account that it moves money of, and by how much: negative where money leaves it. */
  accountRef: z.string(),
  minor: z.bigint(),
  currency: Currency,
  writtenAt: Instant,
  /** The core had booked it by then; later than it was, where the room does not keep the moment. */
  bookedAt: Instant,
})
export type OrderAtCore = z.output<typeof OrderAtCore>

/** Of one moment to another, in pages by reference. */
export interface BookedWhen {
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
  /** A reference, exclusive. */
  readonly after: string
  readonly limit: number
}

/** What a room that gives the core orders says of them. */
export interface OrdersAtCore {
  readonly room: string
  byReference(db: Db, references: readonly string[]): Promise<OrderAtCore[]>
  /** Those that are booked, by `bookedAt`. */
  bookedBetween(db: Db, when: BookedWhen): Promise<OrderAtCore[]>
}

export const HeldAtCore = z.object({
  reference: z.string(),
  accountRef: z.string(),
  minor: z.bigint(),
  currency: Currency,
})
/** What of a hold the core was left with, as the room that placed it knows it. */
export type HeldAtCore = z.output<typeof HeldAtCore>
