/** Long work that goes on by itself: whoever left the page that began it finds it here again, in any browser. */
import type { ReactNode } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { TaskKind, TaskView } from '#control/tasks/task.ts'
import { query, read } from '../api.ts'
import { useFormat, useTextOf } from '../language.tsx'
import { Note } from '../show.tsx'
import type { Wire } from '../wire.ts'
import type { en } from './messages/en.ts'

export type Task = Wire<TaskView>

const RUNNING_MS = 1_000
/** Somebody else may begin some meanwhile. */
const IDLE_MS = 10_000

/** `begins`: this page has just asked for some, so it is looked for at once. */
export const useTasks = (kind: TaskKind, begins = false) => {
  const queries = useQueryClient()
  return useQuery({
    queryKey: ['tasks', kind],
    queryFn: async () => {
      const before = queries.getQueryData<readonly Task[]>(['tasks', kind])
      const { data } = await read<{ data: readonly Task[] }>(`/api/tasks${query({ kind })}`)
      // What it changed is asked anew, wherever it shows.
      if (
        before?.some(
          (task) => isRunning(task) && !data.some((now) => now.id === task.id && isRunning(now)),
        )
      )
        void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'tasks' })
      return data
    },
    refetchInterval: ({ state }) => (begins || state.data?.some(isRunning) ? RUNNING_MS : IDLE_MS),
  })
}

export const isRunning = ({ state }: Task) => state === 'running'

/** What is told of work that has ended is told for so long. */
const TOLD_MS = 3_600_000
const isLately = ({ endedAt, state }: Task) =>
  state === 'broken-off' || (endedAt !== null && Date.now() - Date.parse(endedAt) < TOLD_MS)

interface Telling {
  readonly kind: TaskKind
  readonly begins: boolean
  readonly name: (task: Task) => ReactNode
  /** Who asked, by name. */
  readonly who: (askedBy: string) => string | undefined
  /** What leads to where it stands. */
  readonly came?: (result: string) => ReactNode
}

/** All that is going on, and the last that ended. */
export const Tasks = ({ kind, begins, ...telling }: Telling) => {
  const tasks = useTasks(kind, begins).data ?? []
  const last = tasks.find((task) => !isRunning(task))
  return (
    <>
      {tasks.filter(isRunning).map((task) => (
        <Told key={task.id} task={task} {...telling} />
      ))}
      {last && last === tasks[0] && isLately(last) && <Told task={last} {...telling} />}
    </>
  )
}

const tones = { running: 'info', done: 'good', failed: 'bad', 'broken-off': 'warn' } as const

const Told = (props: Omit<Telling, 'kind' | 'begins'> & { task: Task }) => {
  const { task, name, who, came } = props
  const { state, steps, stepsDone } = task
  const text = useTextOf<typeof en>()
  const format = useFormat()
  const said = {
    done: stepsDone,
    steps,
    time: format.timeOf(task.endedAt ?? task.askedAt, 'second'),
    who: who(task.askedBy) ?? text('tasks.somebody'),
    fault: task.fault ?? '',
  }
  const sentence = text(
    state === 'running' ? (steps === 1 ? 'tasks.begun' : 'tasks.running') : `tasks.${state}`,
    said,
  )
  return (
    <Note tone={tones[state]} live={state === 'running'}>
      <b>{name(task)}</b>
      {state === 'running' && (
        <progress aria-label={sentence} {...(steps > 1 && { max: steps, value: stepsDone })} />
      )}
      <p className="small">
        {sentence} {state === 'done' && task.result && came?.(task.result)}
      </p>
    </Note>
  )
}
