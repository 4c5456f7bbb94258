import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'

export const PartnerId = idOf('partner')
export type PartnerId = z.output<typeof PartnerId>

/** An organisation that calls the bank's APIs. `declaredStatuses` are status ids of the licence matrix, as it says itself. */
export const Partner = z.object({
  id: PartnerId,
  organisation: z.string(),
  legalName: z.string(),
  /** ISO 3166-1 alpha-2. */
  country: z.string(),
  declaredStatuses: z.array(z.string()),
  status: z.enum(['active', 'suspended']),
  registeredAt: z.instanceof(Temporal.Instant),
})
export type Partner = z.output<typeof Partner>

export const partnerNotFound = problem('partners/not-found', 404, 'No such partner')
export const partnerAlready = problem('partners/already', 409, 'The partner is in that state')
export const partnerSuspended = problem('partners/suspended', 403, 'The partner is suspended')
export const statusesUnknown = problem(
  'partners/status-unknown',
  400,
  'An organisation says of itself only what the licence matrix knows',
)
