/** Who works here: people of the bank, their roles and their sessions. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { type Credentials, hashPassword, signInsOver } from '#control/sign-in/index.ts'
import { demonstrationStaff } from './demonstration.ts'
import { type Staff, StaffId, type StaffRole } from './staff.ts'
import * as store from './store.ts'

export { demonstrationStaff } from './demonstration.ts'
export { holdsRole, Staff, StaffId, staffNotFound, StaffRole, staffRoleMissing } from './staff.ts'
export { find as findStaff, list as listStaff } from './store.ts'

const signIns = signInsOver({
  sessions: sql`staff.session`,
  attempts: sql`staff.attempt`,
  idleMinutes: 30,
  longestHours: 12,
})

/** Signs a person of the bank in. Throws `sign-in/refused` for unknown and wrong alike, `sign-in/delayed` for too many. */
export const signInStaff = async (
  db: Postgres,
  credentials: Credentials,
  from: { address: string; now: Temporal.Instant },
): Promise<{ secret: string; staff: Staff }> => {
  const known = await store.findLogin(db, credentials.email)
  await signIns.prove(db, credentials, known?.passwordHash, from)
  assert(known, 'nobody is proven without an account')
  const { passwordHash: _, ...staff } = known
  const secret = await work(db, `staff:${staff.id}`, from.now, async (w) => {
    await w.record('staff.signed-in', staff.id, {})
    return signIns.open(w, staff.id, from.now)
  })
  return { secret, staff }
}

/** Who holds this session, while it lives and they are here. */
export const staffOfSession = async (
  db: Db,
  secret: string,
  now: Temporal.Instant,
): Promise<Staff | undefined> => {
  const holder = await signIns.holderOf(db, secret, now)
  const staff = holder === undefined ? undefined : await store.find(db, StaffId.parse(holder))
  return staff?.status === 'active' ? staff : undefined
}

/** Run on a clock: what is over is not kept. */
export const forgetStaffSignIns = (db: Db, now: Temporal.Instant) => signIns.forget(db, now)

export const signOutStaff = (db: Db, secret: string): Promise<void> => signIns.close(db, secret)

/** Gives a person of the bank their place. Answers false where the address is known already: nothing changes then. */
export const addStaff = async (
  work: Work,
  person: { name: string; email: string; password: string; roles: readonly StaffRole[] },
): Promise<boolean> => {
  const { name, email, roles } = person
  const staff: Staff = { id: StaffId.next(), name, email, roles: [...roles], status: 'active' }
  const isNew = await store.insert(work, staff, await hashPassword(person.password), work.now)
  if (isNew) await work.record('staff.joined', staff.id, { roles })
  return isNew
}

/** Brings in whoever of the demonstration bank is missing. */
export const seedStaff = async (work: Work): Promise<void> => {
  for (const person of demonstrationStaff) await addStaff(work, person)
}
