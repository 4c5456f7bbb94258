/** More time for a document that runs out: once, for a reason, by two people, and no longer than the matrix lets. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { endOf, type Evidence, EvidenceId, evidenceNotFound } from './evidence.ts'
import { evidenceTypeOf, type Matrix } from './matrix.ts'
import * as store from './store.ts'
import { factsOf } from './verification.ts'

export const extensionRefused = problem(
  'licences/extension-refused',
  422,
  'The evidence cannot be extended so',
)

const DAY_HOURS = 24

/** Why it cannot be extended to this moment; undefined where it can. */
const unfit = (evidence: Evidence, matrix: Matrix, to: Temporal.Instant): string | undefined => {
  const end = endOf(evidence, evidenceTypeOf(matrix, evidence.type))
  const { maxDays } = matrix.recertification.extension
  if (evidence.state !== 'accepted') return `it is ${evidence.state}`
  if (evidence.extendedTo) return 'it was extended once, and that is all'
  if (!end) return 'it has no end'
  if (!isBefore(end, to)) return `it counts until ${end.toString()} anyhow`
  if (isBefore(end.add({ hours: maxDays * DAY_HOURS }), to))
    return `${maxDays} days after ${end.toString()} are the most`
  return undefined
}

export const proposeExtension = async (
  work: Work,
  id: EvidenceId,
  to: Temporal.Instant,
  reason: string,
): Promise<ChangeSet> => {
  const evidence = await store.lockEvidence(work, id)
  if (!evidence) throw evidenceNotFound('no evidence has this id')
  const why = unfit(evidence, await store.currentMatrix(work), to)
  if (why !== undefined) throw extensionRefused(why)
  return proposeChange(work, {
    kind: 'licences.extension',
    subject: id,
    before: factsOf(evidence),
    after: { extendedTo: to.toString() },
    base: baseOf(factsOf(evidence)),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

const Extended = z.object({ extendedTo: z.string() })

export const extensionApplier: Applier = {
  base: async (work, change) => {
    const evidence = await store.lockEvidence(work, EvidenceId.parse(change.subject))
    return baseOf(evidence && factsOf(evidence))
  },
  apply: async (work, change) => {
    const evidence = await store.lockEvidence(work, EvidenceId.parse(change.subject))
    assert(evidence, 'evidence is never deleted')
    const extendedTo = Temporal.Instant.from(Extended.parse(change.after).extendedTo)
    await store.extendEvidence(work, evidence.id, extendedTo, change.id)
    await work.record('licences.evidence-extended', evidence.partnerId, {
      id: evidence.id,
      type: evidence.type,
      extendedTo: extendedTo.toString(),
      change: change.id,
    })
  },
}
