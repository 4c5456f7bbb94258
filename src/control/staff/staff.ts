import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'

export const StaffId = idOf('staff')
export type StaffId = z.output<typeof StaffId>

/** What a person of the bank may do. An auditor reads everything and changes nothing. */
export const StaffRole = z.enum([
  'head-of-platform',
  'api-product',
  'api-engineering',
  'developer-relations',
  'partner-success',
  'compliance',
  'finance',
  'auditor',
])
export type StaffRole = z.output<typeof StaffRole>

export const Staff = z.object({
  id: StaffId,
  name: z.string(),
  email: z.string(),
  roles: z.array(StaffRole).min(1),
  status: z.enum(['active', 'left']),
})
export type Staff = z.output<typeof Staff>

export const staffNotFound = problem('staff/not-found', 404, 'No such person of the bank')
export const staffRoleMissing = problem('staff/role-missing', 403, 'Your roles do not allow this')

/** Whether a person of the bank may do what any of these roles may. Who has left, and who only audits, may nothing. */
export const holdsRole = (
  staff: Pick<Staff, 'roles' | 'status'>,
  roles: readonly StaffRole[],
): boolean =>
  staff.status === 'active' &&
  staff.roles.some((role) => role !== 'auditor' && roles.includes(role))
