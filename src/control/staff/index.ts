/** Who works here: people of the bank, their roles and their sessions. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import {
  type Credentials,
  type Entrance,
  type From,
  hashPassword,
  seedTotp,
  type Session,
  type Standing,
  standingOf,
  signInsOver,
  useCode,
} from '#control/sign-in/index.ts'
import { demonstrationStaff, demonstrationTotp } from './demonstration.ts'
import { type Staff, StaffId, type StaffRole } from './staff.ts'
import * as store from './store.ts'

export { Purpose, purposeAsked, Reading, ReadingId, Stated } from './reading.ts'
export { forgetReadings, recordReading } from './readings.ts'
export { demonstrationStaff, demonstrationTotp } from './demonstration.ts'
export { holdsRole, Staff, StaffId, staffNotFound, StaffRole, staffRoleMissing } from './staff.ts'
export { find as findStaff, list as listStaff, listReadings } from './store.ts'

const signIns = signInsOver({
  sessions: sql`staff.session`,
  attempts: sql`staff.attempt`,
  idleMinutes: 30,
  longestHours: 12,
})

/** How the bank's people prove themselves. */
export const staffEntrance: Entrance = {
  signIns,
  actor: (holder) => `staff:${holder}`,
  find: async (db, holder) => {
    const id = StaffId.safeParse(holder)
    const staff = id.success ? await store.find(db, id.data) : undefined
    return staff?.status === 'active' ? { ...staff, emailProven: true } : undefined
  },
}

/**
 * Signs a person of the bank in. Throws `sign-in/refused` for unknown and wrong alike, `sign-in/delayed` for too many.
 * Without a code the session knows a password only, and opens nothing until it has a second factor.
 */
export const signInStaff = async (
  db: Postgres,
  factorKey: Uint8Array,
  { code, ...credentials }: Credentials,
  from: From,
): Promise<{ secret: string; staff: Staff; standing: Standing }> => {
  const known = await store.findLogin(db, credentials.email)
  await signIns.prove(db, credentials, known?.passwordHash, from)
  assert(known, 'nobody is proven without an account')
  const { passwordHash: _, ...staff } = known
  const method = code === undefined ? null : await useCode(db, factorKey, staff.id, code, from)
  const factorAt = method === null ? null : from.now
  const secret = await work(db, `staff:${staff.id}`, from.now, async (w) => {
    await w.record('staff.signed-in', staff.id, { factor: method })
    return openStaffSession(w, staff.id, { ...from, ...(factorAt && { factorAt }) })
  })
  const standing = await standingOf(db, { holder: staff.id, factorAt }, true)
  return { secret, staff, standing }
}

/** A session for a person of the bank who has proven themselves. */
export const openStaffSession = (
  work: Work,
  id: StaffId,
  more: { factorAt?: Temporal.Instant; agent?: string },
): Promise<string> => signIns.open(work, id, work.now, more)

/** New roles for a person of the bank, after two people agreed. Their sessions end, so that nothing old is remembered. */
export const changeStaffRoles = async (
  work: Work,
  id: StaffId,
  roles: readonly StaffRole[],
): Promise<void> => {
  await store.saveRoles(work, id, roles)
  await endStaffSessions(work, id)
  await work.record('staff.roles-changed', id, { roles })
}

export const endStaffSessions = (work: Work, id: StaffId): Promise<void> =>
  signIns.closeAll(work, id)

/** Who holds this session and what they have proven in it, while it lives and they are here. */
export const staffOfSession = async (
  db: Db,
  secret: string,
  now: Temporal.Instant,
): Promise<(Staff & { session: Session; standing: Standing }) | undefined> => {
  const session = await signIns.find(db, secret, now)
  if (!session) return undefined
  const staff = await store.find(db, StaffId.parse(session.holder))
  if (staff?.status !== 'active') return undefined
  return { ...staff, session, standing: await standingOf(db, session, true) }
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

/** Brings in whoever of the demonstration bank is missing, each with the authenticator app that is published. */
export const seedStaff = async (work: Work, factorKey?: Uint8Array): Promise<void> => {
  for (const person of demonstrationStaff) {
    await addStaff(work, person)
    const known = await store.findLogin(work, person.email)
    if (known && factorKey) await seedTotp(work, factorKey, known.id, demonstrationTotp)
  }
}
