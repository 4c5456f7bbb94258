import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { ChangeSet, type ChangeSetId } from './change-set.ts'

const columns = sql`
  c.id, c.kind, c.subject, c.before, c.after, c.base, c.reason, c.roles, c.proposed_by as "proposedBy",
  c.proposed_at as "proposedAt", c.expires_at as "expiresAt", c.hash, c.status, c.decided_at as "decidedAt",
  c.outcome, c.rejected_by as "rejectedBy",
  coalesce((select jsonb_agg(jsonb_build_object('by', a.approver, 'at', a.approved_at, 'hash', a.hash, 'method', a.method)
                                     order by a.approved_at, a.approver)
              from approvals.approval a
             where a.change_id = c.id), '[]') as approvals
`

export const find = (db: Db, id: ChangeSetId) =>
  db.maybe(ChangeSet)`select ${columns} from approvals.change_set c where c.id = ${id}`

/** Holds the change until the transaction ends, so two decisions cannot both count themselves the last. */
export const lock = async (db: Db, id: ChangeSetId) => {
  await db.run`select 1 from approvals.change_set where id = ${id} for update`
  return find(db, id)
}

export interface ChangeFilter {
  readonly status?: ChangeSet['status'] | undefined
  readonly subject?: string | undefined
  readonly kind?: string | undefined
  /** Changes older than this one: the next page. */
  readonly before?: string | undefined
}

export const list = (db: Db, filter: ChangeFilter, limit = 100) => {
  const where = []
  if (filter.status) where.push(sql`c.status = ${filter.status}`)
  if (filter.subject) where.push(sql`c.subject = ${filter.subject}`)
  if (filter.kind) where.push(sql`c.kind = ${filter.kind}`)
  if (filter.before) where.push(sql`c.id < ${filter.before}`)
  return db.many(ChangeSet)`
    select ${columns}
      from approvals.change_set c
     where ${all(where)}
     order by c.id desc
     limit ${limit}
  `
}

/** Open changes whose time is over; another sweep's are left to it. */
export const lockOverdue = async (db: Db, now: Temporal.Instant) =>
  db.many(ChangeSet)`
    select ${columns}
      from approvals.change_set c
     where c.status = 'proposed'
       and c.expires_at <= ${now}
     order by c.id
     limit 100
       for update of c skip locked
  `

export const insert = (db: Db, c: ChangeSet) => db.run`
  insert into approvals.change_set
    (id, kind, subject, before, after, base, reason, roles, proposed_by, proposed_at, expires_at, hash)
  values
    (${c.id}, ${c.kind}, ${c.subject}, ${JSON.stringify(c.before)}::text::jsonb, ${JSON.stringify(c.after)}::text::jsonb,
     ${c.base}, ${c.reason}, ${c.roles}, ${c.proposedBy}, ${c.proposedAt}, ${c.expiresAt}, ${c.hash})
`

/** Keeps what was decided: the approvals that are new, then the state. */
export const save = async (db: Db, c: ChangeSet, evidence?: object) => {
  const proof = evidence === undefined ? null : JSON.stringify(evidence)
  for (const { by, at, hash, method } of c.approvals)
    await db.run`
      insert into approvals.approval (change_id, hash, approver, approved_at, method, evidence)
      values (${c.id}, ${hash}, ${by}, ${at}, ${method}, ${proof}::text::jsonb)
      on conflict (change_id, approver) do nothing
    `
  if (c.status === 'proposed') return
  await db.run`
    update approvals.change_set
       set status = ${c.status}, decided_at = ${c.decidedAt}, outcome = ${c.outcome}, rejected_by = ${c.rejectedBy}
     where id = ${c.id}
  `
}
