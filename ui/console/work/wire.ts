/** What the server answers of work and of how partners are doing. */
import type { HealthView } from '#control/partner-health/routes.ts'
import type { ItemView } from '#control/work-queues/routes.ts'
import type { Wire } from '../../kit/wire.ts'

export type Item = Wire<ItemView>
export type Kind = Item['kind']
export type Queue = Item['queues'][number]

export interface QueueCount {
  readonly queue: Queue
  readonly open: number
  readonly late: number
  readonly unclaimed: number
  readonly snoozed: number
  readonly oldestSince: string | null
}

export interface Work {
  readonly data: readonly Item[]
  readonly queues: readonly QueueCount[]
  readonly unasked: readonly ('sandbox' | 'production')[]
}

export type Health = Wire<HealthView>
export type Part = Health['parts'][number]
