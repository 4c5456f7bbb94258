/** What runs out is told of in time, and each step down when it is taken: once each, to whoever has to act. */
import { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { PartnerId } from '#control/partners/index.ts'
import { declineOf, type Downgrade, stepAt } from './decline.ts'
import { endOf, type Evidence, EvidenceId } from './evidence.ts'
import { evidenceTypeOf, type Matrix, statusOf, StepName } from './matrix.ts'
import * as store from './store.ts'

/** Something to be done before a permission is lost. It is read off the evidence, so that it is gone once it is done. */
export const LicenceTask = z.object({
  partnerId: PartnerId,
  evidenceId: EvidenceId,
  type: z.string(),
  title: z.string(),
  endsAt: z.instanceof(Temporal.Instant),
  step: StepName,
  /** The next step down and its day; null after the last. */
  next: z
    .object({ step: StepName.exclude(['warned']), at: z.instanceof(Temporal.Instant) })
    .nullable(),
  /** Whose move it is: a newer document may wait for the bank already. */
  owner: z.enum(['partner', 'bank']),
  /** What is lost with it. */
  permissions: z.array(z.string()),
})
export type LicenceTask = z.output<typeof LicenceTask>

const DAY_HOURS = 24

/** Permissions of these statuses that ask for a type of evidence. */
export const restingOn = (matrix: Matrix, statuses: readonly string[], type: string): string[] => {
  const lost = statuses.flatMap((id) => {
    const status = statusOf(matrix, id)
    if (!status) return []
    return Object.entries(status.permissions)
      .filter(([permission, entry]) => {
        const base = status.regulatedAccess.includes(permission)
          ? matrix.rules.regulatedAccess.evidence
          : status.baseEvidence
        const asks = base.includes(type) || entry.evidence.includes(type)
        return asks && (entry.value === 'allowed' || entry.value === 'conditional')
      })
      .map(([permission]) => permission)
  })
  return [...new Set(lost)].toSorted()
}

/** A partner's evidence that ends or ended, where something rests on it and nothing newer has taken its place. */
export const expiring = (
  matrix: Matrix,
  partner: { readonly held: readonly string[]; readonly evidence: readonly Evidence[] },
  now: Temporal.Instant,
): LicenceTask[] => {
  const byType = Map.groupBy(partner.evidence, (e) => e.type)
  const firstNotice = Math.max(...matrix.recertification.noticeDays)
  return [...byType].flatMap(([type, documents]) => {
    const policy = evidenceTypeOf(matrix, type)
    const accepted = documents.filter((e) => e.state === 'accepted')
    const last = accepted
      .toSorted((a, b) => {
        const [x, y] = [endOf(a, policy), endOf(b, policy)]
        return x && y ? Temporal.Instant.compare(x, y) : Number(x === null) - Number(y === null)
      })
      .at(-1)
    const endsAt = last && endOf(last, policy)
    const permissions = restingOn(matrix, partner.held, type)
    if (!last || !endsAt || permissions.length === 0) return []
    if (isBefore(now, endsAt.subtract({ hours: firstNotice * DAY_HOURS }))) return []
    const decline = declineOf(matrix, type, endsAt)
    const waiting = documents.some((e) => e.state === 'submitted' || e.state === 'in-review')
    return [
      {
        partnerId: last.partnerId,
        evidenceId: last.id,
        type,
        title: policy?.title ?? type,
        endsAt,
        step: stepAt(decline, now) ?? ('warned' as const),
        next: nextStep(decline, now),
        owner: waiting ? ('bank' as const) : ('partner' as const),
        permissions,
      },
    ]
  })
}

const nextStep = (
  decline: Readonly<Record<Downgrade, Temporal.Instant>>,
  now: Temporal.Instant,
): LicenceTask['next'] => {
  const [step] = (['suspended', 'read-only', 'no-new-consents'] as const)
    .filter((s) => isBefore(now, decline[s]))
    // Steps that fall on one moment are one step: the last of them.
    .toSorted((a, b) => Temporal.Instant.compare(decline[a], decline[b]))
  return step ? { step, at: decline[step] } : null
}

/** What is to be done, of one partner or of all, the nearest end first. */
export const tasksOf = async (
  db: Db,
  now: Temporal.Instant,
  partnerId?: PartnerId,
): Promise<LicenceTask[]> => {
  const matrix = await store.currentMatrix(db)
  const held = Map.groupBy(await store.holdings(db, partnerId), (h) => h.partnerId)
  const evidence = Map.groupBy(await store.evidenceOnFile(db, partnerId), (e) => e.partnerId)
  return [...evidence]
    .flatMap(([id, documents]) => {
      const statuses = (held.get(id) ?? []).map((h) => h.status)
      return expiring(matrix, { held: statuses, evidence: documents }, now)
    })
    .toSorted((a, b) => Temporal.Instant.compare(a.endsAt, b.endsAt))
}

/** The last word that is due about an end: the nearest of the days before it, or the step that was taken. */
const wordOf = (task: LicenceTask, matrix: Matrix, now: Temporal.Instant): string => {
  if (task.step !== 'warned') return task.step
  const days = matrix.recertification.noticeDays
    .toSorted((a, b) => a - b)
    .find((d) => !isBefore(now, task.endsAt.subtract({ hours: d * DAY_HOURS })))
  return `${days ?? Math.max(...matrix.recertification.noticeDays)} days`
}

/**
 * Says what is due and was not said. Of several words that were missed only the last is said: it is what matters now.
 * Answers how many lines the journal got.
 */
export const tellNotices = async (work: Work): Promise<number> => {
  const matrix = await store.currentMatrix(work)
  let told = 0
  for (const task of await tasksOf(work, work.now)) {
    const { evidenceId, endsAt, partnerId, type, permissions, next } = task
    const word = wordOf(task, matrix, work.now)
    if (!(await store.tellOnce(work, { evidenceId, endsAt, word, at: work.now }))) continue
    const facts = { id: evidenceId, type, endsAt: endsAt.toString(), permissions }
    if (task.step === 'warned')
      await work.record('licences.evidence-expiring', partnerId, { ...facts, notice: word })
    else
      await work.record('licences.downgraded', partnerId, {
        ...facts,
        step: task.step,
        next: next && { step: next.step, at: next.at.toString() },
      })
    told++
  }
  return told
}
