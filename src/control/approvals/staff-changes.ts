/** Who decides is decided by two as well: roles of the bank's people, and new devices for who has lost theirs. */
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { factorsOf, resetFactors } from '#control/sign-in/index.ts'
import {
  changeStaffRoles,
  endStaffSessions,
  findStaff,
  type Staff,
  StaffId,
  staffNotFound,
  StaffRole,
} from '#control/staff/index.ts'
import { z } from 'zod'
import { baseOf, type ChangeSet } from './change-set.ts'
import { type Applier, proposeChange } from './index.ts'

const RESET = 'staff.factor-reset'
const ROLES = 'staff.roles'
const deciders = ['head-of-platform', 'compliance'] as const

const known = async (work: Work, id: StaffId): Promise<Staff> => {
  const staff = await findStaff(work, id)
  if (staff?.status !== 'active') throw staffNotFound('there is no such person of the bank')
  return staff
}

const heldFactors = async (work: Work, holder: string) => {
  const { totp, passkeys } = await factorsOf(work, holder)
  return { authenticatorApp: totp, passkeys: passkeys.map(({ id }) => id) }
}

/** Asks that a person of the bank who has lost their devices may set up new ones. */
export const proposeStaffReset = async (
  work: Work,
  id: StaffId,
  reason: string,
): Promise<ChangeSet> => {
  await known(work, id)
  const held = await heldFactors(work, id)
  return proposeChange(work, {
    kind: RESET,
    subject: id,
    before: held,
    after: { authenticatorApp: false, passkeys: [] },
    base: baseOf(held),
    reason,
    roles: [...deciders],
  })
}

/** Asks for other roles of a person of the bank. */
export const proposeStaffRoles = async (
  work: Work,
  id: StaffId,
  { roles, reason }: { roles: readonly StaffRole[]; reason: string },
): Promise<ChangeSet> => {
  const staff = await known(work, id)
  return proposeChange(work, {
    kind: ROLES,
    subject: id,
    before: { roles: staff.roles },
    after: { roles: [...roles] },
    base: baseOf(staff.roles),
    reason,
    roles: [...deciders],
  })
}

const Roles = z.object({ roles: z.array(StaffRole).min(1) })

export const staffAppliers: ReadonlyMap<string, Applier> = new Map<string, Applier>([
  [
    RESET,
    {
      base: async (work, change) => baseOf(await heldFactors(work, change.subject)),
      apply: async (work, change) => {
        const id = StaffId.parse(change.subject)
        await resetFactors(work, id)
        await endStaffSessions(work, id)
      },
    },
  ],
  [
    ROLES,
    {
      base: async (work, change) => {
        const staff = await findStaff(work, StaffId.parse(change.subject))
        assert(staff, 'a person of the bank is never deleted')
        return baseOf(staff.roles)
      },
      apply: (work, change) =>
        changeStaffRoles(work, StaffId.parse(change.subject), Roles.parse(change.after).roles),
    },
  ],
])
