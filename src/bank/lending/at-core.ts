/** Payouts of loans as they must stand in the core's own statements. */
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { type BookedWhen, OrderAtCore, type OrdersAtCore } from '../cores/order-at-core.ts'

/** When a payout was booked is not kept: a day after it was written it was, or is looked at by people. */
const orders = sql`
  select p.reference, case p.status when 'written' then 'open' else p.status end as status,
         f.account_ref as "accountRef", -p.amount_minor as minor, l.currency,
         p.created_at as "writtenAt", p.created_at + interval '1 day' as "bookedAt"
    from lending.payout p
    join lending.loan l on l.ref = p.loan
    join lending.fund f on f.currency = l.currency
`

export const payoutsAtCore: OrdersAtCore = {
  room: 'lending',
  byReference: (db: Db, references) =>
    db.many(OrderAtCore)`
      ${orders} where p.reference = any(${references}) order by p.reference limit 10000
    `,
  bookedBetween: (db: Db, { from, to, after, limit }: BookedWhen) =>
    db.many(OrderAtCore)`
      ${orders}
       where p.status = 'booked' and p.created_at >= ${from.subtract({ hours: 24 })}
         and p.created_at < ${to.subtract({ hours: 24 })} and p.reference > ${after}
       order by p.reference
       limit ${limit}
    `,
}
