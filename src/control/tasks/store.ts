import type { Db } from '#platform/db.ts'
import { all, sql } from '#platform/sql.ts'
import { Task, type TaskId, type TaskKind } from './task.ts'

const columns = sql`
  id, kind, about, partner_id as "partnerId", asked_by as "askedBy", asked_at as "askedAt", steps,
  steps_done as "stepsDone", held_until as "heldUntil", state, ended_at as "endedAt", fault, result
`

export const insert = (db: Db, t: Task) => db.run`
  insert into tasks.task (id, kind, about, partner_id, asked_by, asked_at, steps, held_until)
  values (${t.id}, ${t.kind}, ${JSON.stringify(t.about)}::text::jsonb, ${t.partnerId}, ${t.askedBy}, ${t.askedAt},
          ${t.steps}, ${t.heldUntil})
`

export interface TaskFilter {
  /** null: the bank's own. */
  readonly partnerId: string | null
  readonly kind?: TaskKind | undefined
}

/** Newest first. */
export const list = (db: Db, { partnerId, kind }: TaskFilter, limit: number) => {
  const where = [sql`partner_id is not distinct from ${partnerId}`]
  if (kind) where.push(sql`kind = ${kind}`)
  return db.many(Task)`
    select ${columns} from tasks.task where ${all(where)} order by id desc limit ${limit}
  `
}

export const saveStep = (db: Db, id: TaskId, stepsDone: number, heldUntil: Temporal.Instant) =>
  db.run`
    update tasks.task
       set steps_done = least(${stepsDone}, steps), held_until = ${heldUntil}
     where id = ${id} and state = 'running'
  `

export const hold = (db: Db, id: TaskId, heldUntil: Temporal.Instant) => db.run`
  update tasks.task set held_until = ${heldUntil} where id = ${id} and state = 'running'
`

export const saveDone = (db: Db, id: TaskId, result: string | null, at: Temporal.Instant) => db.run`
  update tasks.task
     set state = 'done', steps_done = steps, ended_at = ${at}, result = ${result}
   where id = ${id} and state = 'running'
`

export const saveFailed = (db: Db, id: TaskId, fault: string, at: Temporal.Instant) => db.run`
  update tasks.task set state = 'failed', ended_at = ${at}, fault = ${fault} where id = ${id} and state = 'running'
`

export const forget = (db: Db, endedBefore: Temporal.Instant) => db.run`
  delete from tasks.task where ended_at < ${endedBefore}
`
