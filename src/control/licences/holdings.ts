import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { checkStatuses, type LicenceApplication, LicenceApplicationId } from './licence.ts'
import * as store from './store.ts'

/** A partner asks to be held as these statuses. A later request takes the place of an open one. */
export const applyForLicence = async (
  work: Work,
  partnerId: PartnerId,
  statuses: readonly string[],
): Promise<LicenceApplication> => {
  checkStatuses(await store.currentMatrix(work), statuses)
  const application: LicenceApplication = {
    id: LicenceApplicationId.next(),
    partnerId,
    statuses: [...new Set(statuses)],
    status: 'open',
    appliedAt: work.now,
  }
  await store.lockHoldings(work, partnerId)
  await store.closeApplications(work, partnerId, 'superseded')
  await store.insertApplication(work, application)
  await work.record('licences.applied', partnerId, { statuses: application.statuses })
  return application
}

/** Proposes to hold a partner as these statuses, besides those that it is held as. */
export const proposeGrant = async (
  work: Work,
  partnerId: PartnerId,
  statuses: readonly string[],
  reason: string,
): Promise<ChangeSet> => {
  if (!(await findPartner(work, partnerId)))
    throw partnerNotFound('there is no partner with this id')
  const held = (await store.lockHoldings(work, partnerId)).map((h) => h.status)
  const after = [...new Set([...held, ...statuses])].toSorted()
  checkStatuses(await store.currentMatrix(work), after)
  return proposeChange(work, {
    kind: 'licences.grant',
    subject: partnerId,
    before: held,
    after,
    base: baseOf(held),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

export const grantApplier: Applier = {
  base: async (work, change) => {
    const held = await store.lockHoldings(work, PartnerId.parse(change.subject))
    return baseOf(held.map((h) => h.status))
  },
  apply: async (work, change) => {
    const partnerId = PartnerId.parse(change.subject)
    const statuses = z.array(z.string()).parse(change.after)
    checkStatuses(await store.currentMatrix(work), statuses)
    for (const status of statuses)
      await store.saveHolding(work, { partnerId, status, since: work.now, changeId: change.id })
    await store.closeApplications(work, partnerId, 'granted')
    await work.record('licences.granted', partnerId, { statuses, change: change.id })
  },
}
