/** Changes that two people of the bank stand behind, without offices: one proposes, another agrees to what stands there. */
import assert from 'node:assert/strict'
import { type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { type Appliers, type ChangeSet, decideChange } from '#control/approvals/index.ts'
import { listStaff, seedStaff, type Staff } from '#control/staff/index.ts'

/** Proposes as a person of finance, agrees as the head of the platform; answers the applied change. */
export const approvedByTwo =
  (db: Postgres, appliers: Appliers) =>
  async (
    now: Temporal.Instant,
    propose: (work: Work) => Promise<ChangeSet>,
  ): Promise<ChangeSet> => {
    // Passwords are slow on purpose: people enter once.
    if ((await listStaff(db)).length === 0) await work(db, 'system', now, (w) => seedStaff(w))
    const staff = await listStaff(db)
    const one = (role: Staff['roles'][number]) => {
      const found = staff.find((s) => s.roles.includes(role))
      assert.ok(found, `the demonstration has a ${role}`)
      return found.id
    }
    const { id, hash } = await work(db, `staff:${one('finance')}`, now, propose)
    const applied = await work(db, `staff:${one('head-of-platform')}`, now, (w) =>
      decideChange(w, appliers, { id, decision: 'approve', hash, reason: '' }),
    )
    assert.equal(applied.status, 'applied', applied.outcome ?? '')
    return applied
  }
