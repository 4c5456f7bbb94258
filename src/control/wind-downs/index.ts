/** How partners leave: by a plan of dated steps that two people agreed to. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { Instant } from '#kernel/time.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { endAgreement } from '#control/contracts/index.ts'
import { freezePartner, listFreezes } from '#control/licences/index.ts'
import {
  findPartner,
  listApplications,
  PartnerId,
  partnerNotFound,
  revokeApplication,
  suspendPartner,
} from '#control/partners/index.ts'
import {
  checkDates,
  type WindDown,
  windDownAlready,
  WindDownId,
  windDownNotFound,
  windDownStep,
} from './plan.ts'
import * as store from './store.ts'

export { stepsOf, WindDown, WindDownId } from './plan.ts'
export { list as listWindDowns, openOf as windDownOf } from './store.ts'

const Terms = z.object({
  successor: z.string().nullable(),
  tellBy: Instant,
  exportBy: Instant,
  endsAt: Instant,
})
export type Terms = z.output<typeof Terms>

/** Proposes how a partner leaves. */
export const proposeWindDown = async (
  work: Work,
  partnerId: PartnerId,
  terms: Terms,
  reason: string,
): Promise<ChangeSet> => {
  if (!(await findPartner(work, partnerId)))
    throw partnerNotFound('there is no partner with this id')
  checkDates(terms, work.now)
  if (await store.openOf(work, partnerId)) throw windDownAlready('its plan is in force')
  return proposeChange(work, {
    kind: 'wind-downs.plan',
    subject: partnerId,
    before: null,
    after: z.json().parse(z.encode(Terms, terms)),
    base: baseOf('staying'),
    reason,
    roles: ['compliance', 'head-of-platform', 'partner-success'],
  })
}

export const appliers: Readonly<Record<string, Applier>> = {
  'wind-downs.plan': {
    base: async (work, change) => {
      const open = await store.lockOpenOf(work, PartnerId.parse(change.subject))
      return baseOf(open ? open.id : 'staying')
    },
    apply: async (work, change) => {
      const partnerId = PartnerId.parse(change.subject)
      const plan: WindDown = {
        id: WindDownId.next(),
        partnerId,
        reason: change.reason,
        ...Terms.parse(change.after),
        changeId: change.id,
        begunAt: work.now,
        toldAt: null,
        exportedAt: null,
        endedAt: null,
      }
      checkDates(plan, work.now)
      await store.insert(work, plan)
      const isFrozen = (await listFreezes(work, partnerId)).some((f) => f.liftedAt === null)
      if (!isFrozen) await freezePartner(work, partnerId, 'it is leaving')
      await work.record('wind-downs.begun', partnerId, {
        plan: plan.id,
        endsAt: plan.endsAt.toString(),
      })
    },
  },
}

/** Somebody says that customers were told, or that the data was handed over: who and when stands in the journal. */
export const takeStep = async (
  work: Work,
  partnerId: PartnerId,
  step: 'told' | 'exported',
): Promise<WindDown> => {
  const plan = await store.lockOpenOf(work, partnerId)
  if (!plan) throw windDownNotFound('it has no plan in force')
  if (step === 'exported' && plan.toldAt === null)
    throw windDownStep('nobody has said yet that they were told', {
      hint: 'Say that customers were told, then that the data was handed over.',
    })
  const after =
    step === 'told'
      ? { ...plan, toldAt: plan.toldAt ?? work.now }
      : { ...plan, exportedAt: plan.exportedAt ?? work.now }
  await store.saveSteps(work, after)
  await work.record(`wind-downs.${step}`, partnerId, { plan: plan.id })
  return after
}

/** Ends production for those whose day has come: applications first, then everything. Answers how many. */
export const endWindDowns = async (work: Work): Promise<number> => {
  const due = await store.lockDue(work, work.now)
  for (const plan of due) {
    const { partnerId } = plan
    const active = { partnerId, cell: 'production', status: 'active' } as const
    for (const { id } of await listApplications(work, active))
      await revokeApplication(work, { applicationId: id })
    const partner = await findPartner(work, partnerId)
    if (partner?.status === 'active') await suspendPartner(work, partnerId, plan.reason)
    // Whoever has left owes no fee of a month to come, and nothing that was open with it begins.
    await endAgreement(work, partnerId)
    await store.saveSteps(work, { ...plan, endedAt: work.now })
    await work.record('wind-downs.ended', partnerId, { plan: plan.id })
  }
  return due.length
}
