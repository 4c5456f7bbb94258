/** Who works here: people of the bank, their roles and their sessions. */
export {
  type ActingRole,
  holdsRole,
  Staff,
  StaffId,
  staffNotFound,
  StaffRole,
  staffRoleMissing,
} from './staff.ts'
export { find as findStaff } from './store.ts'
