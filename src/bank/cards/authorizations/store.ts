import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import type { Spent } from '../controls/controls.ts'
import { Authorization } from './authorization.ts'
import { Movement, Transaction } from './movement.ts'
import type { Due } from '../../world.ts'

const columns = sql`
  id, partner_id as "partnerId", card_id as "cardId", programme_id as "programmeId",
  network_reference as "networkReference", body_sha256 as "bodySha256", status, approved, decided_by as "decidedBy",
  decline_reason as "declineReason", currency, requested_minor as "requestedMinor",
  reserved_minor as "reservedMinor", approved_minor as "approvedMinor", held_minor as "heldMinor",
  cleared_minor as "clearedMinor", released_minor as "releasedMinor", merchant, channel,
  partial_approval as "partialApproval", partner_timed_out as "partnerTimedOut", hold_reference as "holdReference",
  created_at as "createdAt", expires_at as "expiresAt", updated_at as "updatedAt"
`

export const find = (db: Db, partnerId: string, id: string) =>
  db.maybe(Authorization)`
    select ${columns}
      from cards.authorization
     where id = ${id} and partner_id = ${partnerId} and approved is not null
  `

export const lock = (db: Db, id: string, partnerId?: string) => {
  const where = [sql`id = ${id}`]
  if (partnerId !== undefined) where.push(sql`partner_id = ${partnerId}`)
  return db.maybe(Authorization)`
    select ${columns} from cards.authorization where ${all(where)} for update
  `
}

export const findByReference = (db: Db, partnerId: string, networkReference: string) =>
  db.maybe(Authorization)`
    select ${columns}
      from cards.authorization
     where partner_id = ${partnerId} and network_reference = ${networkReference}
  `

export interface AuthorizationFilter {
  readonly partnerId: string
  readonly cardId?: string | undefined
  readonly status?: string | undefined
  readonly before?: string
  readonly limit: number
}

export const list = (db: Db, filter: AuthorizationFilter) => {
  const where = [sql`partner_id = ${filter.partnerId}`, sql`approved is not null`]
  if (filter.cardId !== undefined) where.push(sql`card_id = ${filter.cardId}`)
  if (filter.status !== undefined) where.push(sql`status = ${filter.status}`)
  if (filter.before !== undefined) where.push(sql`id < ${filter.before}`)
  return db.many(Authorization)`
    select ${columns} from cards.authorization where ${all(where)} order by id desc limit ${filter.limit}
  `
}

/** Those whose time is over, and those that nobody decided because their process ended. */
export const overdue = (db: Db, { now, whose }: Due, undecidedSince: Temporal.Instant) =>
  db.many(Authorization)`
    select ${columns}
      from cards.authorization
     where status = 'pending' and ${whose}
       and ((approved and expires_at <= ${now}) or (approved is null and created_at <= ${undecidedSince}))
     order by expires_at
     limit 50
  `

export const add = (db: Db, a: Authorization) => db.run`
  insert into cards.authorization
    (id, partner_id, card_id, programme_id, network_reference, body_sha256, status, approved, decided_by,
     decline_reason, currency, requested_minor, reserved_minor, approved_minor, held_minor, cleared_minor,
     released_minor, merchant, channel, partial_approval, partner_timed_out, hold_reference, created_at, expires_at,
     updated_at)
  values
    (${a.id}, ${a.partnerId}, ${a.cardId}, ${a.programmeId}, ${a.networkReference}, ${a.bodySha256}, ${a.status},
     ${a.approved}, ${a.decidedBy}, ${a.declineReason}, ${a.currency}, ${a.requestedMinor}, ${a.reservedMinor},
     ${a.approvedMinor}, ${a.heldMinor}, ${a.clearedMinor}, ${a.releasedMinor},
     ${JSON.stringify(a.merchant)}::text::jsonb, ${a.channel}, ${a.partialApproval}, ${a.partnerTimedOut},
     ${a.holdReference}, ${a.createdAt}, ${a.expiresAt}, ${a.updatedAt})
`

export const save = (db: Db, a: Authorization) => db.run`
  update cards.authorization
     set status = ${a.status}, approved = ${a.approved}, decided_by = ${a.decidedBy},
         decline_reason = ${a.declineReason}, reserved_minor = ${a.reservedMinor},
         approved_minor = ${a.approvedMinor}, held_minor = ${a.heldMinor}, cleared_minor = ${a.clearedMinor},
         released_minor = ${a.releasedMinor}, partner_timed_out = ${a.partnerTimedOut}, updated_at = ${a.updatedAt}
   where id = ${a.id}
`

const Sums = z.object({
  daily: z.bigint(),
  weekly: z.bigint(),
  monthly: z.bigint(),
  yearly: z.bigint(),
  allTime: z.bigint(),
})

/** What a card and those that it replaced have used since each beginning, with what is reserved; one may be left out. */
export const spentSince = async (
  db: Db,
  openingReference: string,
  began: Readonly<Record<'daily' | 'weekly' | 'monthly' | 'yearly', Temporal.Instant>>,
  without: string | null,
): Promise<Spent> => {
  const { allTime, ...sums } = await db.one(Sums)`
    select coalesce(sum(used) filter (where created_at >= ${began.daily}), 0)::bigint as daily,
           coalesce(sum(used) filter (where created_at >= ${began.weekly}), 0)::bigint as weekly,
           coalesce(sum(used) filter (where created_at >= ${began.monthly}), 0)::bigint as monthly,
           coalesce(sum(used) filter (where created_at >= ${began.yearly}), 0)::bigint as yearly,
           coalesce(sum(used), 0)::bigint as "allTime"
      from (select created_at, reserved_minor + held_minor + cleared_minor as used
              from cards.authorization
             where card_id in (select id from cards.card where opening_reference = ${openingReference})
               and id is distinct from ${without}) as one
  `
  return { ...sums, all_time: allTime, per_authorization: 0n }
}

