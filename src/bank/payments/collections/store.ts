import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { type BookedWhen, OrderAtCore, type OrdersAtCore } from '../../cores/order-at-core.ts'
import { CollectionId } from './desk-contract.ts'

const Instant = z.instanceof(Temporal.Instant)

export const Collection = z.object({
  id: CollectionId,
  reference: z.string(),
  partnerId: z.string(),
  debtorNumber: z.string(),
  debtorRef: z.string().nullable(),
  creditorNumber: z.string(),
  amountMinor: z.bigint(),
  currency: Currency,
  text: z.string(),
  status: z.enum(['written', 'accepted', 'booked', 'rejected']),
  reasonCode: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  /** When it last went to the core; null: it never did. */
  sentAt: Instant.nullable(),
})
export type Collection = z.output<typeof Collection>

/** Writes it down where it is new; answers whether it was. */
export const write = async (db: Db, c: Collection): Promise<boolean> =>
  (await db.run`
    insert into payments.collection
      (id, reference, partner_id, debtor_number, debtor_ref, creditor_number, amount_minor, currency, text, status,
       reason_code, created_at, updated_at, sent_at)
    values (${c.id}, ${c.reference}, ${c.partnerId}, ${c.debtorNumber}, ${c.debtorRef}, ${c.creditorNumber},
            ${c.amountMinor}, ${c.currency}, ${c.text}, ${c.status}, ${c.reasonCode}, ${c.createdAt}, ${c.updatedAt},
            ${c.sentAt})
    on conflict (id) do nothing
  `) > 0

const columns = sql`
  id, reference, partner_id as "partnerId", debtor_number as "debtorNumber", debtor_ref as "debtorRef",
  creditor_number as "creditorNumber", amount_minor as "amountMinor", currency, text, status,
  reason_code as "reasonCode", created_at as "createdAt", updated_at as "updatedAt", sent_at as "sentAt"
`

export const find = (db: Db, id: string) =>
  db.maybe(Collection)`select ${columns} from payments.collection where id = ${id}`

/** Before every sending; answers whether it may be sent still. */
export const markSent = async (db: Db, id: string, at: Temporal.Instant): Promise<boolean> =>
  (await db.run`
    update payments.collection set sent_at = ${at} where id = ${id} and status in ('written', 'accepted')
  `) > 0

/** Ends what the core has not taken, unless it was sent once more meanwhile; answers whether it is so. */
export const giveUp = async (
  db: Db,
  { id, sentAt }: Collection,
  { reasonCode, at }: { reasonCode: string; at: Temporal.Instant },
): Promise<boolean> =>
  (await db.run`
    update payments.collection
       set status = 'rejected', reason_code = ${reasonCode}, updated_at = ${at}
     where id = ${id} and status = 'written' and sent_at is not distinct from ${sentAt}
  `) > 0

/** What the core said. What is final stays; answers whether it is news. */
export const saveOutcome = async (db: Db, c: Collection): Promise<boolean> =>
  (await db.run`
    update payments.collection
       set status = ${c.status}, reason_code = ${c.reasonCode}, updated_at = ${c.updatedAt}
     where id = ${c.id} and status in ('written', 'accepted') and status <> ${c.status}
  `) > 0

const orders = sql`
  select reference, case status when 'written' then 'open' else status end as status, debtor_ref as "accountRef",
         -amount_minor as minor, currency, created_at as "writtenAt", updated_at as "bookedAt"
    from payments.collection
   where debtor_ref is not null
`

/** Collections as they must stand in the core's own statements. */
export const collectionsAtCore: OrdersAtCore = {
  room: 'payments',
  byReference: (db: Db, references) =>
    db.many(OrderAtCore)`
      ${orders} and reference = any(${references}) order by reference limit 10000
    `,
  bookedBetween: (db: Db, { from, to, after, limit }: BookedWhen) =>
    db.many(OrderAtCore)`
      ${orders} and status = 'booked' and updated_at >= ${from} and updated_at < ${to} and reference > ${after}
       order by reference
       limit ${limit}
    `,
}
