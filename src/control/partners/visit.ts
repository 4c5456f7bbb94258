import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { PartnerId } from './partner.ts'
import { PersonId } from './person.ts'

export const visitsMany = problem(
  'partners/too-many-visits',
  429,
  'Too many strangers try the sandbox at this moment',
)

/** A stranger's day: the organisation without a name that it is of, and until when. */
export const Visit = z.object({
  partnerId: PartnerId,
  personId: PersonId,
  endsAt: z.instanceof(Temporal.Instant),
})
export type Visit = z.output<typeof Visit>
