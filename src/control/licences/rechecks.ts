/** The light look: some documents are looked at again between recertifications, as often as the policy says of their type. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { PartnerId } from '#control/partners/index.ts'
import { type Evidence, EvidenceId, evidenceNotFound, plus, shownState } from './evidence.ts'
import { evidenceTypeOf, type Matrix } from './matrix.ts'
import * as store from './store.ts'

/** A document that somebody has to look at again. */
export const DueRecheck = z.object({
  evidenceId: EvidenceId,
  partnerId: PartnerId,
  type: z.string(),
  /** What to look at, as the policy says. */
  look: z.string(),
  lastAt: z.instanceof(Temporal.Instant),
  dueAt: z.instanceof(Temporal.Instant),
})
export type DueRecheck = z.output<typeof DueRecheck>

export const recheckUnfit = problem(
  'licences/recheck-unfit',
  409,
  'The evidence is not looked at again so',
)

/** Told so long before it is due. */
export const RECHECK_NOTICE_DAYS = 14

/**
 * When a document is to be looked at again; undefined where a register's file does it, or where it is time enough when its
 * partner is certified again.
 */
export const recheckDue = (
  { evidence, recertification }: Pick<Matrix, 'evidence' | 'recertification'>,
  { type, submittedAt, verifiedAt }: Pick<Evidence, 'type' | 'submittedAt' | 'verifiedAt'>,
  last: Temporal.Instant | undefined,
): { lastAt: Temporal.Instant; dueAt: Temporal.Instant } | undefined => {
  const policy = evidenceTypeOf({ evidence }, type)
  if (policy?.check !== 'manual') return undefined
  const lastAt = last ?? verifiedAt ?? submittedAt
  const dueAt = plus(lastAt, policy.recheckEvery)
  return isBefore(dueAt, plus(lastAt, recertification.full)) ? { lastAt, dueAt } : undefined
}

/** What has to be looked at again by now or soon, the nearest day first; of each type of a partner only the newest counts. */
export const dueRechecks = async (db: Db, now: Temporal.Instant): Promise<DueRecheck[]> => {
  const matrix = await store.currentMatrix(db)
  const last = new Map((await store.lastRechecks(db)).map((r) => [r.evidenceId, r.at]))
  const newest = new Map<string, Evidence>()
  for (const one of await store.evidenceOnFile(db))
    if (shownState(one, evidenceTypeOf(matrix, one.type), now) === 'accepted')
      newest.set(`${one.partnerId} ${one.type}`, one)
  return [...newest.values()]
    .flatMap((one) => {
      const due = recheckDue(matrix, one, last.get(one.id))
      if (!due || isBefore(now, due.dueAt.subtract({ hours: 24 * RECHECK_NOTICE_DAYS }))) return []
      const { id: evidenceId, partnerId, type } = one
      return [
        { evidenceId, partnerId, type, look: evidenceTypeOf(matrix, type)?.look ?? '', ...due },
      ]
    })
    .toSorted((a, b) => Temporal.Instant.compare(a.dueAt, b.dueAt))
}

/** Somebody looked, and it still holds. Where it does not, the status or permission is suspended instead. */
export const recheckEvidence = async (
  work: Work,
  id: EvidenceId,
  remark: string,
): Promise<{ dueAt: Temporal.Instant }> => {
  const evidence = await store.lockEvidence(work, id)
  if (!evidence) throw evidenceNotFound('no evidence has this id')
  const matrix = await store.currentMatrix(work)
  const state = shownState(evidence, evidenceTypeOf(matrix, evidence.type), work.now)
  if (state !== 'accepted') throw recheckUnfit(`it is ${state}`)
  const next = recheckDue(matrix, evidence, work.now)
  if (!next) throw recheckUnfit('its type is looked at when its partner is certified again')
  await store.insertRecheck(work, { evidenceId: id, by: work.actor, at: work.now, remark })
  const { partnerId, type } = evidence
  await work.record('licences.evidence-rechecked', partnerId, {
    id,
    type,
    dueAt: next.dueAt.toString(),
  })
  return { dueAt: next.dueAt }
}
