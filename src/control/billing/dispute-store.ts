import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Dispute, type DisputeId } from './dispute.ts'

const columns = sql`
  id, invoice_id as "invoiceId", partner_id as "partnerId", section, n, net_minor::text as "netMinor",
  frozen_minor::text as "frozenMinor", reason, status, opened_by as "openedBy", opened_at as "openedAt",
  decided_by as "decidedBy", decided_at as "decidedAt", answer
`

export const lock = (db: Db, id: DisputeId) =>
  db.maybe(Dispute)`select ${columns} from billing.dispute where id = ${id} for update`

export interface DisputeFilter {
  readonly partnerId?: string | undefined
  readonly invoiceId?: string | undefined
  readonly status?: Dispute['status'] | undefined
  readonly before?: string | undefined
}

export const list = (db: Db, filter: DisputeFilter, limit = 100) => {
  const where = [sql`true`]
  if (filter.partnerId) where.push(sql`partner_id = ${filter.partnerId}`)
  if (filter.invoiceId) where.push(sql`invoice_id = ${filter.invoiceId}`)
  if (filter.status) where.push(sql`status = ${filter.status}`)
  if (filter.before) where.push(sql`id < ${filter.before}`)
  return db.many(Dispute)`
    select ${columns} from billing.dispute where ${all(where)} order by id desc limit ${limit}
  `
}

export const add = (db: Db, d: Dispute) => db.run`
  insert into billing.dispute
    (id, invoice_id, partner_id, section, n, net_minor, frozen_minor, reason, status, opened_by, opened_at)
  values (${d.id}, ${d.invoiceId}, ${d.partnerId}, ${d.section}, ${d.n}, ${d.netMinor}, ${d.frozenMinor}, ${d.reason},
          ${d.status}, ${d.openedBy}, ${d.openedAt})
`

export const save = (db: Db, d: Dispute) => db.run`
  update billing.dispute
     set status = ${d.status}, decided_by = ${d.decidedBy}, decided_at = ${d.decidedAt}, answer = ${d.answer}
   where id = ${d.id}
`

/** The credit that answers a dispute is given: where it is still open, it has its answer. */
export const accept = (
  db: Db,
  id: string,
  { by, at }: { by: string; at: Temporal.Instant },
) => db.run`
  update billing.dispute set status = 'accepted', decided_by = ${by}, decided_at = ${at}
   where id = ${id} and status = 'open'
`

const Frozen = z.object({ invoiceId: z.string(), minor: z.string().transform(BigInt) })

/** What of each invoice waits for an answer, in minor units; of one partner, or of all. */
export const frozenByInvoice = async (
  db: Db,
  partnerId?: string,
): Promise<ReadonlyMap<string, bigint>> =>
  new Map(
    (
      await db.many(Frozen)`
        select invoice_id as "invoiceId", sum(frozen_minor)::text as minor
          from billing.dispute
         where status = 'open' and ${partnerId ? sql`partner_id = ${partnerId}` : sql`true`}
         group by invoice_id
         order by invoice_id
         limit 100000
      `
    ).map(({ invoiceId, minor }) => [invoiceId, minor]),
  )
