import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { CallExplanation } from '#control/publication/explain.ts'
import type { PastExplanation } from '#control/publication/explain-at.ts'
import { query, read } from '../../kit/api.ts'
import type { Cell } from '../../kit/cell.ts'
import type { UsageCall } from '../../kit/usage.ts'
import type { Wire } from '../../kit/wire.ts'
import type { CallFilter } from './filter.ts'

interface CallPage {
  readonly data: readonly UsageCall[]
  readonly next: string | null
}

const PAGE = 50

export const useCalls = (cell: Cell, filter: CallFilter) =>
  useInfiniteQuery({
    queryKey: ['usage', 'search', cell, filter],
    queryFn: ({ pageParam }) =>
      read<CallPage>(
        `/api/usage/calls${query({ cell, limit: PAGE, ...filter, before: pageParam })}`,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export type OneCall = UsageCall & { readonly cell: Cell; readonly consentId: string | null }

/** A call is on record a moment after it was answered. */
export const useCall = (id: string) =>
  useQuery({
    queryKey: ['usage', 'call', id],
    queryFn: () => read<OneCall>(`/api/usage/calls/${id}`),
    retry: 5,
    retryDelay: 1_000,
  })

export const useDecision = (id: string) =>
  useQuery({
    queryKey: ['usage', 'call', id, 'explanation'],
    queryFn: () => read<Wire<PastExplanation>>(`/api/usage/calls/${id}/explanation`),
    retry: false,
  })

export type Explanation = Wire<z.output<typeof CallExplanation>>

export const useExplanation = (call: Pick<OneCall, 'applicationId' | 'operation'> | undefined) =>
  useQuery({
    queryKey: ['explain', call?.applicationId, call?.operation],
    queryFn: () =>
      read<Explanation>(
        `/api/explain${query({ application: call?.applicationId, operation: call?.operation })}`,
      ),
    enabled: call !== undefined,
    retry: false,
  })
