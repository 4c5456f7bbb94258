/** What card money did at the core, as it must stand in the core's own statements. */
import type { Db } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import {
  type BookedWhen,
  type HeldAtCore as Held,
  HeldAtCore,
  OrderAtCore,
  type OrdersAtCore,
} from '../../cores/order-at-core.ts'

const orders = sql`
  select o.reference, case when o.carried_at is null then 'open' else 'booked' end as status,
         c.funding_ref as "accountRef",
         case o.kind when 'credit' then o.amount_minor else -o.amount_minor end as minor, a.currency,
         o.written_at as "writtenAt", coalesce(o.carried_at, o.written_at) as "bookedAt"
    from cards.core_order o
    join cards.authorization a on a.id = o.authorization_id
    join cards.card c on c.id = a.card_id
   where o.kind in ('capture', 'credit') and c.funding_ref is not null
`

export const cardOrdersAtCore: OrdersAtCore = {
  room: 'cards',
  byReference: (db: Db, references) =>
    db.many(OrderAtCore)`
      ${orders} and o.reference = any(${references}) order by o.reference limit 10000
    `,
  bookedBetween: (db: Db, { from, to, after, limit }: BookedWhen) =>
    db.many(OrderAtCore)`
      ${orders} and o.carried_at >= ${from} and o.carried_at < ${to} and o.reference > ${after}
       order by o.reference
       limit ${limit}
    `,
}

/** What the core was told to hold and, until `end`, was not told to take or give back; in pages by reference. */
export const heldAtCore = (
  db: Db,
  { end, after, limit }: { end: Temporal.Instant; after: string; limit: number },
): Promise<Held[]> => db.many(HeldAtCore)`
  select a.hold_reference as reference, c.funding_ref as "accountRef", a.approved_minor - t.minor as minor, a.currency
    from cards.authorization a
    join cards.card c on c.id = a.card_id
    cross join lateral (
           select coalesce(bool_or(o.kind = 'cancel'), false) as cancelled,
                  coalesce(sum(o.amount_minor) filter (where o.kind in ('capture', 'release')), 0)::bigint as minor
             from cards.core_order o
            where o.authorization_id = a.id and o.carried_at < ${end}) t
   where a.approved and a.created_at < ${end} and a.hold_reference > ${after} and c.funding_ref is not null
     and (a.status = 'pending'
          or a.updated_at >= ${end}
          or exists (
               select 1
                 from cards.core_order o
                where o.authorization_id = a.id and (o.carried_at is null or o.carried_at >= ${end})))
     and not t.cancelled and a.approved_minor > t.minor
   order by a.hold_reference
   limit ${limit}
`
