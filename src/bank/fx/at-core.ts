/** Legs of exchanges as they must stand in the core's own statements. */
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { type BookedWhen, OrderAtCore, type OrdersAtCore } from '../cores/order-at-core.ts'

/** When a leg was booked is not kept: a day after it was written it was, or is looked at by people. */
const orders = sql`
  select reference, coalesce(outcome, 'open') as status, debtor_ref as "accountRef", -amount_minor as minor, currency,
         created_at as "writtenAt", created_at + interval '1 day' as "bookedAt"
    from fx.leg
`

export const legsAtCore: OrdersAtCore = {
  room: 'fx',
  byReference: (db: Db, references) =>
    db.many(OrderAtCore)`
      ${orders} where reference = any(${references}) order by reference limit 10000
    `,
  bookedBetween: (db: Db, { from, to, after, limit }: BookedWhen) =>
    db.many(OrderAtCore)`
      ${orders}
       where outcome = 'booked' and created_at >= ${from.subtract({ hours: 24 })}
         and created_at < ${to.subtract({ hours: 24 })} and reference > ${after}
       order by reference
       limit ${limit}
    `,
}
