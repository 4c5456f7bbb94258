/** `portico staff`: the first two people of a new bank. From then on people come in by two people. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { parseRequest } from '#platform/http.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { addStaff, listStaff, StaffRole } from '#control/staff/index.ts'
import { controlAddress } from './installation.ts'

const FIRST = 2

export const staffPresent = problem('staff/present', 409, 'The bank has its first people')

const Newcomer = z.object({ email: z.email(), roles: z.array(StaffRole).min(1) })

/** Adds one person and prints the password that they change; refuses once two are there. */
export const bringInStaff = async (
  world: ProcessWorld,
  email: string,
  roles: readonly string[],
): Promise<number> => {
  const asked = parseRequest(Newcomer, { email, roles })
  const db = openPostgres(controlAddress(world), { name: 'staff', max: 1 })
  try {
    if ((await listStaff(db)).length >= FIRST)
      throw staffPresent(
        'two people are there already; let one propose the next and the other approve',
      )
    const password = randomBytes(15).toString('base64url')
    const isNew = await work(db, 'system', world.now(), (w) =>
      addStaff(w, { name: email, password, ...asked }),
    )
    process.stdout.write(
      isNew ? `${email} signs in at the console with ${password}\n` : `${email} is there already\n`,
    )
    return isNew ? 0 : 1
  } finally {
    await db.close()
  }
}
