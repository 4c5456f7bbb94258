/** Transfers as they must stand in the core's own statements. */
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { type BookedWhen, OrderAtCore, type OrdersAtCore } from '../cores/order-at-core.ts'

const orders = sql`
  select reference, case status when 'written' then 'open' else status end as status,
         debtor_ref as "accountRef", -amount_minor as minor, currency,
         created_at as "writtenAt", updated_at as "bookedAt"
    from payments.transfer
`

export const transfersAtCore: OrdersAtCore = {
  room: 'payments',
  byReference: (db: Db, references) =>
    db.many(OrderAtCore)`
      ${orders} where reference = any(${references}) order by reference limit 10000
    `,
  bookedBetween: (db: Db, { from, to, after, limit }: BookedWhen) =>
    db.many(OrderAtCore)`
      ${orders}
       where status = 'booked' and updated_at >= ${from} and updated_at < ${to} and reference > ${after}
       order by reference
       limit ${limit}
    `,
}
