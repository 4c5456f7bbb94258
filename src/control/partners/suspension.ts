import type { Work } from '#journal/index.ts'
import { baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { type Partner, partnerAlready, type PartnerId, partnerNotFound } from './partner.ts'
import * as store from './store.ts'

export const REINSTATEMENT_CHANGE = 'partners.reinstatement'

/** Stops everything of a partner at once. One person of the bank is enough: stopping is never slower than starting. */
export const suspendPartner = async (
  work: Work,
  id: PartnerId,
  reason: string,
): Promise<Partner> => {
  const partner = await store.lockPartner(work, id)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  if (partner.status === 'suspended') throw partnerAlready('the partner is suspended already')
  await store.suspend(work, { partnerId: id, reason, by: work.actor, at: work.now })
  await work.record('partners.suspended', id, {})
  return { ...partner, status: 'suspended' }
}

/** Asks for a suspended partner to be let in again: that takes a second person. */
export const proposeReinstatement = async (
  work: Work,
  id: PartnerId,
  reason: string,
): Promise<ChangeSet> => {
  const partner = await store.lockPartner(work, id)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  if (partner.status === 'active') throw partnerAlready('the partner is not suspended')
  return proposeChange(work, {
    kind: REINSTATEMENT_CHANGE,
    subject: id,
    before: { status: 'suspended' },
    after: { status: 'active' },
    base: await standing(work, partner),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

/** Names the suspension that is in force: one that came later is another matter. */
export const standing = async (work: Work, partner: Partner): Promise<string> => {
  const [latest] = await store.listSuspensions(work, partner.id)
  return baseOf({ status: partner.status, since: latest?.suspendedAt.toString() ?? null })
}
