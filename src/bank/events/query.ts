import { z } from 'zod'
import { Subscription } from '#courier/desk-contract.ts'
import { PlainDate } from '#kernel/time.ts'

export const EventsQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  types: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(Subscription).max(100))
    .default([]),
  /** Of the call: the gateway says it. */
  version: PlainDate.optional(),
})
export type EventsQuery = z.output<typeof EventsQuery>
