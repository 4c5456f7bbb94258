import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import { isUniqueViolation } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { type Freeze, FreezeId, insertFreeze, liftFreeze, lockFreeze } from './freeze-store.ts'

export const frozenAlready = problem(
  'licences/frozen-already',
  409,
  'No new customer may come to this partner already',
)
export const notFrozen = problem('licences/not-frozen', 409, 'Customers may come to this partner')

/** Lets no new customer come to a partner: its licence opens no new consent, and all that were given stay. */
export const freezePartner = async (
  work: Work,
  partnerId: PartnerId,
  reason: string,
): Promise<Freeze> => {
  if (!(await findPartner(work, partnerId)))
    throw partnerNotFound('there is no partner with this id')
  const freeze: Freeze = {
    id: FreezeId.next(),
    partnerId,
    reason,
    by: work.actor,
    at: work.now,
    liftedAt: null,
  }
  try {
    await insertFreeze(work, freeze)
  } catch (error) {
    if (isUniqueViolation(error)) throw frozenAlready('it is frozen')
    throw error
  }
  await work.record('licences.frozen', partnerId, { freeze: freeze.id })
  return freeze
}

/** Proposes to let customers come again. */
export const proposeThaw = async (
  work: Work,
  partnerId: PartnerId,
  reason: string,
): Promise<ChangeSet> => {
  const freeze = await lockFreeze(work, partnerId)
  if (!freeze) throw notFrozen('nothing is frozen')
  return proposeChange(work, {
    kind: 'licences.thaw',
    subject: partnerId,
    before: { frozen: freeze.reason },
    after: { frozen: null },
    base: baseOf(freeze.id),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

export const freezeApplier: Applier = {
  base: async (work, change) =>
    baseOf((await lockFreeze(work, PartnerId.parse(change.subject)))?.id),
  apply: async (work, change) => {
    const partnerId = PartnerId.parse(change.subject)
    const freeze = await lockFreeze(work, partnerId)
    assert(freeze, 'the base has just found it')
    await liftFreeze(work, freeze.id, work.now)
    await work.record('licences.thawed', partnerId, { freeze: freeze.id, change: change.id })
  },
}
