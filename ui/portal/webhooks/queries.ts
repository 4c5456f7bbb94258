import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type {
  AttemptView,
  DeliveryView,
  EndpointView,
  KeyView,
  ShownKey,
} from '#courier/desk-contract.ts'
import type { NoticeView } from '#control/webhooks/notice.ts'
import { query, read } from '../../kit/api.ts'
import type { Cell } from '../../kit/cell.ts'
import type { Wire } from '../../kit/wire.ts'
import type { List } from '../wire.ts'

export type Endpoint = Wire<EndpointView>
export type Key = Wire<z.output<typeof KeyView>>
export type Shown = z.output<typeof ShownKey>
export type Delivery = Wire<z.output<typeof DeliveryView>>
export type Attempt = Wire<z.output<typeof AttemptView>>
export type Notice = Wire<z.output<typeof NoticeView>>

export const endpointsAt = (cell: Cell) => `/api/webhooks/${cell}/endpoints`

export const useEndpoints = (cell: Cell) =>
  useQuery({
    queryKey: ['webhooks', cell],
    queryFn: () => read<List<Endpoint>>(endpointsAt(cell)),
  })

export const useKeys = (cell: Cell, id: string) =>
  useQuery({
    queryKey: ['webhooks', cell, id, 'keys'],
    queryFn: () => read<List<Key>>(`${endpointsAt(cell)}/${id}/keys`),
  })

const REFRESH_MS = 5_000

export const useDeliveries = (cell: Cell, id: string, status: string | undefined) =>
  useQuery({
    queryKey: ['webhooks', cell, id, 'deliveries', status],
    queryFn: () =>
      read<List<Delivery>>(`${endpointsAt(cell)}/${id}/deliveries${query({ status })}`),
    refetchInterval: REFRESH_MS,
  })

export const useAttempts = (cell: Cell, id: string, delivery: string, wanted: boolean) =>
  useQuery({
    queryKey: ['webhooks', cell, id, 'deliveries', delivery, 'attempts'],
    queryFn: () =>
      read<List<Attempt>>(`${endpointsAt(cell)}/${id}/deliveries/${delivery}/attempts`),
    enabled: wanted,
  })

export const useNotices = () =>
  useQuery({ queryKey: ['notices'], queryFn: () => read<List<Notice>>('/api/notices') })
