/** Work that takes long: who began it, how far it is, and where what came of it stands. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Instant, isBefore } from '#kernel/time.ts'

export const TaskId = idOf('task')
export type TaskId = z.output<typeof TaskId>

export const TaskKind = z.enum(['register-import', 'price-replay', 'world'])
export type TaskKind = z.output<typeof TaskKind>

/** Far longer than it takes to say so again. */
const HELD_SECONDS = 60
/** For so long it is told what came of it. */
const KEPT_DAYS = 7

const When = z.instanceof(Temporal.Instant)

export const Task = z.object({
  id: TaskId,
  kind: TaskKind,
  about: z.record(z.string(), z.string()),
  partnerId: z.string().nullable(),
  askedBy: z.string(),
  askedAt: When,
  steps: z.int().positive(),
  stepsDone: z.int(),
  heldUntil: When,
  state: z.enum(['running', 'done', 'failed']),
  endedAt: When.nullable(),
  fault: z.string().nullable(),
  result: z.string().nullable(),
})
export type Task = z.output<typeof Task>

export const TaskView = Task.omit({ partnerId: true, heldUntil: true, state: true }).extend({
  askedAt: Instant,
  endedAt: Instant.nullable(),
  /** `broken-off`: the process that did it is gone, and nothing was changed. */
  state: z.enum(['running', 'done', 'failed', 'broken-off']),
})
export type TaskView = z.output<typeof TaskView>

export const heldFrom = (now: Temporal.Instant) => now.add({ seconds: HELD_SECONDS })
export const keptSince = (now: Temporal.Instant) => now.subtract({ hours: 24 * KEPT_DAYS })

export const viewOfTask = (
  { partnerId: _partnerId, heldUntil, state, ...task }: Task,
  now: Temporal.Instant,
): TaskView => ({
  ...task,
  state: state === 'running' && isBefore(heldUntil, now) ? 'broken-off' : state,
})