const movementColumns = sql`
  m.id, m.partner_id as "partnerId", m.card_id as "cardId", m.authorization_id as "authorizationId", m.kind,
  m.amount_minor as "amountMinor", m.currency, m.reference, m.body_sha256 as "bodySha256", m.at, m.day
`

/** Answers whether it was written: the same reference makes one movement. */
export const addMovement = async (db: Db, m: Movement): Promise<boolean> => {
  const added = await db.run`
    insert into cards.movement
      (id, partner_id, card_id, authorization_id, kind, amount_minor, currency, reference, body_sha256, at, day)
    values
      (${m.id}, ${m.partnerId}, ${m.cardId}, ${m.authorizationId}, ${m.kind}, ${m.amountMinor}, ${m.currency},
       ${m.reference}, ${m.bodySha256}, ${m.at}, ${m.day})
    on conflict do nothing
  `
  return added === 1
}

export const movementByReference = (
  db: Db,
  { authorizationId, kind, reference }: Pick<Movement, 'authorizationId' | 'kind' | 'reference'>,
) => db.maybe(Movement)`
  select ${movementColumns}
    from cards.movement m
   where m.authorization_id = ${authorizationId} and m.kind = ${kind} and m.reference = ${reference}
`

/** What of an authorization was given back after it was cleared. */
export const givenBack = async (db: Db, authorizationId: string): Promise<bigint> => {
  const { minor } = await db.one(z.object({ minor: z.bigint() }))`
    select coalesce(sum(amount_minor), 0)::bigint as minor
      from cards.movement
     where authorization_id = ${authorizationId} and kind in ('refunded', 'restored')
  `
  return minor
}

const transactionRows = sql`
  select ${movementColumns}, a.merchant
    from cards.movement m join cards.authorization a on a.id = m.authorization_id
`
const isTransaction = sql`m.kind in ('cleared', 'refunded', 'restored')`

export const transaction = (db: Db, partnerId: string, id: string) =>
  db.maybe(Transaction)`
    ${transactionRows} where m.id = ${id} and m.partner_id = ${partnerId} and ${isTransaction}
  `

export const transactions = (db: Db, filter: Omit<AuthorizationFilter, 'status'>) => {
  const where = [sql`m.partner_id = ${filter.partnerId}`, isTransaction]
  if (filter.cardId !== undefined) where.push(sql`m.card_id = ${filter.cardId}`)
  if (filter.before !== undefined) where.push(sql`m.id < ${filter.before}`)
  return db.many(Transaction)`
    ${transactionRows} where ${all(where)} order by m.id desc limit ${filter.limit}
  `
}

/** The lines of a day, in the order in which they were written. */
export const linesOf = (
  db: Db,
  partnerId: string,
  day: Temporal.PlainDate,
  page: { after?: string; limit: number },
) => {
  const where = [sql`m.partner_id = ${partnerId}`, sql`m.day = ${day}`]
  if (page.after !== undefined) where.push(sql`m.id > ${page.after}`)
  return db.many(Movement)`
    select ${movementColumns} from cards.movement m where ${all(where)} order by m.id limit ${page.limit}
  `
}

export const CoreOrder = z.object({
  reference: z.string(),
  partnerId: z.string(),
  kind: z.enum(['capture', 'release', 'cancel', 'credit']),
  amountMinor: z.bigint(),
  currency: z.string(),
  holdReference: z.string(),
  fundingRef: z.string().nullable(),
  merchant: z.object({ name: z.string() }),
})
export type CoreOrder = z.output<typeof CoreOrder>

export const addCoreOrder = (
  db: Db,
  order: {
    readonly reference: string
    readonly authorizationId: string
    readonly partnerId: string
    readonly kind: CoreOrder['kind']
    readonly minor: bigint
    readonly at: Temporal.Instant
  },
) => db.run`
  insert into cards.core_order (reference, partner_id, authorization_id, kind, amount_minor, written_at)
  values (${order.reference}, ${order.partnerId}, ${order.authorizationId}, ${order.kind}, ${order.minor}, ${order.at})
`

/** What the core has yet to be told, in the order in which it was written; of one authorization, or the oldest of all. */
export const ordersToCarry = (db: Db, authorizationId: string | null, whose: Due['whose']) =>
  db.many(CoreOrder)`
    select o.reference, o.partner_id as "partnerId", o.kind, o.amount_minor as "amountMinor", a.currency,
           a.hold_reference as "holdReference", c.funding_ref as "fundingRef", a.merchant
      from cards.core_order o
      join cards.authorization a on a.id = o.authorization_id
      join cards.card c on c.id = a.card_id
     where o.carried_at is null
       and o.reference in (select reference from cards.core_order where carried_at is null and ${whose})
       and (${authorizationId}::text is null or o.authorization_id = ${authorizationId})
     order by o.written_at, o.reference
     limit 50
  `

export const carried = (db: Db, reference: string, at: Temporal.Instant) => db.run`
  update cards.core_order set carried_at = ${at} where reference = ${reference} and carried_at is null
`
