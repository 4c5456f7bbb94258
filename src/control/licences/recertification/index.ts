/** Licences are certified again: every year and when something happened, by two people, before a day after which they decline. */
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import { isUniqueViolation } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, type PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { findStaff, holdsRole, StaffId, staffNotFound } from '#control/staff/index.ts'
import { endOf } from '../evidence.ts'
import { evidenceTypeOf } from '../matrix.ts'
import * as licences from '../store.ts'
import { suspendLicence } from '../suspensions.ts'
import {
  checkAsked,
  isTime,
  nextDue,
  type Recertification,
  recertificationClosed,
  RecertificationId,
  recertificationNotFound,
  recertificationPending,
  recertificationUnfit,
  standingOf,
  wordOf,
  YEARLY,
} from './recertification.ts'
import * as store from './store.ts'

export {
  occasionsOf,
  Recertification,
  recertificationClosed,
  RecertificationId,
  recertificationNotFound,
  recertificationPending,
  recertificationUnfit,
  RecertificationView,
  standingOf,
} from './recertification.ts'
export { list as listRecertifications } from './store.ts'

const CHANGE = 'licences.recertification'

const open = async (
  work: Work,
  asked: Pick<Recertification, 'partnerId' | 'occasion' | 'reason' | 'owner' | 'dueAt'>,
): Promise<Recertification> => {
  const recertification: Recertification = {
    ...asked,
    id: RecertificationId.next(),
    openedBy: work.actor,
    openedAt: work.now,
    state: 'open',
    decidedAt: null,
    changeId: null,
  }
  try {
    await store.insert(work, recertification)
  } catch (cause) {
    if (isUniqueViolation(cause)) throw recertificationPending('one is open', { cause })
    throw cause
  }
  const { id, partnerId, occasion, dueAt } = recertification
  await work.record('licences.recertification-opened', partnerId, {
    id,
    occasion,
    dueAt: dueAt.toString(),
  })
  return recertification
}

/** Something happened: what a partner is held as is looked at before its year is over. Who asks for it owns it. */
export const askRecertification = async (
  work: Work,
  asked: Pick<Recertification, 'partnerId' | 'occasion' | 'dueAt'> & { reason: string },
): Promise<Recertification> => {
  const { partnerId } = asked
  if (!(await findPartner(work, partnerId)))
    throw partnerNotFound('there is no partner with this id')
  checkAsked(await licences.currentMatrix(work), asked, work.now)
  if ((await licences.holdings(work, partnerId)).length === 0)
    throw recertificationUnfit('it holds no status')
  const owner = StaffId.safeParse(work.actor.replace(/^staff:/, ''))
  return open(work, { ...asked, owner: owner.success ? owner.data : null })
}

const lockedOpen = async (work: Work, id: RecertificationId): Promise<Recertification> => {
  const recertification = await store.lock(work, id)
  if (!recertification) throw recertificationNotFound('no recertification has this id')
  if (recertification.state !== 'open')
    throw recertificationClosed(`it is ${recertification.state}`)
  return recertification
}

/** Somebody of compliance answers for it from now on. */
export const ownRecertification = async (
  work: Work,
  id: RecertificationId,
  owner: StaffId,
): Promise<Recertification> => {
  const recertification = await lockedOpen(work, id)
  const staff = await findStaff(work, owner)
  if (!staff || !holdsRole(staff, ['compliance', 'head-of-platform']))
    throw staffNotFound('nobody of compliance has this id')
  await store.saveOwner(work, id, owner)
  await work.record('licences.recertification-owned', recertification.partnerId, { id, owner })
  return { ...recertification, owner }
}

/** What two people confirm: what the partner is held as, and what it stands on. If that changes they have to look again. */
const factsOf = async (work: Work, { id, partnerId, occasion, dueAt }: Recertification) => {
  const matrix = await licences.currentMatrix(work)
  return {
    id,
    partnerId,
    occasion,
    dueAt: dueAt.toString(),
    held: (await licences.holdings(work, partnerId)).map((h) => h.status),
    evidence: (await licences.evidenceOnFile(work, partnerId)).map((e) => ({
      id: e.id,
      type: e.type,
      state: e.state,
      documentSha256: e.documentSha256,
      endsAt: endOf(e, evidenceTypeOf(matrix, e.type))?.toString() ?? null,
    })),
  }
}

