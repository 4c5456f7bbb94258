/** What becomes of permissions whose evidence has ended: not all at once, and every step on a day that is known before. */
import { isBefore } from '#kernel/time.ts'
import type { Matrix, StepName } from './matrix.ts'

/** The steps that take something away. */
export type Downgrade = Exclude<StepName, 'warned'>

const DAY_HOURS = 24

/** Whether a type of evidence is so vital that its end is the end: no step comes between. */
export const endsAtOnce = (matrix: Matrix, type: string): boolean =>
  matrix.recertification.immediate.some(
    (rule) => rule.event === 'evidence_expired' && rule.evidence === type,
  )

/** When each step is taken where evidence of this type ends and nobody renews it. */
export const declineOf = (
  matrix: Matrix,
  type: string,
  end: Temporal.Instant,
): Readonly<Record<Downgrade, Temporal.Instant>> => {
  if (endsAtOnce(matrix, type)) return { 'no-new-consents': end, 'read-only': end, suspended: end }
  return declineFrom(matrix, end)
}

/** When each step is taken where nobody has done by a day what was due by then. */
export const declineFrom = (
  matrix: Matrix,
  due: Temporal.Instant,
): Readonly<Record<Downgrade, Temporal.Instant>> => {
  const after = (id: Downgrade) => {
    const days = matrix.recertification.steps.find((s) => s.id === id)?.afterDays ?? 0
    return due.add({ hours: days * DAY_HOURS })
  }
  return {
    'no-new-consents': after('no-new-consents'),
    'read-only': after('read-only'),
    suspended: after('suspended'),
  }
}

/** The last step that has been taken by now; none before the first. */
export const stepAt = (
  decline: Readonly<Record<Downgrade, Temporal.Instant>>,
  now: Temporal.Instant,
): Downgrade | undefined =>
  (['suspended', 'read-only', 'no-new-consents'] as const).find(
    (step) => !isBefore(now, decline[step]),
  )
