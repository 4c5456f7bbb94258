import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'
import type { EvidenceType } from './matrix.ts'

export const EvidenceId = idOf('evidence')
export type EvidenceId = z.output<typeof EvidenceId>

/** A document that shows something about a partner, and whether two people of the bank believe it. */
export const Evidence = z.object({
  id: EvidenceId,
  partnerId: PartnerId,
  /** Of the licence matrix, such as `pci_aoc`. */
  type: z.string(),
  issuer: z.string(),
  /** Numbers by which others know it: LEI, register entry, the principal of a mandate. */
  identifiers: z.record(z.string(), z.string()),
  validFrom: z.instanceof(Temporal.Instant).nullable(),
  /** The first instant at which it no longer holds. */
  validTo: z.instanceof(Temporal.Instant).nullable(),
  documentSha256: z.string(),
  /** What it says, in the matrix's words, such as `level 1`. */
  shows: z.array(z.string()),
  state: z.enum(['submitted', 'in-review', 'accepted', 'rejected']),
  submittedAt: z.instanceof(Temporal.Instant),
  /** Until when two people let it count although it has ended: once, and not for long. */
  extendedTo: z.instanceof(Temporal.Instant).nullable(),
  verifiedBy: z.array(z.string()),
  verifiedAt: z.instanceof(Temporal.Instant).nullable(),
  method: z.string().nullable(),
  remark: z.string().nullable(),
})
export type Evidence = z.output<typeof Evidence>

export const evidenceNotFound = problem('licences/evidence-not-found', 404, 'No such evidence')
export const evidenceUnknown = problem(
  'licences/evidence-unknown',
  422,
  'The licence matrix knows no such evidence',
)
export const registerUnknown = problem(
  'licences/register-unknown',
  422,
  'The bank imports no such register',
)
export const evidenceClosed = problem('licences/evidence-closed', 409, 'The evidence is decided')
export const evidenceAutomatic = problem(
  'licences/evidence-automatic',
  422,
  'This is not handed in: the bank’s own records show it',
)
export const evidenceWaiting = problem(
  'licences/evidence-waiting',
  429,
  'Too many documents wait for the bank',
)
export const evidenceEnded = problem(
  'licences/evidence-ended',
  422,
  'The evidence has ended already',
)

/** Months count by the calendar, in UTC: an attestation of 29 February ends on 28 February. */
export const plus = (instant: Temporal.Instant, duration: string) =>
  instant.toZonedDateTimeISO('UTC').add(Temporal.Duration.from(duration)).toInstant()

const earliest = (...ends: readonly (Temporal.Instant | null)[]): Temporal.Instant | null =>
  ends.reduce((a, b) => (a === null ? b : b === null || isBefore(a, b) ? a : b), null)

/**
 * Until when it holds: what the document says, and no longer than the matrix lets its type count. One whose type may only
 * be so old and that does not say how old it is counts from the day it was handed in.
 */
export const endOf = (
  evidence: Pick<Evidence, 'validFrom' | 'validTo' | 'submittedAt'> & {
    readonly extendedTo?: Temporal.Instant | null
  },
  type: EvidenceType | undefined,
): Temporal.Instant | null => {
  const oldest = type?.validFor
    ? plus(evidence.validFrom ?? evidence.submittedAt, type.validFor)
    : null
  const end = earliest(evidence.validTo, oldest)
  const { extendedTo } = evidence
  return end && extendedTo && isBefore(end, extendedTo) ? extendedTo : end
}

type Step =
  | { readonly to: 'in-review' }
  | {
      readonly to: 'accepted' | 'rejected'
      readonly by: readonly string[]
      readonly at: Temporal.Instant
      readonly method: string
      readonly remark: string
    }
  | { readonly to: 'submitted' }

/** submitted → in-review → accepted | rejected; a review that came to nothing leads back. The only way between the states. */
export const moved = (evidence: Evidence, step: Step): Evidence => {
  const { state } = evidence
  if (state === 'accepted' || state === 'rejected')
    throw evidenceClosed(`it is ${state}; hand in a new document`)
  if (step.to === 'in-review' || step.to === 'submitted') return { ...evidence, state: step.to }
  assert(state === 'in-review', 'a verdict follows a review')
  assert(new Set(step.by).size >= 2, 'two people stand behind a verdict')
  return {
    ...evidence,
    state: step.to,
    verifiedBy: [...step.by],
    verifiedAt: step.at,
    method: step.method,
    remark: step.remark,
  }
}

/** As people read it: an accepted one whose time is over has expired. No job has to say so. */
export const shownState = (
  evidence: Evidence,
  type: EvidenceType | undefined,
  now: Temporal.Instant,
): Evidence['state'] | 'expired' => {
  const end = endOf(evidence, type)
  return evidence.state === 'accepted' && end !== null && !isBefore(now, end)
    ? 'expired'
    : evidence.state
}
