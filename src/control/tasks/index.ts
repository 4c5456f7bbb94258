/** Work that takes long is known while it goes on, so that whoever began it may leave and find it again. */
import { Problem } from '#kernel/problem.ts'
import type { Postgres } from '#platform/db.ts'
import type { ControlContext } from '#control/http/context.ts'
import * as store from './store.ts'
import { heldFrom, keptSince, type Task, TaskId } from './task.ts'

export { list as listTasks, type TaskFilter } from './store.ts'
export { Task, TaskKind, TaskView, viewOfTask } from './task.ts'

/** Says how many steps are done. */
export type Progress = (stepsDone: number) => Promise<unknown>

type Begun = Pick<Task, 'kind' | 'about' | 'partnerId' | 'askedBy' | 'steps'>

interface Doing<Made> {
  readonly task: Begun
  readonly act: (progress: Progress) => Promise<Made>
  /** Where what came of it stands. */
  readonly resultOf?: (made: Made) => string | null
}

type Where = { readonly db: Postgres; readonly world: Pick<ControlContext['world'], 'now' | 'log'> }

const RENEW_MS = 15_000

/**
 * Does the work and answers what came of it, as if it were asked without this; meanwhile others see how far it is. What
 * the work itself changes is in transactions of its own: what is told of it here is no part of them.
 */
export const doTask = async <Made>(
  { db, world: { now, log } }: Where,
  { task, act, resultOf = () => null }: Doing<Made>,
): Promise<Made> => {
  const id = TaskId.next()
  const askedAt = now()
  await store.forget(db, keptSince(askedAt))
  await store.insert(db, {
    ...task,
    id,
    askedAt,
    heldUntil: heldFrom(askedAt),
    stepsDone: 0,
    state: 'running',
    endedAt: null,
    fault: null,
    result: null,
  })
  const renewing = setInterval(() => {
    store.hold(db, id, heldFrom(now())).catch((cause: unknown) => {
      log.warn({ cause, task: id }, 'long work could not say that it goes on')
    })
  }, RENEW_MS).unref()
  try {
    const made = await act((stepsDone) => store.saveStep(db, id, stepsDone, heldFrom(now())))
    await store.saveDone(db, id, resultOf(made), now())
    return made
  } catch (cause) {
    const fault = cause instanceof Problem ? cause.code : 'tasks/failed'
    await store.saveFailed(db, id, fault, now())
    throw cause
  } finally {
    clearInterval(renewing)
  }
}
