import type { Change, Staff } from './wire.ts'

/** Whether this person may be the one who decides: a role that it asks for, and not their own proposal or approval. */
export const mayDecide = (staff: Staff | undefined, change: Change): boolean =>
  staff !== undefined &&
  change.proposedBy !== `staff:${staff.id}` &&
  !change.approvals.some((approval) => approval.by === staff.id) &&
  staff.roles.some((role) => role !== 'auditor' && change.roles.includes(role))
