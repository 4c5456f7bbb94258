/** A partner's own worlds are asked as “try it” asks: by the organisation's own call, made by the portal's server. */
import {
  useMutation,
  useMutationState,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query'
import { query, read, Refusal, send } from '../../kit/api.ts'
import { isRunning, useTasks } from '../../kit/tasks/tasks.tsx'
import type { UsageCall } from '../../kit/usage.ts'
import type { Tried } from '../try-it/wire.ts'
import type { Clock, List, Snapshot, World } from './wire.ts'

export interface Ask {
  readonly product?: string
  readonly operation: string
  readonly path?: Readonly<Record<string, string>>
  readonly body?: object
  readonly persona?: string
  readonly decision?: string
}

export const tryCall = ({ product = 'sandbox', body, ...rest }: Ask): Promise<Tried> =>
  send<Tried>('/api/try-it/calls', {
    product,
    ...rest,
    ...(body && { body: JSON.stringify(body) }),
  })

/** The answer of a call that was let through; what refused it is thrown as the refusal that it is. */
export const ask = async <Answer>(wish: Ask): Promise<Answer> => {
  const { stage, answer } = await tryCall(wish)
  if (stage === 'call' && answer.status < 400) return JSON.parse(answer.body)
  throw new Refusal(answer.status, problemIn(answer.body))
}

const problemIn = (body: string): ConstructorParameters<typeof Refusal>[1] => {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}

/** While a clock is on its way its world is asked again this often. */
const TURNING_MS = 3_000

export const useWorlds = () =>
  useQuery({
    queryKey: ['worlds', 'list'],
    queryFn: () => ask<List<World>>({ operation: 'listWorlds' }),
  })

export const useSnapshots = (worldId: string) =>
  useQuery({
    queryKey: ['worlds', 'snapshots', worldId],
    queryFn: () => ask<List<Snapshot>>({ operation: 'listSnapshots', path: { worldId } }),
  })

export const useClock = () =>
  useQuery({
    queryKey: ['worlds', 'clock'],
    queryFn: () => ask<Clock>({ operation: 'getClock' }),
    refetchInterval: ({ state }) => (state.data?.turningTo ? TURNING_MS : false),
  })

interface CallPage {
  readonly data: readonly UsageCall[]
}
const reads = new Set(['listWorlds', 'listSnapshots', 'getClock'])
const LATELY = 10

/** What was done with worlds lately, by whoever of the organisation: it is found again here after the page was left. */
export const useLately = () =>
  useQuery({
    queryKey: ['usage', 'worlds'],
    queryFn: () =>
      read<CallPage>(
        `/api/usage/calls${query({ cell: 'sandbox', product: 'sandbox', limit: 100 })}`,
      ),
    select: ({ data }) => data.filter((call) => !reads.has(call.operation)).slice(0, LATELY),
    refetchInterval: 5_000,
  })

/** A change of a world on its way: the page may be left meanwhile, and says on return what is still going on. */
export interface Act {
  readonly operation: string
  /** Of the world that it is about. */
  readonly name: string
  readonly path?: Readonly<Record<string, string>>
  readonly body?: object
  readonly sinceMs: number
}

const ACT = ['worlds', 'act']

export const useAct = () => {
  const queries = useQueryClient()
  return useMutation({
    mutationKey: ACT,
    mutationFn: ({ operation, path, body }: Act) =>
      ask<unknown>({ operation, ...(path && { path }), ...(body && { body }) }),
    onSettled: () => lookAnew(queries),
  })
}

export const lookAnew = (queries: QueryClient) =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ['worlds'] }),
    queries.invalidateQueries({ queryKey: ['usage'] }),
  ])

const isAct = (value: unknown): value is Act =>
  typeof value === 'object' && value !== null && 'sinceMs' in value

/** Acts that are under way and that this page began: the server knows of them a moment later. */
const useBegun = (): readonly Act[] =>
  useMutationState({
    filters: { mutationKey: ACT, status: 'pending' },
    select: ({ state }) => state.variables,
  }).filter(isAct)

/** Acts that are under way, whoever of the organisation began them, in whichever browser. */
export const useUnderWay = (): readonly Omit<Act, 'path' | 'body'>[] => {
  const begun = useBegun()
  const running = useTasks('world', begun.length > 0).data?.filter(isRunning) ?? []
  const worlds = useWorlds().data?.data ?? []
  if (running.length === 0) return begun
  return running.map(({ about, askedAt }) => ({
    operation: about['operation'] ?? '',
    name: worlds.find(({ worldId }) => worldId === about['world'])?.name ?? '',
    sinceMs: Date.parse(askedAt),
  }))
}
