/** Where the gateways and authorization servers of this house are. */
import { useQuery } from '@tanstack/react-query'
import { read } from '../kit/api.ts'
import type { WellKnown } from './wire.ts'

export const useServers = () =>
  useQuery({
    queryKey: ['well-known'],
    queryFn: () => read<WellKnown>('/.well-known/portico'),
    staleTime: Number.POSITIVE_INFINITY,
  })