export const proposeConfirmation = async (
  work: Work,
  id: RecertificationId,
  reason: string,
): Promise<ChangeSet> => {
  const facts = await factsOf(work, await lockedOpen(work, id))
  return proposeChange(work, {
    kind: CHANGE,
    subject: id,
    before: facts,
    after: { ...facts, confirmed: true },
    base: baseOf(facts),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

/** Takes back what the partner is held as, at once: stopping is never slower than starting. Two people may lift it. */
export const revokeRecertified = async (
  work: Work,
  id: RecertificationId,
  reason: string,
): Promise<Recertification> => {
  const before = await lockedOpen(work, id)
  const { partnerId } = before
  const stopped = await licences.suspensions(work, partnerId)
  const held = (await licences.lockHoldings(work, partnerId)).map((h) => h.status)
  const left = held.filter((name) => !stopped.some((s) => s.kind === 'status' && s.name === name))
  for (const name of left) await suspendLicence(work, partnerId, { kind: 'status', name }, reason)
  const after = { ...before, state: 'revoked' as const, decidedAt: work.now }
  await store.close(work, after)
  await work.record('licences.recertification-revoked', partnerId, { id, statuses: left })
  return after
}

const confirmation: Applier = {
  base: async (work, change) => {
    const found = await store.lock(work, RecertificationId.parse(change.subject))
    return baseOf(found?.state === 'open' ? await factsOf(work, found) : null)
  },
  apply: async (work, change) => {
    const found = await store.lock(work, RecertificationId.parse(change.subject))
    assert(found, 'the base has just found it')
    const after = {
      ...found,
      state: 'confirmed' as const,
      decidedAt: work.now,
      changeId: change.id,
    }
    await store.close(work, after)
    await work.record('licences.recertified', found.partnerId, { id: found.id, change: change.id })
  },
}
export const recertificationAppliers: Readonly<Record<string, Applier>> = { [CHANGE]: confirmation }

/** By when a partner has to be certified again, while that is asked; by partner. */
export const recertifyBy = async (
  db: Parameters<typeof store.list>[0],
  partnerId?: PartnerId,
): Promise<ReadonlyMap<string, Temporal.Instant>> =>
  new Map((await store.list(db, { partnerId, state: 'open' })).map((r) => [r.partnerId, r.dueAt]))

/** On a clock: opens what it is time for, and says once what is due and what was taken. Answers how many lines it wrote. */
export const recertify = async (work: Work): Promise<number> => {
  const matrix = await licences.currentMatrix(work)
  let lines = 0
  for (const { partnerId, since } of await store.unwatched(work)) {
    const dueAt = nextDue(matrix, since, work.now)
    if (!isTime(matrix, dueAt, work.now)) continue
    // Who is stopped altogether has nothing to confirm; it is asked when it is let in again.
    if ((await findPartner(work, partnerId))?.status !== 'active') continue
    await open(work, { partnerId, occasion: YEARLY, reason: null, owner: null, dueAt })
    lines++
  }
  for (const recertification of await store.list(work, { state: 'open' })) {
    const { id, partnerId, dueAt } = recertification
    const word = wordOf(matrix, recertification, work.now)
    if (word === undefined || !(await store.tellOnce(work, id, word))) continue
    const { next } = standingOf(matrix, recertification, work.now)
    const facts = { id, dueAt: dueAt.toString() }
    if (isBefore(work.now, dueAt))
      await work.record('licences.recertification-due', partnerId, { ...facts, notice: word })
    else
      await work.record('licences.recertification-lapsed', partnerId, {
        ...facts,
        step: word,
        next: next && { step: next.step, at: next.at.toString() },
      })
    lines++
  }
  return lines
}
