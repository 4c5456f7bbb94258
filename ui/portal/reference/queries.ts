import { useQuery } from '@tanstack/react-query'
import { query, read } from '../../kit/api.ts'
import type { Found, Guide, GuideLine, Operation, ProductEntry, RefusalEntry } from './wire.ts'

/** Documents change by two people's decision: what was read a minute ago is still true. */
const staleTime = 60_000

export const useReference = () =>
  useQuery({
    queryKey: ['reference'],
    queryFn: async () => (await read<{ data: ProductEntry[] }>('/api/reference')).data,
    staleTime,
  })

export const useOperation = (product: string, id: string, version: string | undefined) =>
  useQuery({
    queryKey: ['reference', product, id, version],
    queryFn: () => read<Operation>(`/api/reference/${product}/${id}${query({ version })}`),
    staleTime,
  })

export const useRefusals = () =>
  useQuery({
    queryKey: ['refusals'],
    queryFn: async () => (await read<{ data: RefusalEntry[] }>('/api/refusals')).data,
    staleTime,
  })

export const useSearch = (words: string) =>
  useQuery({
    queryKey: ['search', words],
    queryFn: async () => (await read<{ data: Found[] }>(`/api/search${query({ q: words })}`)).data,
    enabled: words.trim() !== '',
    staleTime,
    placeholderData: (before) => before,
  })

export const useGuides = () =>
  useQuery({
    queryKey: ['guides'],
    queryFn: async () => (await read<{ data: GuideLine[] }>('/api/guides')).data,
    staleTime,
  })

export const useGuide = (id: string) =>
  useQuery({
    queryKey: ['guides', id],
    queryFn: () => read<Guide>(`/api/guides/${id}`),
    staleTime,
  })
