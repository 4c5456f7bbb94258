import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { PartnerId } from '#control/partners/index.ts'
import type { Matrix } from './matrix.ts'

export const LicenceApplicationId = idOf('licence-application')
export const SuspensionId = idOf('suspension')
export type SuspensionId = z.output<typeof SuspensionId>

/** What a partner asked to be held as. */
export const LicenceApplication = z.object({
  id: LicenceApplicationId,
  partnerId: PartnerId,
  statuses: z.array(z.string()).min(1),
  status: z.enum(['open', 'granted', 'superseded']),
  appliedAt: z.instanceof(Temporal.Instant),
})
export type LicenceApplication = z.output<typeof LicenceApplication>

/** A stop of one status or one permission of a partner, in both cells. One person makes it, two lift it. */
export const Suspension = z.object({
  id: SuspensionId,
  partnerId: PartnerId,
  kind: z.enum(['status', 'permission']),
  name: z.string(),
  reason: z.string(),
  by: z.string(),
  at: z.instanceof(Temporal.Instant),
  liftedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Suspension = z.output<typeof Suspension>

export const statusUnknown = problem(
  'licences/status-unknown',
  422,
  'The licence matrix knows no such status',
)
export const statusesExclusive = problem(
  'licences/statuses-exclusive',
  422,
  'These statuses cannot be held together',
)
export const permissionUnknown = problem(
  'licences/permission-unknown',
  422,
  'The licence matrix knows no such permission',
)
export const licenceSuspendedAlready = problem(
  'licences/suspended-already',
  409,
  'It is suspended already',
)
export const suspensionNotFound = problem(
  'licences/suspension-not-found',
  404,
  'Nothing of this name is suspended',
)

/** Refuses statuses that the matrix does not know, and those that it lets nobody combine. */
export const checkStatuses = (matrix: Matrix, statuses: readonly string[]): void => {
  const known = matrix.statuses.map((s) => s.id)
  const unknown = statuses.filter((status) => !known.includes(status))
  if (unknown.length > 0)
    throw statusUnknown(`${unknown.join(', ')}: the matrix knows ${known.join(', ')}`)
  const exclusive = statuses.find((status) => matrix.rules.exclusive.includes(status))
  if (exclusive && new Set(statuses).size > 1)
    throw statusesExclusive(`${exclusive} combines with no other status`)
}
